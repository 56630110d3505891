// Fuzzes the fix-up: whatever leaves has CRLF line ends only and the same header section when read again.
#include <cstdint>
#include <cstdlib>

#include "mail/fixup.h"
#include "mail/transfer_encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view raw(reinterpret_cast<const char*>(data), size);
  mail::Fixup fixup;
  fixup.message_id_header = "<id@x>";
  fixup.date = "date";
  fixup.feedback_id = "f";
  static_cast<void>(mail::inspect(raw));
  auto fixed = mail::fix_up(raw, fixup);
  if (!fixed) return 0;
  if (mail::fix_up_in_place(std::string(raw), fixup)->message != fixed->message) std::abort();
  if (!mail::look_at(fixed->message).has_clean_ends()) std::abort();
  auto again = mail::split_message(fixed->message);
  if (!again || again->body_offset != fixed->body_offset) std::abort();
  if (again->find("Bcc") || again->find("Return-Path")) std::abort();
  return 0;
}
