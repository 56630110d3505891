// SystemMailer: drains the outbox of mail that the service itself owes (ses/system_mail.h) through submit(),
// each row removed in the transaction that accepts its mail. One loop; woken by the clock and once a second.
#pragma once

#include <atomic>

#include "net/loop.h"
#include "send/service.h"
#include "ses/system_mail.h"

namespace send {

class SystemMailer {
 public:
  SystemMailer(Service& service, net::Loop& loop) : service_(service), loop_(loop) {}
  void start();
  void stop() { stopping_ = true; }
  base::Task<void> drain();  // what is there now

 private:
  base::Task<void> run();
  base::Task<void> send_one(ses::SystemMail mail);

  Service& service_;
  net::Loop& loop_;
  std::atomic<bool> stopping_{false};
};

}  // namespace send
