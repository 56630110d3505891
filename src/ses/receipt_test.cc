#include "ses/receipt.h"

#include <gmock/gmock.h>

#include "ses/ip_block.h"
#include "ses/receipt_match.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using testing::fault_of;
using testing::instant_settings;
using ::testing::IsEmpty;
using testing::TestWorld;

struct World : TestWorld {
  World() : TestWorld(instant_settings()) { start(); }

  void start() {
    receipt = std::make_unique<Receipt>(*store, *identities, clock);
    receipt->load();
  }
  void restart() {
    receipt.reset();
    reopen();
    start();
  }

  ReceiptSetupPtr setup() { return receipt->setup(scope()); }
  std::vector<std::string> rules(const std::string& set = "set") {
    std::vector<std::string> out;
    for (const auto& rule : setup()->set(set)->rules) out.push_back(rule.name);
    return out;
  }
  std::string add(ReceiptRule rule, std::optional<std::string> after = std::nullopt) {
    return fault_of([&] { run_task(receipt->create_rule(caller(), "set", rule, after)); });
  }
  std::string move(const std::string& rule, std::optional<std::string> after) {
    return fault_of([&] { run_task(receipt->move_rule(caller(), "set", rule, after)); });
  }

  std::unique_ptr<Receipt> receipt;
};

ReceiptRule rule(const std::string& name, std::vector<ReceiptAction> actions = {StopAction{}},
                 std::vector<std::string> recipients = {}) {
  ReceiptRule r;
  r.name = name;
  r.enabled = true;
  r.recipients = std::move(recipients);
  r.actions = std::move(actions);
  return r;
}

TEST(Receipt, WhatIsStoredIsThereAfterARestart) {
  World w;
  run_task(w.receipt->create_set(w.caller(), "set"));
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  std::vector<ReceiptAction> all = {
      AddHeaderAction{"X-A", "b = c & d"},
      S3Action{"arn:aws:sns:us-east-1:123456789012:t", "bucket", "in/", std::nullopt,
               "arn:aws:iam::1:role/r"},
      SnsAction{"arn:aws:sns:us-east-1:123456789012:t", "Base64"},
      LambdaAction{std::nullopt, "arn:aws:lambda:us-east-1:123456789012:function:f", "RequestResponse"},
      BounceAction{std::nullopt, "550", "5.1.1", "No such mailbox", "bounce@example.com"},
      StopAction{},
  };
  auto kept = rule("one", all, {"a@example.com", ".example.com"});
  kept.scan = kept.tls_required = true;
  ASSERT_EQ(w.add(kept), "");
  run_task(w.receipt->activate_set(w.caller(), "set"));
  run_task(w.receipt->create_filter(w.caller(), {"f", true, "192.0.2.0/24"}));
  w.restart();
  ASSERT_TRUE(w.setup()->active_set());
  EXPECT_EQ(w.setup()->active_set()->rules, std::vector<ReceiptRule>{kept});
  EXPECT_THAT(w.setup()->filters, ElementsAre(ReceiptFilter{"f", true, "192.0.2.0/24"}));
  EXPECT_THAT(w.receipt->setup(w.caller("eu-west-1").scope)->sets, IsEmpty());
}

TEST(Receipt, RulesKeepTheirOrder) {
  World w;
  run_task(w.receipt->create_set(w.caller(), "set"));
  for (const char* name : {"c", "b", "a"}) ASSERT_EQ(w.add(rule(name)), "");
  EXPECT_THAT(w.rules(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(w.add(rule("d"), "a"), "");
  EXPECT_THAT(w.rules(), ElementsAre("a", "d", "b", "c"));
  EXPECT_EQ(w.move("a", "c"), "");
  EXPECT_THAT(w.rules(), ElementsAre("d", "b", "c", "a"));
  EXPECT_EQ(w.move("b", "b"), "");
  EXPECT_THAT(w.rules(), ElementsAre("d", "b", "c", "a"));
  EXPECT_EQ(w.move("a", std::nullopt), "");
  EXPECT_THAT(w.rules(), ElementsAre("a", "d", "b", "c"));
  EXPECT_THAT(w.move("a", "gone"), ::testing::HasSubstr("Rule does not exist: gone"));
  EXPECT_THAT(w.move("gone", "a"), ::testing::HasSubstr("Rule does not exist: gone"));
  EXPECT_THAT(w.rules(), ElementsAre("a", "d", "b", "c"));

  auto reorder = [&](std::vector<std::string> names) {
    return fault_of([&] { run_task(w.receipt->reorder_set(w.caller(), "set", std::move(names))); });
  };
  EXPECT_THAT(reorder({"a", "a", "x"}), ::testing::HasSubstr("Multiple positions found for rule: a"));
  EXPECT_THAT(reorder({"a", "x"}), ::testing::HasSubstr("Positions for rules not found: d, b, c"));
  EXPECT_THAT(reorder({"a", "b", "c", "d", "x"}), ::testing::HasSubstr("Rule does not exist: x"));
  EXPECT_EQ(reorder({"d", "c", "b", "a"}), "");
  EXPECT_THAT(w.rules(), ElementsAre("d", "c", "b", "a"));
}

TEST(Receipt, SetsAreClonedAndTheActiveOneStays) {
  World w;
  run_task(w.receipt->create_set(w.caller(), "set"));
  ASSERT_EQ(w.add(rule("a")), "");
  run_task(w.receipt->clone_set(w.caller(), "copy", "set"));
  EXPECT_THAT(w.rules("copy"), ElementsAre("a"));
  EXPECT_THAT(fault_of([&] { run_task(w.receipt->clone_set(w.caller(), "copy", "gone")); }),
              ::testing::HasSubstr("Rule set already exists: copy"));
  EXPECT_THAT(fault_of([&] { run_task(w.receipt->clone_set(w.caller(), "new", "gone")); }),
              ::testing::HasSubstr("Rule set does not exist: gone"));
  run_task(w.receipt->activate_set(w.caller(), "copy"));
  EXPECT_THAT(fault_of([&] { run_task(w.receipt->delete_set(w.caller(), "copy")); }),
              ::testing::HasSubstr("Cannot delete active rule set: copy"));
  run_task(w.receipt->activate_set(w.caller(), std::nullopt));
  run_task(w.receipt->delete_set(w.caller(), "copy"));
  run_task(w.receipt->delete_set(w.caller(), "never was"));
  EXPECT_FALSE(w.setup()->set("copy"));
  EXPECT_FALSE(w.setup()->active_set());
}

TEST(Receipt, ActionsAreChecked) {
  World w;
  run_task(w.receipt->create_set(w.caller(), "set"));
  const std::string topic = "arn:aws:sns:us-east-1:123456789012:t";
  const std::pair<std::vector<ReceiptAction>, const char*> cases[] = {
      {{StopAction{}, SnsAction{topic, {}}},
       "Stop action, if any, must be placed at the end of the actions list"},
      {{AddHeaderAction{"X Y", "v"}}, "Invalid header name: X Y"},
      {{AddHeaderAction{"X", "v\r\nY: z"}}, "Invalid header value: v"},
      {{SnsAction{"topic", {}}}, "Invalid SNS topic: topic"},
      {{S3Action{{}, "", {}, {}, {}}}, "Bucket name must not be empty"},
      {{S3Action{{}, "b", {}, "arn:aws:kms:x", {}}}, "Unable to use AWS KMS key: arn:aws:kms:x"},
      {{LambdaAction{{}, "", {}}}, "Lambda function ARN must not be empty"},
      {{LambdaAction{{}, "f", {}}}, "Invalid Lambda function: f"},
      {{BounceAction{{}, "250", {}, "m", "a@example.com"}}, "Invalid SMTP reply code: 250"},
      {{BounceAction{{}, "550", {}, "", "a@example.com"}}, "Invalid SMTP response message: "},
      {{BounceAction{{}, "550", {}, "m", "a@example.com"}}, "Identity is not verified: a@example.com"},
      {{WorkmailAction{{}, "arn"}}, "WorkMail"},
      {{ConnectAction{"arn", "arn"}}, "Connect"},
      {std::vector<ReceiptAction>(11, AddHeaderAction{"X", "v"}), "Too many actions"},
  };
  for (const auto& [actions, text] : cases)
    EXPECT_THAT(w.add(rule("r", actions)), ::testing::HasSubstr(text));
  EXPECT_THAT(w.add(rule("r", {}, {"not an address@"})), ::testing::HasSubstr("Invalid recipient"));
  EXPECT_THAT(w.rules(), IsEmpty());
}

TEST(Receipt, FiltersAreChecked) {
  World w;
  const std::pair<ReceiptFilter, const char*> cases[] = {
      {{"", false, "10.0.0.1"}, "filterName must not be empty"},
      {{"-a", false, "10.0.0.1"}, "Not a valid filterName: -a"},
      {{"a.b", false, "10.0.0.1"}, "Not a valid filterName: a.b"},
      {{"a", false, "10.0.0.1/33"}, "Invalid CIDR block: 10.0.0.1/33"},
      {{"a", false, "[::1]"}, "Invalid CIDR block: [::1]"},
      {{"a", false, "::ffff:10.0.0.1"}, "Invalid CIDR block"},
      {{"a", false, "fe80::1%eth0"}, "Invalid CIDR block"},
      {{"a", false, ""}, "Invalid CIDR block: "},
  };
  for (const auto& [filter, text] : cases)
    EXPECT_THAT(fault_of([&, f = filter] { run_task(w.receipt->create_filter(w.caller(), f)); }),
                ::testing::HasSubstr(text));
  run_task(w.receipt->create_filter(w.caller(), {"a", false, "2001:db8::/32"}));
  EXPECT_THAT(fault_of([&] {
                run_task(w.receipt->create_filter(w.caller(), {"a", true, "::"}));
              }),
              ::testing::HasSubstr("Filter already exists: a"));
  run_task(w.receipt->delete_filter(w.caller(), "a"));
  run_task(w.receipt->delete_filter(w.caller(), "a"));
  EXPECT_THAT(w.setup()->filters, IsEmpty());
}

TEST(ReceiptMatch, Recipients) {
  struct Case {
    const char* condition;
    const char* address;
    bool matches;
  };
  const Case cases[] = {
      {"user@example.com", "user@example.com", true},
      {"user@example.com", "user+news@EXAMPLE.com", true},
      {"user+news@example.com", "user@example.com", false},
      {"user+news@example.com", "user+news@example.com", true},
      {"user@example.com", "other@example.com", false},
      {"example.com", "a@example.com", true},
      {"example.com", "a@sub.example.com", false},
      {".example.com", "a@sub.example.com", true},
      {".example.com", "a@deep.sub.Example.com", true},
      {".example.com", "a@example.com", false},
      {".example.com", "a@notexample.com", false},
      {"xn--grn-ioa.example", "jörg@grün.example", true},
      {".xn--grn-ioa.example", "jörg@sub.grün.example", true},
      {"a@xn--grn-ioa.example", "a+b@Grün.example", true},
      {"example.com", "a@grün.example", false},
      {"grün.example", "jörg@grün.example", true},
      {".Grün.example", "jörg@sub.xn--grn-ioa.example", true},
      {"jörg@grün.example", "jörg@xn--grn-ioa.example", true},
      {"grün.example", "a@sub.grün.example", false},
      {"User@example.com", "uSER@example.com", true},
      {"user@example.com", "User+News@example.com", true},
      {"user+News@example.com", "user+news@example.com", true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(rule_matches(rule("r", {}, {c.condition}), c.address), c.matches)
        << c.condition << " " << c.address;
  EXPECT_TRUE(rule_matches(rule("r"), "anyone@anywhere.example"));
}

TEST(ReceiptMatch, TheMostSpecificFilterDecides) {
  const std::vector<ReceiptFilter> filters = {
      {"all", false, "0.0.0.0/0"},
      {"ours", true, "192.0.2.0/24"},
      {"bad", false, "192.0.2.66"},
      {"six", false, "2001:db8::/32"},
  };
  EXPECT_EQ(filter_verdict(filters, "198.51.100.1"), FilterVerdict::blocked);
  EXPECT_EQ(filter_verdict(filters, "192.0.2.1"), FilterVerdict::allowed);
  EXPECT_EQ(filter_verdict(filters, "::ffff:192.0.2.1"), FilterVerdict::allowed);
  EXPECT_EQ(filter_verdict(filters, "192.0.2.66"), FilterVerdict::blocked);
  EXPECT_EQ(filter_verdict(filters, "2001:db8:1::1"), FilterVerdict::blocked);
  EXPECT_EQ(filter_verdict(filters, "2001:db9::1"), FilterVerdict::none);
  EXPECT_EQ(filter_verdict({}, "192.0.2.1"), FilterVerdict::none);
}

}  // namespace
}  // namespace ses
