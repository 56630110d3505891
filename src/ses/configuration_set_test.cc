#include "ses/configuration_set.h"

#include <gmock/gmock.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using testing::fault_of;
using testing::instant_settings;
using testing::TestWorld;

constexpr const char* kMissing = "NotFoundException: Configuration set <gone> does not exist.";

struct World : TestWorld {
  World() : TestWorld(instant_settings()) {}

  void make(const std::string& name) {
    ConfigurationSet set;
    set.name = name;
    run_task(configuration_sets->create(caller(), set));
  }
  std::string create(ConfigurationSet set) {
    return fault_of([&] { run_task(configuration_sets->create(caller(), std::move(set))); });
  }
  ConfigurationSetPtr set(const std::string& name = "one") { return configuration_sets->find(scope(), name); }
};

EventDestination sns(const std::string& name,
                     const std::string& arn = "arn:aws:sns:us-east-1:123456789012:t") {
  EventDestination d;
  d.name = name;
  d.enabled = true;
  d.events = {EventType::send, EventType::bounce, EventType::send};
  d.targets = {{TargetKind::sns, arn, "", {}}};
  return d;
}

TEST(ConfigurationSets, NamesAreChecked) {
  World w;
  const std::string long_name(65, 'a');
  const std::pair<std::string, std::string> cases[] = {
      {"", "The configuration set name must be specified."},
      {long_name, "Configuration set name cannot exceed 64 characters."},
      {"a b",
       "Invalid configuration set name <a b>: only alphanumeric ASCII characters, '_', and '-' are allowed."},
      {"ä",
       "Invalid configuration set name <ä>: only alphanumeric ASCII characters, '_', and '-' are allowed."},
      {std::string(64, 'a'), ""},
      {"A-z_09", ""},
  };
  for (const auto& [name, text] : cases) {
    ConfigurationSet set;
    set.name = name;
    EXPECT_EQ(w.create(set), text.empty() ? "" : "BadRequestException: " + text);
  }
  ConfigurationSet again;
  again.name = "A-z_09";
  EXPECT_EQ(w.create(again), "AlreadyExistsException: Configuration set <A-z_09> already exists.");
}

TEST(ConfigurationSets, MissingOnesAreMissed) {
  World w;
  auto& sets = *w.configuration_sets;
  auto caller = w.caller();
  EXPECT_EQ(fault_of([&] { sets.require(w.scope(), "gone"); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.remove(caller, "gone")); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.set_sending(caller, "gone", true)); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.set_delivery(caller, "gone", {})); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.set_tracking(caller, "gone", {})); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.set_signing_scheme(caller, "gone", std::nullopt)); }), kMissing);
  EXPECT_EQ(fault_of([&] { run_task(sets.create_destination(caller, "gone", sns("d"))); }), kMissing);
  EXPECT_EQ(sets.tags(w.scope(), "gone"), std::nullopt);
  EXPECT_FALSE(run_task(sets.set_tags(caller, "gone", {})));
}

TEST(ConfigurationSets, AllOfItSurvivesARestart) {
  World w;
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  ConfigurationSet set;
  set.name = "one";
  set.reputation_metrics = true;
  set.sending_enabled = false;
  set.delivery = {true, "ses-default-dedicated-pool", std::chrono::seconds{300}};
  set.tracking = TrackingOptions{"click.example.com", "REQUIRE"};
  set.suppression = SuppressionOptions{std::vector<std::string>{}, "TENANT", "ENABLED", "HIGH"};
  set.vdm = {"ENABLED", "DISABLED"};
  set.archive_arn = "arn:aws:ses:us-east-1:123456789012:mailmanager-archive/a-1";
  set.signing_scheme = SigningScheme::smime;
  set.tags = {{"a=b", "c = d+e"}, {"e", ""}};
  EXPECT_EQ(w.create(set), "");
  run_task(w.configuration_sets->create_destination(w.caller(), "one", sns("topic")));
  auto metrics = sns("metrics");
  metrics.targets = {{TargetKind::cloud_watch, "", "", {{"ses:campaign", "MESSAGE_TAG", "none"}}}};
  run_task(w.configuration_sets->create_destination(w.caller(), "one", metrics));
  w.clock.freeze(w.clock.now() + std::chrono::hours(1));
  run_task(w.configuration_sets->set_sending(w.caller(), "one", true));
  auto before = w.set();
  w.reopen();
  auto after = w.set();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->created, base::from_millis(1700000000000));
  EXPECT_TRUE(after->sending_enabled);
  EXPECT_EQ(after->last_fresh_start, w.clock.now());
  EXPECT_TRUE(after->reputation_metrics);
  EXPECT_EQ(after->delivery.tls_required, true);
  EXPECT_EQ(after->delivery.sending_pool, "ses-default-dedicated-pool");
  EXPECT_EQ(after->delivery.max_delivery, std::chrono::seconds{300});
  EXPECT_EQ(after->tracking->redirect_domain, "click.example.com");
  EXPECT_EQ(after->tracking->https_policy, "REQUIRE");
  EXPECT_EQ(after->suppression->reasons, std::vector<std::string>{});
  EXPECT_EQ(after->suppression->scope, "TENANT");
  EXPECT_EQ(after->suppression->threshold_enabled, "ENABLED");
  EXPECT_EQ(after->suppression->verdict_threshold, "HIGH");
  EXPECT_EQ(after->vdm.engagement_metrics, "ENABLED");
  EXPECT_EQ(after->vdm.optimized_shared_delivery, "DISABLED");
  EXPECT_EQ(after->archive_arn, set.archive_arn);
  EXPECT_EQ(after->signing_scheme, SigningScheme::smime);
  EXPECT_EQ(after->tags, set.tags);
  EXPECT_EQ(after->destinations, before->destinations);
  EXPECT_EQ(after->generation, before->generation);
  ASSERT_EQ(after->destinations.size(), 2u);
  EXPECT_THAT(after->destinations[0].events, ElementsAre(EventType::bounce, EventType::send));

  run_task(w.configuration_sets->remove(w.caller(), "one"));
  EXPECT_FALSE(w.set());
  w.reopen();
  EXPECT_FALSE(w.set());
}

TEST(ConfigurationSets, BelongToOneAccountAndRegion) {
  World w;
  w.make("one");
  EXPECT_FALSE(w.configuration_sets->find(w.caller("eu-west-1").scope, "one"));
  EXPECT_THAT(w.configuration_sets->all(w.scope()), ::testing::SizeIs(1));
  EXPECT_THAT(w.configuration_sets->all(w.caller("eu-west-1").scope), ::testing::IsEmpty());
}

TEST(ConfigurationSets, AFreshStartIsWhenSendingComesOnAgain) {
  World w;
  w.make("one");
  auto switched = [&](bool on) {
    w.clock.freeze(w.clock.now() + std::chrono::minutes(1));
    run_task(w.configuration_sets->set_sending(w.caller(), "one", on));
    return w.set()->last_fresh_start;
  };
  EXPECT_EQ(switched(true), std::nullopt);
  EXPECT_EQ(switched(false), std::nullopt);
  auto first = switched(true);
  EXPECT_EQ(first, w.clock.now());
  EXPECT_EQ(switched(true), first);
}

TEST(ConfigurationSets, DeliveryOptions) {
  World w;
  w.make("one");
  auto put = [&](DeliveryOptions options) {
    return fault_of([&] { run_task(w.configuration_sets->set_delivery(w.caller(), "one", options)); });
  };
  EXPECT_EQ(put({{}, " ", {}}), "BadRequestException: sendingPoolName can't be blank.");
  EXPECT_EQ(put({{}, "mine", {}}), "BadRequestException: SendingPool <mine> doesn't exist");
  EXPECT_EQ(put({true, "ses-shared-pool", std::chrono::seconds{600}}), "");
  run_task(
      w.configuration_sets->set_tls_policy(w.caller(), "one", false));  // v1 leaves what it does not know
  EXPECT_EQ(w.set()->delivery.tls_required, false);
  EXPECT_EQ(w.set()->delivery.sending_pool, "ses-shared-pool");
  EXPECT_EQ(put({}), "");
  EXPECT_TRUE(w.set()->delivery.empty());
}

TEST(ConfigurationSets, TrackingOptionsInV2) {
  World w;
  w.make("one");
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  auto put = [&](std::optional<std::string> domain, std::optional<std::string> policy) {
    return fault_of([&] {
      run_task(w.configuration_sets->set_tracking(w.caller(), "one", {domain, policy}));
    });
  };
  EXPECT_EQ(put("", {}), "BadRequestException: CustomRedirectDomain must be specified.");
  EXPECT_EQ(put({}, "REQUIRE"), "BadRequestException: CustomRedirectDomain must be specified.");
  EXPECT_EQ(put("other.example", "nonsense"),
            "BadRequestException: Domain <other.example> is not verified under this account.");
  EXPECT_EQ(put("not a domain", {}),
            "BadRequestException: Domain <not a domain> is not verified under this account.");
  EXPECT_EQ(put("example.com", "nonsense"),
            "BadRequestException: 1 validation error detected: Value at 'httpsPolicy' failed to satisfy "
            "constraint: Member must satisfy enum value set: [OPTIONAL, REQUIRE, REQUIRE_OPEN_ONLY]");
  EXPECT_EQ(put("Click.Example.com", "OPTIONAL"), "");
  EXPECT_EQ(w.set()->tracking->redirect_domain, "Click.Example.com");
  EXPECT_EQ(put({}, {}), "");
  EXPECT_FALSE(w.set()->tracking);
}

TEST(ConfigurationSets, TrackingOptionsInV1) {
  World w;
  w.make("one");
  run_task(w.identities->verify_domain(w.caller(), "example.com"));
  auto& sets = *w.configuration_sets;
  auto create = [&](const std::string& set, const std::string& domain) {
    return fault_of([&] { run_task(sets.create_tracking(w.caller(), set, domain)); });
  };
  auto update = [&](const std::string& domain) {
    return fault_of([&] { run_task(sets.update_tracking(w.caller(), "one", domain)); });
  };
  auto remove = [&] { return fault_of([&] { run_task(sets.remove_tracking(w.caller(), "one")); }); };
  const auto* none = "NotFoundException: There are no tracking options for configuration set <one>";
  EXPECT_EQ(create("one", ""),
            "BadRequestException: At least one field of TrackingOptions must contain a value.");
  EXPECT_EQ(create("gone", "other.example"),
            "BadRequestException: Domain <other.example> is not verified under this account.");
  EXPECT_EQ(create("gone", "example.com"), kMissing);
  EXPECT_EQ(update("example.com"), none);
  EXPECT_EQ(remove(), none);
  EXPECT_EQ(create("one", "example.com"), "");
  EXPECT_EQ(create("one", "example.com"),
            "AlreadyExistsException: Configuration set <one> already has tracking options.");
  run_task(sets.set_tracking(w.caller(), "one", {"example.com", "REQUIRE"}));
  EXPECT_EQ(update("a.example.com"), "");
  EXPECT_EQ(w.set()->tracking->redirect_domain, "a.example.com");
  EXPECT_EQ(w.set()->tracking->https_policy, "REQUIRE");
  EXPECT_EQ(remove(), "");
  EXPECT_FALSE(w.set()->tracking);
}

TEST(ConfigurationSets, SuppressionOptions) {
  World w;
  w.make("one");
  auto put = [&](SuppressionOptions options) {
    return fault_of([&] { run_task(w.configuration_sets->set_suppression(w.caller(), "one", options)); });
  };
  using Reasons = std::vector<std::string>;
  EXPECT_FALSE(w.set()->suppression);
  EXPECT_EQ(put({Reasons{"BOUNCE", "SPAM"}, {}, {}, {}}),
            "BadRequestException: Reason SPAM is invalid, must be one of [BOUNCE, COMPLAINT].");
  EXPECT_EQ(put({Reasons{"BOUNCE", "BOUNCE"}, {}, {}, {}}), "");
  EXPECT_EQ(w.set()->suppression->reasons, Reasons{"BOUNCE"});
  EXPECT_EQ(put({{}, {}, "ENABLED", "HIGH"}), "");
  EXPECT_EQ(w.set()->suppression->reasons, std::nullopt);
  EXPECT_EQ(put({}), "");
  EXPECT_EQ(w.set()->suppression->reasons, Reasons{});
}

TEST(ConfigurationSets, Tags) {
  World w;
  w.make("one");
  std::vector<Tag> tags = {{"team", "red"}};
  EXPECT_TRUE(run_task(w.configuration_sets->set_tags(w.caller(), "one", tags)));
  EXPECT_EQ(w.configuration_sets->tags(w.scope(), "one"), tags);
  std::function<void(std::vector<Tag>&)> bad = [](std::vector<Tag>& t) { t.push_back({"aws:x", "y"}); };
  EXPECT_EQ(fault_of([&] { run_task(w.configuration_sets->edit_tags(w.caller(), "one", bad)); }),
            "BadRequestException: Tag keys must not start with aws:.");
  EXPECT_EQ(w.configuration_sets->tags(w.scope(), "one"), tags);
}

TEST(ConfigurationSets, EventDestinations) {
  World w;
  w.make("one");
  auto& sets = *w.configuration_sets;
  auto create = [&](EventDestination d) {
    return fault_of([&] { run_task(sets.create_destination(w.caller(), "one", d)); });
  };
  auto update = [&](EventDestination d, Wording wording) {
    return fault_of([&] { run_task(sets.update_destination(w.caller(), "one", d, wording)); });
  };
  EXPECT_EQ(create(sns("d0")), "");
  EXPECT_EQ(
      create(sns("d0")),
      "AlreadyExistsException: An event destination with name <d0> already exists for configuration set "
      "<one>.");
  EXPECT_EQ(update(sns("x"), Wording::v1), "NotFoundException: No EventDestination found for x");
  EXPECT_EQ(
      update(sns("x"), Wording::v2),
      "NotFoundException: An event destination with name <x> does not exist for configuration set <one>.");
  for (int i = 1; i < 10; ++i) EXPECT_EQ(create(sns("d" + std::to_string(i))), "");
  EXPECT_EQ(create(sns("d10")),
            "LimitExceededException: The number of event destinations of configuration set <one> exceeds the "
            "maximum of 10.");
  auto changed = sns("d3", "arn:aws:sns:us-east-1:123456789012:other");
  changed.enabled = false;
  EXPECT_EQ(update(changed, Wording::v2), "");
  EXPECT_EQ(w.set()->destinations[3].target().arn, "arn:aws:sns:us-east-1:123456789012:other");
  EXPECT_FALSE(w.set()->destinations[3].enabled);
  run_task(sets.remove_destination(w.caller(), "one", "d0", Wording::v1));
  EXPECT_EQ(w.set()->destinations.front().name, "d1");
  EXPECT_FALSE(w.set()->destination("d0"));
}

TEST(EventDestinations, FormsThatAreRefused) {
  struct Case {
    std::string what;
    std::function<void(EventDestination&)> spoil;
    std::string text;
  };
  const std::string invalid = ">: only alphanumeric ASCII characters, '_', and '-' are allowed.";
  auto dimensions = [](std::size_t n, std::string name = "d", std::string value = "v") {
    EventTarget t{TargetKind::cloud_watch, "", "", {}};
    for (std::size_t i = 0; i < n; ++i) t.dimensions.push_back({name, "MESSAGE_TAG", value});
    return t;
  };
  const Case cases[] = {
      {"name", [](auto& d) { d.name = "a b"; }, "Invalid event destination name <a b" + invalid},
      {"long name", [](auto& d) { d.name = std::string(65, 'x'); },
       "Event destination name cannot exceed 64 characters."},
      {"no events", [](auto& d) { d.events.clear(); }, "At least one event type must be specified."},
      {"no target", [](auto& d) { d.targets.clear(); }, "Event destination is not provided."},
      {"two targets", [](auto& d) { d.targets.push_back(d.targets[0]); },
       "Please provide only one destination with each request. Either a Firehose Destination or a Cloudwatch "
       "Destination or an SNS Destination or an EventBridge Destination."},
      {"no dimension", [&](auto& d) { d.targets = {dimensions(0)}; },
       "CloudWatch metrics dimension configuration list cannot be empty."},
      {"ten dimensions", [&](auto& d) { d.targets = {dimensions(10)}; }, ""},
      {"eleven dimensions", [&](auto& d) { d.targets = {dimensions(11)}; },
       "The number of CloudWatch metrics dimensions exceeds the maximum of 10."},
      {"dimension's name", [&](auto& d) { d.targets = {dimensions(1, "a b")}; },
       "Invalid CloudWatch dimension name <a b>: 1 to 256 alphanumeric ASCII characters, '_', '-' and ':' "
       "are "
       "allowed."},
      {"topic of another region", [](auto& d) { d.targets[0].arn = "arn:aws:sns:eu-west-1:123456789012:t"; },
       "SNS topic <arn:aws:sns:eu-west-1:123456789012:t> not found."},
      {"FIFO topic", [](auto& d) { d.targets[0].arn = "arn:aws:sns:us-east-1:123456789012:t.fifo"; },
       "SNS topic <arn:aws:sns:us-east-1:123456789012:t.fifo> not found."},
      {"no ARN", [](auto& d) { d.targets[0].arn = "topic"; }, "SNS topic <topic> not found."},
      {"line breaks", [](auto& d) { d.targets[0].arn = "arn:aws:sns:us-east-1:123456789012:t\r\nx"; },
       "SNS topic <arn:aws:sns:us-east-1:123456789012:t\r\nx> not found."},
      {"another bus",
       [](auto& d) {
         d.targets = {
             {TargetKind::event_bridge, "arn:aws:events:us-east-1:123456789012:event-bus/x", "", {}}};
       },
       "Invalid event bus <arn:aws:events:us-east-1:123456789012:event-bus/x>: only the default event bus of "
       "this "
       "account and region is allowed."},
      {"the default bus",
       [](auto& d) {
         d.targets = {
             {TargetKind::event_bridge, "arn:aws:events:us-east-1:123456789012:event-bus/default", "", {}}};
       },
       ""},
      {"a stream",
       [](auto& d) {
         d.targets = {{TargetKind::firehose,
                       "arn:aws:firehose:us-east-1:123456789012:deliverystream/s",
                       "arn:aws:iam::123456789012:role/path/r",
                       {}}};
       },
       ""},
      {"a stream's role",
       [](auto& d) {
         d.targets = {
             {TargetKind::firehose, "arn:aws:firehose:us-east-1:123456789012:deliverystream/s", "role", {}}};
       },
       "IAM role <role> not found."},
      {"an application",
       [](auto& d) {
         d.targets = {
             {TargetKind::pinpoint, "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1", "", {}}};
       },
       ""},
      {"no application",
       [](auto& d) {
         d.targets = {{TargetKind::pinpoint, "", "", {}}};
       },
       "Invalid Pinpoint application ARN provided: ."},
  };
  const Scope scope{AccountId("123456789012"), Region("us-east-1")};
  for (const auto& c : cases) {
    auto d = sns("d");
    c.spoil(d);
    auto text = fault_of([&] {
      check_destination("one", d);
      check_target(scope, "one", d);
    });
    EXPECT_EQ(text, c.text.empty() ? "" : "BadRequestException: " + c.text) << c.what;
  }
}

TEST(EventDestinations, TypesInBothSpellings) {
  for (int i = 0; i < static_cast<int>(EventType::count_); ++i) {
    auto type = static_cast<EventType>(i);
    EXPECT_EQ(event_type(v1_name(type)), type);
    EXPECT_EQ(event_type(v2_name(type)), type);
  }
  EXPECT_EQ(v1_name(EventType::rendering_failure), "renderingFailure");
  EXPECT_EQ(v2_name(EventType::rendering_failure), "RENDERING_FAILURE");
  EXPECT_EQ(event_type("Send"), std::nullopt);
}

TEST(DefaultSet, OfIdentities) {
  World w;
  auto& identities = *w.identities;
  auto caller = w.caller();
  w.make("of-domain");
  w.make("of-address");
  Identities::CreateRequest domain;
  domain.name = "example.com";
  domain.configuration_set = "gone";
  EXPECT_EQ(fault_of([&] { run_task(identities.create(caller, domain)); }), kMissing);
  EXPECT_FALSE(identities.find(w.scope(), "example.com"));
  domain.configuration_set = "of-domain";
  run_task(identities.create(caller, domain));
  run_task(identities.verify_address(caller, "me@example.com"));

  auto of = [&](const std::string& address) {
    return identities.default_configuration_set(w.scope(), address).value_or("-");
  };
  auto put = [&](const std::string& name, std::optional<std::string> set) {
    return fault_of([&] { run_task(identities.set_configuration_set(caller, name, set)); });
  };
  EXPECT_EQ(of("me@example.com"), "of-domain");  // the address has none of its own
  EXPECT_EQ(put("me@example.com", "of-address"), "");
  EXPECT_EQ(of("me@Example.com"), "of-address");
  EXPECT_EQ(of("me+label@example.com"), "of-address");
  EXPECT_EQ(of("you@example.com"), "of-domain");
  EXPECT_EQ(of("you@sub.example.com"), "of-domain");
  EXPECT_EQ(of("you@example.org"), "-");
  EXPECT_EQ(put("me@example.com", "gone"), kMissing);
  EXPECT_EQ(put("x@example.org", "of-domain"), "NotFoundException: Identity <x@example.org> does not exist.");
  w.reopen();
  EXPECT_EQ(w.identities->default_configuration_set(w.scope(), "me@example.com"), "of-address");
  run_task(w.identities->set_configuration_set(caller, "me@example.com", ""));
  run_task(w.identities->set_configuration_set(caller, "example.com", std::nullopt));
  EXPECT_EQ(w.identities->default_configuration_set(w.scope(), "me@example.com"), std::nullopt);
  EXPECT_EQ(w.identities->find(w.scope(), "example.com")->configuration_set, std::nullopt);
}

}  // namespace
}  // namespace ses
