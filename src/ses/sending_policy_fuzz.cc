// Fuzzes the check of policies: what is kept must be kept as it is.
#include <cstdint>

#include "base/fault.h"
#include "ses/sending_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const ses::Scope scope{ses::AccountId("123456789012"), ses::Region("us-east-1")};
  try {
    auto kept = ses::checked_policy(text, scope, "example.com");
    if (ses::checked_policy(kept, scope, "example.com") != kept) __builtin_trap();
  } catch (const base::Fault&) {
  }
  return 0;
}
