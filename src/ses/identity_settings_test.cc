// What is set on identities: MAIL FROM, feedback, notifications, policies, tags, certificates.
#include <gmock/gmock.h>

#include "ses/identity.h"
#include "ses/tags.h"
#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using testing::fault_of;
using testing::instant_settings;
using testing::TestWorld;
using Type = NotificationType;

constexpr const char* kTopic = "arn:aws:sns:us-east-1:123456789012:bounces";

struct World : TestWorld {
  World() : TestWorld(instant_settings()) {
    domain("example.com");
    run_task(identities->verify_address(caller(), "bob@example.com"));
  }
  void domain(const std::string& name) { run_task(identities->verify_domain(caller(), name)); }
  IdentityPtr find(std::string_view name = "example.com") { return identities->find(scope(), name); }
  std::string mail_from(std::string name, std::string domain, bool reject = false) {
    return fault_of([&] { run_task(identities->set_mail_from(caller(), {name, domain, reject})); });
  }
  std::string forwarding(std::string name, bool enabled, bool need_topics) {
    return fault_of(
        [&] { run_task(identities->set_feedback_forwarding(caller(), name, enabled, need_topics)); });
  }
  std::string topic(std::string name, Type type, std::string arn) {
    return fault_of([&] { run_task(identities->set_notification_topic(caller(), name, type, arn)); });
  }
  std::string headers(std::string name, Type type, bool enabled) {
    return fault_of([&] { run_task(identities->set_notification_headers(caller(), name, type, enabled)); });
  }
};

TEST(IdentitySettings, MailFrom) {
  World w;
  EXPECT_EQ(w.mail_from("example.com", "Bounce.Example.com", true), "");
  EXPECT_EQ(w.find()->mail_from.domain, "bounce.example.com");
  EXPECT_TRUE(w.find()->mail_from.reject);
  EXPECT_EQ(w.find()->mail_from.status, VerificationStatus::success);
  w.reopen();
  EXPECT_EQ(w.find()->mail_from.domain, "bounce.example.com");
  EXPECT_TRUE(w.find()->mail_from.reject);
  EXPECT_TRUE(w.find()->mail_from.usable());
  EXPECT_EQ(w.mail_from("example.com", "", false), "");
  EXPECT_EQ(w.find()->mail_from.domain, "");
  EXPECT_EQ(w.find()->mail_from.status, VerificationStatus::not_started);
}

TEST(IdentitySettings, FaultsOfMailFrom) {
  World w;
  struct Case {
    std::string identity, domain, fault;
  };
  auto not_below = [](std::string domain) {
    return "BadRequestException: Provided MAIL-FROM domain <" + domain +
           "> is not subdomain of the domain of the identity <example.com>.";
  };
  const Case cases[] = {
      {"none.example", "a.none.example", "BadRequestException: Identity <none.example> does not exist."},
      {"foo", "a.foo", "BadRequestException: Identity <foo> does not exist."},
      {"none.example", "", "BadRequestException: Identity <none.example> does not exist."},
      {"example.com", "example.com", not_below("example.com")},
      {"example.com", "bounce.example.net", not_below("bounce.example.net")},
      {"example.com", "badexample.com", not_below("badexample.com")},
      {"example.com", "a b.example.com", not_below("a b.example.com")},
      {"example.com", "a@b.example.com", not_below("a@b.example.com")},
      {"bob@example.com", "example.com", not_below("example.com")},
      {"bob@example.com", "m.example.com", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(w.mail_from(c.identity, c.domain), c.fault) << c.identity << c.domain;
}

// SES §8.1: the setting of the most specific verified identity that has one.
TEST(IdentitySettings, MailFromIsInherited) {
  World w;
  w.domain("sub.example.com");
  w.domain("deep.sub.example.com");
  w.mail_from("example.com", "m.example.com");
  w.mail_from("deep.sub.example.com", "m.deep.sub.example.com");
  auto of = [&](const char* sender) {
    auto match = w.identities->match_sender(w.scope(), sender);
    auto found = match ? w.identities->mail_from_for(*match->identity) : std::nullopt;
    return found ? found->domain : "";
  };
  EXPECT_EQ(of("any@example.com"), "m.example.com");
  EXPECT_EQ(of("bob@example.com"), "m.example.com");
  EXPECT_EQ(of("bob+label@example.com"), "m.example.com");
  EXPECT_EQ(of("any@unlisted.example.com"), "m.example.com");
  EXPECT_EQ(of("any@sub.example.com"), "m.example.com");
  EXPECT_EQ(of("any@deep.sub.example.com"), "m.deep.sub.example.com");
  EXPECT_EQ(of("any@other.example"), "");
  w.mail_from("bob@example.com", "bob.example.com");
  EXPECT_EQ(of("bob@example.com"), "bob.example.com");
  EXPECT_EQ(of("bob+label@example.com"), "bob.example.com");
  EXPECT_EQ(of("alice@example.com"), "m.example.com");
}

TEST(IdentitySettings, FeedbackForwarding) {
  World w;
  EXPECT_TRUE(w.find()->feedback_forwarding);
  const std::string missing =
      "BadRequestException: Identity none.example is invalid. Must be a verified email address or domain.";
  EXPECT_EQ(w.forwarding("none.example", true, true), missing);
  EXPECT_EQ(w.forwarding("none.example", false, false), missing);
  EXPECT_EQ(w.forwarding("example.com", false, true),
            "BadRequestException: Feedback forwarding of identity example.com cannot be disabled: bounce and "
            "complaint topics must be set first.");
  w.topic("example.com", Type::bounce, kTopic);
  EXPECT_NE(w.forwarding("example.com", false, true), "");
  w.topic("example.com", Type::complaint, kTopic);
  EXPECT_EQ(w.forwarding("example.com", false, true), "");
  EXPECT_FALSE(w.find()->feedback_forwarding);
  EXPECT_EQ(w.forwarding("bob@example.com", false, false), "");
  w.reopen();
  EXPECT_FALSE(w.find("bob@example.com")->feedback_forwarding);
}

TEST(IdentitySettings, Notifications) {
  World w;
  const std::string missing =
      "BadRequestException: Identity none.example is invalid. It must be a verified email address or domain.";
  EXPECT_EQ(w.topic("none.example", Type::bounce, kTopic), missing);
  EXPECT_EQ(w.headers("none.example", Type::bounce, true), missing);
  EXPECT_EQ(w.headers("example.com", Type::delivery, true),
            "BadRequestException: Identity example.com has no topic for Delivery notifications.");
  EXPECT_EQ(w.headers("example.com", Type::delivery, false), "");
  EXPECT_EQ(w.topic("example.com", Type::delivery, kTopic), "");
  EXPECT_EQ(w.headers("example.com", Type::delivery, true), "");
  w.reopen();
  EXPECT_EQ(w.find()->notification(Type::delivery).topic, kTopic);
  EXPECT_TRUE(w.find()->notification(Type::delivery).headers);
  EXPECT_FALSE(w.find()->notification(Type::bounce).headers);
  EXPECT_EQ(w.find()->notification(Type::bounce).topic, "");
  EXPECT_EQ(w.topic("example.com", Type::delivery, ""), "");
  EXPECT_FALSE(w.find()->notification(Type::delivery).headers);

  for (const char* bad :
       {"bounces", "arn:aws:sns:eu-west-1:123456789012:x", "arn:aws:sqs:us-east-1:123456789012:x",
        "arn:aws:sns:us-east-1:123456789012:x.fifo", "arn:aws:sns:us-east-1:12:x"})
    EXPECT_EQ(w.topic("example.com", Type::bounce, bad),
              "BadRequestException: Invalid SNS topic <" + std::string(bad) + ">.");
}

std::string policy_for(std::string identity) {
  return R"({ "Statement": {"Effect":"Allow","Principal":"*","Action":"ses:SendEmail","Resource":"arn:aws:ses:)"
         R"(us-east-1:123456789012:identity/)" +
         identity + "\"}}";
}

TEST(IdentitySettings, Policies) {
  World w;
  using How = Identities::PolicyWrite;
  auto put = [&](std::string identity, std::string name, How how) {
    return fault_of([&] {
      run_task(w.identities->put_policy(w.caller(), {identity, name, policy_for(identity), how}));
    });
  };
  EXPECT_EQ(put("example.com", "p", How::update), "NotFoundException: Policy <p> does not exist");
  EXPECT_EQ(put("example.com", "p", How::create), "");
  EXPECT_EQ(put("example.com", "p", How::create), "AlreadyExistsException: Policy <p> already exists");
  EXPECT_EQ(put("example.com", "p", How::update), "");
  EXPECT_EQ(put("example.com", "p", How::upsert), "");
  EXPECT_EQ(put("none.example", "p", How::create),
            "NotFoundException: Email identity <none.example> does not exist.");
  EXPECT_EQ(put("none.example", "p", How::upsert),
            "BadRequestException: Identity <none.example> does not exist.");
  for (int i = 1; i < 20; ++i) EXPECT_EQ(put("example.com", "p" + std::to_string(i), How::upsert), "");
  const std::string many =
      "Number of policies for <example.com> exceeds max allowed number of policies per resource";
  EXPECT_EQ(put("example.com", "more", How::create), "LimitExceededException: " + many);
  EXPECT_EQ(put("example.com", "more", How::upsert), "BadRequestException: " + many);
  EXPECT_EQ(put("example.com", "p19", How::upsert), "");
  w.reopen();
  EXPECT_EQ(w.find()->policies.size(), 20u);
  EXPECT_EQ(w.find()->policies.at("p7").find(' '), std::string::npos);
  EXPECT_TRUE(run_task(w.identities->remove_policy(w.caller(), "example.com", "p7")));
  EXPECT_FALSE(run_task(w.identities->remove_policy(w.caller(), "example.com", "p7")));
  EXPECT_FALSE(run_task(w.identities->remove_policy(w.caller(), "none.example", "p7")));
  w.reopen();
  EXPECT_EQ(w.find()->policies.size(), 19u);
  // They go with the identity.
  run_task(w.identities->remove(w.caller(), "example.com"));
  w.domain("example.com");
  EXPECT_TRUE(w.find()->policies.empty());
}

TEST(IdentitySettings, Tags) {
  World w;
  auto add = [&](std::vector<Tag> tags) {
    return fault_of([&] { run_task(w.identities->edit_tags(w.caller(), "example.com", add_tags(tags))); });
  };
  EXPECT_EQ(add({{"a", "1"}, {"b", "2"}}), "");
  EXPECT_EQ(add({{"b", "3"}, {"c", ""}}), "");
  EXPECT_EQ(add({}), "");
  w.reopen();
  EXPECT_EQ(w.find()->tags, (std::vector<Tag>{{"a", "1"}, {"b", "3"}, {"c", ""}}));
  std::vector<Tag> many;
  for (int i = 0; i < 48; ++i) many.push_back({"k" + std::to_string(i), ""});
  EXPECT_EQ(add(many), "BadRequestException: The number of tags exceeds the maximum of 50.");
  EXPECT_EQ(w.find()->tags.size(), 3u);
  EXPECT_EQ(add({{"AWS:x", ""}}), "BadRequestException: Tag keys must not start with aws:.");
  EXPECT_TRUE(run_task(w.identities->edit_tags(w.caller(), "example.com", remove_tags({"a", "none"}))));
  EXPECT_EQ(w.find()->tags, (std::vector<Tag>{{"b", "3"}, {"c", ""}}));
  EXPECT_FALSE(run_task(w.identities->edit_tags(w.caller(), "none.example", remove_tags({"a"}))));
}

TEST(IdentitySettings, Certificates) {
  World w;
  using Sender = std::optional<std::string>;
  const std::string arn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
  auto associate = [&](std::string identity, Sender sender) {
    return fault_of([&] {
      run_task(w.identities->associate_certificate(w.caller(), {identity, sender, arn}));
    });
  };
  EXPECT_EQ(associate("none.example", {}), "NotFoundException: Email identity none.example does not exist.");
  EXPECT_EQ(associate("example.com", {}),
            "BadRequestException: FromAddress is required when EmailIdentity is a domain.");
  EXPECT_EQ(associate("example.com", "x"),
            "BadRequestException: FromAddress <x> is not a valid email address.");
  EXPECT_EQ(associate("example.com", "a@badexample.com"),
            "BadRequestException: FromAddress <a@badexample.com> does not belong to the domain identity "
            "<example.com>.");
  EXPECT_EQ(associate("example.com", "a@example.com"), "");
  EXPECT_EQ(associate("example.com", "a@sub.example.com"), "");
  EXPECT_EQ(
      associate("example.com", "a@example.com"),
      "AlreadyExistsException: A certificate is already associated with sender <a@example.com> on identity "
      "<example.com>.");
  EXPECT_EQ(associate("bob@example.com", {}), "");
  EXPECT_NE(associate("bob@example.com", "eve@example.com"), "");
  auto listed = run_task(w.identities->certificates(w.scope(), "example.com"));
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].sender, "a@example.com");
  EXPECT_EQ(listed[0].arn, arn);
  EXPECT_EQ(
      fault_of([&] { run_task(w.identities->remove(w.caller(), "bob@example.com")); }),
      "BadRequestException: Cannot delete "
      "<arn:aws:ses:us-east-1:123456789012:identity/bob@example.com> because it has certificates associated "
      "with it. Disassociate all certificates and try again.");
  for (int i = 0; i < 2; ++i)
    run_task(w.identities->disassociate_certificate(w.caller(), {"bob@example.com", {}, {}}));
  EXPECT_TRUE(run_task(w.identities->remove(w.caller(), "bob@example.com")));
}

}  // namespace
}  // namespace ses
