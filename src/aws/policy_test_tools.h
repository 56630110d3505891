// What the tests of the policy engine share: policies from short texts, and a requester to ask with.
#pragma once

#include <string>
#include <string_view>

#include "aws/policy.h"

namespace aws::test {

inline constexpr std::string_view kAccount = "111122223333";
inline constexpr std::string_view kBob = "arn:aws:iam::111122223333:user/bob";
inline constexpr std::string_view kIdentity = "arn:aws:ses:us-east-1:111122223333:identity/example.com";

// A document of `statements` (JSON objects, comma between them).
inline std::string document(std::string_view statements, std::string_view version = "2012-10-17") {
  return "{\"Version\":\"" + std::string(version) + "\",\"Statement\":[" + std::string(statements) + "]}";
}

inline AttachedPolicy attached(std::string_view statements, PolicyUse use = PolicyUse::identity,
                               std::string name = "policy") {
  return {parse_policy(document(statements), use), std::move(name)};
}

// {"Effect":…,"Action":"*","Resource":"*"} with `more` members before the end.
inline std::string statement(std::string_view effect, std::string_view more = "") {
  return "{\"Effect\":\"" + std::string(effect) + R"(","Action":"*","Resource":"*")" + std::string(more) +
         "}";
}

inline Requester bob() { return {std::string(kAccount), std::string(kBob), {}, {}}; }

}  // namespace aws::test
