// Any answer of a scanner, any X-SES-RECEIPT and any header section: no crash, verdicts are SES's, and of a
// mail that was handed out nothing more is left out.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "receive/forged.h"
#include "receive/receipt_token.h"
#include "receive/scan_clamd.h"
#include "receive/scan_rspamd.h"

namespace {

void check(const receive::Scanned& scanned) {
  const auto& v = scanned.verdict;
  if (v != "PASS" && v != "FAIL" && v != "GRAY" && v != "PROCESSING_FAILED") std::abort();
  for (char c : scanned.detail)
    if (c < ' ' || c > '~') std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(receive::read_clamd_answer(input));
  check(receive::read_rspamd_answer(200, input));
  if (receive::read_receipt_token(input, "secret")) std::abort();
  std::string once, twice;
  receive::append_unforged(once, input, "ses.example");
  receive::append_unforged(twice, once, "ses.example");
  if (once != twice || once.size() > input.size() + size) std::abort();
  return 0;
}
