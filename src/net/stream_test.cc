#include "net/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>

#include "net/run_on.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Task;

Deadline soon() { return Steady::now() + 20s; }

Task<void> echo(StreamPtr stream) {
  std::vector<char> buffer(65536);
  for (;;) {
    auto got = co_await stream->read_some(buffer, soon());
    if (!got.ok()) co_return;
    auto wrote = co_await stream->write(std::string_view(buffer.data(), got.bytes), soon());
    if (!wrote.ok()) co_return;
  }
}

Task<std::string> read_exactly(Stream* stream, std::size_t size) {
  std::string text(size, 0);
  std::size_t have = 0;
  while (have < size) {
    auto got = co_await stream->read_some(std::span(text).subspan(have), soon());
    if (!got.ok()) co_return "error: " + std::string(to_string(got.error)) + " " + got.detail;
    have += got.bytes;
  }
  co_return text;
}

Task<StreamPtr> dial(Endpoint to) {
  auto made = co_await connect(to, soon());
  if (!made) throw std::runtime_error(made.error().detail);
  co_return std::move(*made);
}

// A certificate on disk for as long as the test runs.
struct Certificate {
  explicit Certificate(const std::string& name) {
    static std::atomic<int> count{0};
    dir = std::filesystem::path(testing::TempDir()) /
          ("sesame-net-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(dir);
    auto made = make_self_signed(name);
    std::ofstream(cert()) << made.certificate_pem;
    std::ofstream(key()) << made.key_pem;
  }
  ~Certificate() { std::filesystem::remove_all(dir); }
  std::string cert() const { return dir / "cert.pem"; }
  std::string key() const { return dir / "key.pem"; }
  std::filesystem::path dir;
};

Task<void> nothing() { co_return; }

// Streams end on their loop's thread.
template <class... S>
void drop(LoopPool& pool, S&... streams) {
  run_on(pool.at(0), [&] {
    (streams.reset(), ...);
    return nothing();
  });
}

std::string pattern(std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 255) % 26);
  return text;
}

TEST(Endpoint, ParsesAndPrints) {
  struct Case {
    const char* text;
    const char* expect;  // "" refuses
  } cases[] = {{"127.0.0.1:25", "127.0.0.1:25"},
               {":8025", "127.0.0.1:8025"},
               {"[::1]:25", "[::1]:25"},
               {"mx.example:2525", "mx.example:2525"},
               {"[::1]", ""},
               {"::1:25", ""},
               {"a:70000", ""},
               {"a:", ""},
               {"a:+5", ""},
               {"25", ""},
               {"", ""},
               {"[x]:1", ""},
               {"a b:1", ""},
               {"a:000080", ""}};
  for (auto& c : cases) {
    auto parsed = parse_endpoint(c.text);
    EXPECT_EQ(parsed ? parsed->text() : "", c.expect) << c.text;
  }
  EXPECT_TRUE(is_ip_address("2001:db8::1"));
  EXPECT_TRUE(is_ip_address("192.0.2.1"));
  for (auto bad : {"", "1.2.3", "1.2.3.4.5", "mx", "[::1]"}) EXPECT_FALSE(is_ip_address(bad)) << bad;
}

Task<bool> sleeps(Loop* loop) {
  auto before = Steady::now();
  co_await loop->sleep_for(2ms);
  co_return Steady::now() - before >= 2ms && Loop::current() == loop&& base::Executor::current() == loop;
}

TEST(Loop, PostsInOrderAndSleeps) {
  LoopPool pool(2);
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) pool.at(1).post([&order, i] { order.push_back(i); });
  EXPECT_TRUE(run_on(pool.at(1), [&] { return sleeps(&pool.at(1)); }));
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(Loop::current(), nullptr);
}

Task<void> sleeps_long(Loop* loop, bool* woken) {
  co_await loop->sleep_for(24h);
  *woken = true;
  co_await loop->sleep_for(24h);  // refused: the loop is stopping
  *woken = false;
}

TEST(Loop, StopEndsWhatWaits) {
  LoopPool pool(1);
  bool woken = false;
  run_on(pool.at(0), [&] {
    base::spawn(sleeps_long(&pool.at(0), &woken));
    return sleeps(&pool.at(0));
  });
  pool.stop();
  EXPECT_TRUE(woken);
}

TEST(Timer, RingsOnceAndCanBeCancelled) {
  LoopPool pool(1);
  std::promise<int> rung;
  int cancelled = 0;
  std::shared_ptr<Timer> one, two;
  pool.at(0).post([&] {
    one = std::make_shared<Timer>(pool.at(0));
    two = std::make_shared<Timer>(pool.at(0));
    two->at(Steady::now(), [&] { ++cancelled; });
    two->cancel();
    one->at(Steady::now() + 1h, [&] { ++cancelled; });
    one->at(Steady::now() + 1ms, [&] {
      one.reset();  // from inside its own call
      two.reset();
      rung.set_value(1);
    });
  });
  EXPECT_EQ(rung.get_future().get(), 1);
  EXPECT_EQ(cancelled, 0);
}

Task<std::string> send_parts(Endpoint to, std::vector<std::string> texts) {
  auto stream = co_await dial(to);
  std::vector<std::string_view> parts(texts.begin(), texts.end());
  std::size_t total = 0;
  for (auto part : parts) total += part.size();
  auto wrote = co_await stream->write(parts, soon());
  EXPECT_TRUE(wrote.ok());
  EXPECT_EQ(wrote.bytes, total);
  co_return co_await read_exactly(stream.get(), total);
}

TEST(Stream, EchoesGatheredParts) {
  LoopPool pool(2);
  Listener listener(pool, {"127.0.0.1", 0}, 10, echo);
  auto big = pattern(100000);
  EXPECT_EQ(run_on(pool.at(0),
                   [&] {
                     return send_parts(listener.local(), {"ab", "", "c", big, "d"});
                   }),
            "abc" + big + "d");
}

// Sends while the peer reads on another coroutine: more than the kernel buffers.
Task<void> write_all(Stream* stream, std::string text, std::promise<bool>* done) {
  auto wrote = co_await stream->write(text, soon());
  done->set_value(wrote.ok() && wrote.bytes == text.size());
}

Task<std::size_t> count_bytes(StreamPtr stream, std::size_t enough) {
  std::vector<char> buffer(10000);
  std::size_t total = 0;
  while (total < enough) {
    auto got = co_await stream->read_some(buffer, soon());
    if (!got.ok()) break;
    total += got.bytes;
  }
  co_return total;
}

TEST(Stream, WritesMoreThanTheKernelHolds) {
  LoopPool pool(1);
  std::promise<std::size_t> counted;
  const std::size_t size = 12u << 20;
  auto count = [&](StreamPtr stream) -> Task<void> {
    return [](StreamPtr s, std::size_t n, std::promise<std::size_t>* out) -> Task<void> {
      out->set_value(co_await count_bytes(std::move(s), n));
    }(std::move(stream), size, &counted);
  };
  Listener listener(pool, {"127.0.0.1", 0}, 10, count);
  auto stream = run_on(pool.at(0), [&] { return dial(listener.local()); });
  std::promise<bool> written;
  pool.at(0).post([&] { base::spawn(write_all(stream.get(), std::string(size, 'x'), &written)); });
  EXPECT_TRUE(written.get_future().get());
  EXPECT_EQ(counted.get_future().get(), size);
  drop(pool, stream);
}

Task<IoResult> read_once(Stream* stream, Deadline deadline) {
  char c[16];
  co_return co_await stream->read_some(c, deadline);
}

Task<void> swallow(StreamPtr stream) {
  for (;;) {
    auto got = co_await read_once(stream.get(), soon());
    if (!got.ok()) co_return;
  }
}

Task<void> wait_for_end(StreamPtr stream) { co_await read_once(stream.get(), soon()); }

TEST(Stream, ReadTimesOutAndStaysUsable) {
  LoopPool pool(1);
  Listener listener(pool, {"127.0.0.1", 0}, 10, echo);
  auto stream = run_on(pool.at(0), [&] { return dial(listener.local()); });
  for (auto deadline : {Steady::now() - 1s, Steady::now() + 1ms}) {
    auto got = run_on(pool.at(0), [&] { return read_once(stream.get(), deadline); });
    EXPECT_EQ(got.error, IoError::timeout);
  }
  auto wrote = run_on(pool.at(0), [&] { return stream->write("hello", soon()); });
  EXPECT_TRUE(wrote.ok());
  EXPECT_EQ(run_on(pool.at(0), [&] { return read_exactly(stream.get(), 5); }), "hello");
  drop(pool, stream);
}

TEST(Stream, WriteTimesOutWhenNobodyReads) {
  LoopPool pool(1);
  StreamPtr held;
  std::promise<void> hold;
  auto keep = [&](StreamPtr stream) -> Task<void> {
    held = std::move(stream);
    hold.set_value();
    return nothing();
  };
  Listener listener(pool, {"127.0.0.1", 0}, 10, keep);
  auto stream = run_on(pool.at(0), [&] { return dial(listener.local()); });
  hold.get_future().get();
  std::string big(64u << 20, 'x');
  auto wrote = run_on(pool.at(0), [&] { return stream->write(big, Steady::now() + 20ms); });
  EXPECT_EQ(wrote.error, IoError::timeout);
  EXPECT_LT(wrote.bytes, big.size());
  drop(pool, held, stream);
}

Task<void> read_into(Stream* stream, std::promise<IoResult>* out) {
  out->set_value(co_await read_once(stream, Deadline::max()));
}

TEST(Stream, CloseEndsAWaitingReadAndPeersSeeIt) {
  LoopPool pool(1);
  Listener listener(pool, {"127.0.0.1", 0}, 10, wait_for_end);
  auto stream = run_on(pool.at(0), [&] { return dial(listener.local()); });
  std::promise<IoResult> read;
  pool.at(0).post([&] {
    base::spawn(read_into(stream.get(), &read));
    stream->close();
  });
  EXPECT_EQ(read.get_future().get().error, IoError::cancelled);
  auto after = run_on(pool.at(0), [&] { return read_once(stream.get(), soon()); });
  EXPECT_EQ(after.error, IoError::cancelled);
  drop(pool, stream);
}

// A waiting read is interrupted, and the stream goes on.
Task<std::string> interrupted(Stream* stream) {
  stream->interrupt_read();  // nothing waits
  auto first = co_await stream->write("hello", soon());
  auto echoed = co_await read_exactly(stream, 5);
  stream->loop().post([stream] { stream->interrupt_read(); });
  auto read = co_await read_once(stream, soon());
  auto second = co_await stream->write("again", soon());
  co_return echoed + " " + std::string(to_string(read.error)) + " " + co_await read_exactly(stream, 5);
}

TEST(Stream, AReadIsInterruptedAndTheStreamGoesOn) {
  LoopPool pool(1);
  Listener listener(pool, {"127.0.0.1", 0}, 10, echo);
  auto stream = run_on(pool.at(0), [&] { return dial(listener.local()); });
  EXPECT_EQ(run_on(pool.at(0), [&] { return interrupted(stream.get()); }), "hello cancelled again");
  drop(pool, stream);
}

Task<void> say_bye(StreamPtr stream) {
  co_await stream->write("bye", soon());
  co_await stream->shutdown(soon());
}

Task<std::string> watch_peer(Endpoint to) {
  auto stream = co_await dial(to);
  auto first = co_await read_exactly(stream.get(), 3);
  while (!stream->peer_has_closed()) co_await stream->loop().sleep_for(100us);
  auto last = co_await read_once(stream.get(), soon());
  co_return first + " " + std::string(to_string(last.error));
}

Task<bool> looks_open(Endpoint to) {
  auto stream = co_await dial(to);
  co_return !stream->peer_has_closed();
}

TEST(Stream, LooksWhetherThePeerHasClosed) {
  LoopPool pool(1);
  Listener bye(pool, {"127.0.0.1", 0}, 10, say_bye);
  Listener open(pool, {"127.0.0.1", 0}, 10, echo);
  EXPECT_EQ(run_on(pool.at(0), [&] { return watch_peer(bye.local()); }), "bye end of stream");
  EXPECT_TRUE(run_on(pool.at(0), [&] { return looks_open(open.local()); }));
}

Task<IoError> try_connect(Endpoint to) {
  auto made = co_await connect(to, soon());
  co_return made ? IoError::none : made.error().error;
}

TEST(Connect, SaysWhyNot) {
  LoopPool pool(1);
  Endpoint gone;
  {
    Listener listener(pool, {"127.0.0.1", 0}, 10, echo);
    gone = listener.local();
  }
  EXPECT_EQ(run_on(pool.at(0), [&] { return try_connect(gone); }), IoError::refused);
  EXPECT_EQ(run_on(pool.at(0), [] { return try_connect({"mx.example", 25}); }), IoError::other);
}

// Plain first, TLS after one exchange, as STARTTLS does.
Task<void> upgrade_server(StreamPtr stream, const TlsServerContext* context) {
  auto line = co_await read_exactly(stream.get(), 5);
  EXPECT_EQ(line, "START");
  co_await stream->write("OK", soon());
  auto shook = co_await stream->start_tls_server(*context, soon());
  if (!shook.ok()) co_return;
  EXPECT_NE(stream->tls(), nullptr);
  co_await echo(std::move(stream));
}

struct Upgraded {
  IoResult handshake;
  TlsInfo info;
  std::string echoed;
};

Task<Upgraded> upgrade_client(Endpoint to, const TlsClientContext* context, std::string name,
                              std::string text) {
  Upgraded result;
  auto stream = co_await dial(to);
  co_await stream->write("START", soon());
  auto ok = co_await read_exactly(stream.get(), 2);
  EXPECT_EQ(ok, "OK");
  result.handshake = co_await stream->start_tls_client(*context, name, soon());
  if (!result.handshake.ok()) co_return result;
  result.info = *stream->tls();
  std::vector<std::string_view> parts{"small", text, "tail"};
  // The echo comes back while this is written, so at most what the kernel buffers may be sent at once.
  auto wrote = co_await stream->write(parts, soon());
  EXPECT_EQ(wrote.bytes, text.size() + 9);
  result.echoed = co_await read_exactly(stream.get(), text.size() + 9);
  EXPECT_FALSE(stream->peer_has_closed());
  co_await stream->shutdown(soon());
  auto end = co_await read_once(stream.get(), soon());
  EXPECT_EQ(end.error, IoError::eof);
  EXPECT_TRUE(stream->peer_has_closed());
  co_return result;
}

struct TlsTest : testing::Test {
  Upgraded run(const TlsClientContext& client, const std::string& name) {
    return run_on(pool.at(0), [&] { return upgrade_client(listener.local(), &client, name, text); });
  }
  Certificate certificate{"mx.example"}, other{"other.example"};
  TlsServerContext server{certificate.cert(), certificate.key()};
  LoopPool pool{2};
  std::string text = pattern(50000);
  Listener listener{
      pool, {"127.0.0.1", 0}, 10, [this](StreamPtr s) { return upgrade_server(std::move(s), &server); }};
};

TEST_F(TlsTest, UpgradesVerifiesAndResumes) {
  TlsClientContext client(certificate.cert(), true);
  auto first = run(client, "mx.example.");
  EXPECT_TRUE(first.handshake.ok()) << first.handshake.detail;
  EXPECT_TRUE(first.info.verified) << first.info.verify_error;
  EXPECT_EQ(first.info.version, "TLSv1.3");
  EXPECT_EQ(first.info.peer_subject, "CN=mx.example");
  EXPECT_FALSE(first.info.resumed);
  EXPECT_EQ(first.echoed, "small" + text + "tail");
  auto second = run(client, "mx.example");
  EXPECT_TRUE(second.info.resumed);
  EXPECT_TRUE(second.info.verified);
}

Task<std::string> interrupted_over_tls(Endpoint to, const TlsClientContext* context) {
  auto stream = co_await dial(to);
  co_await stream->write("START", soon());
  auto ok = co_await read_exactly(stream.get(), 2);
  auto shook = co_await stream->start_tls_client(*context, "mx.example", soon());
  if (!shook.ok()) co_return shook.detail;
  co_return co_await interrupted(stream.get());
}

TEST_F(TlsTest, AReadIsInterruptedAndTheStreamGoesOn) {
  TlsClientContext client(certificate.cert(), true);
  EXPECT_EQ(run_on(pool.at(0), [&] { return interrupted_over_tls(listener.local(), &client); }),
            "hello cancelled again");
}

TEST_F(TlsTest, RefusesABadCertificateOnlyWhenTold) {
  struct Case {
    std::string roots, name;
    bool verified;
  } cases[] = {{certificate.cert(), "mx.example", true},
               {certificate.cert(), "mail.example", false},
               {other.cert(), "mx.example", false},
               {certificate.cert(), "127.0.0.1", false}};
  for (auto& c : cases) {
    TlsClientContext strict(c.roots, true), lax(c.roots, false);
    auto required = run(strict, c.name);
    EXPECT_EQ(required.handshake.ok(), c.verified) << c.name;
    if (!c.verified) {
      EXPECT_EQ(required.handshake.error, IoError::tls);
    }
    auto noted = run(lax, c.name);
    EXPECT_TRUE(noted.handshake.ok()) << noted.handshake.detail;
    EXPECT_EQ(noted.info.verified, c.verified) << c.name;
    EXPECT_EQ(noted.info.verify_error.empty(), c.verified);
    EXPECT_EQ(noted.echoed.size(), text.size() + 9);
  }
}

Task<IoResult> shake_with_echo(Endpoint to, const TlsClientContext* context, Deadline deadline) {
  auto stream = co_await dial(to);
  co_return co_await stream->start_tls_client(*context, "x.example", deadline);
}

TEST_F(TlsTest, HandshakeFailuresAreValues) {
  TlsClientContext client(certificate.cert(), false);
  Listener plain(pool, {"127.0.0.1", 0}, 10, echo), silent(pool, {"127.0.0.1", 0}, 10, swallow),
      bye(pool, {"127.0.0.1", 0}, 10, say_bye);
  auto run = [&](Listener& at, Deadline deadline) {
    return run_on(pool.at(1), [&] { return shake_with_echo(at.local(), &client, deadline); });
  };
  EXPECT_EQ(run(plain, soon()).error, IoError::tls);  // our own hello comes back
  EXPECT_FALSE(run(bye, soon()).ok());
  EXPECT_EQ(run(silent, Steady::now() + 5ms).error, IoError::timeout);
}

TEST(Tls, NamesTheFileThatIsWrong) {
  Certificate a("a.example"), b("b.example");
  EXPECT_THROW(TlsServerContext(a.cert(), b.key()), std::runtime_error);
  EXPECT_THROW(TlsServerContext("/nonexistent.pem", a.key()), std::runtime_error);
  EXPECT_THROW(TlsClientContext("/nonexistent.pem", true), std::runtime_error);
  EXPECT_THROW(make_self_signed("a,DNS:evil"), std::runtime_error);
  EXPECT_NE(make_self_signed("::1").certificate_pem.find("BEGIN CERTIFICATE"), std::string::npos);
}

Task<void> say_busy(StreamPtr stream) {
  co_await stream->write("busy", soon());
  co_await stream->shutdown(soon());
}

TEST(Listener, RefusesBeyondItsLimitAndCounts) {
  LoopPool pool(2);
  Listener listener(pool, {"127.0.0.1", 0}, 1, echo, say_busy);
  auto first = run_on(pool.at(0), [&] { return dial(listener.local()); });
  run_on(pool.at(0), [&] { return first->write("x", soon()); });
  EXPECT_EQ(run_on(pool.at(0), [&] { return read_exactly(first.get(), 1); }), "x");
  EXPECT_EQ(listener.open_connections(), 1u);
  auto second = run_on(pool.at(0), [&] { return dial(listener.local()); });
  EXPECT_EQ(run_on(pool.at(0), [&] { return read_exactly(second.get(), 4); }), "busy");
  EXPECT_THROW(Listener(pool, listener.local(), 1, echo), std::runtime_error);
  EXPECT_THROW(Listener(pool, {"mx.example", 0}, 1, echo), std::runtime_error);
  listener.stop();
  EXPECT_EQ(run_on(pool.at(0), [&] { return try_connect(listener.local()); }), IoError::refused);
  drop(pool, first, second);
  pool.stop();
  EXPECT_EQ(listener.open_connections(), 0u);
}

TEST(Listener, StoppingThePoolEndsOpenConnections) {
  LoopPool pool(2);
  Listener listener(pool, {"127.0.0.1", 0}, 10, wait_for_end);
  auto stream = run_on(pool.at(1), [&] { return dial(listener.local()); });
  pool.stop();  // and no loop runs any more when `stream` goes
  EXPECT_EQ(listener.open_connections(), 0u);
}

}  // namespace
}  // namespace net
