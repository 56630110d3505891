// What a domain should publish, what it does publish, and what to do about the difference: `sesame dns
// check`. Asks the resolver anew and changes nothing. Any thread with an executor.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "net/dns.h"
#include "ses/identity.h"

namespace ses {

struct DnsFinding {
  enum State {
    good,
    advised,  // works without, but better with it
    missing,
    wrong,
    unknown  // DNS did not answer
  } state = missing;
  std::string purpose;             // "DKIM", "MAIL FROM"
  std::string name, type, wanted;  // the record: owner name, "CNAME", value
  std::vector<std::string> found;
  std::string fix;  // empty where nothing is to be done
};

struct DnsReport {
  std::string domain;
  std::vector<DnsFinding> records;
  bool good() const;  // nothing is missing, wrong or unknown
};

// `ed25519`: mails are signed by the key beside the RSA one too. `mail_from` is the one in effect for the
// identity, if there is any. The parameters that are pointers are kept alive by the caller.
base::Task<DnsReport> check_dns(net::Resolver* resolver, std::string service_domain, IdentityPtr identity,
                                std::optional<MailFrom> mail_from, bool ed25519 = false);

std::string_view state_name(DnsFinding::State state);  // "ok", "advice", "missing", "wrong", "unknown"

}  // namespace ses
