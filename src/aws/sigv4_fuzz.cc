// Any request: its Authorization header or presigned query parses or is refused in words a reply can carry; a
// claim nobody could prove is never proven; what we sign ourselves is let in, and the canonical forms stand
// still when made again. Lines of the input: method, target, headers as "name: value", an empty line, the
// body.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/encoding.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Request {
  std::string method, target, body;
  std::vector<aws::HeaderPair> headers;
  aws::SignedRequest view() const { return {method, target, headers, body}; }
};

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

Request request_of(std::string_view text) {
  Request request;
  request.method = take_line(text);
  request.target = take_line(text);
  while (!text.empty() && request.headers.size() < 256) {
    const auto line = take_line(text);
    if (line.empty()) break;
    const auto colon = std::min(line.find(':'), line.size());
    if (line.substr(0, colon).find_first_of("()<>@,;:\\\"/[]?={} \t\r") != line.npos)
      continue;  // no HTTP name
    request.headers.emplace_back(line.substr(0, colon),
                                 base::trim(line.substr(std::min(colon + 1, line.size()))));
  }
  request.body = text;
  return request;
}

void check_words(const base::Fault& fault) {
  require(fault.message().size() < 4096);
  for (char c : fault.message()) require(c >= ' ' && c <= '~');
}

void check_forms(const Request& request) {
  const auto target = aws::split_target(request.target);
  const auto path = aws::canonical_path(target.path);
  require(path.starts_with('/') && path.find("//") == std::string::npos);
  const auto query = aws::canonical_query(target.query, false);
  require(aws::canonical_query(query, false) == query);
  for (const auto& [name, value] : request.headers) {
    std::string line;
    require(aws::append_canonical_header(line, request.view(), base::ascii_lower(name)));
    require(line.ends_with('\n'));
  }
}

void check_claim(const Request& request, base::WallTime now, aws::SigningKeyCache& keys) {
  const auto claim = aws::parse_authorization(request.view(), aws::Wording::v2);
  if (!claim.ok()) return check_words(claim.error());
  const aws::ExpectedScope scope{claim->service, {}};
  const auto fault = aws::verify(*claim, request.view(), "a secret that made no seed", scope, now, keys);
  require(fault.has_value());
  check_words(*fault);
}

// Signed by us, over whatever was there.
void check_round_trip(Request request, base::WallTime now, aws::SigningKeyCache& keys) {
  std::erase_if(request.headers, [](const aws::HeaderPair& header) {
    const auto name = base::ascii_lower(header.first);
    return name == "host" || name == "authorization" || name == "content-type" || name.starts_with("x-amz");
  });
  request.headers.emplace_back("Host", "example.com");
  for (auto& header : aws::sign(request.view(), {"AKIDEXAMPLE", "secret", {}}, "us-east-1", "ses", now))
    request.headers.push_back(std::move(header));
  const auto claim = aws::parse_authorization(request.view(), aws::Wording::v1);
  if (!claim.ok()) return check_words(claim.error());  // signature versions 2 and 3 in the query or the body
  const auto fault = aws::verify(*claim, request.view(), "secret", {"ses", {}}, now, keys);
  require(!fault.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static aws::SigningKeyCache keys(16);
  const auto request = request_of({reinterpret_cast<const char*>(data), size});
  const auto now = *base::parse_time("20150830T123600Z");
  check_forms(request);
  check_claim(request, now, keys);
  check_round_trip(request, now, keys);
  return 0;
}
