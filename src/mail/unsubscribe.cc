#include "mail/unsubscribe.h"

#include <array>
#include <vector>

#include "base/encoding.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr int kMaxDepth = 20;
constexpr std::size_t kMaxParts = 10000;
constexpr std::size_t kMaxBoundary = 200;  // RFC 2046 §5.1.1 says 70
constexpr std::size_t kQpChunk = 72;       // a soft break's '=' and an =3D fit in the 76 of RFC 2045 §6.7
constexpr std::size_t kLength = kUnsubscribePlaceholder.size();

struct Span {
  std::size_t begin, end;
};

std::vector<Span> find_plain(std::string_view text) {
  std::vector<Span> found;
  for (auto at = text.find(kUnsubscribePlaceholder); at != npos && found.size() < kMaxUnsubscribeLinks;
       at = text.find(kUnsubscribePlaceholder, at + kLength))
    found.push_back({at, at + kLength});
  return found;
}

// For each length of what has matched, how much of it could begin the placeholder anew (Knuth, Morris,
// Pratt).
constexpr std::array<std::size_t, kLength> fallbacks() {
  std::array<std::size_t, kLength> table{};
  std::size_t k = 0;
  for (std::size_t i = 1; i < kLength; ++i) {
    while (k > 0 && kUnsubscribePlaceholder[i] != kUnsubscribePlaceholder[k]) k = table[k - 1];
    if (kUnsubscribePlaceholder[i] == kUnsubscribePlaceholder[k]) ++k;
    table[i] = k;
  }
  return table;
}
constexpr auto kFallback = fallbacks();

// Finds the placeholder in decoded octets that are given one by one with their places in the encoded text.
class Matcher {
 public:
  // True when the placeholder ends with this octet.
  bool feed(char c, std::size_t begin) {
    begins_[count_ % kLength] = begin;
    ++count_;
    while (matched_ > 0 && kUnsubscribePlaceholder[matched_] != c) matched_ = kFallback[matched_ - 1];
    if (kUnsubscribePlaceholder[matched_] == c) ++matched_;
    if (matched_ < kLength) return false;
    matched_ = 0;
    return true;
  }
  std::size_t begin() const { return begins_[count_ % kLength]; }  // of the oldest octet: the match's first

 private:
  std::array<std::size_t, kLength> begins_{};
  std::size_t count_ = 0, matched_ = 0;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Behind the soft line break that begins at `at`, or npos if there is none (blanks before the line's end may
// have been added on the way, RFC 2045 §6.7).
std::size_t soft_break_end(std::string_view text, std::size_t at) {
  auto end = text.find_first_not_of(" \t", at + 1);
  if (end != npos && text[end] == '\r') ++end;
  return end != npos && end < text.size() && text[end] == '\n' ? end + 1 : npos;
}

std::vector<Span> find_quoted(std::string_view text) {
  std::vector<Span> found;
  Matcher matcher;
  for (std::size_t i = 0; i < text.size() && found.size() < kMaxUnsubscribeLinks;) {
    char c = text[i];
    std::size_t next = i + 1;
    if (c == '=') {
      if (auto after = soft_break_end(text, i); after != npos) {
        i = after;
        continue;
      }
      int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      int low = high < 0 ? -1 : hex_digit(text[i + 2]);
      if (low >= 0) {
        c = static_cast<char>(high << 4 | low);
        next = i + 3;
      }
    }
    if (matcher.feed(c, i)) found.push_back({matcher.begin(), next});
    i = next;
  }
  return found;
}

bool line_ends_at(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == '\n' || text.substr(at, 2) == "\r\n";
}

// The link on lines of its own between soft breaks, so that no line around it grows.
std::string quoted_link(std::string_view text, Span place, std::string_view link, const std::string& soft) {
  std::string out;
  if (place.begin > 0 && text[place.begin - 1] != '\n') out += soft;
  std::size_t column = 0;
  for (char c : link) {
    if (column >= kQpChunk) {
      out += soft;
      column = 0;
    }
    bool literal = c > ' ' && c < 127 && c != '=';
    if (literal)
      out += c;
    else
      out += "=" + base::ascii_upper(base::hex_encode(std::string_view(&c, 1)));
    column += literal ? 1 : 3;
  }
  if (!line_ends_at(text, place.end)) out += soft;
  return out;
}

struct Edit {
  std::size_t begin, end;  // in the message
  std::string text;
};

enum class Encoding { identity, quoted_printable, base64, unknown };

Encoding encoding_of(const MessageView& view) {
  const auto* field = view.find("Content-Transfer-Encoding");
  if (!field) return Encoding::identity;
  auto name = base::ascii_lower(base::trim(field->raw_value));
  if (name.empty() || name == "7bit" || name == "8bit" || name == "binary") return Encoding::identity;
  if (name == "quoted-printable") return Encoding::quoted_printable;
  return name == "base64" ? Encoding::base64 : Encoding::unknown;
}

class Rewriter {
 public:
  Rewriter(std::string_view raw, std::string_view link)
      : raw_(raw), link_(link), soft_(raw.find("\r\n") != npos ? "=\r\n" : "=\n") {}

  std::optional<std::string> run() {
    auto view = split_message(raw_);
    // Without a header section a link at the start would become one.
    if (!view || view->fields.empty()) return std::nullopt;
    part(*view, raw_, 0, false);
    if (edits_.empty()) return std::nullopt;
    std::string out;
    out.reserve(raw_.size() + edits_.size() * (link_.size() + 64));
    std::size_t at = 0;
    for (const auto& edit : edits_) {
      out.append(raw_, at, edit.begin - at).append(edit.text);
      at = edit.end;
    }
    out.append(raw_, at, npos);
    return out;
  }

 private:
  void part(const MessageView& view, std::string_view text, int depth, bool in_digest) {
    const auto* field = view.find("Content-Type");
    if (!field && in_digest) return;  // RFC 2046 §5.1.5: a message
    auto type = field ? read_content_type(field->raw_value) : ContentType{"text", "plain", {}};
    auto body = view.body(text);
    if (type.is("multipart/")) {
      // What is signed or encrypted as a whole would break (RFC 1847 §2).
      if (type.subtype == "signed" || type.subtype == "encrypted" || depth >= kMaxDepth) return;
      const auto* boundary = type.parameter("boundary");
      if (boundary && !boundary->empty() && boundary->size() <= kMaxBoundary)
        multipart(body, "--" + *boundary, depth + 1, type.subtype == "digest");
      return;
    }
    if (!type.is("text/plain") && !type.is("text/html")) return;
    const auto* disposition = view.find("Content-Disposition");
    if (disposition && base::ascii_lower(base::trim(disposition->raw_value)).starts_with("attachment"))
      return;
    leaf(body, encoding_of(view));
  }

  // RFC 2046 §5.1.1: parts stand between lines that begin with the delimiter; the line break before it is
  // its own.
  void multipart(std::string_view body, const std::string& delimiter, int depth, bool digest) {
    auto at = find_delimiter(body, delimiter, 0);
    while (at != npos && ++parts_ <= kMaxParts) {
      auto after = at + delimiter.size();
      if (body.substr(after, 2) == "--") return;
      auto line_end = body.find('\n', after);
      if (line_end == npos) return;
      auto begin = line_end + 1;
      auto next = find_delimiter(body, delimiter, begin);
      auto end = next == npos ? body.size() : next;
      if (next != npos && end > begin && body[end - 1] == '\n') --end;
      if (next != npos && end > begin && body[end - 1] == '\r') --end;
      auto inner = body.substr(begin, end - begin);
      part(split_part(inner), inner, depth, digest);
      at = next;
    }
  }

  static std::size_t find_delimiter(std::string_view body, const std::string& delimiter, std::size_t from) {
    for (auto at = body.find(delimiter, from); at != npos; at = body.find(delimiter, at + 1))
      if (at == 0 || body[at - 1] == '\n') return at;
    return npos;
  }

  void leaf(std::string_view body, Encoding encoding) {
    if (encoding == Encoding::base64) return base64(body);
    bool quoted = encoding == Encoding::quoted_printable;
    if (!quoted && encoding != Encoding::identity) return;
    for (auto place : quoted ? find_quoted(body) : find_plain(body))
      edit(body, place, quoted ? quoted_link(body, place, link_, soft_) : std::string(link_));
  }

  // What follows the placeholder moves by a number of octets that is no multiple of three, so the part is
  // encoded anew; what it says is the same but for the link.
  void base64(std::string_view body) {
    auto encoded = base::trim(body);
    auto decoded = base::base64_decode(encoded, true);
    if (!decoded || !put_unsubscribe_link(*decoded, link_)) return;
    std::string text;
    append_base64(*decoded, text);
    text.resize(text.size() - 2);  // the last line break stands behind the trimmed text
    auto begin = static_cast<std::size_t>(encoded.data() - body.data());
    edit(body, {begin, begin + encoded.size()}, std::move(text));
  }

  void edit(std::string_view body, Span place, std::string text) {
    auto offset = static_cast<std::size_t>(body.data() - raw_.data());
    edits_.push_back({offset + place.begin, offset + place.end, std::move(text)});
  }

  std::string_view raw_, link_;
  const std::string soft_;  // a soft line break of quoted-printable
  std::vector<Edit> edits_;
  std::size_t parts_ = 0;
};

}  // namespace

bool put_unsubscribe_link(std::string& text, std::string_view link) {
  auto places = find_plain(text);
  for (auto place = places.rbegin(); place != places.rend(); ++place)
    text.replace(place->begin, place->end - place->begin, link);
  return !places.empty();
}

void put_unsubscribe_link(SimpleMail& mail, std::string_view link) {
  if (mail.text) put_unsubscribe_link(mail.text->data, link);
  if (mail.html) put_unsubscribe_link(mail.html->data, link);
}

std::optional<std::string> rewrite_unsubscribe(std::string_view raw, std::string_view link) {
  return Rewriter(raw, link).run();
}

}  // namespace mail
