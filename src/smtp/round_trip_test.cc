// Our client against our server: over a pipe, and over loopback sockets with TLS.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/run_task.h"
#include "net/run_on.h"
#include "smtp/client_session.h"
#include "smtp/memory_stream.h"
#include "smtp/test_policy.h"

namespace smtp {
namespace {

using smtp::testing::make_pipe;
using smtp::testing::Notes;
using smtp::testing::NotingPolicy;
using ::testing::Contains;

std::vector<std::string> awkward_bodies() {
  std::string crowded, megabyte;
  for (int i = 0; i < 5000; ++i) crowded += i % 3 == 0 ? ".\r\n" : "..x\r\n";
  for (int i = 0; megabyte.size() < (1u << 20); ++i) megabyte += std::string(i % 997, 'y') + "\r\n.z\r\n";
  return {"",         "x",     "x\r\n",     ".",
          "..",       ".\r\n", "\r\n.\r\n", "a\r\n.\r\n.\r\n..\r\n",
          "\r\n\r\n", crowded, megabyte,    std::string(900000, 'x')};
}

std::string with_last_crlf(std::string body) {
  if (!body.empty() && !body.ends_with("\r\n")) body += "\r\n";
  return body;
}

base::Task<base::Result<net::StreamPtr, net::IoResult>> hand_over(net::StreamPtr* stream) {
  co_return std::move(*stream);
}

struct Sent {
  std::vector<TransactionResult> results;
  bool usable = false;
};

base::Task<Sent> send_all(ClientOptions options, Connector connector, std::vector<std::string> bodies) {
  Sent sent;
  auto opened = co_await open_session(std::move(options), std::move(connector));
  if (!opened) co_return sent;
  const std::unique_ptr<ClientSession> session = std::move(*opened);
  for (const auto& body : bodies) {
    Envelope envelope;
    envelope.from = "a@b.example";
    envelope.recipients = {"c@d.example", "e@f.example"};
    const std::string_view view = body;
    std::vector<std::string_view> parts{view.substr(0, view.size() / 3), view.substr(view.size() / 3)};
    TransactionResult result = co_await session->send(std::move(envelope), std::move(parts));
    sent.results.push_back(std::move(result));
  }
  sent.usable = session->usable();
  co_await session->quit();
  co_return sent;
}

void expect_all_arrived(const Sent& sent, const Notes& notes, const std::vector<std::string>& bodies) {
  ASSERT_EQ(sent.results.size(), bodies.size());
  EXPECT_TRUE(sent.usable);
  for (const auto& result : sent.results) {
    ASSERT_TRUE(result.final_reply);
    EXPECT_EQ(result.final_reply->code, 250);
  }
  ASSERT_EQ(notes.messages.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i)
    EXPECT_EQ(notes.messages[i], with_last_crlf(bodies[i])) << i;
}

TEST(RoundTrip, KeepsAwkwardBodies) {
  for (const bool pipelining : {true, false}) {
    auto notes = std::make_shared<Notes>();
    auto [near, far] = make_pipe();
    ServerFeatures features;
    features.require_auth = false;
    features.pipelining = pipelining;
    const auto budget = std::make_shared<net::ByteBudget>(4 << 20);
    base::ManualExecutor executor;
    {
      const base::Executor::Scope scope(&executor);
      base::spawn(serve(std::move(far), std::make_unique<NotingPolicy>(notes), features, {}, budget));
    }
    const auto bodies = awkward_bodies();
    net::StreamPtr stream = std::move(near);
    const Connector connector = [&stream](net::Endpoint, net::Deadline) { return hand_over(&stream); };
    ClientOptions options;
    options.helo_name = "me";
    const Sent sent = base::run_task(executor, send_all(options, connector, bodies));
    executor.run_ready();
    expect_all_arrived(sent, *notes, bodies);
    EXPECT_EQ(budget->used(), 0u);
  }
}

struct Certificate {
  Certificate() {
    const auto pair = net::make_self_signed("mail.example");
    folder = std::filesystem::path(::testing::TempDir()) / ("smtp_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "cert.pem") << pair.certificate_pem;
    std::ofstream(folder / "key.pem") << pair.key_pem;
    server = std::make_unique<net::TlsServerContext>(folder / "cert.pem", folder / "key.pem");
    lax = std::make_unique<net::TlsClientContext>("", false);
    strict = std::make_unique<net::TlsClientContext>(folder / "cert.pem", true);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  std::unique_ptr<net::TlsServerContext> server;
  std::unique_ptr<net::TlsClientContext> lax, strict;
};

base::Task<base::Result<net::StreamPtr, net::IoResult>> dial(net::Endpoint to, net::Deadline deadline) {
  return net::connect(std::move(to), deadline);
}

Sent over_sockets(ServerFeatures features, ClientOptions options, std::shared_ptr<Notes> notes,
                  std::vector<std::string> bodies) {
  net::LoopPool pool(1);
  const auto budget = std::make_shared<net::ByteBudget>(8 << 20);
  net::Listener listener(pool, {"127.0.0.1", 0}, 10, [=](net::StreamPtr stream) {
    return serve(std::move(stream), std::make_unique<NotingPolicy>(notes), features, ServerLimits{}, budget);
  });
  options.server = listener.local();
  options.helo_name = "me";
  options.server_name = "mail.example";
  return net::run_on(pool.at(0), [=] { return send_all(options, dial, bodies); });
}

TEST(RoundTrip, WorksOverSocketsAndTls) {
  const Certificate certificate;
  ServerFeatures features;
  features.starttls = features.require_tls = features.require_auth = true;
  features.tls = certificate.server.get();
  ClientOptions options;
  options.tls = TlsUse::required;
  options.tls_context = certificate.strict.get();
  options.credentials = {"user", "secret"};
  auto notes = std::make_shared<Notes>();
  const auto bodies = awkward_bodies();
  expect_all_arrived(over_sockets(features, options, notes, bodies), *notes, bodies);
  EXPECT_THAT(notes->events, Contains("auth user"));

  features.tls_from_start = options.tls_from_start = true;
  options.tls_context = certificate.lax.get();
  notes = std::make_shared<Notes>();
  expect_all_arrived(over_sockets(features, options, notes, bodies), *notes, bodies);
}

TEST(RoundTrip, WorksOverPlainSockets) {
  ServerFeatures features;
  features.require_auth = false;
  auto notes = std::make_shared<Notes>();
  const auto bodies = awkward_bodies();
  expect_all_arrived(over_sockets(features, {}, notes, bodies), *notes, bodies);
}

}  // namespace
}  // namespace smtp
