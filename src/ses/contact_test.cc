#include "ses/contact.h"

#include <gmock/gmock.h>

#include "ses/contact_rows.h"
#include "ses/test_world.h"
#include "ses/unsubscribe_link.h"

namespace ses {
namespace {

using base::run_task;
using ::testing::ElementsAre;
using testing::fault_of;
using ::testing::IsEmpty;
using testing::TestWorld;

Topic topic(std::string name, Subscription by_default = Subscription::opt_in,
            std::string display = "Display") {
  Topic t;
  t.name = std::move(name);
  t.display_name = std::move(display);
  t.by_default = by_default;
  return t;
}

ContactLists::Content content(std::vector<Topic> topics, std::optional<std::string> description = {}) {
  return {std::move(topics), std::move(description)};
}

struct World : TestWorld {
  void make(std::vector<Topic> topics = {topic("news"), topic("ads", Subscription::opt_out)}) {
    run_task(contact_lists->create(caller(), "list", content(std::move(topics)), {}));
  }
  void update(std::vector<Topic> topics) {
    run_task(contact_lists->update(caller(), "list", content(std::move(topics))));
  }
  void add(std::string address, std::vector<Contacts::Choice> choices = {}, bool all = false) {
    run_task(contacts->create(caller(), {"list", std::move(address), std::move(choices), all, {}}));
  }
  std::vector<std::string> addresses(const ContactFilter& filter, std::size_t size = 100) {
    std::vector<std::string> out;
    std::optional<std::string> after;
    auto list = contacts->check_filter(scope(), "list", filter);
    for (;;) {
      auto page = run_task(contacts->list(list, filter, after, size));
      EXPECT_LE(page.items.size(), size);
      for (const auto& c : page.items) out.push_back(c.address);
      if (!page.next) return out;
      after = page.next;
    }
  }
  std::int64_t count(const char* sql) {
    std::int64_t n = 0;
    store->read_now([&](store::Db& db) {
      auto q = db.query(sql);
      q.next();
      n = q.get_integer(0);
    });
    return n;
  }
  std::string status(const std::string& address, const std::string& name) {
    auto found = run_task(contacts->get(caller(), "list", address));
    auto choice = found.contact.choice(found.list->require(name));
    return choice ? std::string(v2_name(*choice)) : "default";
  }
};

TEST(ContactList, Rules) {
  const std::string name_rule =
      " can contain up to 64 characters. Only alphanumeric characters, underscores(_) and hyphens(-) are "
      "allowed.";
  struct Case {
    std::string name;
    ContactLists::Content content;
    std::string fault;
  };
  std::vector<Topic> many;
  for (int i = 0; i < 21; ++i) many.push_back(topic("t" + std::to_string(i)));
  auto described = topic("a");
  described.description = std::string(501, 'x');
  const Case cases[] = {
      {"", {}, "ContactListName can't be blank."},
      {"  ", {}, "ContactListName can't be blank."},
      {"a b", {}, "ContactListName" + name_rule},
      {std::string(65, 'a'), {}, "ContactListName" + name_rule},
      {"l", content({topic("")}), "TopicName can't be blank."},
      {"l", content({topic("a.b")}), "TopicName" + name_rule},
      {"l", content({topic("a", Subscription::opt_in, std::string(129, 'x'))}),
       "Topic DisplayName can contain up to <128> characters."},
      {"l", content({topic("a", Subscription::opt_in, " ")}), "Topic DisplayName can't be blank."},
      {"l", content({described}), "Topic Description can contain up to <500> characters."},
      {"l", content({}, std::string(501, 'x')), "List description can contain up to 500 characters."},
      {"l", content(many), "Maximum of <20> topics allowed per ContactList"},
      {"l", content({topic("a"), topic("a")}), "Duplicate topic names are not allowed within a List."},
  };
  World w;
  for (const auto& c : cases)
    EXPECT_EQ(fault_of([&] { run_task(w.contact_lists->create(w.caller(), c.name, c.content, {})); }),
              "BadRequestException: " + c.fault);
  EXPECT_THAT(w.contact_lists->all(w.scope()), IsEmpty());
  many.pop_back();
  run_task(
      w.contact_lists->create(w.caller(), std::string(64, 'a'), content(many, std::string(500, 'x')), {}));
}

TEST(ContactList, OnePerScope) {
  World w;
  w.make();
  for (const char* name : {"list", "other"})
    EXPECT_EQ(fault_of([&] { run_task(w.contact_lists->create(w.caller(), name, {}, {})); }),
              "BadRequestException: A maximum of 1 Lists allowed per account.");
  run_task(w.contact_lists->create(w.caller("eu-west-1"), "list", {}, {{"k", "v w"}}));
  w.reopen();
  auto list = w.contact_lists->find(w.scope(), "list");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->topics.size(), 2u);
  EXPECT_EQ(list->topics[1].by_default, Subscription::opt_out);
  EXPECT_THAT(w.contact_lists->find(w.caller("eu-west-1").scope, "list")->tags, ElementsAre(Tag{"k", "v w"}));
}

TEST(ContactList, UpdateReplaces) {
  World w;
  w.make();
  auto created = w.contact_lists->find(w.scope(), "list");
  w.clock.freeze(base::from_millis(1700000005000));
  run_task(w.contact_lists->update(w.caller(), "list", {}));
  EXPECT_EQ(w.contact_lists->find(w.scope(), "list"), created) << "an empty body changes nothing";
  run_task(w.contact_lists->update(w.caller(), "list", content({topic("ads"), topic("new")}, "d")));
  auto list = w.contact_lists->find(w.scope(), "list");
  ASSERT_EQ(list->topics.size(), 2u);
  EXPECT_EQ(list->topics[0].name, "ads");
  EXPECT_EQ(list->topics[0].id, created->find("ads")->id) << "same name, same topic";
  EXPECT_EQ(list->description, "d");
  EXPECT_EQ(list->created, created->created);
  EXPECT_GT(list->updated, list->created);
  run_task(w.contact_lists->update(w.caller(), "list", {std::nullopt, "only"}));
  EXPECT_TRUE(w.contact_lists->find(w.scope(), "list")->topics.empty()) << "replaced as a whole";
  for (auto call : {0, 1})
    EXPECT_EQ(fault_of([&] {
                if (call) run_task(w.contact_lists->update(w.caller(), "gone", {}));
                run_task(w.contact_lists->remove(w.caller(), "gone"));
              }),
              "NotFoundException: List with name: gone doesn't exist.");
}

TEST(Contact, Addresses) {
  EXPECT_EQ(contact_key("Bob@Example.COM"), "Bob@example.com");
  for (const char* blank : {"", "  "})
    EXPECT_EQ(fault_of([&] { contact_key(blank); }), "BadRequestException: EmailAddress can't be blank.");
  for (const char* bad :
       {"foo", "a@", "@b", " a@b.c", "A <a@b.c>", "a@b.c, d@e.f", "\xc3\xbc@b.c", "\"a\r\n\"@b.c"})
    EXPECT_EQ(fault_of([&] { contact_key(bad); }),
              "BadRequestException: EmailAddress <" + std::string(bad) + "> is invalid");
}

TEST(Contact, Faults) {
  World w;
  auto create = [&](std::string list, std::string address, std::vector<Contacts::Choice> choices = {}) {
    return fault_of([&] { run_task(w.contacts->create(w.caller(), {list, address, choices, false, {}})); });
  };
  EXPECT_EQ(create("list", "bad"), "BadRequestException: EmailAddress <bad> is invalid") << "before the list";
  EXPECT_EQ(create("list", "a@b.c"), "NotFoundException: List with name: list doesn't exist.");
  w.make();
  EXPECT_EQ(create("list", "a@b.c", {{"none", {}}}),
            "BadRequestException: List: list doesn't contain Topic: none");
  EXPECT_EQ(create("list", "a@b.c", {{"", {}}}), "BadRequestException: TopicName can't be blank.");
  EXPECT_EQ(create("list", "a@B.c"), "");
  EXPECT_EQ(create("list", "a@b.C"), "AlreadyExistsException: a@b.C already exists in List.");
  for (int call : {0, 1, 2})
    EXPECT_EQ(fault_of([&] {
                if (call == 0) run_task(w.contacts->get(w.caller(), "list", "x@b.c"));
                if (call == 1) run_task(w.contacts->remove(w.caller(), "list", "x@b.c"));
                if (call == 2) run_task(w.contacts->update(w.caller(), {"list", "x@b.c", {}, false, {}}));
              }),
              "NotFoundException: x@b.c doesn't exist in List.");
}

TEST(Contact, UpdateMergesChoices) {
  World w;
  w.make();
  run_task(w.contacts->create(w.caller(), {"list", "a@b.c", {{"news", Subscription::opt_out}}, true, "{}"}));
  w.clock.freeze(base::from_millis(1700000005000));
  run_task(w.contacts->update(w.caller(), {"list", "a@b.c", {{"ads", Subscription::opt_in}}, false, {}}));
  auto found = run_task(w.contacts->get(w.caller(), "list", "a@b.c"));
  EXPECT_EQ(w.status("a@b.c", "news"), "OPT_OUT");
  EXPECT_EQ(w.status("a@b.c", "ads"), "OPT_IN");
  EXPECT_FALSE(found.contact.unsubscribed_all) << "absent clears";
  EXPECT_FALSE(found.contact.attributes);
  EXPECT_GT(found.contact.updated, found.contact.created);
  run_task(w.contacts->remove(w.caller(), "list", "a@b.c"));
  EXPECT_EQ(w.count("SELECT COUNT(*) FROM contact_choice"), 0);
}

TEST(Contact, Filters) {
  World w;
  w.make();
  using S = Subscription;
  w.add("a@x");
  w.add("b@x", {{"news", S::opt_out}});
  w.add("c@x", {{"news", S::opt_in}, {"ads", S::opt_in}});
  w.add("d@x", {}, true);
  w.add("e@x", {{"ads", S::opt_out}}, true);
  constexpr auto any = std::optional<S>();
  struct Case {
    std::optional<S> status;
    std::string topic;
    bool use_default;
    std::vector<std::string> wanted;
  };
  const Case cases[] = {
      {any, "", false, {"a@x", "b@x", "c@x", "d@x", "e@x"}},
      {S::opt_out, "", false, {"d@x", "e@x"}},
      {S::opt_in, "", false, {"a@x", "b@x", "c@x"}},
      {S::opt_in, "news", false, {"c@x"}},
      {S::opt_out, "news", false, {"b@x"}},
      {S::opt_in, "news", true, {"a@x", "c@x", "d@x", "e@x"}},
      {S::opt_out, "news", true, {"b@x"}},
      {S::opt_out, "ads", true, {"a@x", "b@x", "d@x", "e@x"}},
      {S::opt_in, "ads", true, {"c@x"}},
      {any, "ads", false, {"c@x", "e@x"}},
      {any, "ads", true, {"a@x", "b@x", "c@x", "d@x", "e@x"}},
  };
  for (const auto& c : cases) {
    ContactFilter filter;
    filter.status = c.status;
    if (!c.topic.empty()) filter.topic = c.topic;
    filter.use_default = c.use_default;
    for (std::size_t size : {1u, 2u, 5u, 100u})
      EXPECT_EQ(w.addresses(filter, size), c.wanted) << filter.text() << " by " << size;
  }
  EXPECT_EQ(fault_of([&] {
              w.addresses({S::opt_in, "none", false});
            }),
            "BadRequestException: List: list doesn't contain Topic: none");
}

TEST(Contact, ScanIsBounded) {
  World w;
  w.make();
  auto list = w.contact_lists->find(w.scope(), "list");
  w.store->write_now([&](store::Db& db) {
    for (int i = 0; i < 9000; ++i) {
      Contact c;
      c.address = std::to_string(10000 + i) + "@x";
      c.unsubscribed_all = i != 8999;
      contact_rows::save(db, list->id, std::nullopt, c);
    }
  });
  ContactFilter in{Subscription::opt_in, {}, false};
  auto page = run_task(w.contacts->list(list, in, std::nullopt, 10));
  EXPECT_TRUE(page.items.empty());
  EXPECT_TRUE(page.next) << "empty, but more follows";
  EXPECT_THAT(w.addresses(in), ElementsAre("18999@x"));
}

// A topic that goes takes what was chosen for it along, also when one of its name comes back.
TEST(Contact, TopicsGo) {
  World w;
  w.make();
  w.add("a@x", {{"news", Subscription::opt_out}});
  w.update({topic("ads")});
  w.update({topic("ads"), topic("news")});
  EXPECT_EQ(w.status("a@x", "news"), "default");
  EXPECT_THAT(w.addresses({Subscription::opt_out, "news", false}), IsEmpty());
  run_task(w.contacts->purge_some());
  EXPECT_EQ(w.count("SELECT COUNT(*) FROM contact_choice"), 0);
  EXPECT_EQ(w.count("SELECT COUNT(*) FROM contact_gone"), 0);
  run_task(w.contacts->update(w.caller(), {"list", "a@x", {}, false, {}}));
  EXPECT_THAT(run_task(w.contacts->get(w.caller(), "list", "a@x")).contact.choices, IsEmpty());
}

TEST(Contact, ListGoesWithItsContacts) {
  World w;
  w.make();
  for (int i = 0; i < 1500; ++i) w.add(std::to_string(i) + "@x", {{"news", Subscription::opt_out}});
  run_task(w.contact_lists->remove(w.caller(), "list"));
  EXPECT_FALSE(w.contact_lists->find(w.scope(), "list"));
  w.make();
  EXPECT_THAT(w.addresses({}), IsEmpty()) << "a new list of the name does not find them";
  run_task(w.contacts->purge_some());
  EXPECT_EQ(w.count("SELECT COUNT(*) FROM contact"), 0);
  EXPECT_EQ(w.count("SELECT COUNT(*) FROM contact_choice"), 0);
}

TEST(Contact, SendsAsk) {
  World w;
  w.make();
  w.add("A@x", {{"ads", Subscription::opt_in}});
  w.add("b@x", {}, true);
  auto list = w.contact_lists->find(w.scope(), "list");
  w.store->write_now([&](store::Db& db) {
    auto found = w.contacts->look_up(db, *list, {"A@X", "a@x", "b@x", "c@x"});
    ASSERT_TRUE(found[0]);
    EXPECT_FALSE(found[1]) << "local parts keep their case";
    EXPECT_FALSE(found[3]);
    EXPECT_TRUE(found[0]->admits(list->find("ads")));
    EXPECT_TRUE(found[0]->admits(nullptr));
    EXPECT_FALSE(found[2]->admits(list->find("news")));
    EXPECT_FALSE(found[2]->admits(nullptr));
    EXPECT_FALSE(Contact{}.admits(list->find("ads"))) << "out by default";
    EXPECT_TRUE(Contact{}.admits(list->find("news")));
    w.contacts->ensure(db, list->id, "c@X", w.clock.now());
    w.contacts->ensure(db, list->id, "b@x", w.clock.now());
    w.contacts->ensure(db, list->id + 1, "d@x", w.clock.now());
  });
  EXPECT_THAT(w.addresses({}), ElementsAre("A@x", "b@x", "c@x"));
  EXPECT_TRUE(run_task(w.contacts->get(w.caller(), "list", "b@x")).contact.unsubscribed_all)
      << "left as it was";
}

TEST(Contact, ChangeByTheRecipient) {
  World w;
  w.make();
  auto list = w.contact_lists->find(w.scope(), "list");
  int calls = 0;
  Contacts::Also also = [&](store::Db&, const Contact& before, const Contact& after) {
    ++calls;
    EXPECT_NE(before.unsubscribed_all, after.unsubscribed_all);
  };
  Contacts::Edit leave = [](Contact& c) { c.unsubscribed_all = true; };
  EXPECT_TRUE(run_task(w.contacts->change(list, "new@X", leave, also)))
      << "kept for one the list did not know";
  EXPECT_FALSE(run_task(w.contacts->change(list, "new@x", leave, also))) << "nothing new";
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(run_task(w.contacts->get(w.caller(), "list", "new@x")).contact.unsubscribed_all);
  run_task(w.contact_lists->remove(w.caller(), "list"));
  EXPECT_FALSE(run_task(w.contacts->change(list, "other@x", leave, also)));
}

TEST(UnsubscribeLink, RoundTrip) {
  UnsubscribeLink link{
      UnsubscribeLink::Kind::header, {AccountId("1"), Region("r")}, "list", "", "a\n@b.c", MessageId("m")};
  auto token = make_unsubscribe_token(link, "secret");
  auto read = read_unsubscribe_token(token, "secret");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, link.kind);
  EXPECT_EQ(read->scope, link.scope);
  EXPECT_EQ(read->list, "list");
  EXPECT_EQ(read->topic, "");
  EXPECT_EQ(read->address, link.address);
  EXPECT_EQ(read->message, link.message);
  link.kind = UnsubscribeLink::Kind::page;
  EXPECT_NE(make_unsubscribe_token(link, "secret"), token);
  EXPECT_FALSE(read_unsubscribe_token(token, "other"));
  EXPECT_FALSE(read_unsubscribe_token(std::string(5000, 'a'), "secret"));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    auto other = read_unsubscribe_token(changed, "secret");
    // The last character may carry unused bits only.
    EXPECT_TRUE(!other || i + 1 == token.size()) << i;
  }
}

TEST(UnsubscribeLink, Url) {
  Settings settings;
  UnsubscribeLink link;
  EXPECT_TRUE(unsubscribe_url(settings, link, "s").starts_with("https://sesame.localhost/unsubscribe?t="));
  settings.link_base = "https://links.example/";
  auto url = unsubscribe_url(settings, link, "s");
  EXPECT_TRUE(url.starts_with("https://links.example/unsubscribe?t="));
  EXPECT_THAT(unsubscribe_headers(url, "unsub-1@ses.example", MessageId("id-1")),
              ElementsAre(std::pair("List-Unsubscribe", "<" + url +
                                                            ">, <mailto:unsub-1@ses.example?subject="
                                                            "unsubscribe%20id-1>"),
                          std::pair("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")));
  EXPECT_THAT(unsubscribe_headers(url, "", MessageId("id-1")),
              ElementsAre(std::pair("List-Unsubscribe", "<" + url + ">"),
                          std::pair("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")));
}

}  // namespace
}  // namespace ses
