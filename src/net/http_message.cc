#include "net/http_message.h"

#include <ctime>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"

namespace net {
namespace {

// The Date field's value, made once a second and thread.
std::string_view date_now() {
  thread_local std::time_t made_for = -1;
  thread_local std::string text;
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != made_for) {
    made_for = now.tv_sec;
    text = base::http_date(base::from_millis(static_cast<std::int64_t>(now.tv_sec) * 1000));
  }
  return text;
}

bool is_ours(std::string_view name) {
  for (auto ours : {"Content-Length", "Connection", "Date", "Transfer-Encoding"}) {
    if (base::iequals(name, ours)) return true;
  }
  return false;
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

}  // namespace

std::string_view http_reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(const HttpResponse& response, ResponseFraming framing, std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += http_reason(response.status);
  out += "\r\nDate: ";
  out += date_now();
  for (auto& [name, value] : response.headers) {
    if (is_ours(name)) continue;
    if (name.empty() || breaks_line(name) || breaks_line(value)) {
      base::log_error("a response header field was dropped: it holds a line break");
      continue;
    }
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  if (status_has_body(response.status)) {
    out += "\r\nContent-Length: ";
    out += std::to_string(response.body.size());
  }
  if (!framing.keep_alive) {
    out += "\r\nConnection: close";
  } else if (framing.say_keep_alive) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n\r\n";
}

HttpResponse plain_response(int status) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/plain");
  response.body = std::string(http_reason(status)) + "\n";
  return response;
}

std::string_view HttpRequest::header(std::string_view name) const {
  for (auto& [key, value] : headers) {
    if (base::iequals(key, name)) return value;
  }
  return {};
}

bool HttpRequest::has_header(std::string_view name) const {
  for (auto& field : headers) {
    if (base::iequals(field.first, name)) return true;
  }
  return false;
}

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view HttpRequest::query() const {
  auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

}  // namespace net
