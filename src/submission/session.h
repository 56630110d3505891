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
#include "smtp/door.h"
#include "submission/login.h"

namespace submission {

// What all sessions of a door share.
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

class Session final : public smtp::Policy {
 public:
  Session(std::shared_ptr<Shared> shared, std::shared_ptr<smtp::SessionState> state, std::string peer_address,
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

  const std::shared_ptr<Shared> held_;
  Shared& shared_;
  const std::shared_ptr<smtp::SessionState> state_;
  const std::string peer_;
  std::string tls_version_, hello_name_, server_name_;
  ses::Caller caller_;
  std::string sender_;
  std::vector<std::string> recipients_;
};

}  // namespace submission
