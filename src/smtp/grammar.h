// The grammar of SMTP lines (RFC 5321 §4.1, RFC 4954, RFC 1870): commands, paths, parameters, AUTH responses,
// the answer to EHLO. Pure functions; string_views point into what was given. What is not grammatical is a
// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"

namespace smtp {

enum class Verb {
  helo,
  ehlo,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
  auth,
  starttls,
  web,
  unknown
};

struct Command {
  Verb verb = Verb::unknown;  // web: a verb of HTTP, so the client is a browser led astray
  std::string_view args;      // without blanks around
};

// `line` without its CRLF.
Command parse_command(std::string_view line);

// Looks for a line that CRLF ends; a bare LF is reported at once, a CR alone does not end anything.
enum class LineStatus { more, line, bare_lf, too_long };
class LineFinder {
 public:
  // `buffer` holds the same bytes as at the call before, and perhaps more behind them.
  LineStatus find(std::string_view buffer, std::size_t max_octets);
  std::size_t octets() const { return octets_; }  // of the line found, CRLF included
  void restart() { scanned_ = 0; }

 private:
  std::size_t scanned_ = 0, octets_ = 0;
};

struct Parameter {
  std::string key;  // upper case
  std::optional<std::string_view> value;
};

struct PathArgument {
  std::string_view address;  // without angle brackets and source route; "" for <>
  std::vector<Parameter> parameters;
};

enum class PathError { no_keyword, no_address, bad_path, bad_parameters };

// "FROM:<a@b> SIZE=1" with keyword "FROM:". Angle brackets may be missing, as SES allows; blanks may follow
// the colon. At most 20 parameters.
base::Result<PathArgument, PathError> parse_path(std::string_view args, std::string_view keyword);

// What stands after the keyword up to the first blank, for naming it in a refusal: printable ASCII, 256
// octets.
std::string path_for_reply(std::string_view args);

std::optional<std::uint64_t> parse_size(std::string_view digits);  // 1 to 19 digits

struct Chunk {
  std::uint64_t octets = 0;
  bool last = false;
};
std::optional<Chunk> parse_bdat(std::string_view args);  // RFC 3030 §2

// True if the text may stand between < and > of a command: no control characters, at most 1000 octets.
bool safe_address(std::string_view address);

// A base64 answer of the AUTH dialogue; "=" is the empty one (RFC 4954 §4).
std::optional<std::string> decode_auth(std::string_view text);

struct PlainCredentials {
  std::string authorize_as, user, password;
};
std::optional<PlainCredentials> parse_plain(std::string_view decoded);         // RFC 4616
std::string plain_response(std::string_view user, std::string_view password);  // base64

Capabilities parse_capabilities(const Reply& ehlo);

}  // namespace smtp
