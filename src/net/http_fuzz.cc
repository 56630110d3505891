// Any bytes, cut into pieces as the first byte says: no crash, and the pieces make no difference.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "net/http_parser.h"

namespace {

using net::HttpParser;

struct Seen {
  std::vector<std::string> requests;
  int refused = 0;
  bool operator==(const Seen&) const = default;
};

constexpr std::size_t kMaxHead = 4096, kMaxBody = 8192;

// What a connection does, with at most `piece` new bytes at a time.
Seen read_all(std::string_view input, std::size_t piece) {
  Seen seen;
  HttpParser parser(kMaxHead);
  std::string body;
  bool in_head = true;
  std::size_t begin = 0, end = 0, wanted = 0;
  while (seen.requests.size() < 64) {
    auto window = input.substr(begin, end - begin);
    HttpParser::Step step;
    if (in_head) {
      step = window.empty() ? HttpParser::Step{} : parser.head(window);
    } else if (parser.chunked()) {
      step = parser.chunks(window, body, kMaxBody);
    } else {
      step.consumed = std::min(wanted - body.size(), window.size());
      body += window.substr(0, step.consumed);
      if (body.size() == wanted) step.kind = HttpParser::Step::done;
    }
    if (step.consumed > window.size()) std::abort();
    if (step.kind == HttpParser::Step::refused) {
      seen.refused = step.status;
      return seen;
    }
    begin += step.consumed;
    if (step.kind == HttpParser::Step::more) {
      if (end == input.size()) return seen;
      end = std::min(input.size(), end + piece);
      continue;
    }
    if (in_head) {
      body.clear();
      wanted = parser.content_length();
      if (wanted > kMaxBody) return seen;
    }
    bool has_body = parser.chunked() || wanted > 0;
    if (in_head && has_body) {
      in_head = false;
      continue;
    }
    auto& request = parser.request();
    if (request.target.empty() || body.size() > kMaxBody) std::abort();
    seen.requests.push_back(request.method + " " + request.target + " " + body);
    in_head = true;
    body.clear();
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto whole = read_all(input, input.size() + 1);
  auto pieces = read_all(input, 1 + data[0] % 32);
  // Which limit is met first may depend on the pieces; what is taken may not.
  if (whole.requests != pieces.requests || (whole.refused == 0) != (pieces.refused == 0)) std::abort();
  return 0;
}
