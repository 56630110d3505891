// Topics and functions as actions reach them: a Publish of SNS and an Invoke of Lambda, signed for AWS, or
// for a function's ARN the operator mapped, a POST to an HTTP hook. Any loop.
#pragma once

#include <map>
#include <string>

#include "base/task.h"
#include "cloud/aws_client.h"
#include "cloud/outcome.h"

namespace cloud {

// arn:aws:SERVICE:REGION:ACCOUNT:NAME; empty where it is none.
std::string region_of_arn(std::string_view arn);

struct Publication {
  std::string topic_arn, subject, message;
  Role role = {};  // to do it as
};
base::Task<Outcome> publish(AwsClient& client, Publication publication);

class Functions {
 public:
  // By ARN: hooks that stand in for functions. Both references outlive it.
  Functions(net::HttpClient& http, AwsClient& client, std::map<std::string, net::HttpUrl> hooks)
      : http_(http), client_(client), hooks_(std::move(hooks)) {}

  bool reachable(const std::string& arn) const { return client_.usable() || hooks_.contains(arn); }
  // `wait`: for what the function answers (RequestResponse), 30 s at most; else it is only handed over
  // (Event).
  base::Task<Outcome> invoke(std::string arn, std::string event, bool wait);

 private:
  net::HttpClient& http_;
  AwsClient& client_;
  const std::map<std::string, net::HttpUrl> hooks_;
};

}  // namespace cloud
