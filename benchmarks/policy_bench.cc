// How long one send takes to be authorised by 10 policies of 3 statements with the conditions of SES, in
// nanoseconds; no server. Fails where it is not under 5 us.
#include <cstdio>
#include <ctime>
#include <string>

#include "aws/policy.h"

namespace {

// Of processor time: what else runs on the machine counts less.
template <class F>
double nanoseconds(int times, F work) {
  auto begin = std::clock();
  for (int i = 0; i < times; ++i) work();
  return static_cast<double>(std::clock() - begin) * 1e9 / CLOCKS_PER_SEC / times;
}

// The last one allows the send; each denies what it could not.
std::string document(int number, int count) {
  std::string n = std::to_string(number);
  std::string domain = number + 1 == count ? "example.com" : "team" + n + ".example.net";
  return R"({"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow",)"
         R"("Action":["ses:Get*","ses:List*"],"Resource":"*"},{"Sid":"Send","Effect":"Allow",)"
         R"("Action":["ses:SendEmail","ses:SendRawEmail"],)"
         R"("Resource":"arn:aws:ses:us-east-1:111122223333:identity/)" +
         domain + R"(","Condition":{"StringLike":{"ses:FromAddress":"*@)" + domain +
         R"("},"StringEquals":{"ses:ApiVersion":"2"},"ForAllValues:StringLike":{"ses:Recipients":)"
         R"(["*@example.org","*@example.com"]}}},{"Sid":"Guard","Effect":"Deny","Action":"ses:*",)"
         R"("Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]},)"
         R"("Bool":{"aws:SecureTransport":"true"}}}]})";
}

aws::ConditionContext typical_send() {
  aws::ConditionContext context;
  context.set("aws:CurrentTime", "2026-01-31T10:00:00Z");
  context.set("aws:EpochTime", "1769853600");
  context.set("aws:SecureTransport", "true");
  context.set("aws:SourceIp", "203.0.113.9");
  context.set("aws:UserAgent", "aws-sdk-java/2.20.0");
  context.set("aws:username", "bob");
  context.set("aws:PrincipalArn", "arn:aws:iam::111122223333:user/bob");
  context.set("ses:ApiVersion", "2");
  context.set("ses:FromAddress", "news@example.com");
  context.set("ses:FeedbackAddress", "bounces@example.com");
  context.set("ses:Recipients", std::vector<std::string>{"one@example.org", "two@example.com"});
  return context;
}

}  // namespace

int main() {
  constexpr int kPolicies = 10;
  aws::PolicySet own;
  for (int i = 0; i < kPolicies; ++i)
    own.identity.push_back(
        {aws::parse_policy(document(i, kPolicies), aws::PolicyUse::identity), "policy/" + std::to_string(i)});
  auto context = typical_send();
  aws::Requester requester{"111122223333", "arn:aws:iam::111122223333:user/bob", {}, {}};
  aws::AccessRequest request{"ses:SendEmail", "arn:aws:ses:us-east-1:111122223333:identity/example.com",
                             "111122223333", requester, context};
  std::size_t made = 0;
  double decided = nanoseconds(200'000, [&] { made += decide(own, {}, request).allowed(); });
  double explained = nanoseconds(5'000, [&] { made += explain(own, {}, request).statements.size(); });
  auto text = document(0, kPolicies);
  double parsed =
      nanoseconds(20'000, [&] { made += aws::parse_policy(text, aws::PolicyUse::identity) != nullptr; });
  std::printf("decide a send, %d policies of 3 statements  %.0f ns\n", kPolicies, decided);
  std::printf("explain it                                  %.0f ns\n", explained);
  std::printf("parse a policy of %zu octets                %.0f ns\n", text.size(), parsed);
  return made == 0 || decided > 5'000;
}
