#include "mail/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace mail {
namespace {

constexpr std::size_t kQpLine = 76;
constexpr char kHex[] = "0123456789ABCDEF";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<bool, 256> literal_table() {
  std::array<bool, 256> t{};
  for (int c = 33; c <= 126; ++c) t[static_cast<std::size_t>(c)] = c != '=';
  t[' '] = t['\t'] = true;
  return t;
}
constexpr auto kLiteral = literal_table();

// Writes into a string whose size was grown ahead, and gives back what was not used.
class Writer {
 public:
  Writer(std::string& out, std::size_t room) : out_(out), used_(out.size()) { out.resize(used_ + room); }
  ~Writer() { out_.resize(used_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void room(std::size_t n) {
    if (out_.size() - used_ >= n) return;
    auto wanted = used_ + n;
    out_.resize(wanted <= out_.capacity() ? wanted : wanted + out_.size() / 2);
  }
  void put(char c) { out_[used_++] = c; }
  void put(const char* p, std::size_t n) {
    std::memcpy(out_.data() + used_, p, n);
    used_ += n;
  }
  void put_hex(unsigned char c) {
    put('=');
    put(kHex[c >> 4]);
    put(kHex[c & 15]);
  }

 private:
  std::string& out_;
  std::size_t used_;
};

// Lines of one quoted-printable text. `line` holds no line break.
void qp_line(std::string_view line, Writer& w) {
  std::size_t column = 0;
  const auto* p = reinterpret_cast<const unsigned char*>(line.data());
  const auto* end = p + line.size();
  w.room(line.size() * 3 + (line.size() * 3 / (kQpLine - 3) + 1) * 3);
  while (p < end) {
    // As long a literal run as fits; a soft break needs a column for its '='.
    const auto* run = p;
    const auto* stop = std::min(end, p + (kQpLine - 1 - column));
    while (run < stop && kLiteral[*run]) ++run;
    if (run > p) {
      bool last = run == end;
      // RFC 2045 §6.7 rule 3: no blank at the end of a line.
      if (last && (run[-1] == ' ' || run[-1] == '\t')) --run;
      w.put(reinterpret_cast<const char*>(p), static_cast<std::size_t>(run - p));
      column += static_cast<std::size_t>(run - p);
      p = run;
      if (p == end) return;
    }
    bool blank_at_end = p + 1 == end && (*p == ' ' || *p == '\t');
    bool encode = !kLiteral[*p] || blank_at_end;
    if (column + (encode ? 3 : 1) > kQpLine - 1) {
      w.put("=\r\n", 3);
      column = 0;
    }
    if (encode) {
      w.put_hex(*p++);
      column += 3;
    }
  }
}

}  // namespace

std::size_t count_eight_bit(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr int kWords = 31;  // whose sum, 8 of each, still fits an octet
  std::size_t count = 0, i = 0;
  while (i + 8 <= text.size()) {
    std::uint64_t sums = 0;  // one in each octet
    for (int n = 0; n < kWords && i + 8 <= text.size(); ++n, i += 8) {
      std::uint64_t eight;
      std::memcpy(&eight, text.data() + i, 8);
      sums += eight >> 7 & kOnes;
    }
    count += sums * kOnes >> 56;
  }
  for (; i < text.size(); ++i) count += static_cast<unsigned char>(text[i]) >> 7;
  return count;
}

TextFacts look_at(std::string_view text) {
  TextFacts facts;
  if (text.empty()) return facts;
  const char* p = text.data();
  const char* end = p + text.size();
  facts.eight_bit = count_eight_bit(text);
  facts.nul = std::memchr(p, 0, text.size()) != nullptr;
  while (p < end) {
    auto left = static_cast<std::size_t>(end - p);
    const char* feed = static_cast<const char*>(std::memchr(p, '\n', left));
    const char* stop = feed ? feed : end;
    bool crlf = feed && feed > p && feed[-1] == '\r';
    if (feed && !crlf) facts.bare_feed = true;
    auto length = static_cast<std::size_t>(stop - p) - (crlf ? 1 : 0);
    if (length > 0 && std::memchr(p, '\r', length)) facts.bare_cr = true;
    facts.longest_line = std::max(facts.longest_line, length);
    p = feed ? feed + 1 : end;
  }
  return facts;
}

void append_crlf(std::string_view text, std::string& out) {
  const char* p = text.data();
  const char* end = p + text.size();
  while (p < end) {
    const char* stop = p;
    auto left = static_cast<std::size_t>(end - p);
    const char* feed = static_cast<const char*>(std::memchr(p, '\n', left));
    auto line = feed ? static_cast<std::size_t>(feed - p) : left;
    const char* cr = static_cast<const char*>(std::memchr(p, '\r', line));
    stop = cr ? cr : p + line;
    out.append(p, static_cast<std::size_t>(stop - p));
    if (stop == end) return;
    out.append("\r\n", 2);
    p = stop + (cr && cr + 1 == feed ? 2 : 1);
  }
}

void append_quoted_printable(std::string_view bytes, bool binary, std::string& out) {
  Writer w(out, bytes.size() + bytes.size() / 4 + 64);
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  while (p < end) {
    // The end of this line: CRLF, and in text a bare CR or LF as well.
    const char* stop = p;
    std::size_t skip = 0;
    for (;;) {
      const char* feed =
          static_cast<const char*>(std::memchr(stop, '\n', static_cast<std::size_t>(end - stop)));
      const char* limit = feed ? feed : end;
      const char* cr =
          binary ? nullptr
                 : static_cast<const char*>(std::memchr(stop, '\r', static_cast<std::size_t>(limit - stop)));
      if (cr) {
        stop = cr;
        skip = cr + 1 == feed ? 2 : 1;
        break;
      }
      if (!feed) {
        stop = end;
        break;
      }
      if (binary && feed > p && feed[-1] == '\r') {
        stop = feed - 1;
        skip = 2;
        break;
      }
      stop = feed;
      skip = 1;
      if (!binary) break;
      stop = feed + 1;  // a bare LF in binary stays in the line
      skip = 0;
      if (stop == end) break;
    }
    qp_line({p, static_cast<std::size_t>(stop - p)}, w);
    if (skip) {
      w.room(2);
      w.put("\r\n", 2);
    }
    p = stop + skip;
  }
}

void append_base64(std::string_view bytes, std::string& out) {
  constexpr std::size_t kGroups = 19;  // of 3 octets a line
  std::size_t full = bytes.size() / 3;
  std::size_t encoded = (bytes.size() + 2) / 3 * 4;
  Writer w(out, encoded + (encoded / 76 + 1) * 2);
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t on_line = 0;
  auto group = [&](unsigned v) {
    char four[4] = {kBase64[v >> 18], kBase64[v >> 12 & 63], kBase64[v >> 6 & 63], kBase64[v & 63]};
    w.put(four, 4);
  };
  for (std::size_t i = 0; i < full; ++i, p += 3) {
    if (on_line == kGroups) {
      w.put("\r\n", 2);
      on_line = 0;
    }
    group(static_cast<unsigned>(p[0] << 16 | p[1] << 8 | p[2]));
    ++on_line;
  }
  auto rest = bytes.size() - full * 3;
  if (rest) {
    if (on_line == kGroups) w.put("\r\n", 2);
    unsigned v = static_cast<unsigned>(p[0] << 16 | (rest == 2 ? p[1] << 8 : 0));
    char four[4] = {kBase64[v >> 18], kBase64[v >> 12 & 63], rest == 2 ? kBase64[v >> 6 & 63] : '=', '='};
    w.put(four, 4);
  }
  if (!bytes.empty()) w.put("\r\n", 2);
}

}  // namespace mail
