// Credentials of roles that callers name, from STS by the operator's own (SES §22.4). They are kept for less
// than they last, for each account by itself. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "aws/sigv4.h"
#include "base/clock.h"

namespace cloud {

// The account goes along as the external id: all accounts work by the operator's credentials, and a role's
// trust policy can say by it whose rules may use the role.
struct Role {
  std::string arn, account;  // arn empty: none

  bool operator<(const Role& other) const {
    return std::tie(arn, account) < std::tie(other.arn, other.account);
  }
};

// The form of an AssumeRole call, and what its answer gives; nullopt if it gives none.
std::string assume_role_form(const Role& role);
std::optional<aws::Credentials> read_assumed_role(std::string_view xml);

class AssumedRoles {
 public:
  std::optional<aws::Credentials> find(const Role& role, base::WallTime now);
  void keep(const Role& role, aws::Credentials credentials, base::WallTime now);

 private:
  struct Kept {
    aws::Credentials credentials;
    base::WallTime until;
  };
  std::mutex mutex_;
  std::map<Role, Kept> kept_;
};

}  // namespace cloud
