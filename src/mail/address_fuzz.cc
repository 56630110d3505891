// Fuzzes the address parsers: no crash, and what passes can stand in an envelope.
#include <cstdint>
#include <cstdlib>

#include "mail/address.h"
#include "mail/header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (bool utf8 : {false, true}) {
    if (auto one = mail::parse_mailbox(text, utf8); one) {
      if (!mail::is_safe_value(one->addr()) || one->local.empty() || one->domain.empty()) std::abort();
      mail::address_length_fault(*one);
    }
    if (auto list = mail::parse_address_list(text, utf8); list)
      for (const auto& m : *list)
        if (!mail::is_safe_value(m.addr())) std::abort();
  }
  return 0;
}
