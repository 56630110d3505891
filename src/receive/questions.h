// What is asked of DNS for one mail, in bounded time: whoever sends a mail chooses whom we ask, and may let
// every question wait. Once the patience is over, all answers are failures. One coroutine's, on its loop.
#pragma once

#include <string>

#include "mail/look_up.h"
#include "net/dns.h"
#include "net/loop.h"

namespace receive {

class Questions final : public mail::LookUp {
 public:
  // `resolver` outlives what was asked of it; null: nobody is asked, no name is there.
  Questions(net::Resolver* resolver, net::Steady::duration patience);

  base::Task<mail::LookUpAnswer> ask(std::string name, mail::LookUpType type) override;

 private:
  base::Task<net::DnsAnswer> in_time(std::string name, net::DnsType type);

  net::Resolver* const resolver_;
  const net::Deadline until_;
  net::Timer timer_;
};

}  // namespace receive
