// Credentials of roles that callers name, from STS by the operator's own (SES §22.4). They are kept for less
// than they last. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/clock.h"

namespace cloud {

// The form of an AssumeRole call, and what its answer gives; nullopt if it gives none.
std::string assume_role_form(const std::string& role_arn);
std::optional<aws::Credentials> read_assumed_role(std::string_view xml);

class AssumedRoles {
 public:
  std::optional<aws::Credentials> find(const std::string& role_arn, base::WallTime now);
  void keep(const std::string& role_arn, aws::Credentials credentials, base::WallTime now);

 private:
  struct Kept {
    aws::Credentials credentials;
    base::WallTime until;
  };
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace cloud
