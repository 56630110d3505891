// What the inbound door decides in one session (SES §22.1): whose mail is taken, and in which words it is
// refused. Nobody logs in, and nothing is relayed. One object per session, on the connection's loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "net/source_rate.h"
#include "receive/intake.h"
#include "smtp/door.h"

namespace receive {

// What all sessions of a door share.
struct DoorShared {
  DoorShared(Intake& i, base::Random& r, std::string name, double mail_rate)
      : intake(i), random(r), host(std::move(name)), rate(mail_rate) {}

  Intake& intake;
  base::Random& random;
  const std::string host;  // "inbound-smtp.REGION.SERVICE-DOMAIN"
  net::SourceRate rate;    // of mails
  std::atomic<bool> draining{false};
};

class Session final : public smtp::Policy {
 public:
  Session(std::shared_ptr<DoorShared> shared, std::shared_ptr<smtp::SessionState> state, std::string peer);

  std::string greeting() override;
  std::string host_name() override;
  base::Task<smtp::Reply> authenticate(std::string user, std::string password) override;
  base::Task<smtp::Reply> mail_from(std::string address, smtp::MailParameters parameters) override;
  base::Task<smtp::Reply> rcpt_to(std::string address) override;
  base::Task<smtp::Reply> message(std::string data) override;
  smtp::Reply too_large() override;
  void reset() override;
  void hello(std::string name, bool extended) override;
  void tls_started(const net::TlsInfo& info) override;

 private:
  std::optional<smtp::Reply> fault_of(const std::string& address) const;

  const std::shared_ptr<DoorShared> shared_;
  const std::shared_ptr<smtp::SessionState> state_;
  Envelope envelope_;
  bool utf8_ = false;    // the transaction asked for SMTPUTF8
  std::size_t own_ = 0;  // its recipients that are addresses of our own
};

// A mail that went round so often comes back for ever (RFC 5321 §6.3).
bool loops(std::string_view content);

}  // namespace receive
