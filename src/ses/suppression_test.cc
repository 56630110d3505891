#include "ses/suppression.h"

#include <gtest/gtest.h>

#include "ses/test_world.h"

namespace ses {
namespace {

using base::run_task;
using std::chrono::hours;
using testing::fault_of;
using testing::TestWorld;

struct World : TestWorld {
  SuppressionList list{*store, clock};

  void put(const std::string& address, SuppressionReason reason = SuppressionReason::bounce) {
    run_task(list.put(scope(), address, reason));
  }
  std::string listed(SuppressionList::ListRequest request) {
    if (!request.at_most) request.at_most = 100;
    std::string out;
    for (const auto& e : run_task(list.list(scope(), request))) out += (out.empty() ? "" : " ") + e.address;
    return out;
  }
};

TEST(Suppression, Keys) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"a@example.com", "a@example.com"},
      {"  a@example.com\t", "a@example.com"},
      {"Bob.X@EXAMPLE.Com", "Bob.X@example.com"},
      {"a@b\xc3\xbc"
       "cher.example",
       "a@xn--bcher-kva.example"},
  };
  for (const auto& [given, key] : cases) EXPECT_EQ(suppression_key(given), key) << given;
  for (const auto* bad : {"", "a", "@example.com", "a@", "A <a@example.com>", "a@b@c", "a b@example.com"})
    EXPECT_EQ(fault_of([&] { suppression_key(bad); }),
              "BadRequestException: Invalid email address <" + std::string(bad) + ">.");
}

TEST(Suppression, PutGetRemove) {
  World w;
  w.put("Bob@EXAMPLE.com");
  auto entry = run_task(w.list.get(w.scope(), " Bob@example.COM "));
  EXPECT_EQ(entry.address, "Bob@example.com");
  EXPECT_EQ(entry.reason, SuppressionReason::bounce);
  EXPECT_EQ(entry.updated, w.clock.now());
  EXPECT_EQ(entry.message_id, "");
  // The local part's case counts; another region is another list.
  EXPECT_EQ(fault_of([&] { run_task(w.list.get(w.scope(), "bob@example.com")); }),
            "NotFoundException: Email address bob@example.com does not exist on your suppression list.");
  EXPECT_TRUE(w.list.may_have(w.scope(), "Bob@example.com"));
  EXPECT_FALSE(w.list.may_have(w.scope(), "bob@example.com"));
  EXPECT_FALSE(w.list.may_have(w.caller("eu-west-1").scope, "Bob@example.com"));

  w.clock.freeze(w.clock.now() + hours(1));
  w.put("Bob@example.com", SuppressionReason::complaint);
  entry = run_task(w.list.get(w.scope(), "Bob@example.com"));
  EXPECT_EQ(entry.reason, SuppressionReason::complaint);
  EXPECT_EQ(entry.updated, w.clock.now());
  EXPECT_EQ(w.list.fingerprints().size(), 1u);

  run_task(w.list.remove(w.scope(), "Bob@example.com"));
  EXPECT_FALSE(w.list.may_have(w.scope(), "Bob@example.com"));
  EXPECT_EQ(fault_of([&] { run_task(w.list.remove(w.scope(), "Bob@Example.com")); }),
            "NotFoundException: Email address Bob@Example.com does not exist on your suppression list.");
}

TEST(Suppression, AddedWithAnOutcome) {
  World w;
  auto at = w.clock.now();
  w.store->write_now([&](store::Db& db) {
    w.list.add(db, w.scope(), "x@EXAMPLE.com", SuppressionReason::complaint, "message", "feedback", at);
    w.list.add(db, w.scope(), "x@example.com", SuppressionReason::bounce, "message2", "feedback2", at);
  });
  auto found = run_task(w.list.find(w.scope(), {"y@example.com", "x@example.com"}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].reason, SuppressionReason::bounce);
  EXPECT_EQ(found[0].message_id, "message2");
  EXPECT_EQ(found[0].feedback_id, "feedback2");
  EXPECT_EQ(w.list.fingerprints().size(), 1u);
}

TEST(Suppression, ListByReasonAndTimeAndPage) {
  World w;
  auto start = w.clock.now();
  auto reason = [](int i) { return i % 2 ? SuppressionReason::complaint : SuppressionReason::bounce; };
  for (int i = 0; i < 4; ++i) {
    w.clock.freeze(start + hours(i));
    w.put(std::string(1, static_cast<char>('d' - i)) + "@x.org", reason(i));
  }
  w.put("b@x.org", SuppressionReason::bounce);  // anew, and with the last one's time
  using R = SuppressionList::ListRequest;
  EXPECT_EQ(w.listed({}), "d@x.org c@x.org a@x.org b@x.org");
  EXPECT_EQ(w.listed(R{.reasons = {true, false}}), "d@x.org b@x.org");
  EXPECT_EQ(w.listed(R{.reasons = {false, true}}), "c@x.org a@x.org");
  EXPECT_EQ(w.listed(R{.from = start + hours(1)}), "c@x.org a@x.org b@x.org");
  EXPECT_EQ(w.listed(R{.before = start + hours(1)}), "d@x.org");
  EXPECT_EQ(w.listed(R{.at_most = 2}), "d@x.org c@x.org");
  EXPECT_EQ(w.listed(R{.after = SuppressionList::Place{start + hours(1), "c@x.org"}}), "a@x.org b@x.org");
  EXPECT_EQ(w.listed(R{.after = SuppressionList::Place{start + hours(3), "a@x.org"}}), "b@x.org");
  EXPECT_TRUE(run_task(w.list.list(w.caller("eu-west-1").scope, R{.at_most = 9})).empty());
}

TEST(Suppression, FoundAgainAfterARestart) {
  World w;
  w.put("a@example.com");
  SuppressionList again(*w.store, w.clock);
  EXPECT_FALSE(again.may_have(w.scope(), "a@example.com"));
  again.load();
  EXPECT_TRUE(again.may_have(w.scope(), "a@example.com"));
  w.store->write_now([](store::Db& db) { db.execute("DELETE FROM suppressed"); });
  again.load();
  EXPECT_FALSE(again.may_have(w.scope(), "a@example.com"));
}

}  // namespace
}  // namespace ses
