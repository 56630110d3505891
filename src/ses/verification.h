// Verification by DNS (SES §8.3, §8.4; ARCHITECTURE §5): when an identity is looked at, what is looked for,
// and what follows from what was found. The three are apart, so that each can be tested alone.
// VerificationPoller drives them on a loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "net/dns.h"
#include "net/loop.h"
#include "ses/identity.h"
#include "ses/settings.h"

namespace ses {

// When the identity is to be looked at next; nullopt: not by itself. An address: when its link ends. Pure.
std::optional<base::WallTime> next_look(const Identity& identity);

enum class Found { no, yes, unknown };  // unknown: DNS did not answer

struct Findings {
  Found token = Found::no;
  Found dkim = Found::no;
  std::optional<Found> next_key = {};   // only where a key of another length waits
  std::optional<Found> mail_from = {};  // only where it was looked for
  std::string error_type;               // of VerificationInfo; empty if all that was looked for is there
};

// Asks for the records of a domain identity, and those of any identity's custom MAIL FROM. The parameters are
// kept alive by the caller.
base::Task<Findings> look_up(net::Resolver* resolver, std::string service_domain, IdentityPtr identity);

// What the findings of a look that began `at` make of the identity. Pure.
Identities::CheckResult judge(const Identity& identity, const Findings& findings, base::WallTime at);

// The names and values an operator or domain owner publishes.
std::string token_record_name(const Identity& identity);  // _amazonses.example.com
std::string dkim_record_name(const Identity& identity,
                             std::string_view token);  // TOKEN._domainkey.example.com
std::string dkim_record_target(std::string_view token, std::string_view service_domain);
// The host the MX of a custom MAIL FROM domain points at: feedback-smtp.REGION.SERVICE-DOMAIN (SES §8.5).
std::string mail_from_target(const Region& region, std::string_view service_domain);
// p= of a DKIM key record (RFC 6376 §3.6.1), without blanks; empty if there is none.
std::string public_key_in(std::string_view record);

class VerificationPoller {
 public:
  // All outlive the poller; the loop must have ended before the identities and the resolver do.
  VerificationPoller(Identities& identities, net::Resolver& resolver, const Settings& settings,
                     base::Clock& clock, net::Loop& loop);
  ~VerificationPoller();

  // Looks whenever something is due, woken by changes of identities and jumps of the clock. Once.
  void start();
  void stop();  // any thread; a look under way ends by itself, before the loop does

  // Looks at all that is due now. Start not needed; for tests, and for the clock control of dev mode.
  base::Task<void> run_due();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ses
