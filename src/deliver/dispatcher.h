// Dispatcher: the front of delivery. Takes accepted mail from memory, spreads it over the loops by domain,
// and keeps what is due soon; the rest stays in the store (ARCHITECTURE 3.9). Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "compose/compose.h"
#include "net/dns.h"
#include "net/loop.h"
#include "net/tls.h"
#include "ses/account.h"
#include "ses/message.h"
#include "ses/settings.h"
#include "ses/suppression.h"
#include "store/store.h"

namespace deliver {

enum class Mode { capture, relay, mx };

struct Options {
  Mode mode = Mode::capture;
  net::Endpoint relay;
  std::string relay_name;
  std::optional<std::pair<std::string, std::string>> relay_credentials;
  bool relay_tls_required = false, relay_tls_from_start = false, relay_plain_auth = false;
  std::string helo_name;
  std::string tls_ca_file;       // trust roots for verification of servers; empty: the system's
  std::uint16_t smtp_port = 25;  // of MX hosts; another one in tests
  bool tls_required = false;     // no plain delivery to anybody
  bool ipv6 = true, ipv4 = true;
  std::size_t site_connections = 20;  // at most, per site
  std::size_t site_mails_per_connection = 1000;
  std::size_t memory_deliveries = 50000;    // beyond these, what waits stays in the store only
  std::size_t memory_content = 128u << 20;  // bytes of content kept in memory
  std::chrono::milliseconds first_retry{std::chrono::minutes{5}};
  std::chrono::milliseconds longest_retry{std::chrono::hours{2}};
  double retry_factor = 1.7;
  double retry_jitter = 0.2;
};

struct QueueView {  // for `sesame queue`
  std::int64_t pending = 0;
  std::size_t in_memory = 0, in_flight = 0;
  struct Site {
    std::string name;
    std::size_t waiting = 0, connections = 0;
    std::string state;  // "ok", or why it is held back
  };
  std::vector<Site> sites;
};

struct Environment {  // what delivery stands on; all outlive the Dispatcher
  net::LoopPool& loops;
  store::Store& store;
  base::Clock& clock;
  base::Random& random;
  const ses::Settings& settings;
  ses::Messages& messages;
  ses::Accounts& accounts;
  ses::SuppressionList& suppression;
  compose::Composer& composer;
  net::Resolver& resolver;
};

class Dispatcher {
 public:
  Dispatcher(Environment environment, Options options);
  ~Dispatcher();

  void start();  // loads what is due from the store
  void stop();   // no new attempts; waits for those under way (bounded)

  // Accepted and durable: deliver.
  // It takes the content out of `mail`: how long that stays in memory is decided here.
  void accept(ses::Mail mail, std::vector<ses::Recipient> recipients);

  // Everything due by now has had its attempt (for the clock control of dev mode, and tests).
  base::Task<void> settle();
  // Forgets all that waits (dev reset), after what is in flight has ended.
  base::Task<void> reset();

  base::Task<QueueView> queue();
  // Called on some loop after a mail was captured, delivered or bounced (the inbox's wait).
  void on_change(std::function<void()> listener);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace deliver
