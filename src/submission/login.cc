#include "submission/login.h"

#include <algorithm>

#include "aws/sigv4.h"
#include "base/encoding.h"

namespace submission {
namespace {

// Stands in for the secret of a key that does not exist, so that looking costs what finding does.
constexpr std::string_view kNoSecret = "no-such-key-no-such-key-no-such-key-no-s";

constexpr std::size_t kKeyIdLength = 20;

bool is_account_id(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const std::vector<std::string>& aws_regions() {
  static const std::vector<std::string> regions = {
      "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",      "af-south-1",
      "ap-east-1",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
      "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
      "ap-southeast-5", "ca-central-1",   "ca-west-1",      "eu-central-1",   "eu-central-2",
      "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",      "eu-west-2",
      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",     "mx-central-1",
      "sa-east-1",      "us-gov-east-1",  "us-gov-west-1"};
  return regions;
}

std::string deprecated_password(std::string_view secret) {
  return base::base64_encode("\x02" + base::hmac_sha256(secret, "SendRawEmail"));
}

Login::Login(LoginRules rules, FindKey find_key) : rules_(std::move(rules)), find_key_(std::move(find_key)) {
  if (rules_.regions.empty()) rules_.regions = aws_regions();
}

LoginResult Login::check(std::string_view user, std::string_view password) const {
  auto key = find_key_(user);
  // SES §11.2: the password is compared with that of each region, all of them whether or not one fits.
  const std::string secret(key ? std::string_view(key->secret) : kNoSecret);
  const auto* region = match_region(secret, password);
  const bool old = base::constant_time_equal(deprecated_password(secret), password);

  // SES §11.2: temporary credentials cannot submit by SMTP, in dev mode neither.
  const bool temporary = user.starts_with("ASIA") && user.size() == kKeyIdLength;
  if (!key && rules_.lenient && !temporary) return {Verdict::accepted, root_of(user)};
  LoginResult result;
  if (!key) return result;
  result.caller.scope.account = key->account;
  result.caller.principal_arn = key->arn;
  if (!key->active) return result;
  if (old) result.verdict = Verdict::deprecated_password;
  if (old || !region) return result;

  result.verdict = Verdict::accepted;
  result.caller = ses::Principals::caller_of(*key, ses::Region(*region));
  return result;
}

bool Login::still_holds(const ses::Caller& caller) const {
  if (caller.as_root) return true;
  const auto key = find_key_(caller.access_key_id);
  return key && key->active && key->account == caller.scope.account;
}

ses::Caller Login::anonymous() const { return root_of({}); }

ses::Caller Login::root_of(std::string_view user) const {
  ses::Caller caller;
  // ARCHITECTURE §5: a key id of 12 digits names the account.
  const std::string account = is_account_id(user) ? std::string(user) : rules_.default_account;
  caller.scope = {ses::AccountId(account), ses::Region(rules_.default_region)};
  caller.principal_arn = "arn:aws:iam::" + account + ":root";
  caller.principal_name = "root";
  caller.access_key_id = std::string(user.substr(0, 128));
  caller.as_root = rules_.lenient;
  return caller;
}

const std::string* Login::match_region(std::string_view secret, std::string_view password) const {
  const std::string* found = nullptr;
  for (const auto& region : rules_.regions)
    if (base::constant_time_equal(aws::smtp_password(secret, region), password)) found = &region;
  return found;
}

}  // namespace submission
