#include "mail/spf_record.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "mail/spf_macro.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;

struct Mechanism {
  std::string_view name;
  SpfTerm::Kind kind;
};
constexpr std::array<Mechanism, 8> kMechanisms = {{{"all", SpfTerm::all},
                                                   {"include", SpfTerm::include},
                                                   {"a", SpfTerm::a},
                                                   {"mx", SpfTerm::mx},
                                                   {"ptr", SpfTerm::ptr},
                                                   {"ip4", SpfTerm::ip4},
                                                   {"ip6", SpfTerm::ip6},
                                                   {"exists", SpfTerm::exists}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string quoted(std::string_view term) {
  std::string out;
  for (char c : term.substr(0, 80)) out += c > 32 && c < 127 ? c : '?';
  return "'" + out + "'";
}

// "0", or no leading zero (§5.6, §12).
std::optional<int> prefix_length(std::string_view digits, int most) {
  if (digits.empty() || digits.size() > 3 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  int value = std::stoi(std::string(digits));
  return value <= most ? std::optional(value) : std::nullopt;
}

// Cuts "/24" or "//64" off the end of `rest`; false: it is there and wrong. A slash that is followed by other
// than digits belongs to the domain.
bool cut_prefix(std::string_view& rest, std::string_view mark, int most, int& out) {
  auto digits = rest.size();
  while (digits > 0 && is_digit(rest[digits - 1])) --digits;
  auto head = rest.substr(0, digits);
  if (!head.ends_with(mark)) return true;
  if (digits == rest.size() || (mark.size() == 1 && head.ends_with("//"))) return true;
  auto value = prefix_length(rest.substr(digits), most);
  if (!value) return false;
  out = *value;
  rest = head.substr(0, head.size() - mark.size());
  return true;
}

bool read_network(SpfTerm& term, std::string_view rest) {
  if (!rest.starts_with(':')) return false;
  rest.remove_prefix(1);
  const bool four = term.kind == SpfTerm::ip4;
  auto slash = rest.find('/');
  if (slash != npos) {
    auto prefix = prefix_length(rest.substr(slash + 1), four ? 32 : 128);
    if (!prefix) return false;
    (four ? term.prefix4 : term.prefix6) = *prefix;
  }
  term.network = IpAddress::parse(rest.substr(0, slash));
  return term.network && term.network->is_v4() == four;
}

bool read_domain(SpfTerm& term, std::string_view rest) {
  const bool wanted = term.kind == SpfTerm::include || term.kind == SpfTerm::exists;
  if (rest.empty()) return !wanted;
  if (rest[0] != ':') return false;
  term.domain = rest.substr(1);
  return is_spf_domain_spec(term.domain);
}

bool read_arguments(SpfTerm& term, std::string_view rest) {
  switch (term.kind) {
    case SpfTerm::all:
      return rest.empty();
    case SpfTerm::ip4:
    case SpfTerm::ip6:
      return read_network(term, rest);
    case SpfTerm::a:
    case SpfTerm::mx:
      return cut_prefix(rest, "//", 128, term.prefix6) && cut_prefix(rest, "/", 32, term.prefix4) &&
             read_domain(term, rest);
    default:
      return read_domain(term, rest);
  }
}

// name of "name=value" (§12: modifier), or "".
std::string_view modifier_name(std::string_view term) {
  std::size_t n = 0;
  while (n < term.size() && (is_alpha(term[n]) || (n > 0 && (is_digit(term[n]) || term[n] == '-' ||
                                                             term[n] == '_' || term[n] == '.'))))
    ++n;
  return n > 0 && n < term.size() && term[n] == '=' ? term.substr(0, n) : std::string_view{};
}

class Parser {
 public:
  std::optional<std::string> term(std::string_view text) {
    auto name = modifier_name(text);
    const bool good = name.empty() ? directive(text) : modifier(name, text.substr(name.size() + 1));
    if (good) return std::nullopt;
    return fmt::format("the term {} cannot be read", quoted(text));
  }
  SpfRecord take() { return std::move(record_); }

 private:
  bool directive(std::string_view text) {
    SpfTerm term;
    term.text = text;
    if (std::string_view("+-~?").find(text[0]) != npos) {
      term.qualifier = text[0];
      text.remove_prefix(1);
    }
    auto end = std::min(text.find_first_of(":/"), text.size());
    auto name = text.substr(0, end);
    auto at = std::find_if(kMechanisms.begin(), kMechanisms.end(),
                           [&](const Mechanism& m) { return base::iequals(m.name, name); });
    if (at == kMechanisms.end()) return false;
    term.kind = at->kind;
    if (!read_arguments(term, text.substr(end))) return false;
    record_.terms.push_back(std::move(term));
    return true;
  }

  bool modifier(std::string_view name, std::string_view value) {
    const bool redirect = base::iequals(name, "redirect"), exp = base::iequals(name, "exp");
    if (!redirect && !exp) return is_spf_macro_string(value);  // §6: unknown ones are ignored
    if (!is_spf_domain_spec(value)) return false;
    if (exp) return !std::exchange(has_exp_, true);
    if (record_.redirect) return false;
    record_.redirect = value;
    return true;
  }

  SpfRecord record_;
  bool has_exp_ = false;
};

}  // namespace

bool is_spf_record(std::string_view txt) {
  constexpr std::string_view kVersion = "v=spf1";
  return base::iequals(txt.substr(0, kVersion.size()), kVersion) &&
         (txt.size() == kVersion.size() || txt[kVersion.size()] == ' ');
}

base::Result<SpfRecord, std::string> parse_spf_record(std::string_view txt) {
  Parser parser;
  auto terms = base::split(txt, ' ');
  for (std::size_t i = 1; i < terms.size(); ++i) {
    if (terms[i].empty()) continue;
    if (auto fault = parser.term(terms[i])) return base::Failure{std::move(*fault)};
  }
  return parser.take();
}

}  // namespace mail
