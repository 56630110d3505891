// The server's dialogue, scripted: what the client sends, what it must be answered, what the policy was told.
#include "smtp/server.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "base/encoding.h"
#include "base/run_task.h"
#include "smtp/memory_stream.h"
#include "smtp/test_policy.h"

namespace smtp {
namespace {

using smtp::testing::Given;
using smtp::testing::Notes;
using smtp::testing::NotingPolicy;
using smtp::testing::Script;
using smtp::testing::ScriptedStream;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Never looked into by a ScriptedStream.
alignas(16) char g_no_context[64];
const net::TlsServerContext* tls_context() {
  return static_cast<const net::TlsServerContext*>(static_cast<const void*>(g_no_context));
}

struct Talk {
  ServerFeatures features;
  ServerLimits limits;
  std::shared_ptr<net::ByteBudget> budget = std::make_shared<net::ByteBudget>(64 << 20);
  std::shared_ptr<Notes> notes = std::make_shared<Notes>();
  std::shared_ptr<Script> script = std::make_shared<Script>();

  Talk() { features.require_auth = false; }

  // Each piece arrives when the server has answered what came before; the answers, by piece, the greeting
  // first.
  std::vector<std::string> run(std::vector<std::string> pieces, net::IoError end = net::IoError::eof) {
    std::vector<std::string> answers;
    std::size_t next = 0;
    script->peer = [&](std::string written) {
      answers.push_back(std::move(written));
      if (next == pieces.size()) return Given{"", end};
      return Given{pieces[next++], net::IoError::none};
    };
    base::run_task(serve(std::make_unique<ScriptedStream>(script), std::make_unique<NotingPolicy>(notes),
                         features, limits, budget));
    answers.push_back(script->written);
    return answers;
  }

  // Lines without CRLF; the answer to each in one string, "|" between lines.
  struct Exchange {
    std::string line, answer;
  };
  void check(std::vector<Exchange> exchanges) {
    std::vector<std::string> pieces;
    for (const auto& e : exchanges) pieces.push_back(e.line + "\r\n");
    const auto answers = run(pieces);
    EXPECT_EQ(answers[0], "220 mail.example ESMTP test\r\n");
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
      ASSERT_LT(i + 1, answers.size()) << "no answer to " << exchanges[i].line;
      EXPECT_EQ(barred(answers[i + 1]), exchanges[i].answer) << exchanges[i].line;
    }
  }
  static std::string barred(std::string_view answer) {
    std::string out;
    for (std::size_t i = 0; i < answer.size(); ++i) {
      if (answer.substr(i, 2) == "\r\n") {
        if (i + 2 < answer.size()) out += '|';
        ++i;
      } else {
        out += answer[i];
      }
    }
    return out;
  }
};

const char kData[] = "354 End data with <CR><LF>.<CR><LF>";
const char kHello[] = "250-mail.example|250-8BITMIME|250-PIPELINING|250-SIZE 41943040|250-CHUNKING|250 Ok";

TEST(Server, TakesAMessage) {
  Talk talk;
  talk.check({{"EHLO me", kHello},
              {"MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME", "250 Ok"},
              {"RCPT TO:<c@d.example>", "250 Ok"},
              {"RCPT TO: e@f.example", "250 Ok"},
              {"DATA", kData},
              {"Subject: x\r\n\r\n..dot\r\n.", "250 Ok"},
              {"QUIT", "221 Bye"}});
  EXPECT_THAT(talk.notes->events, ElementsAre("reset", "ehlo me", "mail a@b.example", "rcpt c@d.example",
                                              "rcpt e@f.example", "message", "reset"));
  EXPECT_THAT(talk.notes->messages, ElementsAre("Subject: x\r\n\r\n.dot\r\n"));
  EXPECT_TRUE(talk.notes->parameters.eight_bit);
  EXPECT_EQ(talk.notes->parameters.size, 10u);
  EXPECT_TRUE(talk.script->shut_down);
}

TEST(Server, SpeaksSesWords) {
  Talk talk;
  talk.limits.max_errors = 100;
  talk.check(
      {{"HELO me", "250 mail.example"},
       {"RCPT TO:<c@d>", "503 5.5.1 Error: need MAIL command"},
       {"DATA", "503 5.5.1 Error: need MAIL command"},
       {"MAIL FROM:<a@b", "553 <a@b> Invalid email address."},
       {"MAIL", "501 Syntax: MAIL FROM: <address>"},
       {"MAIL FROM:<a@b> SIZE=99999999", "552 5.3.4 Message size exceeds fixed limit"},
       {"MAIL FROM:<a@b> SIZE=x", "501 5.5.4 Syntax error in SIZE"},
       {"MAIL FROM:<a@b> BODY=BINARYMIME", "555 5.5.4 Unsupported BODY type"},
       {"MAIL FROM:<a@b> SMTPUTF8", "555 5.5.4 Unsupported parameter SMTPUTF8"},
       {"MAIL FROM:<a@b> FOO=1", "555 5.5.4 Unsupported parameter FOO"},
       {"MAIL FROM:<a@b> AUTH=<> RET=HDRS ENVID=x", "250 Ok"},
       {"MAIL FROM:<a@b>", "503 5.5.1 Sender already specified."},
       {"DATA", "503 Error: need RCPT command"},
       {"RCPT TO:<c@d", "553 <c@d> address unknown."},
       {"RCPT FROM:<c@d>", "501 Syntax: RCPT TO: <address>"},
       {"RCPT TO:<c@d> NOTIFY=NEVER ORCPT=rfc822;c@d", "250 Ok"},
       {"RCPT TO:<c@d> FOO", "555 5.5.4 Unsupported parameter FOO"},
       {"DATA now", "501 Syntax: DATA"},
       {"RSET", "250 Ok"},
       {"NOOP anything", "250 Ok"},
       {"VRFY x", "502 VRFY command is disabled"},
       {"EXPN x", "502 EXPN command is disabled"},
       {"HELP",
        "214-Commands: AUTH BDAT DATA EHLO HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS|214 End of HELP info"},
       {"WHAT", "500 Error: command not implemented"},
       {"", "500 Error: command not implemented"},
       {"STARTTLS", "454 TLS not supported"},
       {"EHLO", "501 Syntax: EHLO hostname"},
       {"AUTH PLAIN", "530 Must issue a STARTTLS command first"},
       {"QUIT", "221 Bye"}});
}

TEST(Server, BatchesRepliesToPipelinedCommands) {
  Talk talk;
  const auto answers =
      talk.run({"EHLO me\r\n", "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "hi\r\n.\r\nQUIT\r\n"});
  EXPECT_EQ(Talk::barred(answers[2]), "250 Ok|250 Ok|" + std::string(kData));
  EXPECT_EQ(Talk::barred(answers[3]), "250 Ok|221 Bye");
  EXPECT_EQ(talk.script->writes, 4u);
}

TEST(Server, TakesBytesOneByOne) {
  Talk talk;
  std::vector<std::string> pieces;
  for (const char c :
       std::string_view("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n..\r\nx\r\n.\r\nQUIT\r\n")) {
    pieces.emplace_back(1, c);
  }
  talk.run(pieces);
  EXPECT_THAT(talk.notes->messages, ElementsAre(".\r\nx\r\n"));
}

TEST(Server, RefusesSmuggledMessages) {
  const std::string inner = "MAIL FROM:<evil@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n";
  for (const std::string end :
       {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n.\r\r\n", "\r\r\n.\r\n"}) {
    for (const std::size_t cut : {1ul, 2ul, 7ul, 1000ul}) {
      Talk talk;
      const std::string body = "Subject: x\r\n\r\nhello" + end + inner + "\r\n.\r\n";
      std::vector<std::string> pieces{"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"};
      for (std::size_t at = 0; at < body.size(); at += cut) pieces.push_back(body.substr(at, cut));
      pieces.push_back("NOOP\r\n");
      const auto answers = talk.run(pieces);
      std::string after;
      for (std::size_t i = 2; i < answers.size(); ++i) after += answers[i];
      EXPECT_THAT(after, HasSubstr("554 Transaction failed: Message contains bare line ends")) << end;
      // Where the first end was a true one (after a bare CR), what follows is honest pipelining.
      if (end != "\r\r\n.\r\n") {
        EXPECT_TRUE(talk.notes->messages.empty()) << end;
        EXPECT_THAT(talk.notes->events, Not(Contains("mail evil@b"))) << end;
      }
    }
  }
}

TEST(Server, HangsUpOnBareLfInCommands) {
  Talk talk;
  const auto answers = talk.run({"NOOP\nMAIL FROM:<a@b>\r\n", "NOOP\r\n"});
  EXPECT_EQ(Talk::barred(answers.back()), "521 5.5.2 Error: bare <LF> received, lines end in <CR><LF>");
  EXPECT_TRUE(talk.notes->events.empty());
}

TEST(Server, ForgetsWhatWasSaidBeforeTls) {
  Talk talk;
  talk.features.starttls = talk.features.require_tls = talk.features.require_auth = true;
  talk.features.tls = tls_context();
  const std::string login = base::base64_encode(std::string_view("\0user\0secret", 12));
  talk.check(
      {{"EHLO me",
        "250-mail.example|250-8BITMIME|250-PIPELINING|250-SIZE 41943040|250-CHUNKING|250-STARTTLS|250 Ok"},
       {"MAIL FROM:<a@b>", "530 Must issue a STARTTLS command first"},
       {"AUTH PLAIN " + login, "530 Must issue a STARTTLS command first"},
       {"STARTTLS now", "501 Syntax error (no parameters allowed)"},
       {"STARTTLS\r\nEHLO injected\r\nAUTH PLAIN " + login, "220 Ready to start TLS"},
       {"MAIL FROM:<a@b>", "530 Authentication required"},
       {"EHLO me",
        "250-mail.example|250-8BITMIME|250-PIPELINING|250-SIZE 41943040|250-CHUNKING|250-AUTH PLAIN "
        "LOGIN|250 Ok"},
       {"STARTTLS", "454 TLS not available due to temporary reason: TLS already active"},
       {"AUTH PLAIN " + login, "235 Authentication successful."},
       {"MAIL FROM:<a@b>", "250 Ok"},
       {"QUIT", "221 Bye"}});
  EXPECT_THAT(talk.notes->events, Not(Contains("ehlo injected")));
  EXPECT_THAT(talk.notes->events, Contains("tls TLSv1.3"));
}

TEST(Server, EndsWhenTlsFails) {
  Talk talk;
  talk.features.starttls = true;
  talk.features.tls = tls_context();
  talk.script->fail_handshake = true;
  const auto answers = talk.run({"STARTTLS\r\n", "EHLO me\r\n"});
  EXPECT_EQ(talk.notes->events, std::vector<std::string>({"reset"}));
  EXPECT_TRUE(talk.script->closed);

  Talk wrapped;
  wrapped.features.tls_from_start = true;
  wrapped.features.tls = tls_context();
  EXPECT_EQ(wrapped.run({"NOOP\r\n"})[0], "220 mail.example ESMTP test\r\n");
  EXPECT_EQ(wrapped.script->handshakes, 1u);
}

TEST(Server, Authenticates) {
  const auto talk = [](std::vector<Talk::Exchange> exchanges) {
    Talk t;
    t.features.auth_before_tls = t.features.require_auth = true;
    t.check(std::move(exchanges));
  };
  const std::string user = base::base64_encode("user"), good = base::base64_encode("secret"),
                    bad = base::base64_encode("wrong");
  const auto plain = [](std::string_view text) { return base::base64_encode(text); };
  talk({{"AUTH LOGIN", "334 VXNlcm5hbWU6"},
        {user, "334 UGFzc3dvcmQ6"},
        {bad, "535 Authentication Credentials Invalid"},
        {"MAIL FROM:<a@b>", "530 Authentication required"},
        {"AUTH login " + user, "334 UGFzc3dvcmQ6"},
        {good, "235 Authentication successful."},
        {"AUTH PLAIN", "503 Refusing any other AUTH command."},
        {"MAIL FROM:<a@b>", "250 Ok"}});
  talk({{"AUTH", "501 Syntax: AUTH mechanism [initial-response]"},
        {"AUTH CRAM-MD5", "504 The requested authentication mechanism is not supported"},
        {"AUTH PLAIN", "334 Ok"},
        {"*", "501 Authentication canceled by client."},
        {"AUTH LOGIN", "334 VXNlcm5hbWU6"},
        {"*", "501 Authentication canceled by client."},
        {"AUTH PLAIN !!", "501 5.5.2 Invalid command argument, not a valid Base64 string"},
        {"AUTH PLAIN " + plain("nothing"), "501 5.5.2 Invalid command argument, does not contain NUL"},
        {"AUTH PLAIN " + plain(std::string_view("other\0user\0secret", 17)),
         "535 Authentication Credentials Invalid"},
        {"AUTH PLAIN", "334 Ok"},
        {plain(std::string_view("user\0user\0secret", 16)), "235 Authentication successful."}});
  talk({{"AUTH PLAIN " + base::base64_encode(std::string("\0user\0", 6) + std::string(7000, 'x')),
         "535 Authentication Credentials Invalid"},
        {"NOOP " + std::string(3000, 'x'), "500 Error: line too long"},
        {"NOOP", "250 Ok"}});
  talk({{"AUTH PLAIN " + plain(std::string_view("\0user\0throw", 11)), "451 Temporary service failure"}});
}

TEST(Server, TakesChunks) {
  Talk talk;
  talk.limits.max_errors = 100;
  const std::string bare = "554 Transaction failed: Message contains bare line ends (CR or LF alone).";
  talk.check({{"EHLO me", kHello},
              {"BDAT 6\r\nab\r\n", "503 5.5.1 Error: need MAIL command"},
              {"MAIL FROM:<a@b>", "250 Ok"},
              {"BDAT 6 LAST\r\nQUIT", "503 Error: need RCPT command"},
              {"RCPT TO:<c@d>", "250 Ok"},
              {"BDAT 9\r\n.a\r\n.", ""},  // two octets are missing
              {"", "250 Ok"},
              {"MAIL FROM:<x@y>", "503 5.5.1 Sender already specified."},
              {"RCPT TO:<x@y>", "503 5.5.1 Error: message data has begun"},
              {"DATA", "503 5.5.1 Error: message data has begun"},
              {"BDAT 0 LAST", "250 Ok"},
              {"MAIL FROM:<a@b>", "250 Ok"},
              {"RCPT TO:<c@d>", "250 Ok"},
              {"BDAT 5\r\na\nb", bare},
              {"BDAT 3 LAST\r\nx", bare},
              {"RCPT TO:<c@d>", "503 5.5.1 Error: need MAIL command"},
              {"BDAT x", "501 5.5.4 Syntax: BDAT octets [LAST]"}});
  EXPECT_THAT(talk.notes->messages, ElementsAre(".a\r\n.\r\n\r\n"));
}

TEST(Server, ConsumesChunksItMayNotTake) {
  Talk talk;
  talk.features.require_auth = true;
  talk.check({{"BDAT 6\r\nQUIT", "530 Authentication required"}, {"NOOP", "250 Ok"}});
  Talk huge;
  huge.limits.max_message = 1000;
  std::vector<std::string> pieces{"BDAT 999999999999999\r\n"};
  for (int i = 0; i < 200; ++i) pieces.emplace_back(10000, 'x');
  const auto answers = huge.run(pieces);
  EXPECT_LT(answers.size(), 130u);  // it does not listen for ever
}

TEST(Server, RefusesLargeMessagesAndGoesOn) {
  Talk talk;
  talk.limits.max_message = 20000;
  std::vector<std::string> pieces{"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"};
  for (int i = 0; i < 300; ++i) pieces.push_back(std::string(98, 'x') + "\r\n");
  pieces.push_back(".\r\n");
  pieces.push_back("NOOP\r\n");
  const auto answers = talk.run(pieces);
  EXPECT_EQ(Talk::barred(answers[answers.size() - 3]), "552 Message is too long.");
  EXPECT_EQ(Talk::barred(answers[answers.size() - 2]), "250 Ok");
  EXPECT_TRUE(talk.notes->messages.empty());
  EXPECT_EQ(talk.budget->used(), 0u);

  Talk exact;
  exact.limits.max_message = 100;
  const auto fits =
      exact.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "." + std::string(98, '.') + "\r\n.\r\n"});
  EXPECT_EQ(exact.notes->messages.size(), 1u);
}

TEST(Server, EndsOnEndlessDataAndLines) {
  Talk talk;
  talk.limits.max_message = 1000;
  talk.limits.max_data_line = 5000;
  const auto answers =
      talk.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", std::string(6000, 'x'), "\r\n.\r\n"});
  EXPECT_EQ(Talk::barred(answers.back()), "500 5.5.2 Error: line too long");
}

TEST(Server, WantsMemoryWithinTheBudget) {
  Talk talk;
  talk.limits.budget_wait = {};
  talk.budget = std::make_shared<net::ByteBudget>(1000);
  net::ByteBudget::Share others(*talk.budget);
  ASSERT_TRUE(others.try_grow_to(1));
  const auto answers = talk.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "NOOP\r\n"});
  EXPECT_EQ(Talk::barred(answers[1]), "250 Ok|250 Ok|452 4.3.1 Insufficient system storage");

  Talk growing;
  growing.limits.budget_wait = {};
  growing.budget = std::make_shared<net::ByteBudget>(40000);
  net::ByteBudget::Share beside(*growing.budget);
  ASSERT_TRUE(beside.try_grow_to(1));
  const auto later =
      growing.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", std::string(30000, 'x') + "\r\n",
                   std::string(30000, 'x') + "\r\n", ".\r\n", "NOOP\r\n"});
  EXPECT_EQ(Talk::barred(later[4]), "452 4.3.1 Insufficient system storage");
  EXPECT_EQ(growing.budget->used(), 1u);
}

TEST(Server, SaysWhyItHangsUp) {
  Talk silent;
  EXPECT_EQ(silent.run({"EHLO me\r\n"}, net::IoError::timeout).back(),
            "451 4.4.2 Timeout waiting for data from client.\r\n");
  Talk in_data;
  const auto answers =
      in_data.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", "half"}, net::IoError::timeout);
  EXPECT_EQ(answers.back(), "451 4.4.2 Timeout waiting for data from client.\r\n");
  EXPECT_TRUE(in_data.notes->messages.empty());
  Talk wrong;
  wrong.limits.max_errors = 2;
  EXPECT_EQ(Talk::barred(wrong.run({"A\r\n", "B\r\n", "C\r\n", "D\r\n"}).back()),
            "500 Error: command not implemented|421 4.7.0 Error: too many errors");
  Talk idle;
  idle.limits.max_commands_without_mail = 1;
  EXPECT_EQ(Talk::barred(idle.run({"NOOP\r\n", "NOOP\r\n", "NOOP\r\n"}).back()),
            "250 Ok|421 4.7.0 Error: too many commands without a message");
  Talk old;
  old.limits.session_timeout = std::chrono::seconds(0);
  EXPECT_THAT(old.run({"NOOP\r\n", "NOOP\r\n"}).back(), HasSubstr("421 4.4.2"));
  Talk browser;
  EXPECT_EQ(Talk::barred(browser.run({"POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@b>\r\n"}).back()),
            "500 Error: command not implemented");
  Talk long_line;
  EXPECT_EQ(Talk::barred(long_line.run(std::vector<std::string>(30, std::string(10000, 'x'))).back()),
            "500 Error: line too long");
}

TEST(Server, GivesSlowDataLessAndLessTime) {
  Talk talk;
  talk.limits.data_timeout = std::chrono::seconds(100);
  talk.limits.min_data_rate = 10;
  const auto start = net::Steady::now();
  talk.run({"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", std::string(98, 'x') + "\r\n", ".\r\n"});
  const auto& deadlines = talk.script->read_deadlines;
  ASSERT_GE(deadlines.size(), 3u);
  // All of the data must be there 100 s after its begin, later by what the bytes so far have earned.
  EXPECT_LE(deadlines[1], net::Steady::now() + std::chrono::seconds(100));
  EXPECT_GE(deadlines[1], start + std::chrono::seconds(100));
}

// As the owner of a share that does not fit.
base::Task<void> wait_for_room(net::ByteBudget::Share* share, std::size_t bytes,
                               std::promise<bool>* granted) {
  granted->set_value(co_await share->grow_to(bytes, net::Deadline::max()));
}

// A mail that has sent 500 kB has earned time at 1 octet/s, but none at the rate wanted of large mails while
// another waits for their room.
TEST(Server, WantsMoreOfSlowLargeMailWhileOthersWait) {
  Talk talk;
  talk.limits.data_timeout = std::chrono::seconds(0);
  talk.limits.min_data_rate = 1;
  talk.limits.pressed_data_rate = 1u << 20;
  talk.budget = std::make_shared<net::ByteBudget>(1u << 20);
  net::LoopPool loops(1);
  net::ByteBudget::Share waiting(*talk.budget);
  std::promise<bool> granted;
  std::vector<net::Deadline> asked, deadlines;
  talk.script->peer = [&](std::string) -> Given {
    asked.push_back(net::Steady::now());
    deadlines.push_back(talk.script->read_deadlines.back());
    if (asked.size() == 1) return {"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", net::IoError::none};
    if (asked.size() < 4) return {std::string(249998, 'x') + "\r\n", net::IoError::none};
    if (asked.size() > 4) return {"", net::IoError::timeout};
    loops.at(0).post([&] { base::spawn(wait_for_room(&waiting, 1u << 20, &granted)); });
    while (talk.budget->waiting() == 0) std::this_thread::yield();
    return {"x\r\n", net::IoError::none};
  };
  base::run_task(serve(std::make_unique<ScriptedStream>(talk.script),
                       std::make_unique<NotingPolicy>(talk.notes), talk.features, talk.limits, talk.budget));
  ASSERT_EQ(asked.size(), 5u);
  EXPECT_GT(deadlines[3], asked[1]);  // it may go on
  EXPECT_LT(deadlines[4], asked[1]);  // its time was over when the data began
  EXPECT_TRUE(granted.get_future().get());
  EXPECT_THAT(talk.script->written, HasSubstr("451 4.4.2"));
}

TEST(Server, HoldsLittleForAStrangersWord) {
  Talk talk;
  std::size_t most = 0;
  std::vector<std::string> pieces{"MAIL FROM:<a@b> SIZE=41943040\r\nRCPT TO:<c@d>\r\nDATA\r\n"};
  for (int i = 0; i < 30; ++i) pieces.push_back(std::string(9998, 'x') + "\r\n");
  std::size_t next = 0;
  talk.script->peer = [&](std::string) {
    most = std::max(most, talk.budget->used());
    return next < pieces.size() ? Given{pieces[next++], net::IoError::none} : Given{"", net::IoError::eof};
  };
  base::run_task(serve(std::make_unique<ScriptedStream>(talk.script),
                       std::make_unique<NotingPolicy>(talk.notes), talk.features, talk.limits, talk.budget));
  EXPECT_EQ(next, pieces.size());
  EXPECT_GT(most, 300000u);
  EXPECT_LE(most, 1200000u);
}

TEST(Server, LimitsRecipients) {
  Talk talk;
  talk.limits.max_recipients = 1;
  talk.notes->replies["rcpt no@d"] = Reply(550, "5.1.1 no");
  talk.check({{"MAIL FROM:<>", "250 Ok"},
              {"RCPT TO:<no@d>", "550 5.1.1 no"},
              {"RCPT TO:<c@d>", "250 Ok"},
              {"RCPT TO:<e@d>", "452 Error: too many recipients"}});
}

TEST(Server, LeavesTheWordToThePolicy) {
  Talk talk;
  talk.notes->replies["mail bad@b"] = Reply(553, "<bad@b> Invalid email address.");
  talk.notes->replies["message"] = Reply(554, "Message rejected: x\r\n250 injected");
  talk.notes->replies["rcpt away@d"] = Reply(421, "4.3.2 shutting down");
  talk.check({{"MAIL FROM:<bad@b>", "553 <bad@b> Invalid email address."},
              {"MAIL FROM:<a@b>", "250 Ok"},
              {"RCPT TO:<c@d>", "250 Ok"},
              {"DATA", kData},
              {".", "554 Message rejected: x  250 injected"},
              {"MAIL FROM:<a@b>", "250 Ok"},
              {"RCPT TO:<away@d>", "421 4.3.2 shutting down"}});
  EXPECT_TRUE(talk.script->shut_down);
}

}  // namespace
}  // namespace smtp
