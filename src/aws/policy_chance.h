// For tests of the policy engine: policies, requesters and requests of chance, the same for the same seed.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "aws/policy_test_tools.h"

namespace aws::test {

class Chance {
 public:
  explicit Chance(unsigned seed) : engine_(seed) {}

  std::map<std::string, std::string> documents;  // of the policies made last, by their names

  // The text with some octets changed, cut out or written twice.
  std::string damaged(std::string text) {
    do {
      auto at = engine_() % text.size();
      if (one_in(3)) {
        text.erase(at, 1 + engine_() % 3);
      } else if (one_in(2)) {
        text.insert(at, text.substr(engine_() % text.size(), engine_() % 8));
      } else {
        text[at] = of({"\"", "*", "?", "$", "{", "}", ":", "\xff", "0", ","})[0];
      }
    } while (!one_in(3) && !text.empty());
    return text;
  }

  std::string text(PolicyUse use) { return document(statement(use)); }

  bool one_in(unsigned n) { return engine_() % n == 0; }
  template <std::size_t N>
  std::string of(const char* const (&choices)[N]) {
    return choices[engine_() % N];
  }

  AttachedPolicy policy(PolicyUse use, int number) {
    std::string statements = statement(use);
    while (!one_in(3)) statements += "," + statement(use);
    auto name = "policy " + std::to_string(number);
    auto& text = documents[name] = document(statements);
    return {parse_policy(text, use, 1 << 20), name};
  }

  std::vector<AttachedPolicy> policies(PolicyUse use) {
    std::vector<AttachedPolicy> out;
    while (!one_in(2)) out.push_back(policy(use, static_cast<int>(out.size())));
    return out;
  }

 private:
  std::string statement(PolicyUse use) {
    std::string out = one_in(4) ? R"({"Effect":"Deny")" : R"({"Effect":"Allow")";
    if (use != PolicyUse::identity)
      out += (one_in(5) ? R"(,"NotPrincipal":{"AWS":)" : R"(,"Principal":{"AWS":)") +
             of({R"("*"})", R"("111122223333"})", R"("444455556666"})",
                 R"("arn:aws:iam::111122223333:user/bob"})", R"("arn:aws:iam::111122223333:role/sender"})"});
    out += (one_in(5) ? ",\"NotAction\":" : ",\"Action\":") +
           of({R"("*")", R"("ses:*")", R"("ses:Send*")", R"(["ses:SendEmail","ses:SendRawEmail"])",
               R"("sns:Publish")"});
    out += (one_in(5) ? ",\"NotResource\":" : ",\"Resource\":") +
           of({R"("*")", R"("arn:aws:ses:*:*:identity/*")", R"("arn:aws:ses:*:*:identity/example.com")",
               R"("arn:aws:ses:*:*:identity/${aws:username}")"});
    if (one_in(2))
      out += R"(,"Condition":{)" +
             of({R"("StringEquals":{"ses:ApiVersion":"1"}})",
                 R"("ForAllValues:StringLike":{"ses:Recipients":"*@example.com"}})",
                 R"("ForAnyValue:StringNotLike":{"ses:Recipients":"*@example.com"}})",
                 R"("IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", R"("Null":{"ses:FromAddress":"true"}})",
                 R"("StringNotEqualsIfExists":{"ses:FromAddress":"${aws:username}@example.com"}})"});
    return out + "}";
  }

  std::mt19937 engine_;
};

struct World {
  PolicySet own;
  std::vector<AttachedPolicy> of_resource;
  Requester requester;
  ConditionContext context;
  std::string action, resource_account;

  explicit World(Chance& chance) {
    own.root = chance.one_in(10);
    own.identity = chance.policies(PolicyUse::identity);
    if (chance.one_in(3)) own.boundary = chance.policy(PolicyUse::identity, 99);
    own.session = chance.one_in(3) ? chance.policies(PolicyUse::identity) : own.session;
    own.federated = chance.one_in(10);
    of_resource = chance.policies(PolicyUse::resource);
    if (!chance.one_in(8)) requester = bob();
    if (chance.one_in(3))
      requester = {std::string(kAccount),
                   "arn:aws:sts::111122223333:assumed-role/sender/one",
                   {"arn:aws:iam::111122223333:role/sender"},
                   {}};
    if (!chance.one_in(3)) context.set("ses:ApiVersion", chance.of({"1", "2"}));
    if (!chance.one_in(3)) context.set("aws:username", chance.of({"bob", "example.com"}));
    if (!chance.one_in(3)) context.set("aws:SourceIp", chance.of({"203.0.113.1", "10.0.0.1", "::1"}));
    if (!chance.one_in(3)) context.set("ses:FromAddress", chance.of({"bob@example.com", "x@y.com"}));
    if (!chance.one_in(3))
      context.set("ses:Recipients", std::vector<std::string>{chance.of({"a@example.com", "a@y.com"}),
                                                             chance.of({"b@example.com", "b@y.com"})});
    action = chance.of({"ses:SendEmail", "ses:SendRawEmail", "sns:Publish", "ses:GetAccount"});
    resource_account = chance.of({"", "111122223333", "444455556666"});
  }

  AccessRequest request() const { return {action, kIdentity, resource_account, requester, context}; }
};

}  // namespace aws::test
