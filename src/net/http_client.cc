#include "net/http_client.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>

#include "base/encoding.h"
#include "net/address_guard.h"
#include "net/http_response_parser.h"
#include "net/stream.h"

namespace net {
namespace {

using Outcome = base::Result<HttpAnswer, std::string>;
using base::Failure;

constexpr std::size_t kRead = 16 << 10;
constexpr std::size_t kMostAddresses = 8;

std::string head_of(const HttpCall& call) {
  std::string out = call.method + " " + call.target + " HTTP/1.1\r\nHost: " + call.site.authority() + "\r\n";
  for (const auto& [name, value] : call.headers)
    if (!base::iequals(name, "Host") && !base::iequals(name, "Content-Length"))
      out += name + ": " + value + "\r\n";
  if (call.body || call.method == "POST" || call.method == "PUT")
    out += "Content-Length: " + std::to_string(call.body ? call.body->size() : 0) + "\r\n";
  return out + "\r\n";
}

// Nothing a caller gives may begin another line of the head.
bool is_sound(const HttpCall& call) {
  auto clean = [](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
  };
  bool sound = clean(call.method) && clean(call.target) && call.target.find(' ') == std::string::npos;
  for (const auto& [name, value] : call.headers) sound = sound && clean(name) && clean(value);
  return sound;
}

// A large body may take longer than all other calls.
std::chrono::milliseconds time_for(const HttpCall& call, const HttpClientOptions& options) {
  if (!call.body || options.least_rate == 0) return {};
  return std::chrono::milliseconds(call.body->size() * 1000 / options.least_rate);
}

std::string told(const char* step, const IoResult& result) {
  std::string out = std::string(step) + ": " + std::string(to_string(result.error));
  if (!result.detail.empty()) out += " (" + result.detail + ")";
  return out;
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const auto& [held, value] : headers)
    if (base::iequals(held, name)) return value;
  return {};
}

struct HttpClient::Impl {
  Resolver& resolver;
  const TlsClientContext& tls;
  const HttpClientOptions options;

  struct Idle {
    StreamPtr stream;
    Deadline since;
  };
  // What is idle belongs to the loop it was opened on; the mutex guards the maps alone.
  std::mutex mutex;
  std::map<std::pair<Loop*, HttpSite>, std::vector<Idle>> idle;

  // Those of this loop that are too old, whatever their site; under the lock.
  std::vector<Idle> take_stale();
  StreamPtr take_idle(const HttpSite& site);
  void keep(const HttpSite& site, StreamPtr stream);
  static base::Task<base::Result<StreamPtr, std::string>> open(std::shared_ptr<Impl> self, HttpSite site,
                                                               Deadline deadline);
  static base::Task<base::Result<std::vector<std::string>, std::string>> addresses(std::shared_ptr<Impl> self,
                                                                                   HttpSite site);
  // Sets `heard` once some of an answer is there.
  static base::Task<Outcome> exchange(std::shared_ptr<Impl> self, const HttpCall* call, StreamPtr* stream,
                                      Deadline deadline, bool* heard);
};

std::vector<HttpClient::Impl::Idle> HttpClient::Impl::take_stale() {
  const auto oldest = Steady::now() - options.idle_time;
  std::vector<Idle> stale;
  for (auto at = idle.begin(); at != idle.end();) {
    auto& kept = at->second;
    if (at->first.first == Loop::current()) {  // the oldest come first
      const auto good =
          std::find_if(kept.begin(), kept.end(), [&](const Idle& one) { return one.since > oldest; });
      std::move(kept.begin(), good, std::back_inserter(stale));
      kept.erase(kept.begin(), good);
    }
    at = kept.empty() ? idle.erase(at) : std::next(at);
  }
  return stale;
}

StreamPtr HttpClient::Impl::take_idle(const HttpSite& site) {
  std::vector<Idle> stale;  // closed outside the lock
  std::lock_guard lock(mutex);
  stale = take_stale();
  auto found = idle.find({Loop::current(), site});
  if (found == idle.end()) return nullptr;
  auto& kept = found->second;
  StreamPtr out;
  while (!kept.empty() && !out) {
    auto last = std::move(kept.back());
    kept.pop_back();
    if (last.stream->peer_has_closed())
      stale.push_back(std::move(last));
    else
      out = std::move(last.stream);
  }
  if (kept.empty()) idle.erase(found);
  return out;
}

void HttpClient::Impl::keep(const HttpSite& site, StreamPtr stream) {
  std::lock_guard lock(mutex);
  auto& kept = idle[{Loop::current(), site}];
  if (kept.size() < options.idle_per_site) kept.push_back({std::move(stream), Steady::now()});
}

base::Task<base::Result<std::vector<std::string>, std::string>> HttpClient::Impl::addresses(
    std::shared_ptr<Impl> self, HttpSite site) {
  std::vector<std::string> found;
  if (is_ip_address(site.host)) {
    found.push_back(site.host);
  } else {
    for (auto type : {DnsType::a, DnsType::aaaa}) {
      auto asking = self->resolver.query(site.host, type);
      auto answer = co_await asking;
      for (auto& record : answer.records) found.push_back(std::move(record.value));
    }
    if (found.empty()) co_return Failure{"no address of " + site.host + " is known"};
  }
  // The address that was checked is the one that is connected to: no second look-up in between.
  if (!site.trusted) std::erase_if(found, [](const std::string& a) { return !is_public_address(a); });
  if (found.empty()) co_return Failure{site.host + " leads to no public address"};
  if (found.size() > kMostAddresses) found.resize(kMostAddresses);
  co_return found;
}

base::Task<base::Result<StreamPtr, std::string>> HttpClient::Impl::open(std::shared_ptr<Impl> self,
                                                                        HttpSite site, Deadline deadline) {
  auto looking = addresses(self, site);
  auto found = co_await looking;
  if (!found) co_return Failure{found.error()};
  std::string why;
  for (const auto& address : *found) {
    auto connecting =
        connect({address, site.port}, std::min(deadline, Steady::now() + self->options.connect_timeout));
    auto stream = co_await connecting;
    if (!stream) {
      why = told("connect", stream.error());
      continue;
    }
    if (!site.tls) co_return std::move(*stream);
    auto shaking = (*stream)->start_tls_client(self->tls, site.host, deadline);
    auto shaken = co_await shaking;
    if (shaken.ok()) co_return std::move(*stream);
    why = told("TLS", shaken);
  }
  co_return Failure{why};
}

base::Task<Outcome> HttpClient::Impl::exchange(std::shared_ptr<Impl> self, const HttpCall* call,
                                               StreamPtr* stream, Deadline deadline, bool* heard) {
  const auto head = head_of(*call);
  const std::string_view parts[] = {head, call->body ? std::string_view(*call->body) : std::string_view()};
  auto writing = (*stream)->write(std::span<const std::string_view>(parts, call->body ? 2 : 1), deadline);
  auto written = co_await writing;
  if (!written.ok()) co_return Failure{told("send", written)};
  HttpResponseParser parser(self->options.max_head, self->options.max_body, call->method == "HEAD");
  std::vector<char> buffer(kRead);
  while (!parser.done()) {
    auto reading = (*stream)->read_some(buffer, deadline);
    auto read = co_await reading;
    *heard = *heard || read.bytes > 0;
    if (read.error == IoError::eof) parser.end_of_stream();
    if (!read.ok() && !parser.done()) co_return Failure{told("receive", read)};
    if (read.ok() && !parser.put({buffer.data(), read.bytes}))
      co_return Failure{"bad answer: " + parser.why()};
  }
  const bool reusable = parser.keep_alive();
  auto answer = parser.take();
  if (answer.status >= 100 && answer.status < 200) co_return Failure{std::string("an interim answer")};
  if (reusable) self->keep(call->site, std::move(*stream));
  co_return answer;
}

HttpClient::HttpClient(Resolver& resolver, const TlsClientContext& tls, HttpClientOptions options)
    : impl_(new Impl{resolver, tls, options, {}, {}}) {}
HttpClient::~HttpClient() = default;

base::Task<Outcome> HttpClient::call(HttpCall call) {
  auto self = impl_;
  if (!is_sound(call)) co_return Failure{std::string("the request is malformed")};
  const auto deadline =
      Steady::now() + call.timeout.value_or(self->options.call_timeout) + time_for(call, self->options);
  bool heard = false;
  auto stream = self->take_idle(call.site);
  if (stream) {
    auto again = Impl::exchange(self, &call, &stream, deadline, &heard);
    auto answer = co_await again;
    // A kept connection may have been closed under our hands; a new one tells. Whoever began to answer has
    // done what was asked for, and may not be asked twice (RFC 9110 §9.2.2).
    if (answer || heard || Steady::now() >= deadline) co_return answer;
  }
  auto opening = Impl::open(self, call.site, deadline);
  auto opened = co_await opening;
  if (!opened) co_return Failure{opened.error()};
  stream = std::move(*opened);
  auto exchanging = Impl::exchange(self, &call, &stream, deadline, &heard);
  co_return co_await exchanging;
}

}  // namespace net
