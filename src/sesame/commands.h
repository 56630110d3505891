// The subcommands of the binary. Each answers the exit code; bad use and failures are told on standard error.
#pragma once

#include <string>
#include <vector>

#include "sesame/config.h"

namespace sesame {

int run_server(Config config);  // dev and serve: until SIGINT or SIGTERM

struct InitRequest {
  std::string folder = ".";
  std::string service_domain, region = "us-east-1", account = "000000000000", user = "admin";
  bool json = false;
};
int init(const InitRequest& request);

struct CoverageRequest {
  bool table = false;  // the Markdown page of the docs
};
int api_coverage(const CoverageRequest& request);

}  // namespace sesame
