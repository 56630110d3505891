#include "cloud/assumed_role.h"

#include "base/encoding.h"

namespace cloud {
namespace {

constexpr std::size_t kMostKept = 1000;
constexpr std::chrono::minutes kKept{50};  // they last an hour, which every role allows

// Keys and tokens have nothing that XML escapes.
std::string element(std::string_view xml, std::string_view name) {
  const auto open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  const auto begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const auto text = xml.substr(begin + open.size());
  const auto end = text.find(close);
  return end == std::string_view::npos ? std::string() : std::string(base::trim(text.substr(0, end)));
}

}  // namespace

std::string assume_role_form(const Role& role) {
  return "Action=AssumeRole&Version=2011-06-15&RoleSessionName=sesame-receipt-rule&DurationSeconds=3600&"
         "RoleArn=" +
         base::percent_encode(role.arn) + "&ExternalId=" + base::percent_encode(role.account);
}

std::optional<aws::Credentials> read_assumed_role(std::string_view xml) {
  aws::Credentials out{element(xml, "AccessKeyId"), element(xml, "SecretAccessKey"),
                       element(xml, "SessionToken")};
  if (out.access_key_id.empty() || out.secret.empty() || out.session_token->empty()) return std::nullopt;
  return out;
}

std::optional<aws::Credentials> AssumedRoles::find(const Role& role, base::WallTime now) {
  std::lock_guard lock(mutex_);
  const auto found = kept_.find(role);
  if (found == kept_.end()) return std::nullopt;
  if (found->second.until > now) return found->second.credentials;
  kept_.erase(found);
  return std::nullopt;
}

void AssumedRoles::keep(const Role& role, aws::Credentials credentials, base::WallTime now) {
  std::lock_guard lock(mutex_);
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_[role] = {std::move(credentials), now + kKept};
}

}  // namespace cloud
