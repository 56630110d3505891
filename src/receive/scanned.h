// Scanned: what one scanner says of a mail, in SES's words (SES §22.5).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace receive {

struct Scanned {
  std::string verdict = "GRAY";  // PASS, FAIL, GRAY, PROCESSING_FAILED
  std::string detail;            // the scanner's reason, for operators

  bool operator==(const Scanned&) const = default;
};

inline constexpr std::chrono::seconds kScanTime{30};  // for all of a scan

// Printable ASCII of it, not much: scanners quote what strangers sent.
std::string shown_detail(std::string_view text);

inline Scanned not_scanned(std::string_view why) { return {"PROCESSING_FAILED", shown_detail(why)}; }

}  // namespace receive
