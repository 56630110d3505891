// Opening a client session: connect, greeting, EHLO, STARTTLS, AUTH.
#include <utility>

#include "base/encoding.h"
#include "smtp/client_session.h"
#include "smtp/grammar.h"

namespace smtp {
namespace {

using Outcome = std::optional<Failure>;  // nullopt: go on

// One attempt to open. Kept in the frame of open_session().
class Opening {
 public:
  Opening(const ClientOptions& options, TlsUse tls) : options_(options), tls_(tls) {}

  base::Task<Outcome> run(net::StreamPtr stream) {
    state_ = std::make_unique<ClientState>(std::move(stream));
    state_->timeouts = options_.timeouts;
    Outcome outcome;
    if (options_.tls_from_start) outcome = co_await handshake();
    if (!outcome) outcome = co_await greeting();
    if (!outcome) outcome = co_await ehlo();
    if (!outcome && !options_.tls_from_start) outcome = co_await secure();
    if (!outcome && options_.credentials) outcome = co_await authenticate();
    co_return outcome;
  }

  bool tls_broke() const { return tls_broke_; }
  std::unique_ptr<ClientState> take() { return std::move(state_); }

 private:
  base::Task<Outcome> greeting();
  base::Task<Outcome> ehlo();
  base::Task<Outcome> secure();
  base::Task<Outcome> handshake();
  base::Task<Outcome> authenticate();
  base::Task<Answer> auth_login();
  Failure failed(Phase phase, Answer answer) { return failure_at(*state_, phase, std::move(answer)); }
  Failure failed(Phase phase, std::string detail) { return {phase, std::nullopt, std::move(detail)}; }

  const ClientOptions& options_;
  const TlsUse tls_;
  std::unique_ptr<ClientState> state_;
  bool tls_broke_ = false;  // a new connection without TLS may do
};

base::Task<Outcome> Opening::greeting() {
  Answer answer = co_await state_->channel.read(within(options_.timeouts.greeting));
  if (answer.code() != 220) co_return failed(Phase::greeting, std::move(answer));
  state_->greeting = answer.reply->lines.front();
  co_return std::nullopt;
}

base::Task<Outcome> Opening::ehlo() {
  state_->capabilities = {};
  std::string line = "EHLO " + options_.helo_name + "\r\n";
  Answer answer = co_await state_->channel.ask(std::move(line), within(options_.timeouts.ehlo));
  if (answer.code() / 100 == 2) {
    state_->capabilities = parse_capabilities(*answer.reply);
    co_return std::nullopt;
  }
  if (answer.code() / 100 != 5) co_return failed(Phase::ehlo, std::move(answer));
  line = "HELO " + options_.helo_name + "\r\n";  // RFC 5321 §3.2
  answer = co_await state_->channel.ask(std::move(line), within(options_.timeouts.ehlo));
  if (answer.code() / 100 != 2) co_return failed(Phase::ehlo, std::move(answer));
  co_return std::nullopt;
}

base::Task<Outcome> Opening::handshake() {
  if (!options_.tls_context) co_return failed(Phase::starttls, "no TLS context");
  const auto deadline = within(options_.timeouts.ehlo);
  const net::IoResult result = co_await state_->channel.stream().start_tls_client(
      *options_.tls_context, options_.server_name, deadline);
  if (result.ok()) co_return std::nullopt;
  tls_broke_ = true;
  co_return failed(Phase::starttls, describe(result));
}

base::Task<Outcome> Opening::secure() {
  if (tls_ == TlsUse::none) co_return std::nullopt;
  const bool required = tls_ == TlsUse::required;
  if (!state_->capabilities.starttls || !options_.tls_context) {
    if (!required) co_return std::nullopt;
    if (!options_.tls_context) co_return failed(Phase::starttls, std::string("no TLS context"));
    Failure failure{Phase::starttls, std::nullopt, "server does not offer STARTTLS", true};
    co_return failure;
  }
  Answer answer = co_await state_->channel.ask("STARTTLS\r\n", within(options_.timeouts.ehlo));
  if (answer.code() != 220) {
    tls_broke_ = !answer.reply;
    if (required || !answer.reply || answer.code() == 421)
      co_return failed(Phase::starttls, std::move(answer));
    state_->tls_failure = answer.reply->text();
    co_return std::nullopt;
  }
  state_->channel.forget_input();  // RFC 3207 §4.2
  Outcome outcome = co_await handshake();
  if (!outcome) outcome = co_await ehlo();
  co_return outcome;
}

base::Task<Outcome> Opening::authenticate() {
  const Capabilities& can = state_->capabilities;
  if (!state_->channel.stream().tls() && !options_.allow_plain_auth) {
    co_return failed(Phase::auth, "credentials are not sent without TLS");
  }
  if (!can.auth_plain && !can.auth_login) {
    co_return failed(Phase::auth, "server offers neither AUTH PLAIN nor AUTH LOGIN");
  }
  Answer answer;
  if (can.auth_plain) {
    const auto& [user, password] = *options_.credentials;
    std::string line = "AUTH PLAIN " + plain_response(user, password) + "\r\n";
    answer = co_await state_->channel.ask(std::move(line), within(options_.timeouts.mail));
  } else {
    answer = co_await auth_login();
  }
  if (answer.code() == 235) co_return std::nullopt;
  co_return failed(Phase::auth, std::move(answer));
}

base::Task<Answer> Opening::auth_login() {
  const auto deadline = within(options_.timeouts.mail);
  Answer answer = co_await state_->channel.ask("AUTH LOGIN\r\n", deadline);
  if (answer.code() != 334) co_return answer;
  std::string line = base::base64_encode(options_.credentials->first) + "\r\n";
  answer = co_await state_->channel.ask(std::move(line), deadline);
  if (answer.code() != 334) co_return answer;
  line = base::base64_encode(options_.credentials->second) + "\r\n";
  answer = co_await state_->channel.ask(std::move(line), deadline);
  co_return answer;
}

}  // namespace

base::Task<base::Result<std::unique_ptr<ClientSession>, Failure>> open_session(ClientOptions options,
                                                                               Connector connector) {
  TlsUse tls = options.tls;
  std::string tls_failure;
  for (;;) {
    auto connected = co_await connector(options.server, within(options.timeouts.connect));
    if (!connected) {
      co_return base::Failure{Failure{Phase::connect, std::nullopt, describe(connected.error())}};
    }
    Opening opening(options, tls);
    Outcome outcome = co_await opening.run(std::move(*connected));
    if (!outcome) {
      auto state = opening.take();
      if (!tls_failure.empty()) state->tls_failure = std::move(tls_failure);
      co_return make_session(std::move(state));
    }
    // Opportunistic TLS never stops mail (RFC 7435 §3): once more, in plain.
    const bool again = opening.tls_broke() && tls == TlsUse::opportunistic && !options.tls_from_start;
    if (!again) co_return base::Failure{std::move(*outcome)};
    tls = TlsUse::none;
    tls_failure = std::move(outcome->detail);
  }
}

}  // namespace smtp
