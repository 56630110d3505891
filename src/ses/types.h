// The ids and small values that all nouns of SES share. Plain data.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/strong.h"

namespace ses {

using AccountId = base::Strong<struct AccountIdTag>;  // 12 digits
using Region = base::Strong<struct RegionTag>;        // "us-east-1"
using MessageId = base::Strong<struct MessageIdTag>;  // SES §12.1

// Everything but IAM belongs to one account in one region (ARCHITECTURE 3.4).
struct Scope {
  AccountId account;
  Region region;
  auto operator<=>(const Scope&) const = default;
};

struct Session;  // temporary credentials, opened (ses/subject.h)

// Who calls, as authentication found out, and from where. What it may do is asked of
// Principals::subject_of(), for each request and each message anew.
struct Caller {
  Scope scope;
  std::string principal_arn;   // arn:aws:iam::000000000000:user/bob, or …:root
  std::string principal_name;  // "bob", "root": the tag ses:caller-identity
  std::string access_key_id;
  std::shared_ptr<const Session> session;  // if the credentials are temporary
  bool as_root = false;                    // let in as the account's root without a key of ours: dev mode
  std::string source_ip;
  std::string tls_version;  // "TLSv1.3", empty without TLS
  std::string user_agent;
  std::string request_id;
  std::string invocation_id;  // amz-sdk-invocation-id; empty if none
};

struct Tag {
  std::string name, value;
  bool operator==(const Tag&) const = default;
};

// `kind` as model/iam.json names it: "identity", "configuration-set", "template", …
inline std::string resource_arn(const Scope& scope, std::string_view kind, std::string_view name) {
  std::string arn = "arn:aws:ses:" + scope.region.str() + ":" + scope.account.str() + ":";
  return arn.append(kind).append("/").append(name);
}
inline std::string identity_arn(const Scope& scope, const std::string& identity) {
  return resource_arn(scope, "identity", identity);
}

// An identity that may be another account's.
struct IdentityRef {
  Scope scope;
  std::string name;
};
// nullopt for what is no ARN of an identity.
inline std::optional<IdentityRef> parse_identity_arn(std::string_view arn) {
  constexpr std::string_view kHead = "arn:aws:ses:", kKind = "identity/";
  constexpr std::size_t kAccount = 12;
  if (!arn.starts_with(kHead)) return std::nullopt;
  arn.remove_prefix(kHead.size());
  auto colon = arn.find(':');
  auto tail = colon == std::string_view::npos ? std::string_view() : arn.substr(colon + 1);
  if (colon == 0 || tail.size() < kAccount || tail.find_first_not_of("0123456789") != kAccount ||
      tail[kAccount] != ':' || !tail.substr(kAccount + 1).starts_with(kKind))
    return std::nullopt;
  auto name = tail.substr(kAccount + 1 + kKind.size());
  if (name.empty()) return std::nullopt;
  return IdentityRef{
      {AccountId(std::string(tail.substr(0, kAccount))), Region(std::string(arn.substr(0, colon)))},
      std::string(name)};
}

}  // namespace ses

template <>
struct std::hash<ses::Scope> {
  std::size_t operator()(const ses::Scope& s) const noexcept {
    return std::hash<std::string>{}(s.account.str()) * 31 + std::hash<std::string>{}(s.region.str());
  }
};
