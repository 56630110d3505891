// What SES's virus scan refuses (SES §21): the EICAR test string, wherever it stands in the mail. Our own
// scan knows nothing else: real scanners belong to the receivers.
#include "mail/bad_content.h"

#include <algorithm>

#include "base/encoding.h"

namespace mail {
namespace {

// In two parts, or scanners would take this program for a virus.
constexpr std::string_view kEicarHead = R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)";
constexpr std::string_view kEicarTail = "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

constexpr std::size_t kMaxDecoded = 192u
                                    << 20;  // over all parts and depths of a mail, which has 40 MiB at most
constexpr int kMaxDepth = 4;                // of encodings within encodings

bool has_signature(std::string_view text) {
  for (auto at = text.find(kEicarHead); at != text.npos; at = text.find(kEicarHead, at + 1))
    if (text.substr(at + kEicarHead.size()).starts_with(kEicarTail)) return true;
  return false;
}

bool has_name(std::string_view text, std::string_view lower, std::string_view capital) {
  return text.find(lower) != text.npos || text.find(capital) != text.npos;
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::string_view take_line(std::string_view& text) {
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

class Scan {
 public:
  // `quoted`: it may hold quoted-printable; not asked of what was decoded from it just now.
  bool finds(std::string_view text, int depth = 0, bool quoted = true) {
    if (has_signature(text)) return true;
    if (depth == kMaxDepth) return false;
    if (has_name(text, "ase64", "ASE64") && in_base64(text, depth)) return true;
    return quoted && has_name(text, "rintable", "RINTABLE") && in_quoted(text, depth);
  }

 private:
  bool take(std::size_t bytes) {
    if (decoded_ + bytes > kMaxDecoded) return false;
    decoded_ += bytes;
    return true;
  }

  // All of it as if it were quoted-printable: what is not stays nearly as it is.
  bool in_quoted(std::string_view text, int depth) {
    if (!take(text.size())) return false;
    std::string out;
    out.reserve(text.size());
    bool encoded = false;
    while (!text.empty()) {
      auto line = take_line(text);
      bool soft = line.ends_with('=');
      if (soft) line.remove_suffix(1);
      encoded |= soft;
      for (std::size_t i = 0; i < line.size(); ++i) {
        int high = line[i] == '=' && i + 2 < line.size() ? hex_digit(line[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(line[i + 2]);
        encoded |= low >= 0;
        out += low < 0 ? line[i] : static_cast<char>(high << 4 | low);
        if (low >= 0) i += 2;
      }
      if (!soft) out += "\r\n";
    }
    return encoded && finds(out, depth + 1, false);
  }

  // Lines that are nothing but base64, as far as they follow each other, are decoded as one.
  bool in_base64(std::string_view text, int depth) {
    std::string run;
    bool found = false;
    while (!text.empty() && !found) {
      auto line = take_line(text);
      auto padding = line.find_last_not_of('=');
      auto body = padding == line.npos ? std::string_view{} : line.substr(0, padding + 1);
      bool pure =
          !body.empty() && line.size() - body.size() <= 2 && std::all_of(body.begin(), body.end(), is_base64);
      if (pure) run += body;
      if (!pure || body.size() < line.size() || text.empty()) found = run_has(run, depth);
    }
    return found;
  }

  bool run_has(std::string& run, int depth) {
    std::string bytes;
    if (run.size() >= kShortest && take(run.size())) {
      while (run.size() % 4 != 0) run += '=';
      if (run.ends_with("===")) run.resize(run.size() - 4);  // one digit of a group says nothing
      bytes = base::base64_decode(run).value_or("");
    }
    run.clear();
    return !bytes.empty() && finds(bytes, depth + 1);
  }

  static constexpr std::size_t kShortest = 90;  // the 68 octets of the test string
  std::size_t decoded_ = 0;
};

}  // namespace

bool has_bad_content(std::string_view message) { return Scan().finds(message); }

}  // namespace mail
