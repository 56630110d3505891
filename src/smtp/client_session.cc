#include "smtp/client_session.h"

#include <utility>

#include "smtp/client_transaction.h"

namespace smtp {
namespace {

constexpr std::chrono::seconds kQuitPatience{5};

class Session final : public ClientSession {
 public:
  explicit Session(std::unique_ptr<ClientState> state) : state_(std::move(state)) {}

  base::Task<TransactionResult> send(Envelope envelope, std::vector<std::string_view> parts) override {
    Transaction transaction(*state_, std::move(envelope), std::move(parts));
    TransactionResult result = co_await transaction.run();
    if (state_->dead) state_->channel.stream().close();
    co_return result;
  }

  base::Task<void> quit() override {
    if (state_->dead) co_return;
    state_->dead = true;
    const Answer bye = co_await state_->channel.ask("QUIT\r\n", within(kQuitPatience));
    if (bye.reply) co_await state_->channel.stream().shutdown(within(kQuitPatience));
    state_->channel.stream().close();
  }

  const Capabilities& capabilities() const override { return state_->capabilities; }
  const net::TlsInfo* tls() const override { return state_->channel.stream().tls(); }
  const net::Endpoint& peer() const override { return state_->channel.stream().peer(); }
  std::string local_address() const override { return state_->channel.stream().local().address; }
  // Something said while nothing was asked can only be a farewell.
  bool usable() override {
    return !state_->dead && !state_->channel.has_input() && !state_->channel.stream().peer_has_closed();
  }
  const std::string& greeting() const override { return state_->greeting; }
  std::string tls_failure() const override { return state_->tls_failure; }

 private:
  std::unique_ptr<ClientState> state_;
};

base::Task<base::Result<net::StreamPtr, net::IoResult>> connect_by_net(net::Endpoint to,
                                                                       net::Deadline deadline) {
  return net::connect(std::move(to), deadline);
}

}  // namespace

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::connect:
      return "connect";
    case Phase::greeting:
      return "greeting";
    case Phase::ehlo:
      return "ehlo";
    case Phase::starttls:
      return "starttls";
    case Phase::auth:
      return "auth";
    case Phase::mail:
      return "mail";
    case Phase::rcpt:
      return "rcpt";
    case Phase::data:
      return "data";
    case Phase::body:
      return "body";
    case Phase::dot:
      return "dot";
    case Phase::quit:
      return "quit";
  }
  return "?";
}

net::Deadline within(std::chrono::seconds patience) { return net::Steady::now() + patience; }

Failure failure_at(ClientState& state, Phase phase, Answer answer) {
  if (!answer.reply || answer.code() == 421) state.dead = true;
  return {phase, std::move(answer.reply), std::move(answer.detail)};
}

std::unique_ptr<ClientSession> make_session(std::unique_ptr<ClientState> state) {
  return std::make_unique<Session>(std::move(state));
}

base::Task<base::Result<std::unique_ptr<ClientSession>, Failure>> ClientSession::open(ClientOptions options) {
  return open_session(std::move(options), connect_by_net);
}

}  // namespace smtp
