// Who may submit by SMTP: the user name is an access key id, the password is derived from its secret for one
// region (SES §11.2), which so tells the region too. All names cost the same work, whether the key exists, is
// active, or neither. Pure but for the key look-up; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ses/principal.h"
#include "ses/types.h"

namespace submission {

struct LoginRules {
  std::vector<std::string> regions;  // those whose passwords are taken; empty: all of AWS's
  bool lenient = false;              // names that are no key of ours get in as the account's root (dev)
  std::string default_account = "000000000000";
  std::string default_region = "us-east-1";  // of those let in without a key
};

enum class Verdict { accepted, invalid, deprecated_password };

struct LoginResult {
  Verdict verdict = Verdict::invalid;
  // Scope, principal and key, when accepted; when not, account and principal of the key that was named.
  ses::Caller caller;
};

using FindKey = std::function<ses::AccessKeyPtr(std::string_view id)>;

class Login {
 public:
  Login(LoginRules rules, FindKey find_key);

  LoginResult check(std::string_view user, std::string_view password) const;
  // False once the key of one who was let in is inactive or gone.
  bool still_holds(const ses::Caller& caller) const;
  // One who gave no credentials: the default account's root where none are needed, and else nobody.
  ses::Caller anonymous() const;

 private:
  ses::Caller root_of(std::string_view user) const;
  const std::string* match_region(std::string_view secret, std::string_view password) const;

  LoginRules rules_;
  FindKey find_key_;
};

// The password of before 2019, which no region takes any more (SES §11.2).
std::string deprecated_password(std::string_view secret);
const std::vector<std::string>& aws_regions();

}  // namespace submission
