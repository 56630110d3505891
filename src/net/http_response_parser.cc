#include "net/http_response_parser.h"

#include "net/asio.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace net {
namespace {

namespace http = boost::beast::http;

}  // namespace

struct HttpResponseParser::Beast {
  http::response_parser<http::string_body> parser;
};

HttpResponseParser::HttpResponseParser(std::size_t max_head_bytes, std::size_t max_body_bytes,
                                       bool head_request)
    : beast_(std::make_unique<Beast>()), max_waiting_(max_head_bytes) {
  beast_->parser.header_limit(static_cast<std::uint32_t>(max_head_bytes));
  beast_->parser.body_limit(max_body_bytes);
  beast_->parser.eager(true);
  beast_->parser.skip(head_request);
}
HttpResponseParser::~HttpResponseParser() = default;

bool HttpResponseParser::put(std::string_view bytes) {
  auto& parser = beast_->parser;
  waiting_.append(bytes);
  while (!waiting_.empty() && !parser.is_done()) {
    boost::beast::error_code error;
    auto used = parser.put(boost::asio::buffer(waiting_), error);
    waiting_.erase(0, used);
    if (error && error != http::error::need_more) {
      why_ = error.message();
      return false;
    }
    if (error || used == 0) break;
  }
  // Beast bounds heads and bodies, but not the line before a chunk.
  if (waiting_.size() <= max_waiting_) return true;
  why_ = "a line is too long";
  return false;
}

void HttpResponseParser::end_of_stream() {
  if (!beast_->parser.got_some() || beast_->parser.is_done()) return;
  boost::beast::error_code error;
  beast_->parser.put_eof(error);
  if (error) why_ = error.message();
}

bool HttpResponseParser::done() const { return beast_->parser.is_done(); }
bool HttpResponseParser::keep_alive() const { return beast_->parser.keep_alive() && waiting_.empty(); }

HttpAnswer HttpResponseParser::take() {
  auto message = beast_->parser.release();
  HttpAnswer out;
  out.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    out.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  out.body = std::move(message.body());
  return out;
}

}  // namespace net
