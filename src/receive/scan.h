// The scanners for spam and viruses that the operator named, and what they say of a received mail (SES
// §22.5). Neither does anything about a mail: rules and functions decide. On a loop.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "net/endpoint.h"
#include "net/http_client.h"
#include "receive/scanned.h"
#include "ses/received.h"

namespace receive {

struct Scanners {
  std::optional<net::Endpoint> clamd;
  std::optional<net::HttpUrl> rspamd;
};

struct ScanVerdicts {
  Scanned spam, virus;
};
// Both at a time. GRAY where there is no scanner; all fields of the answer are printable.
base::Task<ScanVerdicts> scan(Scanners with, net::HttpClient* http, ses::ReceivedMail mail);

// Whether a rule for the mail wants it scanned.
bool wants_scan(const ses::ReceivedMail& mail);

}  // namespace receive
