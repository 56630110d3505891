#include "net/http_connection.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "net/http_message.h"

namespace net {
namespace {

using base::Task;
using namespace std::chrono_literals;

constexpr std::size_t kBodyStep = 64 << 10;  // memory is touched only as the bytes come
constexpr std::size_t kChunkBuffer = 32 << 10;
constexpr std::size_t kParserPadding = 64;  // a JSON body is then parsed where it lies
constexpr auto kRateGrace = 5s;             // a body's rate counts from here
constexpr auto kHoldStep = 200ms;
constexpr auto kLingerTime = 2s;
constexpr std::size_t kLingerBytes = 64u << 20;

Deadline in(std::chrono::milliseconds time) { return Steady::now() + time; }

}  // namespace

HttpConnection::HttpConnection(HttpShared& shared, StreamPtr stream)
    : shared_(shared), stream_(std::move(stream)), parser_(shared.options.max_head_bytes) {}

HttpConnection::Verdict HttpConnection::after(const IoResult& failed) {
  return failed.error == IoError::timeout ? refuse(408) : Verdict{Verdict::hang_up, 0};
}

void HttpConnection::drain() {
  if (idle_) stream_->close();
}

Task<void> HttpConnection::run() {
  if (shared_.options.tls) {
    auto handshake = stream_->start_tls_server(*shared_.options.tls, in(shared_.options.head_timeout));
    auto shook = co_await handshake;
    if (!shook.ok()) {
      base::log_debug("TLS handshake with {} failed: {}", stream_->peer().text(), shook.detail);
      co_return;
    }
  }
  for (bool more = true; more; first_ = false) {
    auto serving = serve_one();
    more = co_await serving;
  }
  auto ending = stream_->shutdown(in(kLingerTime));
  co_await ending;
  auto lingering = linger();
  co_await lingering;
}

// What the client still sends is read for a while: closing with it unread would reset the connection and
// could take the answer with it (RFC 9112 §9.6).
Task<void> HttpConnection::linger() {
  std::size_t read = 0;
  auto deadline = in(kLingerTime);
  while (read < kLingerBytes) {
    buffer_.consume(buffer_.size());
    auto reading = stream_->read_some(buffer_.room(kChunkBuffer), deadline);
    auto got = co_await reading;
    if (!got.ok()) co_return;
    read += got.bytes;
  }
}

void HttpConnection::fill_in(HttpRequest& request) const {
  request.peer = stream_->peer();
  if (auto* tls = stream_->tls()) request.tls_version = tls->version;
}

Task<bool> HttpConnection::serve_one() {
  auto heading = read_head();
  auto verdict = co_await heading;
  if (verdict.kind == Verdict::hang_up) {
    stream_->close();
    co_return false;
  }
  if (verdict.kind == Verdict::refuse) {
    auto sending = send(plain_response(verdict.status), false, false);
    co_await sending;
    co_return false;
  }
  HttpRequest request = std::move(parser_.request());
  fill_in(request);
  bool head_only = request.method == "HEAD";
  bool keep = parser_.keep_alive();
  HttpResponse response;
  {
    ByteBudget::Share share(*shared_.budget);
    if (parser_.chunked() || parser_.content_length() > 0) {
      auto& limit_of = shared_.options.body_limit;
      auto limit = limit_of ? limit_of(request) : base::limits::kHttpBodyOther;
      auto reading = read_body(&request, &share, limit);
      verdict = co_await reading;
    }
    if (verdict.kind == Verdict::hang_up) {
      stream_->close();
      co_return false;
    }
    if (verdict.kind == Verdict::proceed) {
      auto handling = handle(std::move(request));
      response = co_await handling;
    }
  }
  if (verdict.kind == Verdict::refuse) {
    keep = false;
    request.body.clear();
    auto& own_words = shared_.options.too_large;
    response = verdict.status == 413 && own_words ? own_words(request) : plain_response(verdict.status);
  }
  if (response.held_back.count() > 0) {
    auto holding = hold(response.held_back);
    co_await holding;
  }
  response.keep.reset();
  auto sending = send(std::move(response), keep, head_only);
  co_return co_await sending;
}

// In small steps, so that a stop need not wait.
Task<void> HttpConnection::hold(std::chrono::milliseconds time) {
  const auto end = in(time);
  while (!shared_.draining && Steady::now() < end) {
    auto sleeping = stream_->loop().sleep_for(std::min<Steady::duration>(end - Steady::now(), kHoldStep));
    co_await sleeping;
  }
}

Task<HttpConnection::Verdict> HttpConnection::read_head() {
  bool begun = !buffer_.empty();
  auto deadline = in(first_ || begun ? shared_.options.head_timeout : shared_.options.idle_timeout);
  for (;;) {
    if (!buffer_.empty()) {
      auto step = parser_.head(buffer_.view());
      if (step.kind == HttpParser::Step::refused) co_return refuse(step.status);
      buffer_.consume(step.consumed);
      if (step.kind == HttpParser::Step::done) co_return Verdict{};
    } else {
      buffer_.shrink();
      if (shared_.draining) co_return Verdict{Verdict::hang_up, 0};
      idle_ = true;
    }
    auto reading = stream_->read_some(buffer_.room(shared_.options.max_head_bytes), deadline);
    auto got = co_await reading;
    idle_ = false;
    // An idle connection is just closed; a head that does not come to its end is told so.
    if (!got.ok()) co_return begun ? after(got) : Verdict{Verdict::hang_up, 0};
    buffer_.filled(got.bytes);
    if (!begun && !first_) deadline = in(shared_.options.head_timeout);
    begun = true;
  }
}

Task<HttpConnection::Verdict> HttpConnection::say_continue() {
  // RFC 9110 §10.1.1: not if the body has begun to come anyway.
  if (!parser_.expects_continue() || !buffer_.empty()) co_return Verdict{};
  auto writing = stream_->write("HTTP/1.1 100 Continue\r\n\r\n", in(shared_.options.write_timeout));
  auto wrote = co_await writing;
  co_return wrote.ok() ? Verdict{} : Verdict{Verdict::hang_up, 0};
}

Task<HttpConnection::Verdict> HttpConnection::read_body(HttpRequest* request, ByteBudget::Share* share,
                                                        std::size_t limit) {
  auto size = parser_.content_length();
  if (size > limit) co_return refuse(413);
  // What a head announces is believed once something of it has come: announcing costs nothing.
  auto first_share = parser_.chunked() ? std::min(limit, kBodyStep) : std::min(size, ByteBudget::kSmall);
  auto growing = share->grow_to(first_share, in(shared_.options.budget_timeout));
  bool granted = co_await growing;
  if (!granted) co_return refuse(503);
  auto continuing = say_continue();
  auto verdict = co_await continuing;
  if (verdict.kind != Verdict::proceed) co_return verdict;
  auto reading =
      parser_.chunked() ? read_chunks(&request->body, share, limit) : read_sized(&request->body, share, size);
  co_return co_await reading;
}

// Whichever comes first: the next piece's time is up, or the average falls below the least rate.
Deadline HttpConnection::body_deadline(Deadline began, std::size_t received) const {
  auto piece = in(shared_.options.body_timeout);
  if (shared_.options.min_body_rate == 0) return piece;
  auto rate = static_cast<double>(received) / static_cast<double>(shared_.options.min_body_rate);
  auto allowed =
      std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(std::min(rate, 1e6)));
  return std::min(piece, began + kRateGrace + allowed);
}

Task<HttpConnection::Verdict> HttpConnection::read_sized(std::string* body, ByteBudget::Share* share,
                                                         std::size_t size) {
  body->reserve(size + kParserPadding);
  auto ready = std::min(size, buffer_.size());
  body->append(buffer_.view().substr(0, ready));
  buffer_.consume(ready);
  auto began = Steady::now();
  while (body->size() < size) {
    auto have = body->size();
    if (have == share->held()) {
      auto asked = Steady::now();
      auto growing = share->grow_to(size, in(shared_.options.budget_timeout));
      bool granted = co_await growing;
      if (!granted) co_return refuse(503);
      began += Steady::now() - asked;  // the wait was not the client's
    }
    body->resize(have + std::min({size - have, share->held() - have, kBodyStep}));
    auto reading = stream_->read_some(std::span(*body).subspan(have), body_deadline(began, have));
    auto got = co_await reading;
    body->resize(have + got.bytes);
    if (!got.ok()) co_return after(got);
  }
  co_return Verdict{};
}

Task<HttpConnection::Verdict> HttpConnection::read_chunks(std::string* body, ByteBudget::Share* share,
                                                          std::size_t limit) {
  auto began = Steady::now();
  for (;;) {
    auto need = std::min(limit, body->size() + buffer_.size());
    if (need > share->held()) {
      auto asked = Steady::now();
      auto growing =
          share->grow_to(std::max(need, share->held() + kBodyStep), in(shared_.options.budget_timeout));
      bool granted = co_await growing;
      if (!granted) co_return refuse(503);
      began += Steady::now() - asked;  // the wait was not the client's
    }
    auto step = parser_.chunks(buffer_.view(), *body, limit);
    buffer_.consume(step.consumed);
    if (step.kind == HttpParser::Step::refused) co_return refuse(step.status);
    if (step.kind == HttpParser::Step::done) co_return Verdict{};
    auto reading = stream_->read_some(buffer_.room(kChunkBuffer), body_deadline(began, body->size()));
    auto got = co_await reading;
    if (!got.ok()) co_return after(got);
    buffer_.filled(got.bytes);
  }
}

Task<HttpResponse> HttpConnection::handle(HttpRequest request) {
  try {
    auto handling = shared_.handler(std::move(request));
    co_return co_await handling;
  } catch (const std::exception& e) {
    base::log_error("an HTTP handler ended by an exception: {}", e.what());
  } catch (...) {
    base::log_error("an HTTP handler ended by an exception of unknown type");
  }
  co_return plain_response(500);
}

Task<bool> HttpConnection::send(HttpResponse response, bool keep, bool without_body) {
  keep = keep && !response.close && !shared_.draining;
  out_.clear();
  append_head(response, {keep, keep && !parser_.http11()}, out_);
  bool body = !without_body && status_has_body(response.status);
  std::string_view parts[] = {out_, body ? std::string_view(response.body) : std::string_view()};
  auto writing = stream_->write(parts, in(shared_.options.write_timeout));
  auto wrote = co_await writing;
  if (out_.capacity() > 1024) std::string().swap(out_);
  if (!wrote.ok()) stream_->close();
  co_return keep&& wrote.ok();
}

}  // namespace net
