// Tools: what actions reach outside of the service. Made by sesame/; outlives the pipeline.
#pragma once

#include "cloud/aws_client.h"
#include "cloud/hooks.h"
#include "cloud/objects.h"
#include "compose/signer.h"
#include "net/dns.h"
#include "receive/scan.h"
#include "ses/receipt.h"

namespace receive {

struct Tools {
  net::Resolver* resolver = nullptr;  // of the verdicts; null (dev without a DNS server): all are GRAY
  cloud::ObjectStore& objects;
  cloud::AwsClient& aws;
  cloud::Functions& functions;
  // Dev mode: what cannot be reached, for no AWS is configured, is written into the results.
  bool capture = false;
  Scanners scanners{};
  net::HttpClient* scan_http = nullptr;
  compose::Signer* signer = nullptr;  // of X-SES-DKIM-SIGNATURE; null: there is none
};

// The role that an action of that account works as, for its bucket and its topic (SES §22.4).
cloud::Role role_of(const ses::ReceiptAction& action, const ses::AccountId& account);
// Asks whether the bucket, topic or function of an action can be used, and says so with SES's Fault.
ses::Receipt::Probe probe_of(Tools& tools);

}  // namespace receive
