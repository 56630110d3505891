// Mail that is made of a template when it leaves: whether it can be is known before anybody is asked about
// its way.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deliver/dispatcher.h"
#include "ses/recipe.h"
#include "ses/template.h"
#include "ses/test_world.h"

namespace deliver {
namespace {

// A port that is taken, and where nobody listens.
class DeadPort {
 public:
  DeadPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* generic = reinterpret_cast<sockaddr*>(&at);
    if (::bind(fd_, generic, size) != 0 || ::getsockname(fd_, generic, &size) != 0)
      throw std::runtime_error("no port");
    number_ = ntohs(at.sin_port);
  }
  ~DeadPort() { ::close(fd_); }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  std::uint16_t number() const { return number_; }

 private:
  int fd_;
  std::uint16_t number_ = 0;
};

Options options_for(Mode mode, std::uint16_t port) {
  Options o;
  o.mode = mode;
  o.relay = {"127.0.0.1", port};
  o.relay_name = "relay.example";
  o.helo_name = "mta.example";
  return o;
}

struct World : ses::testing::TestWorld {
  explicit World(Options o)
      : options(std::move(o)),
        composer(*store, messages, *identities, templates, settings, clock, heavy, signer),
        dispatcher({.loops = loops,
                    .store = *store,
                    .clock = clock,
                    .random = random,
                    .settings = settings,
                    .messages = messages,
                    .accounts = *accounts,
                    .suppression = suppression,
                    .composer = composer,
                    .resolver = resolver},
                   options) {}
  ~World() { dispatcher.stop(); }

  // An accepted message to these, of an inline template.
  ses::Mail accepted(std::string text, std::string data, std::vector<std::string> addresses) {
    ses::Mail mail;
    mail.seq = messages.next_seq();
    mail.id = ses::MessageId("message-" + std::to_string(mail.seq));
    mail.scope = scope();
    mail.accepted = clock.now();
    mail.expires = mail.accepted + std::chrono::hours{14};
    mail.flags = ses::kTemplated;
    ses::Recipe recipe;
    recipe.source = {"Hello", std::move(text), {}};
    recipe.from = "me@example.com";
    recipe.data = std::move(data);
    recipe.size_limit = 100000;
    ses::RecipeOwn own;
    own.to = addresses;
    mail.content = std::make_shared<const std::string>(pack(recipe));
    mail.own = std::make_shared<const std::string>(pack(own));
    to_all.clear();
    for (auto& address : addresses) {
      auto domain = address.substr(address.find('@') + 1);
      to_all.push_back({static_cast<int>(to_all.size()), address, domain});
    }
    ses::MailMeta meta;
    meta.templated = true;
    store->write_now([&](store::Db& db) { messages.insert(db, mail, meta, to_all, {}, {}, {}); });
    return mail;
  }
  ses::Mail sent(std::string text, std::string data, std::vector<std::string> addresses) {
    auto mail = accepted(std::move(text), std::move(data), std::move(addresses));
    dispatcher.accept(mail, to_all);
    base::run_task(dispatcher.settle());
    return mail;
  }

  // "held held Reject", "pending attempt DeliveryDelay": states, then the trace, then the events.
  std::string story(const ses::Mail& mail) {
    static constexpr const char* kStates[] = {"pending", "delivered", "bounced", "captured", "held"};
    std::string out;
    store->read_now([&](store::Db& db) {
      auto found = messages.find(db, mail.id.str());
      for (auto state : found->states) out += std::string(kStates[static_cast<int>(state)]) + " ";
      for (const auto& entry : messages.trace(db, mail.seq)) out += entry.kind + " ";
      for (const auto& event : messages.events(db, mail.seq)) out += event.type + " ";
    });
    return out;
  }

  Options options;
  std::vector<ses::Recipient> to_all;
  ses::Messages messages{*store, false};
  ses::Templates templates{*store, settings, clock};
  ses::SuppressionList suppression{*store, clock};
  base::HeavyPool heavy{1};
  compose::Signer signer{1};
  net::TableResolver resolver;
  net::LoopPool loops{2};
  compose::Composer composer;
  Dispatcher dispatcher;
};

constexpr const char* kText = "Your {{animal}}";
constexpr const char* kFailed = "held held held held Rendering Failure ";
std::string eicar() {
  return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

TEST(LateRendering, WhatCannotBeMadeIsNeverTried) {
  DeadPort dead;
  World w(options_for(Mode::relay, dead.number()));
  auto bad = w.sent(kText, "{}", {"a@one.example", "b@two.example", "c@three.example"});
  EXPECT_EQ(w.story(bad), kFailed);
  auto good = w.sent(kText, R"({"animal": "cat"})", {"a@one.example"});
  EXPECT_EQ(w.story(good), "pending attempt DeliveryDelay ");
}

TEST(LateRendering, NoDomainIsLookedUpForIt) {
  World w(options_for(Mode::mx, 1));
  EXPECT_EQ(w.story(w.sent(kText, "{}", {"a@nowhere.example"})), "held held Rendering Failure ");
  auto good = w.sent(kText, R"({"animal": "cat"})", {"a@nowhere.example"});
  EXPECT_EQ(w.story(good), "bounced attempt Bounce ");
}

TEST(LateRendering, BadContentIsRejected) {
  DeadPort dead;
  World w(options_for(Mode::relay, dead.number()));
  auto bad = w.sent(eicar() + "{{animal}}", R"({"animal": "cat"})", {"a@one.example", "b@two.example"});
  EXPECT_EQ(w.story(bad), "held held held Reject ");
  auto half = w.sent(eicar().substr(0, 40) + "{{rest}}", R"({"rest": ")" + eicar().substr(40) + "\"}",
                     {"a@b.example"});
  EXPECT_EQ(w.story(half), "held held Reject ");
}

// With no room for what was made, it is found out at the first attempt, and still not tried again.
TEST(LateRendering, WhileMemoryIsShortItWaitsForTheFirstAttempt) {
  DeadPort dead;
  auto options = options_for(Mode::relay, dead.number());
  options.memory_content = 0;
  World w(options);
  auto bad = w.sent(kText, "{}", {"a@one.example", "b@two.example", "c@three.example"});
  EXPECT_EQ(w.story(bad), kFailed);
  auto good = w.sent(kText, R"({"animal": "cat"})", {"a@one.example"});
  EXPECT_EQ(w.story(good), "pending attempt DeliveryDelay ");
}

TEST(LateRendering, FoundInTheStoreAfterARestart) {
  DeadPort dead;
  World w(options_for(Mode::relay, dead.number()));
  std::vector<ses::Mail> bad;
  for (int i = 0; i < 50; ++i)
    bad.push_back(w.accepted(kText, "{}", {"a@d" + std::to_string(i) + ".example"}));
  w.dispatcher.start();
  base::run_task(w.dispatcher.settle());
  for (const auto& mail : bad) EXPECT_EQ(w.story(mail), "held held Rendering Failure ");
}

TEST(LateRendering, WhatIsLargeIsMadeAside) {
  DeadPort dead;
  World w(options_for(Mode::relay, dead.number()));
  auto large = R"({"animal": ")" + std::string(600 << 10, 'x') + "\"}";
  EXPECT_EQ(w.story(w.sent(kText, large, {"a@one.example"})),
            "held held Rendering Failure ");  // over its limit
}

}  // namespace
}  // namespace deliver
