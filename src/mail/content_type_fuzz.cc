// Fuzzes parameter parsing and the walk over parts.
#include <cstdint>

#include "mail/content_type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(mail::parse_content_type(text));
  static_cast<void>(mail::parse_disposition(text));
  mail::part_file_name(text, text);
  mail::attachment_names(text);
  mail::check_content(text);
  return 0;
}
