// What the SMTP door decides in one session (SES §11): its names and reply texts, the log-in, the syntax of
// addresses, and the way into submit(). One object per session, on the connection's loop.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/task.h"
#include "send/service.h"
#include "smtp/server.h"
#include "submission/login.h"

namespace submission {

// What all sessions of a door share; outlives them.
struct Shared {
  std::string service_domain;
  bool smtputf8 = false;
  const Login& login;
  ses::LoginThrottle& throttle;
  base::Random& random;
  std::function<base::Task<ses::MessageId>(send::Submission)> submit;
  std::function<base::Task<void>(std::chrono::milliseconds)> sleep;
  std::function<base::Task<void>(ses::AccessRecord)> denied;  // records it; may wait
  std::function<void(const ses::Caller&)> note_use = {};      // of the key a message came by
  std::atomic<bool> draining{false};
};

// Seen by the door, so that a stop can end the sessions that have nothing under way.
class SessionState {
 public:
  void begin() { busy_ = true; }
  void end();
  // No transaction is open, and the reply to the last one has had time to leave.
  bool idle() const;

 private:
  std::atomic<bool> busy_{false};
  std::atomic<std::chrono::steady_clock::duration> ended_{std::chrono::steady_clock::duration::min()};
};

class Session final : public smtp::Policy {
 public:
  Session(Shared& shared, std::shared_ptr<SessionState> state, std::string peer_address,
          std::string tls_version);

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
  base::Task<smtp::Reply> check_password(std::string user, std::string password);
  base::Task<smtp::Reply> refuse_login(std::string user, LoginResult result);
  ses::AccessRecord failed_login(const std::string& user, const ses::Caller& claimed) const;
  bool valid_address(const std::string& address) const;
  send::Submission take_submission(std::string data);
  std::string received() const;
  std::optional<smtp::Reply> lost_key();

  Shared& shared_;
  const std::shared_ptr<SessionState> state_;
  const std::string peer_;
  std::string tls_version_, hello_name_, server_name_;
  ses::Caller caller_;
  std::string sender_;
  std::vector<std::string> recipients_;
};

// The reply to what a submit() threw.
smtp::Reply reply_to(std::exception_ptr error);

}  // namespace submission
