// AwsClient: signed calls to other AWS services, at Amazon's own endpoints or at one the operator names
// (another Sesame, MinIO, an emulator). Any loop. The credentials are the operator's for this service; they
// are not logged.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/sigv4.h"
#include "base/task.h"
#include "cloud/assumed_role.h"
#include "cloud/outcome.h"
#include "net/http_client.h"

namespace cloud {

struct AwsOptions {
  std::optional<net::HttpUrl> endpoint;  // for every service; none: SERVICE.REGION.amazonaws.com
  std::optional<aws::Credentials> credentials;

  // Calls can be made at all.
  bool usable() const { return credentials.has_value(); }
};

struct AwsCall {
  std::string service, region;  // of the credential scope: "s3", "us-east-1"
  std::string method = "POST", target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;
  Role role = {};  // it is made as; none: by the operator's credentials
  std::optional<std::chrono::milliseconds> timeout = {};  // for one try, instead of the HTTP client's
};

class AwsClient {
 public:
  // `http` outlives the client.
  AwsClient(net::HttpClient& http, AwsOptions options) : http_(http), options_(std::move(options)) {}

  bool usable() const { return options_.usable(); }
  // Not ok for every status but 2xx; permanent where the request itself is wrong.
  base::Task<Outcome> call(AwsCall call);

 private:
  net::HttpSite site_of(const AwsCall& call) const;
  base::Task<Outcome> call_as(AwsCall call, aws::Credentials credentials);
  base::Task<Outcome> assume(std::string region, Role role);

  net::HttpClient& http_;
  const AwsOptions options_;
  AssumedRoles roles_;
};

// By status, for answers of any HTTP service, and by what Lambda says of the function.
Outcome outcome_of(const base::Result<net::HttpAnswer, std::string>& answer);

}  // namespace cloud
