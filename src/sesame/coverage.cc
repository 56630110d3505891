#include <cstdio>
#include <map>
#include <set>

#include "api/gateway.h"
#include "aws/registry.h"
#include "sesame/commands.h"

namespace sesame {
namespace {

void print_line(aws::Api api, const char* name) {
  auto c = api::registry().coverage(api);
  std::printf("%s %zu/%zu\n", name, c.built, c.total);
  for (auto missing : c.missing) std::printf("  %.*s\n", static_cast<int>(missing.size()), missing.data());
}

void print_table(aws::Api api, const char* title) {
  auto c = api::registry().coverage(api);
  std::set<std::string_view> missing(c.missing.begin(), c.missing.end());
  std::printf("\n## %s: %zu of %zu\n\n| operation | built |\n|---|---|\n", title, c.built, c.total);
  for (const auto& operation : aws::service(api).operations) {
    std::string name(operation.name);
    std::printf("| %s | %s |\n", name.c_str(), missing.contains(operation.name) ? "" : "yes");
  }
}

}  // namespace

int api_coverage(const CoverageRequest& request) {
  if (request.table) {
    std::printf(
        "# API coverage\n\nMade by `sesame api --coverage --table`. What is not built answers 501 and says "
        "so.\n");
    print_table(aws::Api::ses, "SES v1 (Query, XML)");
    print_table(aws::Api::sesv2, "SES v2 (REST-JSON)");
    print_table(aws::Api::iam, "IAM (Query, XML)");
    print_table(aws::Api::sts, "STS (Query, XML)");
    return 0;
  }
  print_line(aws::Api::ses, "ses");
  print_line(aws::Api::sesv2, "sesv2");
  print_line(aws::Api::iam, "iam");
  print_line(aws::Api::sts, "sts");
  return 0;
}

}  // namespace sesame
