// Receiver: the room put together: the intake and the pipeline behind it, with the tools of its actions. Made
// by sesame/.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "receive/intake.h"
#include "receive/pipeline.h"
#include "receive/scan_rspamd.h"
#include "receive/tools.h"

namespace receive {

struct ReceiverOptions {
  std::string folder;  // buckets are folders in it; empty: an object store of AWS's kind
  bool make_buckets = false, durable = true;
  bool ask_dns = true;   // for the verdicts
  bool capture = false;  // dev mode (tools.h)
  cloud::AwsOptions aws;
  std::map<std::string, net::HttpUrl> functions;  // hooks by the ARN of the function
  std::chrono::hours feedback_life{24 * 14};      // what comes back of older messages changes nothing
  Scanners scanners;
  bool sign = false;  // adds X-SES-DKIM-SIGNATURE
};

class Receiver {
 public:
  // All outlive it.
  Receiver(send::Service& service, net::LoopPool& loops, net::Resolver& resolver,
           const net::TlsClientContext& tls, compose::Signer& signer, ReceiverOptions options)
      : http_(resolver, tls),
        scan_http_(resolver, tls, rspamd_limits()),
        aws_(http_, options.aws),
        functions_(http_, aws_, std::move(options.functions)),
        objects_(options.folder.empty()
                     ? cloud::make_s3_store(aws_)
                     : cloud::make_folder_store(options.folder, options.make_buckets, options.durable)),
        tools_{options.ask_dns ? &resolver : nullptr,
               *objects_,
               aws_,
               functions_,
               options.capture,
               options.scanners,
               &scan_http_,
               options.sign ? &signer : nullptr},
        pipeline_(service, tools_, loops, options.feedback_life),
        intake_(service, pipeline_) {
    service.receipt.set_probe(probe_of(tools_));
  }

  Pipeline& pipeline() { return pipeline_; }
  Intake& intake() { return intake_; }

 private:
  net::HttpClient http_, scan_http_;
  cloud::AwsClient aws_;
  cloud::Functions functions_;
  std::unique_ptr<cloud::ObjectStore> objects_;
  Tools tools_;
  Pipeline pipeline_;
  Intake intake_;
};

}  // namespace receive
