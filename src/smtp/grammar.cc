#include "smtp/grammar.h"

#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/encoding.h"

namespace smtp {
namespace {

constexpr std::size_t kMaxParameters = 20;

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Verb verb_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Verb>, 20> kVerbs{{
      {"MAIL", Verb::mail}, {"RCPT", Verb::rcpt}, {"DATA", Verb::data},         {"EHLO", Verb::ehlo},
      {"HELO", Verb::helo}, {"BDAT", Verb::bdat}, {"RSET", Verb::rset},         {"NOOP", Verb::noop},
      {"QUIT", Verb::quit}, {"AUTH", Verb::auth}, {"STARTTLS", Verb::starttls}, {"VRFY", Verb::vrfy},
      {"EXPN", Verb::expn}, {"HELP", Verb::help}, {"GET", Verb::web},           {"POST", Verb::web},
      {"PUT", Verb::web},   {"HEAD", Verb::web},  {"CONNECT", Verb::web},       {"OPTIONS", Verb::web},
  }};
  for (const auto& [name, verb] : kVerbs) {
    if (base::iequals(name, word)) return verb;
  }
  return Verb::unknown;
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7f) return true;
  }
  return false;
}

// Where the path that starts at `from` ends: at an unquoted `stop`; npos if there is none.
std::size_t unquoted(std::string_view text, std::size_t from, char stop) {
  bool quoted = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted) {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == stop && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

// "<@a,@b:user@c>": routes are taken and ignored (RFC 5321 §4.1.1.3, Appendix C).
std::string_view without_route(std::string_view path) {
  if (path.empty() || path.front() != '@') return path;
  const std::size_t colon = path.find(':');
  return colon == std::string_view::npos ? path : path.substr(colon + 1);
}

bool is_keyword(std::string_view text) {
  if (text.empty() || text.front() == '-') return false;
  for (const char c : text) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!ok) return false;
  }
  return true;
}

std::optional<std::vector<Parameter>> parse_parameters(std::string_view text) {
  std::vector<Parameter> out;
  text = trim_blanks(text);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text = trim_blanks(text.substr(word.size()));
    const std::size_t equals = word.find('=');
    Parameter parameter;
    parameter.key = base::ascii_upper(word.substr(0, equals));
    if (equals != std::string_view::npos) parameter.value = word.substr(equals + 1);
    if (!is_keyword(parameter.key) || (parameter.value && parameter.value->empty())) return std::nullopt;
    if (out.size() == kMaxParameters) return std::nullopt;
    out.push_back(std::move(parameter));
  }
  return out;
}

}  // namespace

Command parse_command(std::string_view line) {
  line = trim_blanks(line);
  if (has_control(line)) return {};
  const std::string_view word = line.substr(0, line.find(' '));
  return {verb_of(word), trim_blanks(line.substr(word.size()))};
}

LineStatus LineFinder::find(std::string_view buffer, std::size_t max_octets) {
  const std::string_view fresh = buffer.substr(std::min(scanned_, buffer.size()));
  const void* found = fresh.empty() ? nullptr : std::memchr(fresh.data(), '\n', fresh.size());
  if (!found) {
    scanned_ = buffer.size();
    return buffer.size() >= max_octets ? LineStatus::too_long : LineStatus::more;
  }
  const std::size_t lf = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
  if (lf == 0 || buffer[lf - 1] != '\r') return LineStatus::bare_lf;
  octets_ = lf + 1;
  scanned_ = 0;
  return octets_ > max_octets ? LineStatus::too_long : LineStatus::line;
}

base::Result<PathArgument, PathError> parse_path(std::string_view args, std::string_view keyword) {
  if (!base::iequals(args.substr(0, keyword.size()), keyword)) return base::Failure{PathError::no_keyword};
  const std::string_view rest = trim_blanks(args.substr(keyword.size()));
  if (rest.empty()) return base::Failure{PathError::no_address};
  PathArgument path;
  std::size_t end = 0;
  if (rest.front() == '<') {
    const std::size_t close = unquoted(rest, 1, '>');
    if (close == std::string_view::npos) return base::Failure{PathError::bad_path};
    path.address = without_route(trim_blanks(rest.substr(1, close - 1)));
    end = close + 1;
    if (end < rest.size() && rest[end] != ' ') return base::Failure{PathError::bad_path};
  } else {
    end = std::min(unquoted(rest, 0, ' '), rest.size());
    path.address = rest.substr(0, end);
  }
  auto parameters = parse_parameters(rest.substr(end));
  if (!parameters) return base::Failure{PathError::bad_parameters};
  path.parameters = std::move(*parameters);
  return path;
}

std::string path_for_reply(std::string_view args) {
  const std::size_t colon = args.find(':');
  std::string_view rest = trim_blanks(colon == std::string_view::npos ? args : args.substr(colon + 1));
  rest = rest.substr(0, rest.find(' '));
  if (!rest.empty() && rest.front() == '<') rest.remove_prefix(1);
  if (!rest.empty() && rest.back() == '>') rest.remove_suffix(1);
  std::string out(rest.substr(0, 256));
  for (char& c : out) {
    if (c <= 0x20 || c >= 0x7f) c = '?';
  }
  return out;
}

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t value = 0;
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<Chunk> parse_bdat(std::string_view args) {
  const std::string_view number = args.substr(0, args.find(' '));
  const std::string_view word = trim_blanks(args.substr(number.size()));
  const auto octets = parse_size(number);
  if (!octets || (!word.empty() && !base::iequals(word, "LAST"))) return std::nullopt;
  return Chunk{*octets, !word.empty()};
}

bool safe_address(std::string_view address) { return address.size() <= 1000 && !has_control(address); }

std::optional<std::string> decode_auth(std::string_view text) {
  text = trim_blanks(text);
  if (text == "=") return std::string{};
  return base::base64_decode(text);
}

std::optional<PlainCredentials> parse_plain(std::string_view decoded) {
  const auto parts = base::split(decoded, '\0');
  if (parts.size() != 3 || parts[1].empty()) return std::nullopt;
  return PlainCredentials{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
}

std::string plain_response(std::string_view user, std::string_view password) {
  std::string text(1, '\0');
  text.append(user).push_back('\0');
  text.append(password);
  return base::base64_encode(text);
}

Capabilities parse_capabilities(const Reply& ehlo) {
  Capabilities out;
  for (std::size_t i = 1; i < ehlo.lines.size(); ++i) {
    const std::string line = base::ascii_upper(base::trim(ehlo.lines[i]));
    const std::string_view word = std::string_view(line).substr(0, line.find_first_of(" ="));
    const std::string_view rest = std::string_view(line).substr(std::min(line.size(), word.size() + 1));
    if (word == "STARTTLS") out.starttls = true;
    if (word == "PIPELINING") out.pipelining = true;
    if (word == "8BITMIME") out.eight_bit_mime = true;
    if (word == "SMTPUTF8") out.smtputf8 = true;
    if (word == "CHUNKING") out.chunking = true;
    if (word == "DSN") out.dsn = true;
    if (word == "ENHANCEDSTATUSCODES") out.enhanced_status = true;
    if (word == "SIZE") {
      out.size = true;
      out.size_limit = parse_size(base::trim(rest)).value_or(0);
    }
    if (word == "AUTH") {
      for (const auto mechanism : base::split(rest, ' ')) {
        out.auth_plain = out.auth_plain || mechanism == "PLAIN";
        out.auth_login = out.auth_login || mechanism == "LOGIN";
      }
    }
  }
  return out;
}

}  // namespace smtp
