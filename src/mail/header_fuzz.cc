// Fuzzes header splitting, encoded words both ways and folding.
#include <cstdint>
#include <cstdlib>

#include "mail/charset.h"
#include "mail/header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto view = mail::split_message(text); view) {
    for (const auto& field : view->fields) mail::unfold(field.raw_value);
    mail::check_single_headers(view->fields);
  }
  mail::split_part(text);
  auto decoded = mail::decode_words(text);
  if (size < 4096 && mail::is_safe_value(text)) {
    auto repaired = mail::repair_utf8(text);
    if (mail::decode_words(mail::encode_words(repaired)) != repaired) std::abort();
    mail::encode_words(repaired, "ISO-2022-JP");
    auto folded = mail::fold_header("X", mail::encode_words(repaired));
    if (!folded.ends_with("\r\n") || mail::split_part(folded).fields.size() != 1) std::abort();
  }
  return 0;
}
