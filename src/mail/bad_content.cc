// What SES's virus scan refuses (SES §21): the EICAR test string, wherever it stands in the mail. Our own
// scan knows nothing else: real scanners belong to the receivers.
#include "mail/bad_content.h"

#include <algorithm>
#include <array>
#include <utility>

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

// What is decoded is looked at in pieces of this size: a copy of all of it beside a message of 40 MB would
// count.
constexpr std::size_t kWindow = 4u << 20;
// Pieces overlap, for what stands over their edge: the test string in base64, over two lines, has 94 octets.
constexpr std::size_t kOverlap = 1024, kLongestLine = 4096;

// Where the next piece begins: at a line, so that the digits of a base64 line keep their groups.
std::size_t next_piece(std::string_view decoded) {
  auto from = decoded.size() - kOverlap;
  auto line = decoded.rfind('\n', from);
  return line == decoded.npos || from - line > kLongestLine ? from : line + 1;
}

class Scan {
 public:
  // `quoted`: it may hold quoted-printable; not asked of what was decoded from it just now.
  bool finds(std::string_view text, int depth = 0, bool quoted = true) {
    if (has_signature(text)) return true;
    if (depth == kMaxDepth) return false;
    // The word may have stood in an earlier piece.
    auto& seen = seen_[static_cast<std::size_t>(depth)];
    seen.base64 = seen.base64 || has_name(text, "ase64", "ASE64");
    seen.quoted = seen.quoted || (quoted && has_name(text, "rintable", "RINTABLE"));
    if (seen.base64 && in_base64(text, depth)) return true;
    return quoted && seen.quoted && in_quoted(text, depth);
  }

 private:
  struct Seen {
    bool base64 = false, quoted = false;
  };

  bool take(std::size_t bytes) {
    if (decoded_ + bytes > kMaxDecoded) return false;
    decoded_ += bytes;
    return true;
  }

  // All of it as if it were quoted-printable: what is not stays nearly as it is.
  bool in_quoted(std::string_view text, int depth) {
    if (!take(text.size())) return false;
    std::string out;
    out.reserve(std::min(text.size(), kWindow + kLongestLine));
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
      if (out.size() < kWindow) continue;
      if (encoded && finds(out, depth + 1, false)) return true;
      out.erase(0, next_piece(out));
    }
    return encoded && finds(out, depth + 1, false);
  }

  // Lines that are nothing but base64, as far as they follow each other, are decoded as one.
  bool in_base64(std::string_view text, int depth) {
    Run run;
    bool found = false;
    while (!text.empty() && !found) {
      auto line = take_line(text);
      auto padding = line.find_last_not_of('=');
      auto body = padding == line.npos ? std::string_view{} : line.substr(0, padding + 1);
      bool pure =
          !body.empty() && line.size() - body.size() <= 2 && std::all_of(body.begin(), body.end(), is_base64);
      if (pure) run.digits += body;
      if (!pure || body.size() < line.size() || text.empty())
        found = ends_with(run, depth);
      else if (run.digits.size() >= kWindow)
        found = goes_on_with(run, depth);
    }
    return found;
  }

  struct Run {
    std::string digits, decoded;  // what is still to be decoded, and what the next piece begins with
    bool cut = false;             // a piece of it was looked at before
  };

  bool ends_with(Run& run, int depth) {
    auto whole = std::exchange(run, {});
    if (whole.digits.size() < kShortest && !whole.cut) return false;
    while (whole.digits.size() % 4 != 0) whole.digits += '=';
    if (whole.digits.ends_with("==="))
      whole.digits.resize(whole.digits.size() - 4);  // one digit says nothing
    return decode(whole, whole.digits) && finds(whole.decoded, depth + 1);
  }

  bool goes_on_with(Run& run, int depth) {
    auto groups = run.digits.size() / 4 * 4;
    bool more = decode(run, std::string_view(run.digits).substr(0, groups));
    run.digits.erase(0, groups);
    run.cut = true;
    if (!more) return false;
    if (finds(run.decoded, depth + 1)) return true;
    run.decoded.erase(0, next_piece(run.decoded));
    return false;
  }

  bool decode(Run& run, std::string_view digits) {
    if (!take(digits.size())) return false;
    run.decoded += base::base64_decode(digits).value_or("");
    return !run.decoded.empty();
  }

  static constexpr std::size_t kShortest = 90;  // the 68 octets of the test string
  std::size_t decoded_ = 0;
  std::array<Seen, kMaxDepth> seen_{};
};

}  // namespace

bool has_bad_content(std::string_view message) { return Scan().finds(message); }

}  // namespace mail
