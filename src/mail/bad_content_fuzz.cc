// Any bytes can be screened, and what holds the test string in clear is always found.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/bad_content.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string message(reinterpret_cast<const char*>(data), size);
  static_cast<void>(mail::has_bad_content(message));
  message += std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
  if (!mail::has_bad_content(message)) std::abort();
  return 0;
}
