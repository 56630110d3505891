// Fuzzes the rewriting of raw bodies: the header section stays, at most two links a part are put in, and the
// result reads as a message again.
#include <cstdint>
#include <cstdlib>

#include "mail/header.h"
#include "mail/unsubscribe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view raw(reinterpret_cast<const char*>(data), size);
  auto before = mail::split_message(raw);
  auto made = mail::rewrite_unsubscribe(raw, "https://ses.example/unsubscribe?t=abc");
  if (!made) return 0;
  auto after = mail::split_message(*made);
  if (!before || !after || before->body_offset != after->body_offset) std::abort();
  if (raw.substr(0, before->body_offset) != std::string_view(*made).substr(0, after->body_offset))
    std::abort();
  return 0;
}
