// InboundDoor: where mail from outside comes in (SES §22.1), port 25 of the MX hosts. Made by sesame/;
// methods are called on its thread, sessions run on the loops of the pool.
#pragma once

#include <memory>
#include <string>

#include "net/endpoint.h"
#include "net/tls.h"
#include "receive/intake.h"
#include "send/service.h"
#include "smtp/door.h"

namespace receive {

struct DoorOptions : smtp::DoorOptions {
  const net::TlsServerContext* tls = nullptr;  // STARTTLS is offered with it; outlives the sessions
  double mail_rate = 0;                        // mails a minute and source; 0: any
};

struct DoorShared;

class InboundDoor {
 public:
  // All outlive the door.
  InboundDoor(send::Service& service, Intake& intake, net::LoopPool& loops, DoorOptions options);
  ~InboundDoor();  // as drain() without patience

  // A `filtered` port turns away at connect whom the IP filters of all that receive block. Port 0 picks one.
  // Throws std::runtime_error when the port is taken.
  net::Endpoint listen(const net::Endpoint& endpoint, bool filtered);
  bool drain(net::Deadline deadline);  // as smtp::Door

 private:
  send::Service& service_;
  const DoorOptions options_;
  std::shared_ptr<DoorShared> shared_;
  std::unique_ptr<smtp::Door> door_;
};

}  // namespace receive
