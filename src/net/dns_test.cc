#include "net/dns.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/oneshot.h"
#include "base/run_task.h"
#include "net/dns_rdata.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using base::Task;

std::string wire(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    auto dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out += name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}
std::string be16(unsigned n) { return {static_cast<char>(n >> 8), static_cast<char>(n)}; }
std::string be32(unsigned n) { return be16(n >> 16) + be16(n & 0xffff); }

TEST(Rdata, ParsesByType) {
  const std::string long_label(63, 'a');
  struct Case {
    DnsType type;
    std::string rdata;
    const char* expect;  // nullptr refuses
  } cases[] = {
      {DnsType::a, "\xc0\x00\x02\x01"s, "192.0.2.1"},
      {DnsType::a, "\xc0\x00\x02"s, nullptr},
      {DnsType::a, "\xc0\x00\x02\x01\x01"s, nullptr},
      {DnsType::aaaa, "\x20\x01\x0d\xb8"s + std::string(11, 0) + "\1", "2001:db8::1"},
      {DnsType::aaaa, std::string(15, 0), nullptr},
      {DnsType::cname, wire("A.Example"), "a.example"},
      {DnsType::cname, wire(""), ""},
      {DnsType::cname, "", nullptr},
      {DnsType::cname, wire("a") + "x", nullptr},
      {DnsType::cname,
       "\x05"
       "abc"s,
       nullptr},
      {DnsType::cname,
       "\x03"
       "abc"s,
       nullptr},
      {DnsType::cname, "\xc0\x0c"s, nullptr},
      {DnsType::cname,
       "\x03"
       "a.b\0"s,
       nullptr},
      {DnsType::cname,
       "\x03"
       "a b\0"s,
       nullptr},
      {DnsType::cname,
       "\x03"
       "a\0b\0"s,
       nullptr},
      {DnsType::ptr, wire(long_label + "." + long_label + "." + long_label + "." + std::string(61, 'a')),
       "*"},
      {DnsType::ptr, wire(long_label + "." + long_label + "." + long_label + "." + std::string(62, 'a')),
       nullptr},
      {DnsType::mx, be16(10) + wire("mx.example"), "10 mx.example"},
      {DnsType::mx, be16(0) + wire(""), "0 "},
      {DnsType::mx, be16(10), nullptr},
      {DnsType::mx, "\x00"s, nullptr},
      {DnsType::txt,
       "\x03"
       "abc\x02"
       "de"s,
       "abcde"},
      {DnsType::txt, "\x00"s, ""},
      {DnsType::txt, "", nullptr},
      {DnsType::txt,
       "\x04"
       "abc"s,
       nullptr},
      {DnsType::soa, wire("ns.example") + wire("admin.example") + std::string(20, 'x'), "ns.example"},
      {DnsType::soa,
       wire("ns.example") +
           "\x05"
           "a.b.c\0"s +
           std::string(20, 'x'),
       "ns.example"},
      {DnsType::soa, wire("ns.example") + wire("admin.example") + std::string(19, 'x'), nullptr},
      {DnsType::soa, wire("ns.example") + "\x3f"s, nullptr},
      {DnsType::tlsa, "\x03\x01\x01xyz"s, "\x03\x01\x01xyz"},
      {DnsType::tlsa, "\x03\x01\x01"s, nullptr},
  };
  for (auto& c : cases) {
    auto parsed = parse_rdata(c.type, c.rdata);
    ASSERT_EQ(parsed.has_value(), c.expect != nullptr) << static_cast<int>(c.type) << " " << c.rdata;
    if (!parsed || c.expect == "*"s) continue;
    auto text =
        c.type == DnsType::mx ? std::to_string(parsed->preference) + " " + parsed->value : parsed->value;
    EXPECT_EQ(text, c.expect);
  }
}

TEST(DnsName, IsNormalised) {
  EXPECT_EQ(normal_dns_name("MX.Example."), "mx.example");
  EXPECT_EQ(normal_dns_name("_dmarc.a-b.example"), "_dmarc.a-b.example");
  EXPECT_EQ(normal_dns_name("."), "");
  for (auto bad : {"a..b", ".a", "a b", "a\\b", "\xc3\xa9.example"})
    EXPECT_FALSE(normal_dns_name(bad)) << bad;
  EXPECT_FALSE(normal_dns_name(std::string(64, 'a')));
  EXPECT_FALSE(normal_dns_name(std::string(300, 'a')));
}

TEST(TableResolver, AnswersFromItsTable) {
  TableResolver table;
  table.add("Example.com.", DnsType::mx, {"MX.example.com", 5});
  table.add("alias.example.com", DnsType::cname, {"example.com"});
  table.add("loop.example", DnsType::cname, {"loop.example"});
  table.fail("broken.example");
  auto ask = [&](const char* name, DnsType type) { return base::run_task(table.query(name, type)); };
  auto mx = ask("example.COM", DnsType::mx);
  ASSERT_EQ(mx.status, DnsAnswer::ok);
  EXPECT_EQ(mx.records[0].value, "mx.example.com");
  EXPECT_EQ(mx.records[0].preference, 5);
  EXPECT_EQ(ask("example.com", DnsType::a).status, DnsAnswer::no_data);
  EXPECT_EQ(ask("none.example", DnsType::a).status, DnsAnswer::no_name);
  EXPECT_EQ(ask("broken.example", DnsType::a).status, DnsAnswer::failed);
  EXPECT_EQ(ask("loop.example", DnsType::a).status, DnsAnswer::failed);
  EXPECT_EQ(ask("alias.example.com", DnsType::mx).canonical_name, "example.com");
  EXPECT_EQ(table.queries(), 6u);
  table.clear();
  EXPECT_EQ(ask("example.com", DnsType::mx).status, DnsAnswer::no_name);
}

// Answers what it is told, once it is told.
struct HeldResolver final : Resolver {
  Task<DnsAnswer> query(std::string name, DnsType) override { return ask(this, std::move(name)); }
  static Task<DnsAnswer> ask(HeldResolver* self, std::string name) {
    self->asked.push_back(name);
    if (self->hold) co_await self->go;
    if (self->broken) throw std::runtime_error("on purpose");
    co_return self->answer;
  }
  std::vector<std::string> asked;
  bool hold = false, broken = false;
  base::OneShot<int> go;
  DnsAnswer answer;
};

struct CacheTest : testing::Test {
  CacheTest() { clock.freeze(base::from_millis(1'000'000'000)); }
  DnsAnswer ask(const std::string& name, DnsType type = DnsType::a) {
    return base::run_task(cache->query(name, type));
  }
  base::MovableClock clock;
  HeldResolver inner;
  std::unique_ptr<Resolver> cache = make_caching_resolver(inner, clock, 2);
};

TEST_F(CacheTest, KeepsAnswersByTheirTtl) {
  inner.answer.status = DnsAnswer::ok;
  inner.answer.records = {{"192.0.2.1"}};
  inner.answer.ttl = 60s;
  EXPECT_EQ(ask("a.example").ttl, 60s);
  clock.advance(20s);
  EXPECT_EQ(ask("A.example.").ttl, 40s);
  EXPECT_EQ(inner.asked.size(), 1u);
  ask("a.example", DnsType::aaaa);
  EXPECT_EQ(inner.asked.size(), 2u);
  clock.advance(40s);
  ask("a.example");
  EXPECT_EQ(inner.asked.size(), 3u);
}

TEST_F(CacheTest, KeepsWhatIsNotThereForLess) {
  struct Case {
    DnsAnswer::Status status;
    std::chrono::seconds ttl, kept;
  } cases[] = {
      {DnsAnswer::no_name, 3600s, 300s}, {DnsAnswer::no_data, 60s, 60s}, {DnsAnswer::failed, 0s, 5s}};
  int n = 0;
  for (auto& c : cases) {
    auto name = "n" + std::to_string(n++) + ".example";
    inner.asked.clear();
    inner.answer = DnsAnswer{};
    inner.answer.status = c.status;
    inner.answer.ttl = c.ttl;
    ask(name);
    clock.advance(c.kept - 1ms);
    ask(name);
    EXPECT_EQ(inner.asked.size(), 1u);
    clock.advance(1ms);
    ask(name);
    EXPECT_EQ(inner.asked.size(), 2u);
  }
}

TEST_F(CacheTest, IsBoundedAndForgetsWhatWasUsedLast) {
  inner.answer.status = DnsAnswer::ok;
  inner.answer.ttl = 60s;
  for (auto name : {"a", "b", "a", "c", "a", "b"}) ask(name);
  EXPECT_EQ(inner.asked, (std::vector<std::string>{"a", "b", "c", "b"}));
}

// Whoever sends mail chooses whom we ask, and what they answer.
TEST_F(CacheTest, IsBoundedInOctetsToo) {
  auto roomy = make_caching_resolver(inner, clock);
  inner.answer.status = DnsAnswer::ok;
  inner.answer.ttl = 60s;
  inner.answer.records = {{std::string(60000, 'x')}};
  auto ask_for = [&](int n) {
    return base::run_task(roomy->query("n" + std::to_string(n) + ".example", DnsType::txt));
  };
  for (int n = 0; n < 3000; ++n) ask_for(n);
  inner.asked.clear();
  for (int n : {2999, 2500, 0}) ask_for(n);
  EXPECT_EQ(inner.asked, (std::vector<std::string>{"n0.example"}));
}

TEST_F(CacheTest, NamesThatAreNoneAreNotAsked) {
  EXPECT_EQ(ask("a..b").status, DnsAnswer::no_name);
  EXPECT_TRUE(inner.asked.empty());
}

Task<void> ask_into(Resolver* resolver, std::string name, DnsAnswer* out, int* done) {
  auto asking = resolver->query(name, DnsType::a);
  *out = co_await asking;
  ++*done;
}

TEST_F(CacheTest, AsksOnceForAllWhoWait) {
  inner.hold = true;
  inner.answer.status = DnsAnswer::ok;
  base::ManualExecutor executor;
  DnsAnswer answers[3];
  int done = 0;
  {
    base::Executor::Scope scope(&executor);
    for (auto& a : answers) base::spawn(ask_into(cache.get(), "a.example", &a, &done));
  }
  EXPECT_EQ(inner.asked.size(), 1u);
  inner.go.set(1);
  executor.run_until([&] { return done == 3; });
  for (auto& a : answers) EXPECT_EQ(a.status, DnsAnswer::ok);
  EXPECT_EQ(inner.asked.size(), 1u);
}

TEST_F(CacheTest, AnExceptionIsAFailureForAll) {
  inner.broken = true;
  auto answer = ask("a.example");
  EXPECT_EQ(answer.status, DnsAnswer::failed);
  EXPECT_EQ(answer.detail, "on purpose");
}

// A DNS server of a few lines on loopback: answers over UDP as `respond` says, which gets the question's name
// (lower case, wire form) and type and gives RCODE, answers and authority; an empty optional is silence.
class Responder {
 public:
  struct Reply {
    int rcode = 0;
    std::vector<std::string> answers, authority;
  };
  using Respond = std::function<std::optional<Reply>(std::string name, unsigned type)>;

  explicit Responder(Respond respond) : respond_(std::move(respond)), fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("bind");
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    endpoint_ = {"127.0.0.1", ntohs(address.sin_port)};
    if (::pipe(stop_) != 0) throw std::runtime_error("pipe");
    thread_ = std::thread([this] { run(); });
  }
  ~Responder() {
    ::close(stop_[1]);
    thread_.join();
    ::close(stop_[0]);
    ::close(fd_);
  }
  Endpoint endpoint() const { return endpoint_; }
  int asked() const { return asked_; }

  static std::string record(const std::string& name, unsigned type, unsigned ttl, const std::string& rdata) {
    return wire(name) + be16(type) + be16(1) + be32(ttl) + be16(static_cast<unsigned>(rdata.size())) + rdata;
  }

 private:
  void run() {
    pollfd watched[] = {{fd_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    while (::poll(watched, 2, -1) > 0 && !watched[1].revents) {
      char buffer[2048];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      auto n = ::recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 17) continue;
      std::string_view question(buffer + 12, static_cast<std::size_t>(n) - 12);
      auto rest = question;
      auto name = take_dns_name(rest);
      if (!name || rest.size() < 4) continue;
      auto type = static_cast<unsigned>(static_cast<unsigned char>(rest[0]) << 8 |
                                        static_cast<unsigned char>(rest[1]));
      ++asked_;
      auto reply = respond_(*name, type);
      if (!reply) continue;
      std::string out(buffer, 2);
      out += "\x81"s + static_cast<char>(0x80 | reply->rcode);  // QR, RD, RA
      out += be16(1) + be16(static_cast<unsigned>(reply->answers.size())) +
             be16(static_cast<unsigned>(reply->authority.size())) + be16(0);
      out += question.substr(0, question.size() - rest.size() + 4);
      for (auto& r : reply->answers) out += r;
      for (auto& r : reply->authority) out += r;
      ::sendto(fd_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  Respond respond_;
  int fd_, stop_[2];
  Endpoint endpoint_;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

std::optional<Responder::Reply> zone(std::string name, unsigned type) {
  auto r = Responder::record;
  Responder::Reply reply;
  auto soa = r("test", 6, 77,
               wire("ns.test") + wire("admin.test") + be32(1) + be32(2) + be32(3) + be32(4) + be32(30));
  if (name == "silent.test") return {};
  if (name == "broken.test") {
    reply.rcode = 2;
  } else if (name == "mail.test" && type == 15) {
    reply.answers = {r(name, 15, 120, be16(20) + wire("MX2.test")),
                     r(name, 15, 120, be16(10) + wire("mx1.test"))};
  } else if (name == "null.test" && type == 15) {
    reply.answers = {r(name, 15, 120, be16(0) + wire(""))};
  } else if (name == "alias.test") {
    reply.answers = {r(name, 5, 60, wire("host.test")), r("host.test", 1, 50, "\x7f\0\0\1"s)};
  } else if (name == "host.test" && type == 1) {
    reply.answers = {r(name, 1, 50, "\x7f\0\0\1"s)};
  } else if (name == "host.test" && type == 28) {
    reply.answers = {r(name, 28, 50, std::string(15, 0) + '\1')};
  } else if (name == "host.test" && type == 16) {
    reply.answers = {r(name, 16, 50, "\x05v=spf\x03 ~x"s)};
  } else if (name == "_25._tcp.host.test" && type == 52) {
    reply.answers = {r(name, 52, 50, "\x03\x01\x01" + std::string(32, 'h'))};
  } else if (name == "1.2.0.192.in-addr.arpa" && type == 12) {
    reply.answers = {r(name, 12, 50, wire("host.test"))};
  } else if (name == "host.test" || name == "mail.test") {
    reply.authority = {soa};
  } else {
    reply.rcode = 3;
    reply.authority = {soa};
  }
  return reply;
}

TEST(UnboundResolver, AsksTheServerItIsGiven) {
  Responder responder(zone);
  auto resolver = make_unbound_resolver({.server = responder.endpoint()});
  auto ask = [&](const char* name, DnsType type) { return base::run_task(resolver->query(name, type)); };
  auto mx = ask("Mail.test.", DnsType::mx);
  ASSERT_EQ(mx.status, DnsAnswer::ok) << mx.detail;
  ASSERT_EQ(mx.records.size(), 2u);
  std::sort(mx.records.begin(), mx.records.end(),
            [](auto& a, auto& b) { return a.preference < b.preference; });
  EXPECT_EQ(mx.records[0].value, "mx1.test");
  EXPECT_EQ(mx.records[1].value, "mx2.test");
  EXPECT_EQ(mx.ttl, 120s);
  EXPECT_FALSE(mx.secure);
  EXPECT_EQ(ask("null.test", DnsType::mx).records.at(0).value, "");
  auto alias = ask("alias.test", DnsType::a);
  EXPECT_EQ(alias.canonical_name, "host.test");
  EXPECT_EQ(alias.records.at(0).value, "127.0.0.1");
  EXPECT_EQ(ask("host.test", DnsType::aaaa).records.at(0).value, "::1");
  EXPECT_EQ(ask("host.test", DnsType::txt).records.at(0).value, "v=spf ~x");
  EXPECT_EQ(ask("_25._tcp.host.test", DnsType::tlsa).records.at(0).value,
            "\x03\x01\x01" + std::string(32, 'h'));
  EXPECT_EQ(ask("1.2.0.192.in-addr.arpa", DnsType::ptr).records.at(0).value, "host.test");
  auto none = ask("mail.test", DnsType::a);
  EXPECT_EQ(none.status, DnsAnswer::no_data);
  EXPECT_EQ(none.ttl, 30s);
  auto gone = ask("gone.test", DnsType::a);
  EXPECT_EQ(gone.status, DnsAnswer::no_name);
  EXPECT_EQ(gone.ttl, 30s);
  EXPECT_EQ(ask("a..b", DnsType::a).status, DnsAnswer::no_name);
}

TEST(UnboundResolver, KeepsNothingItself) {
  std::atomic<int> last{1};
  Responder responder([&](std::string name, unsigned) {
    Responder::Reply reply;
    reply.answers = {Responder::record(name, 1, 3600, "\x7f\0\0"s + static_cast<char>(last.load()))};
    return std::optional(reply);
  });
  auto resolver = make_unbound_resolver({.server = responder.endpoint()});
  EXPECT_EQ(base::run_task(resolver->query("a.test", DnsType::a)).records.at(0).value, "127.0.0.1");
  last = 2;
  EXPECT_EQ(base::run_task(resolver->query("a.test", DnsType::a)).records.at(0).value, "127.0.0.2");
}

TEST(UnboundResolver, FailuresAreValues) {
  Responder responder(zone);
  auto quick = make_unbound_resolver({.server = responder.endpoint(), .timeout = 5ms});
  auto silent = base::run_task(quick->query("silent.test", DnsType::a));
  EXPECT_EQ(silent.status, DnsAnswer::failed);
  EXPECT_EQ(silent.detail, "timed out");
  auto none = make_unbound_resolver({.server = responder.endpoint(), .max_outstanding = 0});
  EXPECT_EQ(base::run_task(none->query("host.test", DnsType::a)).status, DnsAnswer::failed);
  EXPECT_THROW(make_unbound_resolver({.server = {"dns.example", 53}}), std::runtime_error);
  EXPECT_THROW(make_unbound_resolver({.server = responder.endpoint(), .trust_anchor_file = "/nonexistent"}),
               std::runtime_error);
}

TEST(UnboundResolver, StoppingItEndsWhatWaits) {
  Responder responder(zone);
  auto resolver = make_unbound_resolver({.server = responder.endpoint()});
  base::ManualExecutor executor;
  DnsAnswer answer;
  int done = 0;
  {
    base::Executor::Scope scope(&executor);
    base::spawn(ask_into(resolver.get(), "silent.test", &answer, &done));
  }
  resolver.reset();
  executor.run_until([&] { return done == 1; });
  EXPECT_EQ(answer.detail, "the resolver has stopped");
}

TEST(UnboundResolver, ManyAtOnce) {
  Responder responder(zone);
  auto resolver = make_unbound_resolver({.server = responder.endpoint()});
  base::ManualExecutor executor;
  std::vector<DnsAnswer> answers(200);
  int done = 0;
  {
    base::Executor::Scope scope(&executor);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      base::spawn(ask_into(resolver.get(), i % 2 ? "host.test" : "n" + std::to_string(i) + ".test",
                           &answers[i], &done));
    }
  }
  executor.run_until([&] { return done == 200; });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].status, i % 2 ? DnsAnswer::ok : DnsAnswer::no_name) << i << answers[i].detail;
  }
}

}  // namespace
}  // namespace net
