// What SPF, DKIM, DMARC and the scanners say of a received mail (SES §22.1), and the headers that tell it.
// Looked at once a mail, in bounded time.
#pragma once

#include <string>
#include <string_view>

#include "base/heavy_pool.h"
#include "base/task.h"
#include "compose/signer.h"
#include "mail/dkim.h"
#include "net/dns.h"
#include "receive/scan.h"
#include "ses/received.h"

namespace receive {

struct Verdicts {
  std::string spf = "GRAY", dkim = "GRAY", dmarc = "GRAY";
  std::string dmarc_policy;                          // lower case; only where DMARC failed
  std::string received_spf, authentication_results;  // whole headers
  std::string receipt, signature;                    // whole headers, too; the second may be empty
  ScanVerdicts scan;                                 // GRAY where no rule wants one, too
};
std::string pack(const Verdicts& verdicts);
Verdicts unpack_verdicts(std::string_view text);

// As a rule shows it (SES §22.5).
inline std::string shown_to(const ses::ReceiptRule& rule, const Scanned& scanned) {
  return rule.scan ? scanned.verdict : "DISABLED";
}

struct Judge {
  net::Resolver* resolver;  // null: nobody is asked, and all is GRAY
  base::HeavyPool& heavy;
  std::string service_domain, secret;  // of the installation
  Scanners scanners;
  net::HttpClient* scan_http;
  compose::Signer* signer;  // null: no X-SES-DKIM-SIGNATURE
  mail::DkimRequest signing;
  net::Steady::duration patience;  // for all questions of the mail to DNS
};
// `content` is the mail's. All that is named outlives the task.
base::Task<Verdicts> judge(Judge with, ses::ReceivedMail mail);

}  // namespace receive
