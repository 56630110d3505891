// SmtpDoor: the SMTP interface (SES §11). Made by sesame/; methods are called on its thread, sessions run on
// the loops of the pool.
#pragma once

#include <memory>
#include <string>

#include "net/endpoint.h"
#include "net/loop.h"
#include "net/tls.h"
#include "send/service.h"
#include "smtp/door.h"

namespace submission {

struct DoorOptions : smtp::DoorOptions {
  // False (dev): credentials are optional, and names that are no key of ours are let in as the account's
  // root.
  bool strict_auth = true;
  // Log-in and mail without TLS on ports that do not start with it; dev mode does so anyway.
  bool allow_plaintext = false;
  const net::TlsServerContext* tls = nullptr;  // outlives the sessions
  std::string default_region = "us-east-1";    // of those let in without a key
};

class SmtpDoor {
 public:
  // `service` and `loops` outlive the door.
  SmtpDoor(send::Service& service, net::LoopPool& loops, DoorOptions options);
  ~SmtpDoor();  // as drain() without patience

  // 25, 587, 2587: STARTTLS; 465, 2465: `tls_from_start`. May be called for several; port 0 picks one. Throws
  // std::runtime_error when the port is taken, or needs TLS and there is no context for it.
  net::Endpoint listen(const net::Endpoint& endpoint, bool tls_from_start);
  std::size_t sessions() const;

  // No new connections and no new transactions; idle sessions are closed, open transactions go on to their
  // end. True when all ended by the deadline; the rest is closed then. From a thread that is not a loop's.
  bool drain(net::Deadline deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  std::unique_ptr<smtp::Door> door_;
};

}  // namespace submission
