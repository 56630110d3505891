#include "smtp/grammar.h"

#include <gmock/gmock.h>

#include "smtp/dot.h"
#include "smtp/reply_parser.h"

namespace smtp {
namespace {

using ::testing::ElementsAre;

TEST(Command, SplitsVerbAndArguments) {
  struct Case {
    std::string_view line;
    Verb verb;
    std::string_view args;
  };
  const Case cases[] = {
      {"MAIL FROM:<a@b>", Verb::mail, "FROM:<a@b>"},
      {"mail from:<a@b>", Verb::mail, "from:<a@b>"},
      {"  QUIT  ", Verb::quit, ""},
      {"EHLO   me", Verb::ehlo, "me"},
      {"AUTH PLAIN AGEAYg==", Verb::auth, "PLAIN AGEAYg=="},
      {"GET / HTTP/1.1", Verb::web, "/ HTTP/1.1"},
      {"", Verb::unknown, ""},
      {"MAILFROM:<a@b>", Verb::unknown, ""},
      {"QU\rIT", Verb::unknown, ""},
      {std::string_view("NOOP\0", 5), Verb::unknown, ""},
  };
  for (const auto& c : cases) {
    const Command command = parse_command(c.line);
    EXPECT_EQ(command.verb, c.verb) << c.line;
    EXPECT_EQ(command.args, c.args) << c.line;
  }
}

TEST(Path, TakesWhatSesTakes) {
  struct Case {
    std::string_view args, address;
    std::size_t parameters;
  };
  const Case cases[] = {
      {"FROM:<a@b.example>", "a@b.example", 0},
      {"from: <a@b.example>", "a@b.example", 0},
      {"FROM:a@b.example", "a@b.example", 0},
      {"FROM: a@b.example SIZE=10", "a@b.example", 1},
      {"FROM:<>", "", 0},
      {"FROM:<> BODY=8BITMIME SIZE=5", "", 2},
      {"FROM:<@x.example,@y.example:a@b.example>", "a@b.example", 0},
      {"FROM:<@b.example>", "@b.example", 0},
      {"FROM:<\"a b>\"@c.example> SMTPUTF8", "\"a b>\"@c.example", 1},
      {"FROM:<\"a\\\">\"@c.example>", "\"a\\\">\"@c.example", 0},
      {"FROM:foo", "foo", 0},
  };
  for (const auto& c : cases) {
    const auto path = parse_path(c.args, "FROM:");
    ASSERT_TRUE(path.ok()) << c.args;
    EXPECT_EQ(path->address, c.address) << c.args;
    EXPECT_EQ(path->parameters.size(), c.parameters) << c.args;
  }
}

TEST(Path, RefusesTheRest) {
  const std::pair<std::string, PathError> cases[] = {
      {"", PathError::no_keyword},
      {"TO:<a@b>", PathError::no_keyword},
      {"<a@b>", PathError::no_keyword},
      {"FROM:", PathError::no_address},
      {"FROM:   ", PathError::no_address},
      {"FROM:<a@b", PathError::bad_path},
      {"FROM:<a@b>SIZE=1", PathError::bad_path},
      {"FROM:<\"a@b>", PathError::bad_path},
      {"FROM:<a@b> =1", PathError::bad_parameters},
      {"FROM:<a@b> SIZE=", PathError::bad_parameters},
      {"FROM:Joe <a@b>", PathError::bad_parameters},
      {"FROM:<a@b> A A A A A A A A A A A A A A A A A A A A A", PathError::bad_parameters},
  };
  for (const auto& [args, error] : cases) {
    const auto path = parse_path(args, "FROM:");
    ASSERT_FALSE(path.ok()) << args;
    EXPECT_EQ(path.error(), error) << args;
  }
}

TEST(Path, NamesItselfInRefusals) {
  EXPECT_EQ(path_for_reply("FROM:<a@b"), "a@b");
  EXPECT_EQ(path_for_reply("FROM: <a@b>X"), "a@b>X");
  EXPECT_EQ(path_for_reply("FROM:\xc3\xa9@b"), "??@b");
  EXPECT_EQ(path_for_reply("FROM:" + std::string(5000, 'a')).size(), 256u);
}

TEST(Numbers, AreBounded) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("41943040"), 41943040u);
  EXPECT_EQ(parse_size(""), std::nullopt);
  EXPECT_EQ(parse_size("-1"), std::nullopt);
  EXPECT_EQ(parse_size("1x"), std::nullopt);
  EXPECT_EQ(parse_size("99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_bdat("100")->octets, 100u);
  EXPECT_FALSE(parse_bdat("100")->last);
  EXPECT_TRUE(parse_bdat("0 last")->last);
  EXPECT_FALSE(parse_bdat("LAST"));
  EXPECT_FALSE(parse_bdat("1 2"));
}

TEST(Auth, DecodesItsPieces) {
  EXPECT_EQ(decode_auth("="), "");
  EXPECT_EQ(decode_auth("dXNlcg=="), "user");
  EXPECT_EQ(decode_auth("!"), std::nullopt);
  const auto plain = parse_plain(std::string_view("\0user\0pass", 10));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->user, "user");
  EXPECT_EQ(plain->password, "pass");
  EXPECT_FALSE(parse_plain("user"));
  EXPECT_FALSE(parse_plain(std::string_view("\0\0x", 3)));
  EXPECT_EQ(*decode_auth(plain_response("user", "pass")), std::string("\0user\0pass", 10));
}

TEST(Capabilities, AreRead) {
  Reply reply(250, "mail.example greets you");
  reply.lines = {"PIPELINING", "PIPELINING",          "size 1000", "8BITMIME",
                 "STARTTLS",   "AUTH=PLAIN LOGIN X",  "SMTPUTF8",  "CHUNKING",
                 "DSN",        "ENHANCEDSTATUSCODES", "Ok"};
  const Capabilities all = parse_capabilities(reply);
  EXPECT_TRUE(all.pipelining && all.size && all.eight_bit_mime && all.starttls && all.auth_plain &&
              all.auth_login && all.smtputf8 && all.chunking && all.dsn && all.enhanced_status);
  EXPECT_EQ(all.size_limit, 1000u);
  const Capabilities none = parse_capabilities(Reply(250, "PIPELINING"));  // the host's name, no keyword
  EXPECT_FALSE(none.pipelining);
}

TEST(LineFinder, EndsLinesAtCrlfOnly) {
  LineFinder finder;
  EXPECT_EQ(finder.find("NOOP\r", 100), LineStatus::more);
  EXPECT_EQ(finder.find("NOOP\r\nQ", 100), LineStatus::line);
  EXPECT_EQ(finder.octets(), 6u);
  EXPECT_EQ(finder.find("Q\n", 100), LineStatus::bare_lf);
  EXPECT_EQ(LineFinder().find("\n", 100), LineStatus::bare_lf);
  EXPECT_EQ(LineFinder().find(std::string(100, 'a'), 100), LineStatus::too_long);
  EXPECT_EQ(LineFinder().find(std::string(99, 'a') + "\r\n", 100), LineStatus::too_long);
  EXPECT_EQ(LineFinder().find(std::string(98, 'a') + "\r\n", 100), LineStatus::line);
}

TEST(Reply, ReadsItsStatus) {
  EXPECT_EQ(Reply(550, "5.1.1 no such user").enhanced_status(), "5.1.1");
  EXPECT_EQ(Reply(550, "5.7.512 x").enhanced_status(), "5.7.512");
  EXPECT_EQ(Reply(550, "5.1.1").enhanced_status(), "5.1.1");
  for (const char* none : {"", "5", "5.1", "5.1.", "3.1.1 x", "5.1.1x", "5.1111.1 x", "no"}) {
    EXPECT_EQ(Reply(550, none).enhanced_status(), "") << none;
  }
  EXPECT_EQ(Reply::from_line("550 5.1.1 no").text(), "550 5.1.1 no");
  EXPECT_EQ(Reply::from_line("250").wire(), "250 \r\n");
  EXPECT_EQ(Reply(250, "a\r\n354 b").wire(), "250 a  354 b\r\n");
  EXPECT_EQ(Reply(7, "x").wire(), "451 x\r\n");
  Reply two(250, "a");
  two.lines.emplace_back("b");
  EXPECT_EQ(two.wire(), "250-a\r\n250 b\r\n");
  EXPECT_EQ(two.text(), "250 a b");
}

TEST(ReplyParser, TakesPieces) {
  const std::string wire = "250-mail.example\r\n250-SIZE 1\n250\r\n550 5.1.1 no\r\n";
  for (std::size_t cut = 1; cut <= wire.size(); ++cut) {
    ReplyParser parser;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < wire.size(); at += cut) {
      std::string_view piece = std::string_view(wire).substr(at, cut);
      while (parser.feed(piece) == ReplyParser::Status::done) replies.push_back(parser.take());
    }
    ASSERT_EQ(replies.size(), 2u);
    EXPECT_THAT(replies[0].lines, ElementsAre("mail.example", "SIZE 1", ""));
    EXPECT_EQ(replies[1].text(), "550 5.1.1 no");
  }
}

TEST(ReplyParser, IsBounded) {
  const auto feed = [](std::string text) {
    ReplyParser parser;
    std::string_view view = text;
    return parser.feed(view);
  };
  EXPECT_EQ(feed("hello\r\n"), ReplyParser::Status::malformed);
  EXPECT_EQ(feed("99 x\r\n"), ReplyParser::Status::malformed);
  EXPECT_EQ(feed("650 x\r\n"), ReplyParser::Status::malformed);
  EXPECT_EQ(feed("250x\r\n"), ReplyParser::Status::malformed);
  EXPECT_EQ(feed(std::string(5000, '2')), ReplyParser::Status::malformed);
  std::string many;
  for (int i = 0; i < 100000; ++i) many += "250-x\r\n";
  EXPECT_EQ(feed(many), ReplyParser::Status::malformed);
  ReplyParser parser;
  std::string some;
  for (int i = 0; i < 500; ++i) some += "250-" + std::string(90, 'x') + "\r\n";
  some += "250 end\r\n";
  std::string_view view = some;
  ASSERT_EQ(parser.feed(view), ReplyParser::Status::done);
  const Reply kept = parser.take();
  EXPECT_LE(kept.lines.size(), ReplyParser::kKeptLines);
  EXPECT_LE(kept.text().size(), ReplyParser::kKeptBytes + 200);
}

}  // namespace
}  // namespace smtp
