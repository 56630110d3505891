// Fuzzes parsing and rendering: the first line is the data, the rest the template.
#include <cstdint>
#include <cstdlib>

#include "mail/handlebars.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t line = text.find('\n');
  auto read = mail::TemplateData::parse(line == std::string_view::npos ? "{}" : text.substr(0, line));
  std::string_view source = line == std::string_view::npos ? text : text.substr(line + 1);
  mail::TemplateData values = read ? *read : mail::TemplateData::empty();
  for (auto dialect : {mail::TemplateDialect::full, mail::TemplateDialect::simple}) {
    auto parsed = mail::Template::parse(source, dialect);
    if (!parsed) continue;
    auto first = (*parsed)->render(values);
    auto again = (*parsed)->render(values.with(values));
    if (first.ok() != again.ok() && first.ok()) std::abort();
    if (!first.ok() && first.error().message.empty()) std::abort();
  }
  return 0;
}
