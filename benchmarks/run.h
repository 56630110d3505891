// Run: what all clients of one source share: the numbers still to be sent, the report, the log of what was
// acknowledged. One thread. A client takes a number, tells how it ended, and takes the next.
#pragma once

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/latency.h"
#include "benchmarks/mail_text.h"
#include "benchmarks/poller.h"

namespace load {

struct Run {
  Poller poller;
  MailPlan plan;
  std::string host;
  std::uint16_t port = 0;
  std::int64_t count = 0;    // numbers 0 .. count-1
  std::int64_t stop_ns = 0;  // no new ones after this moment; 0: no limit
  bool persist = false;      // connect again after a failure instead of giving up
  std::int64_t next = 0;
  std::FILE* acknowledged_log = nullptr;
  Report report;

  std::optional<std::int64_t> take();
  // `remote_id`: what the server called the mail, if it said so.
  void acknowledged(std::int64_t number, std::int64_t started_ns, std::string_view remote_id);
  // The next `n` numbers, for one call; fewer at the end.
  std::int64_t take_more(std::int64_t n) {
    auto more = std::min(n, count - next);
    next += more;
    return more;
  }
  void failed(std::string what) {
    ++report.failed;
    report.fault(std::move(what));
  }
  // The connection broke after the mail was sent and before the answer.
  void in_doubt(std::string what) {
    ++report.in_doubt;
    report.fault(std::move(what));
  }
  bool stopped() const { return next >= count || (stop_ns != 0 && now_ns() >= stop_ns); }
};

class Client : public Ready {
 public:
  virtual void start() = 0;
  virtual bool finished() const = 0;
  virtual void tick() {}  // every few milliseconds: connects again when it is time
};

struct SmtpOptions {
  std::string user, password;       // AUTH PLAIN when given
  std::int64_t per_connection = 0;  // mails on one connection; 0: no end
};

struct ApiOptions {
  std::string key_id, secret, region;
  bool raw = false;  // Raw content instead of Simple
  bool sign = true;
  std::int64_t bulk = 0;  // SendBulkEmail with so many entries a call, of the template `template_name`
  std::string template_name;
};

std::unique_ptr<Client> make_smtp_client(Run& run, const SmtpOptions& options);
std::unique_ptr<Client> make_api_client(Run& run, const ApiOptions& options);

}  // namespace load
