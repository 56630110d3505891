// Console: what dev mode adds to the HTTP port (ARCHITECTURE §5): the control API under /_sesame/, the inbox
// page, and the endpoints that LocalStack and aws-ses-v2-local have. Made by sesame/ in dev mode only; any
// loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "net/http.h"
#include "send/service.h"

namespace console {

// A mail as a test hands it in: the envelope, and what came with it.
struct InboundMail {
  std::string sender;
  std::vector<std::string> recipients;
  std::string source_ip, helo, tls_version, content;
};

struct ConsoleOptions {
  std::string version = "0.1.0";
  std::vector<std::string> own_names;  // further Host names it is served under, beside the service domain
  std::string default_region = "us-east-1";
  bool capture = true;  // mail ends here, so a message that was just accepted is worth a short wait
  // Forgets identities, users, accounts and all else but mail, which the console itself sees to.
  std::function<base::Task<void>()> reset_state;
  // Takes the mail as if it came by SMTP, and answers its ids: one for each account and region that takes it.
  std::function<base::Task<std::vector<std::string>>(InboundMail)> receive;
  // Until nothing received is due by the clock.
  std::function<base::Task<void>()> settle_received;
};

class Console {
 public:
  // Both outlive the console.
  Console(send::Service& service, base::MovableClock& clock, ConsoleOptions options = {});
  ~Console();

  // True where the path is one of the console's.
  static bool serves(const net::HttpRequest& request);
  base::Task<net::HttpResponse> handle(net::HttpRequest request);

  // Requests that wait for mail are answered now: for the server's stop.
  void stop();

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace console
