#include "net/http_parser.h"

#include <cstring>
#include <limits>
#include <optional>

#include "base/encoding.h"
#include "net/asio.h"

#include <boost/beast/http/basic_parser.hpp>

namespace net {
namespace {

namespace http = boost::beast::http;
using Error = boost::beast::error_code;

constexpr std::size_t kMaxHeaders = 256;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// RFC 3986 §3.2.2, loosely: nothing that could be taken for another part of a URI.
bool is_host(std::string_view text) {
  for (unsigned char c : text) {
    if (c <= ' ' || c >= 0x7f || std::strchr("/?#@\\\"<>^`{|}", c)) return false;
  }
  return true;
}

struct Message final : http::basic_parser<true> {
  HttpRequest request;
  int version = 11;
  bool ambiguous = false, expects_continue = false, expects_other = false;
  unsigned hosts = 0, codings = 0;
  bool coding_is_chunked = false;

  void note_field(http::field field, std::string_view value) {
    switch (field) {
      case http::field::host:
        ++hosts;
        ambiguous |= !is_host(value);
        break;
      case http::field::content_length:
        ambiguous |= !is_digits(value);  // Beast takes "5, 5" too
        break;
      case http::field::transfer_encoding:
        ++codings;
        coding_is_chunked = base::iequals(value, "chunked");
        break;
      case http::field::expect:
        (base::iequals(value, "100-continue") ? expects_continue : expects_other) = true;
        break;
      default:
        break;
    }
  }

  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int v,
                       Error&) override {
    request.method = view(method);
    request.target = view(target);
    version = v;
  }
  void on_response_impl(int, boost::beast::string_view, int, Error&) override {}
  void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                     Error& error) override {
    if (request.headers.size() == kMaxHeaders) {
      error = http::error::header_limit;
      return;
    }
    request.headers.emplace_back(view(name), view(value));
    note_field(field, view(value));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) override {}
  std::size_t on_body_impl(boost::beast::string_view bytes, Error&) override { return bytes.size(); }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes, Error&) override {
    return bytes.size();
  }
  void on_finish_impl(Error&) override {}
};

// RFC 9112 §3.2.2: an absolute-form target names this server; the path is what counts. "" if it is none.
std::string origin_form(std::string_view target) {
  auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return {};
  auto name = base::ascii_lower(target.substr(0, scheme));
  if (name != "http" && name != "https") return {};
  auto rest = target.substr(scheme + 3);
  auto end = rest.find_first_of("/?");
  if (rest.empty() || end == 0 || !is_host(rest.substr(0, end))) return {};
  if (end == std::string_view::npos) return "/";
  return rest[end] == '?' ? "/" + std::string(rest.substr(end)) : std::string(rest.substr(end));
}

// Where the empty line that ends the head ends, from `from` on (the start of a line); 0: not yet there. A
// line that ends in a bare LF, or a folded one, sets `bad`.
std::size_t head_end(std::string_view bytes, std::size_t& from, bool& bad) {
  while (from < bytes.size()) {
    auto* start = bytes.data() + from;
    auto* lf = static_cast<const char*>(std::memchr(start, '\n', bytes.size() - from));
    if (*start == ' ' || *start == '\t') bad = true;  // RFC 9112 §5.2, and §2.2 for the first line
    if (!lf || bad) return 0;
    if (lf == start || lf[-1] != '\r') {
      bad = true;
      return 0;
    }
    from = static_cast<std::size_t>(lf - bytes.data()) + 1;
    if (lf == start + 1) return from;
  }
  return 0;
}

int status_of(const Error& error) {
  if (error == http::error::header_limit) return 431;
  return 400;
}

// RFC 9112 §2.3: a well-formed line of another major version is told so.
bool other_version(std::string_view head) {
  auto line = head.substr(0, head.find('\r'));
  auto at = line.rfind(" HTTP/");
  if (at == std::string_view::npos) return false;
  auto version = line.substr(at + 6);
  return version.size() == 3 && version[1] == '.' && version[0] >= '2' && version[0] <= '9' &&
         version[2] >= '0' && version[2] <= '9';
}

}  // namespace

struct HttpParser::Beast {
  std::optional<Message> message;
};

HttpParser::HttpParser(std::size_t max_head_bytes)
    : max_head_(std::min<std::size_t>(max_head_bytes, 16u << 20)), beast_(std::make_unique<Beast>()) {}
HttpParser::~HttpParser() = default;

HttpParser::Step HttpParser::head(std::string_view bytes) {
  // RFC 9112 §2.2: an empty line before a request is forgiven (one, of a client that ends its body with one
  // more).
  std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
  if (bytes == "\r") return {};
  bool bad = false;
  if (scanned_ < skipped) scanned_ = skipped;
  auto end = head_end(bytes, scanned_, bad);
  if (bad) return {Step::refused, 0, 400};
  if (end > max_head_ || (end == 0 && bytes.size() >= max_head_)) return {Step::refused, 0, 431};
  if (end == 0) return {};
  scanned_ = 0;
  return parse(bytes.substr(skipped, end - skipped), skipped);
}

HttpParser::Step HttpParser::parse(std::string_view head, std::size_t skipped) {
  if (std::memchr(head.data(), 0, head.size())) return {Step::refused, 0, 400};
  auto& message = beast_->message.emplace();
  chunks_ = {};
  message.header_limit(static_cast<std::uint32_t>(head.size() + 1));
  message.body_limit(boost::none);
  Error error;
  auto used = message.put({head.data(), head.size()}, error);
  if (error == http::error::bad_version && other_version(head)) return {Step::refused, 0, 505};
  if (error) return {Step::refused, 0, status_of(error)};
  if (used != head.size() || !message.is_header_done()) return {Step::refused, 0, 400};
  if (message.request.target.front() != '/') {
    auto reduced = origin_form(message.request.target);
    if (!reduced.empty()) message.request.target = std::move(reduced);
  }
  if (int status = check()) return {Step::refused, 0, status};
  return {Step::done, skipped + used, 0};
}

int HttpParser::check() const {
  auto& m = *beast_->message;
  auto& target = m.request.target;
  bool asterisk = target == "*" && m.request.method == "OPTIONS";
  if (!asterisk && !target.starts_with('/')) return 400;
  if (target.find('#') != std::string::npos || m.ambiguous) return 400;
  if (m.hosts > 1 || (m.hosts == 0 && m.version == 11)) return 400;  // RFC 9112 §3.2
  // RFC 9112 §6.1: only the coding every server must know, once, and never in HTTP/1.0 or beside a length
  // (which Beast refuses).
  if (m.codings > 1 || (m.codings == 1 && (!m.coding_is_chunked || m.version < 11))) return 400;
  if (m.content_length() && *m.content_length() > std::numeric_limits<std::int64_t>::max()) return 413;
  if (m.expects_other) return 417;
  return 0;
}

HttpRequest& HttpParser::request() { return beast_->message->request; }
bool HttpParser::http11() const { return beast_->message->version == 11; }
bool HttpParser::keep_alive() const { return beast_->message->keep_alive(); }
bool HttpParser::chunked() const { return beast_->message->chunked(); }
bool HttpParser::expects_continue() const { return beast_->message->expects_continue && http11(); }

std::size_t HttpParser::content_length() const {
  auto length = beast_->message->content_length();
  return length ? *length : 0;
}

HttpParser::Step HttpParser::chunks(std::string_view bytes, std::string& body, std::size_t body_limit) {
  auto used = chunks_.decode(bytes, body, body_limit);
  if (chunks_.refused()) return {Step::refused, used, chunks_.refused()};
  return {chunks_.done() ? Step::done : Step::more, used, 0};
}

}  // namespace net
