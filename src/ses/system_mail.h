// System mail: what the service itself owes somebody (verification now; warnings, forwarded feedback later).
// The room that owes it writes a row inside its own transaction; send/ drains the outbox (ARCHITECTURE §2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct SystemMail {
  std::int64_t id = 0;
  Scope scope;
  std::string to;    // bare address
  std::string from;  // bare address, e.g. no-reply@SERVICE-DOMAIN
  bool null_sender = false;
  std::string subject, text, html;  // UTF-8; html may be empty
};

void put_system_mail(store::Db& db, const SystemMail& mail, base::WallTime now);
std::vector<SystemMail> take_system_mail(store::Db& db, std::size_t at_most);  // oldest first, not removed
void remove_system_mail(store::Db& db, std::int64_t id);

}  // namespace ses
