// Temporary credentials: what a token carries, and when it is void.
#include "ses/session_token.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "ses/principal_test_world.h"
#include "ses/reseal.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using ::testing::StartsWith;
using namespace testing;  // NOLINT: the world of these tests

constexpr const char* kInvalid =
    "InvalidClientTokenId: The security token included in the request is invalid.";

struct SessionWorld : IamWorld {
  SessionWorld() {
    role_made = run_task(iam().create({.name = role("app"),
                                       .path = "/x/",
                                       .tags = {{"Team", "blue"}, {"Cost", "1"}},
                                       .trust = kTrust,
                                       .max_session = std::chrono::seconds(7200)}));
    run_task(iam().put_policy(role("app"), {"own", allow("ses:*")}));
  }
  Principals::SessionRequest request() const {
    Principals::SessionRequest r;
    r.account = kAccount;
    r.principal = role_made.id;
    r.name = "job-1";
    return r;
  }
  Principal role_made;
};

TEST(SessionToken, CarriesEverything) {
  const auto keyring = Keyring::ephemeral();
  SessionClaims c;
  c.account = kAccount;
  c.kind = SubjectKind::federated;
  c.access_key_id = "ASIAX";
  c.secret = "a secret & more=1";
  c.principal = "AIDAX";
  c.name = "kim";
  c.source_identity = "source";
  c.issued = base::from_millis(1);
  c.expires = base::from_millis(1700000000001);
  c.mfa = true;
  c.policy = allow("ses:*");
  c.policy_arns = {std::string(kSesFull), "arn:b"};
  c.tags = {{"Team", "blue=1&2"}, {"é", ""}};
  c.transitive_tags = {"Team"};
  const auto token = seal_session(keyring, c);
  EXPECT_EQ(token.find("secret"), token.npos);
  const auto read = open_session_token(keyring, token);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->account, c.account);
  EXPECT_EQ(read->kind, c.kind);
  EXPECT_EQ(read->access_key_id, c.access_key_id);
  EXPECT_EQ(read->secret, c.secret);
  EXPECT_EQ(read->principal, c.principal);
  EXPECT_EQ(read->name, c.name);
  EXPECT_EQ(read->source_identity, c.source_identity);
  EXPECT_EQ(read->issued, c.issued);
  EXPECT_EQ(read->expires, c.expires);
  EXPECT_TRUE(read->mfa);
  EXPECT_EQ(read->policy, c.policy);
  EXPECT_EQ(read->policy_arns, c.policy_arns);
  EXPECT_EQ(read->tags, c.tags);
  EXPECT_EQ(read->transitive_tags, c.transitive_tags);
  EXPECT_FALSE(open_session_token(Keyring::ephemeral(), token));
}

TEST(SessionToken, AnyChangeIsSeen) {
  const auto keyring = Keyring::ephemeral();
  const auto token = seal_session(keyring, {});
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto read = open_session_token(keyring, changed);
    // Base64 may have spare bits at its end.
    EXPECT_TRUE(!read || i + 4 >= token.size()) << i;
  }
  for (const char* text : {"", "AAAA", "not base64 !"})
    EXPECT_FALSE(open_session_token(keyring, text)) << text;
  EXPECT_FALSE(open_session_token(keyring, std::string(1 << 20, 'A')));
  // What is sealed for another purpose is no token.
  EXPECT_FALSE(
      open_session_token(keyring, base::base64_encode(keyring.seal("version=1=", "access-key:AKIA"))));
}

TEST(Sessions, OfARole) {
  SessionWorld w;
  auto request = w.request();
  request.policy = allow("ses:Get*");
  request.policy_arns = {std::string(kSesFull)};
  request.tags = {{"team", "red"}};
  request.source_identity = "kim";
  const auto minted = w.iam().mint_session(request);
  EXPECT_THAT(minted.access_key_id, StartsWith("ASIA"));
  EXPECT_EQ(minted.expires, w.clock.now() + std::chrono::hours(1));
  const auto session = w.iam().open_session(minted.access_key_id, minted.token);
  EXPECT_EQ(session->claims.secret, minted.secret);
  EXPECT_EQ(w.iam().open_session(minted.access_key_id, minted.token), session);  // opened once
  const auto caller = w.iam().caller_of(session, Region("us-east-1"));
  EXPECT_EQ(caller.principal_arn, "arn:aws:sts::123456789012:assumed-role/app/job-1");
  EXPECT_EQ(caller.principal_name, "app");
  const auto subject = w.iam().subject_of(caller);
  ASSERT_NE(subject, nullptr);
  EXPECT_EQ(subject->kind, SubjectKind::role_session);
  EXPECT_EQ(subject->arn, "arn:aws:iam::123456789012:role/x/app");
  EXPECT_EQ(subject->userid, w.role_made.id + ":job-1");
  EXPECT_THAT(subject->requester.also, ElementsAre(subject->arn));
  EXPECT_THAT(subject->tags, ElementsAre(Tag{"Cost", "1"}, Tag{"team", "red"}));
  EXPECT_EQ(subject->issued, w.clock.now());
  EXPECT_TRUE(subject->policies.in_session);
  EXPECT_EQ(subject->policies.session.size(), 2u);
  EXPECT_EQ(subject->policies.identity.at(0).name, "role/app/own");
}

TEST(Sessions, OfAUserAndFederatedOnes) {
  SessionWorld w;
  const auto bob = w.make_user("bob");
  Principals::SessionRequest r;
  r.account = kAccount;
  r.kind = SubjectKind::user_session;
  r.principal = bob.id;
  r.duration = std::chrono::hours(12);
  const auto own = w.iam().mint_session(r).subject;
  EXPECT_EQ(own->requester.arn, bob.arn);
  EXPECT_EQ(own->userid, bob.id);
  EXPECT_TRUE(own->temporary());
  r.kind = SubjectKind::federated;
  r.name = "kim";
  const auto kim = w.iam().mint_session(r).subject;
  EXPECT_EQ(kim->requester.arn, "arn:aws:sts::123456789012:federated-user/kim");
  EXPECT_EQ(kim->userid, "123456789012:kim");
  EXPECT_TRUE(kim->policies.federated);
  r.principal = "";
  r.kind = SubjectKind::user_session;
  const auto root = w.iam().mint_session(r);
  EXPECT_EQ(root.expires, w.clock.now() + std::chrono::hours(1));  // an hour at most
  EXPECT_TRUE(root.subject->policies.root);
  r.kind = SubjectKind::role_session;
  EXPECT_EQ(w.fault([&] { w.iam().mint_session(r); }), kInvalid);  // root is no role
}

TEST(Sessions, End) {
  SessionWorld w;
  const auto minted = w.iam().mint_session(w.request());
  const auto open = [&] { return w.iam().open_session(minted.access_key_id, minted.token); };
  const auto caller = w.iam().caller_of(open(), Region("us-east-1"));
  EXPECT_EQ(w.fault([&] { w.iam().open_session("ASIAAAAAAAAAAAAAAAAA", minted.token); }), kInvalid);
  EXPECT_EQ(w.fault([&] { w.iam().open_session(minted.access_key_id, "nonsense"); }), kInvalid);
  w.reopen();
  EXPECT_NE(w.iam().subject_of(caller), nullptr);
  const auto start = w.clock.now();
  w.clock.freeze(minted.expires);
  EXPECT_EQ(w.fault(open), "ExpiredToken: The security token included in the request is expired");
  EXPECT_EQ(w.iam().subject_of(caller), nullptr);
  w.clock.freeze(start);
  EXPECT_EQ(w.fault(open), "");
  run_task(w.iam().remove_policy(w.role("app"), "own"));
  run_task(w.iam().remove(w.role("app")));
  EXPECT_EQ(w.fault(open), kInvalid);
  EXPECT_EQ(w.iam().subject_of(caller), nullptr);
  // A role of the same name is another one.
  run_task(w.iam().create({.name = w.role("app"), .path = "/x/", .trust = kTrust}));
  EXPECT_EQ(w.fault(open), kInvalid);
}

TEST(Sessions, AChangedRoleHoldsAtOnce) {
  SessionWorld w;
  const auto minted = w.iam().mint_session(w.request());
  const auto caller =
      w.iam().caller_of(w.iam().open_session(minted.access_key_id, minted.token), Region("us-east-1"));
  EXPECT_EQ(w.iam().subject_of(caller)->policies.identity.size(), 1u);
  run_task(w.iam().remove_policy(w.role("app"), "own"));
  EXPECT_EQ(w.iam().subject_of(caller)->policies.identity.size(), 0u);
}

TEST(Sessions, AChangedMasterKeyEndsThem) {
  SessionWorld w;
  const auto minted = w.iam().mint_session(w.request());
  const auto open = [&] { return w.iam().open_session(minted.access_key_id, minted.token); };
  EXPECT_EQ(w.fault(open), "");
  run_task(rotate_master_key(*w.store, w.keyring, false));
  EXPECT_EQ(w.fault(open), kInvalid);
}

TEST(Sessions, Refusals) {
  SessionWorld w;
  const auto refused = [&](auto change) {
    auto request = w.request();
    change(request);
    return w.fault([&] { w.iam().mint_session(request); });
  };
  EXPECT_EQ(
      refused([](auto& r) { r.duration = std::chrono::seconds(7201); }),
      "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  EXPECT_THAT(refused([](auto& r) { r.duration = std::chrono::seconds(899); }),
              StartsWith("ValidationError"));
  EXPECT_THAT(refused([](auto& r) { r.name = "x"; }), StartsWith("ValidationError"));
  EXPECT_THAT(refused([](auto& r) { r.policy = "broken"; }), StartsWith("MalformedPolicyDocument"));
  EXPECT_THAT(refused([](auto& r) { r.policy = allow("ses:" + std::string(2048, 'x')); }),
              StartsWith("PackedPolicyTooLarge: Packed policy consumes 104% of allotted space"));
  EXPECT_THAT(refused([](auto& r) {
                for (int i = 0; i < 50; ++i) {
                  std::string wide;  // 256 letters of two bytes, which take six in the token
                  for (int k = 0; k < 256; ++k) wide += "é";
                  r.tags.push_back({"k" + std::to_string(i), wide});
                }
              }),
              StartsWith("PackedPolicyTooLarge: "));
  EXPECT_THAT(refused([](auto& r) { r.policy_arns = {"arn:aws:iam::aws:policy/Nothing"}; }),
              StartsWith("ValidationError"));
  EXPECT_THAT(refused([](auto& r) { r.transitive_tags = {"Team"}; }), StartsWith("InvalidParameterValue"));
  EXPECT_EQ(refused([](auto& r) { r.principal = "AROANOTHING"; }), kInvalid);
}

}  // namespace
}  // namespace ses
