// The client against servers played by scripts: every phase, every way to fail.
#include "smtp/client.h"

#include <gmock/gmock.h>

#include "base/run_task.h"
#include "smtp/client_session.h"
#include "smtp/memory_stream.h"

namespace smtp {
namespace {

using smtp::testing::Given;
using smtp::testing::Script;
using smtp::testing::ScriptedStream;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

alignas(16) char g_no_context[64];  // never looked into by a ScriptedStream
const net::TlsClientContext* tls_context() {
  return static_cast<const net::TlsClientContext*>(static_cast<const void*>(g_no_context));
}

constexpr std::string_view kHangUp = "<eof>", kTimeout = "<timeout>", kReset = "<reset>";

// What the server answers, in turn: to connecting, then to each thing the client sends before it waits.
struct FakeServer {
  std::vector<std::string> answers;
  std::vector<std::string> received;  // received[i] came before answers[i]
  std::shared_ptr<Script> script = std::make_shared<Script>();

  explicit FakeServer(std::vector<std::string> a) : answers(std::move(a)) {
    script->peer = [this](std::string written) {
      const std::size_t i = received.size();
      received.push_back(std::move(written));
      if (i >= answers.size() || answers[i] == kHangUp) return Given{"", net::IoError::eof};
      if (answers[i] == kTimeout) return Given{"", net::IoError::timeout};
      if (answers[i] == kReset) return Given{"", net::IoError::reset};
      return Given{answers[i], net::IoError::none};
    };
  }
};

struct Fixture {
  std::vector<std::shared_ptr<FakeServer>> servers;
  std::size_t connections = 0;
  ClientOptions options;

  explicit Fixture(std::vector<std::string> answers) {
    add(std::move(answers));
    options.helo_name = "client.example";
    options.server_name = "mx.example";
  }
  void add(std::vector<std::string> answers) {
    servers.push_back(std::make_shared<FakeServer>(std::move(answers)));
  }
  FakeServer& server() { return *servers.front(); }

  static base::Task<base::Result<net::StreamPtr, net::IoResult>> connect(Fixture* self) {
    if (self->connections == self->servers.size()) {
      co_return base::Failure{net::IoResult{0, net::IoError::refused, "nobody there"}};
    }
    net::StreamPtr stream = std::make_unique<ScriptedStream>(self->servers[self->connections++]->script);
    co_return stream;
  }

  base::Result<std::unique_ptr<ClientSession>, Failure> open() {
    return base::run_task(
        open_session(options, [this](net::Endpoint, net::Deadline) { return connect(this); }));
  }
  std::unique_ptr<ClientSession> opened() {
    auto result = open();
    if (!result) {
      ADD_FAILURE() << to_string(result.error().phase) << " " << result.error().detail;
      return nullptr;
    }
    return std::move(*result);
  }
};

const std::string kGreeting = "220 mx.example ESMTP\r\n";
const std::string kPipelining = "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n";
const std::string kPlain = "250 mx.example\r\n";

TransactionResult send(ClientSession& session, std::vector<std::string> recipients,
                       std::string body = "x\r\n") {
  Envelope envelope;
  envelope.from = "a@b.example";
  envelope.recipients = std::move(recipients);
  return base::run_task(session.send(envelope, {body}));
}

TEST(Client, PipelinesInTwoWrites) {
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n550 5.1.1 no\r\n354 go\r\n",
             "250 2.0.0 queued as 1\r\n", "250 Ok\r\n250 Ok\r\n354 go\r\n", "250 2\r\n", "221 Bye\r\n"});
  auto session = f.opened();
  ASSERT_TRUE(session);
  EXPECT_EQ(session->greeting(), "mx.example ESMTP");
  const std::size_t before = f.server().script->writes;
  const auto result = send(*session, {"c@d.example", "e@d.example"}, ".a\r\nb\r\n");
  EXPECT_EQ(f.server().script->writes - before, 2u);
  EXPECT_EQ(f.server().received[2],
            "MAIL FROM:<a@b.example> SIZE=7\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n");
  EXPECT_EQ(f.server().received[3], "..a\r\nb\r\n.\r\n");
  ASSERT_TRUE(result.final_reply);
  EXPECT_EQ(result.final_reply->text(), "250 2.0.0 queued as 1");
  EXPECT_EQ(result.recipients[0].code, 250);
  EXPECT_EQ(result.recipients[1].text(), "550 5.1.1 no");
  EXPECT_FALSE(result.failure);
  EXPECT_FALSE(result.in_doubt);
  EXPECT_TRUE(session->usable());
  const auto second = send(*session, {"c@d.example"});
  EXPECT_EQ(second.final_reply->code, 250);
  base::run_task(session->quit());
  EXPECT_EQ(f.server().received.back(), "QUIT\r\n");
  EXPECT_FALSE(session->usable());
}

TEST(Client, TellsWhenTheBodyHasLeft) {
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n354 go\r\n", "250 1\r\n",
             "250 Ok\r\n550 5.1.1 no\r\n554 no\r\n"});
  auto session = f.opened();
  ASSERT_TRUE(session);
  std::vector<std::size_t> told;  // how much the server had been sent then
  for (int mail = 0; mail < 2; ++mail) {
    Envelope envelope{"a@b.example", {"c@d"}};
    envelope.written = [&] { told.push_back(f.server().script->writes); };
    base::run_task(session->send(envelope, {"x\r\n"}));
    if (mail == 0) {
      EXPECT_EQ(told, (std::vector<std::size_t>{f.server().script->writes}));
    }
  }
  EXPECT_EQ(told.size(), 1u);  // the second mail's recipient was refused
}

TEST(Client, AsksStepByStepWithoutPipelining) {
  Fixture f({kGreeting, "500 what?\r\n", kPlain, "250 Ok\r\n", "450 4.2.1 later\r\n", "250 Ok\r\n",
             "354 go\r\n", "250 done\r\n"});
  auto session = f.opened();
  ASSERT_TRUE(session);
  EXPECT_EQ(f.server().received[2], "HELO client.example\r\n");
  const auto result = send(*session, {"c@d", "e@d"});
  EXPECT_THAT(f.server().received, ElementsAre("", "EHLO client.example\r\n", "HELO client.example\r\n",
                                               "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<c@d>\r\n",
                                               "RCPT TO:<e@d>\r\n", "DATA\r\n", "x\r\n.\r\n"));
  EXPECT_EQ(result.recipients[0].code, 450);
  EXPECT_EQ(result.final_reply->code, 250);
}

TEST(Client, EndsWhatNobodyWants) {
  // All refused, DATA refused too; then the next message begins with RSET.
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n550 no\r\n554 no recipients\r\n",
             "250 Ok\r\n250 Ok\r\n250 Ok\r\n354 go\r\n", "250 done\r\n"});
  auto session = f.opened();
  auto result = send(*session, {"c@d"});
  EXPECT_FALSE(result.failure);
  EXPECT_FALSE(result.final_reply);
  EXPECT_EQ(result.recipients[0].code, 550);
  EXPECT_TRUE(session->usable());
  result = send(*session, {"c@d"});
  EXPECT_THAT(f.server().received[3], HasSubstr("RSET\r\nMAIL"));
  EXPECT_EQ(result.final_reply->code, 250);

  // DATA was taken all the same: an empty message ends it (RFC 2920).
  Fixture g({kGreeting, kPipelining, "250 Ok\r\n550 no\r\n354 go\r\n", "554 no valid recipients\r\n"});
  session = g.opened();
  result = send(*session, {"c@d"});
  EXPECT_EQ(g.server().received[3], ".\r\n");
  EXPECT_FALSE(result.failure);
  EXPECT_FALSE(result.final_reply);
  EXPECT_TRUE(session->usable());

  // Step by step DATA is not sent at all.
  Fixture h({kGreeting, kPlain, "250 Ok\r\n", "550 no\r\n"});
  session = h.opened();
  result = send(*session, {"c@d"});
  EXPECT_EQ(h.server().received.size(), 4u);
  EXPECT_TRUE(session->usable());
}

TEST(Client, TellsRefusedSendersFromRecipients) {
  Fixture f({kGreeting, kPipelining, "553 5.1.8 bad sender\r\n503 need MAIL\r\n503 need RCPT\r\n",
             "250 Ok\r\n250 Ok\r\n354 go\r\n", "250 Ok\r\n"});
  auto session = f.opened();
  auto result = send(*session, {"c@d"});
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->phase, Phase::mail);
  EXPECT_EQ(result.failure->reply->text(), "553 5.1.8 bad sender");
  EXPECT_EQ(result.recipients[0].code, 0);
  EXPECT_TRUE(session->usable());
  EXPECT_EQ(send(*session, {"c@d"}).final_reply->code, 250);

  Fixture g({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n451 4.3.0 no data now\r\n"});
  session = g.opened();
  result = send(*session, {"c@d"});
  EXPECT_EQ(result.failure->phase, Phase::data);
  EXPECT_EQ(result.failure->reply->code, 451);
  EXPECT_TRUE(session->usable());
}

TEST(Client, GoesAwayOn421AnywhereAndOnHangUps) {
  const std::string closing = "421 4.3.2 closing\r\n";
  struct Case {
    std::vector<std::string> answers;
    Phase phase;
    bool in_doubt;
  };
  for (const std::string& end : {closing, std::string(kHangUp), std::string(kTimeout), std::string(kReset),
                                 std::string("nonsense\r\n")}) {
    const Case cases[] = {
        {{kGreeting, kPipelining, end}, Phase::mail, false},
        {{kGreeting, kPipelining, "250 Ok\r\n", end}, Phase::rcpt, false},
        {{kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n", end}, Phase::rcpt, false},
        {{kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n250 Ok\r\n", end}, Phase::data, false},
        {{kGreeting, kPlain, end}, Phase::mail, false},
        {{kGreeting, kPlain, "250 Ok\r\n", end}, Phase::rcpt, false},
        {{kGreeting, kPlain, "250 Ok\r\n", "250 Ok\r\n", "250 Ok\r\n", end}, Phase::data, false},
        {{kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n250 Ok\r\n354 go\r\n", end}, Phase::dot, true},
    };
    for (const auto& c : cases) {
      Fixture f(c.answers);
      auto session = f.opened();
      ASSERT_TRUE(session);
      const auto result = send(*session, {"c@d", "e@d"});
      EXPECT_FALSE(session->usable());
      if (c.phase == Phase::dot && end == closing) {
        EXPECT_EQ(result.final_reply->code, 421);
        EXPECT_FALSE(result.in_doubt);
        continue;
      }
      ASSERT_TRUE(result.failure) << end;
      EXPECT_EQ(result.failure->phase, c.phase) << end << c.answers.size();
      EXPECT_EQ(result.failure->io(), end != closing);
      EXPECT_EQ(result.in_doubt, c.in_doubt);
      EXPECT_FALSE(result.final_reply);
      EXPECT_EQ(send(*session, {"c@d"}).failure->phase, Phase::mail);
    }
  }
}

TEST(Client, FailsToOpen) {
  struct Case {
    std::vector<std::string> answers;
    Phase phase;
    int code;
  };
  const Case cases[] = {
      {{std::string(kHangUp)}, Phase::greeting, 0},
      {{std::string(kTimeout)}, Phase::greeting, 0},
      {{"554 go away\r\n"}, Phase::greeting, 554},
      {{"421 busy\r\n"}, Phase::greeting, 421},
      {{"HTTP/1.1 400 Bad Request\r\n"}, Phase::greeting, 0},
      {{kGreeting, "421 busy\r\n"}, Phase::ehlo, 421},
      {{kGreeting, std::string(kHangUp)}, Phase::ehlo, 0},
      {{kGreeting, "502 no\r\n", "550 no\r\n"}, Phase::ehlo, 550},
  };
  for (const auto& c : cases) {
    Fixture f(c.answers);
    const auto result = f.open();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().phase, c.phase);
    EXPECT_EQ(result.error().reply ? result.error().reply->code : 0, c.code);
  }
  Fixture none({});
  none.servers.clear();
  const auto result = none.open();
  EXPECT_EQ(result.error().phase, Phase::connect);
  EXPECT_EQ(result.error().detail, std::string(net::to_string(net::IoError::refused)) + ": nobody there");
}

const std::string kOffersTls = "250-mx.example\r\n250 STARTTLS\r\n";

TEST(Client, StartsTls) {
  Fixture f({kGreeting, kOffersTls, "220 go\r\n250 injected\r\n", kPipelining});
  f.options.tls_context = tls_context();
  auto session = f.opened();
  ASSERT_TRUE(session && session->tls());
  EXPECT_THAT(f.server().received,
              ElementsAre("", "EHLO client.example\r\n", "STARTTLS\r\n", "EHLO client.example\r\n"));
  EXPECT_TRUE(session->capabilities().pipelining);

  Fixture wrapped({kGreeting, kPipelining});
  wrapped.options.tls_context = tls_context();
  wrapped.options.tls_from_start = true;
  session = wrapped.opened();
  EXPECT_TRUE(session->tls());
}

TEST(Client, GoesOnInPlainWhereItMay) {
  Fixture handshake({kGreeting, kOffersTls, "220 go\r\n"});
  handshake.server().script->fail_handshake = true;
  handshake.add({kGreeting, kOffersTls});
  handshake.options.tls_context = tls_context();
  auto session = handshake.opened();
  ASSERT_TRUE(session);
  EXPECT_FALSE(session->tls());
  EXPECT_EQ(handshake.connections, 2u);
  EXPECT_THAT(session->tls_failure(), HasSubstr("handshake failure"));

  Fixture refused({kGreeting, kOffersTls, "454 not now\r\n"});
  refused.options.tls_context = tls_context();
  session = refused.opened();
  EXPECT_EQ(session->tls_failure(), "454 not now");

  Fixture not_offered({kGreeting, kPlain});
  not_offered.options.tls_context = tls_context();
  EXPECT_FALSE(not_offered.opened()->tls());
}

TEST(Client, InsistsOnTlsWhereItMust) {
  for (const auto& answers : std::vector<std::vector<std::string>>{{kGreeting, kPlain},
                                                                   {kGreeting, kOffersTls, "454 no\r\n"},
                                                                   {kGreeting, kOffersTls, "220 go\r\n"}}) {
    Fixture f(answers);
    f.server().script->fail_handshake = true;
    f.add({kGreeting, kPlain});
    f.options.tls_context = tls_context();
    f.options.tls = TlsUse::required;
    const auto result = f.open();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().phase, Phase::starttls);
    EXPECT_EQ(result.error().tls_not_offered, answers.size() == 2);
    EXPECT_EQ(f.connections, 1u);
  }
}

TEST(Client, Authenticates) {
  const std::string offers_plain = "250-mx\r\n250 AUTH LOGIN PLAIN\r\n",
                    offers_login = "250-mx\r\n250 AUTH LOGIN\r\n";
  Fixture plain({kGreeting, offers_plain, "235 ok\r\n"});
  plain.options.credentials = {"user", "pass"};
  plain.options.allow_plain_auth = true;
  ASSERT_TRUE(plain.opened());
  EXPECT_EQ(plain.server().received[2], "AUTH PLAIN AHVzZXIAcGFzcw==\r\n");

  Fixture login({kGreeting, offers_login, "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"});
  login.options.credentials = {"user", "pass"};
  login.options.allow_plain_auth = true;
  ASSERT_TRUE(login.opened());
  EXPECT_EQ(login.server().received[4], "cGFzcw==\r\n");

  Fixture bad({kGreeting, offers_plain, "535 no\r\n"});
  bad.options = plain.options;
  EXPECT_EQ(bad.open().error().reply->code, 535);

  Fixture unsafe({kGreeting, offers_plain, "235 ok\r\n"});
  unsafe.options = plain.options;
  unsafe.options.allow_plain_auth = false;
  EXPECT_EQ(unsafe.open().error().phase, Phase::auth);
  EXPECT_EQ(unsafe.server().received.size(), 2u);
}

TEST(Client, RefusesWhatTheServerCannotTake) {
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n354 go\r\n", "250 Ok\r\n"});
  auto session = f.opened();
  Envelope envelope{"a@b", {"c@d"}, true, false};
  auto result = base::run_task(session->send(envelope, {"x\r\n"}));
  EXPECT_EQ(result.failure->reply->enhanced_status(), "5.6.7");
  result = send(*session, {"c@d"}, std::string(1000001, 'x'));
  EXPECT_EQ(result.failure->reply->code, 552);
  result = send(*session, {"c@d\r\nRCPT TO:<evil@d>"});
  EXPECT_EQ(result.recipients[0].code, 553);
  EXPECT_EQ(f.server().received.size(), 2u);
  EXPECT_TRUE(session->usable());
  envelope = {"a@b", {"bad\n@d", "c@d"}, false, true};
  result = base::run_task(session->send(envelope, {"x\r\n"}));
  EXPECT_EQ(f.server().received[2], "MAIL FROM:<a@b> SIZE=3 BODY=8BITMIME\r\nRCPT TO:<c@d>\r\nDATA\r\n");
  EXPECT_EQ(result.recipients[1].code, 250);
  EXPECT_EQ(result.final_reply->code, 250);
}

TEST(Client, AsksForManyRecipientsInGroups) {
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "250 Ok\r\n";
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n" + hundred, hundred,
             hundred.substr(0, 8 * 50) + "354 go\r\n", "250 Ok\r\n"});
  auto session = f.opened();
  std::vector<std::string> recipients;
  for (int i = 0; i < 250; ++i) recipients.push_back(std::to_string(i) + "@d.example");
  const auto result = send(*session, recipients);
  EXPECT_EQ(result.final_reply->code, 250);
  EXPECT_EQ(result.recipients[249].code, 250);
}

TEST(Client, HearsWhyABodyWasCutOff) {
  Fixture f({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n354 go\r\n", "552 5.3.4 too big\r\n"});
  auto session = f.opened();
  f.server().script->fail_writes = net::IoError::reset;
  f.server().script->writes_before_failure = f.server().script->writes + 1;
  auto result = send(*session, {"c@d"});
  EXPECT_EQ(result.failure->phase, Phase::body);
  EXPECT_EQ(result.failure->reply->code, 552);
  EXPECT_FALSE(result.in_doubt);
  EXPECT_FALSE(session->usable());

  Fixture g({kGreeting, kPipelining, "250 Ok\r\n250 Ok\r\n354 go\r\n"});
  session = g.opened();
  g.server().script->fail_writes = net::IoError::timeout;
  g.server().script->writes_before_failure = g.server().script->writes + 1;
  result = send(*session, {"c@d"});
  EXPECT_TRUE(result.failure->io());
  EXPECT_TRUE(result.in_doubt);
}

TEST(Client, IsNotUsableAfterAFarewell) {
  Fixture f({kGreeting, kPipelining + "421 4.4.2 idle too long\r\n"});
  auto session = f.opened();
  EXPECT_FALSE(session->usable());
}

}  // namespace
}  // namespace smtp
