#include "mail/address.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/header.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMaxElements = 10000;
constexpr std::string_view kSpecials = "()<>,;:\\\"[]";

bool is_control_or_blank(char c, bool allow_utf8) {
  auto u = static_cast<unsigned char>(c);
  return u <= 0x20 || u == 0x7f || (u > 0x7f && !allow_utf8);
}

bool is_domain_char(char c) {
  auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         u > 0x7f;
}

// One element of a list: where its address and its name are.
struct Element {
  std::string_view address;
  std::string_view name;
  bool route = false;  // the address stood in angle brackets
  bool junk = false;   // something follows the address
};

// The check of one bare address, SES §5.1 (the order of the tests is JavaMail's, so that the same fault
// wins). `whole` asks for a domain and for quotes around the whole local part; the first, lax pass comes
// before the number of addresses is looked at.
class AddressCheck {
 public:
  AddressCheck(std::string_view text, bool route, bool whole, bool allow_utf8)
      : text_(text), route_(route), whole_(whole), allow_utf8_(allow_utf8) {}

  const char* run() {
    if (text_.empty()) return "Empty address";
    if (auto* fault = route()) return fault;
    if (auto* fault = local()) return fault;
    if (at_ == npos) return whole_ ? "Missing final '@domain'" : nullptr;
    return domain();
  }
  std::size_t start() const { return start_; }
  std::size_t at() const { return at_; }

 private:
  // RFC 5322 §4.4 obs-route: <@a,@b:user@c>; the route is skipped.
  const char* route() {
    if (!route_ || text_[0] != '@') return nullptr;
    for (auto i = text_.find_first_of(",:"); i != npos; i = text_.find_first_of(",:", start_)) {
      if (text_[start_] != '@') return "Illegal route-addr";
      start_ = i + 1;
      if (text_[i] == ':' || start_ >= text_.size()) return nullptr;
    }
    return nullptr;
  }

  const char* local() {
    char c = 0, last = 0;
    bool quoted = false;
    for (std::size_t i = start_; i < text_.size(); ++i) {
      last = c;
      c = text_[i];
      if (c == '\\' || last == '\\') {
        if (last == '\\') c = 0;  // the pair is over
        continue;
      }
      if (c == '"') {
        if (quoted && whole_ && i + 1 < text_.size() && text_[i + 1] != '@')
          return "Quote not at end of local address";
        if (!quoted && whole_ && i != start_) return "Quote not at start of local address";
        quoted = !quoted;
      }
      if (c == '"' || quoted) continue;
      if (c == '@') {
        if (i == start_) return "Missing local name";
        if (last == '.') return "Local address ends with dot";
        at_ = i;
        return nullptr;
      }
      if (c == '.' && i == start_) return "Local address starts with dot";
      if (c == '.' && last == '.') return "Local address contains dot-dot";
      if (is_control_or_blank(c, allow_utf8_)) return "Local address contains control or whitespace";
      if (kSpecials.find(c) != npos) return "Local address contains illegal character";
    }
    return quoted ? "Unterminated quote" : nullptr;
  }

  const char* domain() const {
    auto domain = text_.substr(at_ + 1);
    if (domain.empty()) return "Missing domain";
    if (domain[0] == '.') return "Domain starts with dot";
    char last = 0;
    bool literal = false;
    for (std::size_t i = 0; i < domain.size(); ++i) {
      char c = domain[i];
      if (c == '[') {
        if (i != 0) return "Domain literal not at start of domain";
        literal = true;
      } else if (c == ']') {
        if (i + 1 != domain.size()) return "Domain literal end not at end of domain";
        literal = false;
      } else if (is_control_or_blank(c, allow_utf8_)) {
        return "Domain contains control or whitespace";
      } else if (!literal) {
        if (!is_domain_char(c)) return "Domain contains illegal character";
        if (c == '.' && last == '.') return "Domain contains dot-dot";
      }
      last = c;
    }
    return last == '.' ? "Domain ends with dot" : nullptr;
  }

  std::string_view text_;
  bool route_, whole_, allow_utf8_;
  std::size_t start_ = 0;
  std::size_t at_ = npos;
};

// Cuts a header value into elements, with RFC 5322 §3.4 comments, quotes, angle brackets and groups.
class Scanner {
 public:
  Scanner(std::string_view text, bool allow_utf8) : text_(text), allow_utf8_(allow_utf8) {}

  // Bare fault text, or nullptr.
  const char* run() {
    for (; i_ < text_.size(); ++i_)
      if (auto* fault = step(text_[i_])) return fault;
    if (in_group_) {
      // "name:" without its ';' is no group but an address with a colon in it.
      auto* fault = AddressCheck(base::trim(text_.substr(group_)), false, true, allow_utf8_).run();
      return fault ? fault : "Local address contains illegal character";
    }
    return finish();
  }

  const std::vector<Element>& elements() const { return elements_; }
  bool saw_group() const { return saw_group_; }

 private:
  const char* step(char c) {
    switch (c) {
      case '(':
        return comment();
      case ')':
        return "Missing '('";
      case '<':
        return angle();
      case '>':
        return "Missing '<'";
      case '"':
        begin();
        return skip_to('"') ? nullptr : "Missing '\"'";
      case '[':
        begin();
        return skip_to(']') ? nullptr : "Missing ']'";
      case ',':
        return finish();
      case ':':
        return group();
      case ';':
        return end_group();
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return nullptr;
      case '\\':
        begin();
        if (i_ + 1 < text_.size()) ++i_;
        return nullptr;
      default:
        begin();
        return nullptr;
    }
  }

  void begin() {
    if (start_ == npos) start_ = i_;
    if (end_ != npos) junk_ = true;
  }

  bool skip_to(char closing) {
    for (++i_; i_ < text_.size(); ++i_) {
      if (text_[i_] == '\\')
        ++i_;
      else if (text_[i_] == closing)
        return true;
    }
    return false;
  }

  const char* comment() {
    auto begin = i_;
    if (start_ != npos && end_ == npos) end_ = i_;
    std::size_t depth = 1;
    for (++i_; i_ < text_.size() && depth > 0; ++i_) {
      if (text_[i_] == '\\')
        ++i_;
      else if (text_[i_] == '(')
        ++depth;
      else if (text_[i_] == ')')
        --depth;
    }
    if (depth > 0) return "Missing ')'";
    --i_;
    if (comment_.data() == nullptr) comment_ = text_.substr(begin + 1, i_ - begin - 1);
    return nullptr;
  }

  const char* angle() {
    if (route_) {
      junk_ = true;
      return skip_to('>') ? nullptr : "Missing '>'";
    }
    auto name_end = i_;
    bool quoted = false;
    std::size_t from = ++i_;
    for (; i_ < text_.size(); ++i_) {
      if (text_[i_] == '\\') {
        ++i_;
      } else if (text_[i_] == '"') {
        quoted = !quoted;
      } else if (text_[i_] == '>' && !quoted) {
        break;
      }
    }
    if (i_ >= text_.size()) return quoted ? "Missing '\"'" : "Missing '>'";
    if (start_ != npos) name_ = base::trim(text_.substr(start_, name_end - start_));
    start_ = from;
    end_ = i_;
    route_ = true;
    junk_ = false;
    return nullptr;
  }

  const char* group() {
    if (in_group_) return "Nested group";
    if (route_) {
      junk_ = true;
      return nullptr;
    }
    group_ = start_ == npos ? i_ : start_;
    in_group_ = saw_group_ = true;
    clear();
    return nullptr;
  }

  const char* end_group() {
    if (!in_group_) return "Illegal semicolon, not in group";
    in_group_ = false;
    return finish();
  }

  const char* finish() {
    if (start_ != npos) {
      if (elements_.size() >= kMaxElements) return "Illegal address";
      auto end = end_ == npos ? i_ : end_;
      Element e{base::trim(text_.substr(start_, std::min(end, text_.size()) - start_)), name_, route_, junk_};
      if (e.name.empty()) e.name = base::trim(comment_);
      if (auto* fault = AddressCheck(e.address, e.route, false, allow_utf8_).run()) return fault;
      elements_.push_back(e);
    }
    clear();
    return nullptr;
  }

  void clear() {
    start_ = end_ = npos;
    name_ = comment_ = {};
    route_ = junk_ = false;
  }

  std::string_view text_;
  bool allow_utf8_;
  std::size_t i_ = 0, start_ = npos, end_ = npos, group_ = 0;
  std::string_view name_, comment_;
  bool route_ = false, junk_ = false, in_group_ = false, saw_group_ = false;
  std::vector<Element> elements_;
};

// Quotes and the backslashes of quoted pairs removed; line breaks too.
std::string unquote(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size())
      out += raw[++i];
    else if (raw[i] != '"')
      out += raw[i];
  }
  return out;
}

std::string display_name(std::string_view raw_name) {
  auto plain = unquote(raw_name);
  return plain.find("=?") == npos ? repair_utf8(plain) : decode_words(plain);
}

base::Result<Mailbox, std::string> make_mailbox(const Element& e, std::string_view given, bool allow_utf8) {
  AddressCheck check(e.address, e.route, true, allow_utf8);
  if (auto* fault = check.run()) return base::Failure{std::string(fault)};
  if (e.junk) return base::Failure{std::string("Illegal address")};
  // Quotes and backslashes hide these from the check; none may reach an envelope.
  auto bare = e.address.substr(check.start());
  if (bare.find_first_of(std::string_view("\r\n\0", 3)) != npos)
    return base::Failure{fmt::format("Invalid email address {}.", repair_utf8(given))};
  if (allow_utf8 ? !base::is_utf8(bare) : !base::is_ascii(bare))
    return base::Failure{std::string("Local address contains control or whitespace")};
  Mailbox m;
  m.local = bare.substr(0, check.at() - check.start());
  m.domain = e.address.substr(check.at() + 1);
  if (!e.name.empty()) {
    m.raw_name = unfold(e.name);
    m.display_name = display_name(m.raw_name);
  }
  return m;
}

}  // namespace

std::string Mailbox::addr() const {
  std::string out;
  out.reserve(local.size() + domain.size() + 1);
  return out.append(local).append(1, '@').append(domain);
}

base::Result<Mailbox, std::string> parse_mailbox(std::string_view text, bool allow_utf8) {
  if (text.size() > kMaxAddressText) return base::Failure{std::string("Illegal address")};
  if (base::trim(text).empty()) return base::Failure{std::string("Empty address")};
  Scanner scanner(text, allow_utf8);
  if (auto* fault = scanner.run()) return base::Failure{std::string(fault)};
  if (scanner.elements().size() != 1 || scanner.saw_group())
    return base::Failure{std::string("Illegal address")};
  return make_mailbox(scanner.elements()[0], text, allow_utf8);
}

base::Result<std::vector<Mailbox>, std::string> parse_address_list(std::string_view header_value,
                                                                   bool allow_utf8) {
  if (header_value.size() > kMaxAddressText) return base::Failure{std::string("Illegal address")};
  auto text = unfold(header_value);
  Scanner scanner(text, allow_utf8);
  if (auto* fault = scanner.run()) return base::Failure{std::string(fault)};
  std::vector<Mailbox> list;
  list.reserve(scanner.elements().size());
  for (const auto& e : scanner.elements()) {
    auto mailbox = make_mailbox(e, e.address, allow_utf8);
    if (!mailbox) return base::Failure{mailbox.error()};
    list.push_back(std::move(*mailbox));
  }
  return list;
}

std::string display_form(const Mailbox& mailbox) {
  if (mailbox.raw_name.empty()) return mailbox.addr();
  auto name = unquote(mailbox.raw_name);
  bool encoded = name.starts_with("=?") && name.ends_with("?=");
  bool quote = !encoded && std::any_of(name.begin(), name.end(), [](char c) {
    auto u = static_cast<unsigned char>(c);
    return u > 0x7e || u < 0x20 || c == '@' || c == '.' || kSpecials.find(c) != npos;
  });
  if (!quote) return name + " <" + mailbox.addr() + ">";
  std::string out = "\"";
  for (char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\" <" + mailbox.addr() + ">";
}

std::optional<std::string> address_length_fault(const Mailbox& mailbox) {
  auto form = display_form(mailbox);
  if (base::utf16_length(form) <= base::limits::kMaxAddressLength) return std::nullopt;
  return fmt::format("Address length is more than {} characters long: '{}'.", base::limits::kMaxAddressLength,
                     form);
}

std::optional<std::string> address_length_fault(std::string_view given) {
  // A form is never longer than what was given by more than quotes, so most addresses need no parse.
  if (given.size() * 2 + 8 <= base::limits::kMaxAddressLength) return std::nullopt;
  auto mailbox = parse_mailbox(given, true);
  return mailbox ? address_length_fault(*mailbox) : std::nullopt;
}

std::string strip_label(std::string_view local) {
  auto plus = local.find('+');
  // A leading '+' is no label separator; a quoted local part keeps what it has.
  if (plus == npos || plus == 0 || local[0] == '"') return std::string(local);
  return std::string(local.substr(0, plus));
}

}  // namespace mail
