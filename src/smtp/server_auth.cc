// AUTH PLAIN and LOGIN (RFC 4954, RFC 4616) in SES's words (SES §11.3).
#include <utility>

#include "base/encoding.h"
#include "smtp/server_session.h"

namespace smtp {
namespace {

constexpr std::string_view kNotBase64 = "501 5.5.2 Invalid command argument, not a valid Base64 string";

}  // namespace

base::Task<void> ServerSession::auth(std::string_view args) {
  if (!features_.auth) {
    answer("500 Error: command not implemented");
    co_return;
  }
  if (authenticated_) {
    answer("503 Refusing any other AUTH command.");
    co_return;
  }
  if (!stream_->tls() && !features_.auth_before_tls) {
    answer("530 Must issue a STARTTLS command first");
    co_return;
  }
  if (has_sender_) {  // RFC 4954 §4
    answer("503 5.5.1 Error: AUTH not permitted during a mail transaction");
    co_return;
  }
  if (args.empty()) {
    answer("501 Syntax: AUTH mechanism [initial-response]");
    co_return;
  }
  const std::string_view mechanism = args.substr(0, args.find(' '));
  const std::string_view initial = base::trim(args.substr(mechanism.size()));
  if (base::iequals(mechanism, "PLAIN")) {
    co_await auth_plain(initial);
  } else if (base::iequals(mechanism, "LOGIN")) {
    co_await auth_login(initial);
  } else {
    answer("504 The requested authentication mechanism is not supported");
  }
}

// One question and its answer, still in base64; nullopt when the client gave up or is gone.
base::Task<std::optional<std::string>> ServerSession::challenge(std::string_view line) {
  answer(line);
  std::optional<std::string> reply = co_await read_line(limits_.max_auth_line);
  if (reply && *reply == "*") {
    answer("501 Authentication canceled by client.");
    reply.reset();
  }
  co_return reply;
}

std::optional<std::string> ServerSession::auth_text(std::string_view line) {
  auto text = decode_auth(line);
  if (!text) answer(kNotBase64);
  return text;
}

base::Task<void> ServerSession::auth_plain(std::string_view initial) {
  std::optional<std::string> line(initial);
  if (initial.empty()) line = co_await challenge("334 Ok");
  if (!line) co_return;
  const auto text = auth_text(*line);
  if (!text) co_return;
  auto credentials = parse_plain(*text);
  if (!credentials) {
    answer("501 5.5.2 Invalid command argument, does not contain NUL");
    co_return;
  }
  if (!credentials->authorize_as.empty() && credentials->authorize_as != credentials->user) {
    answer("535 Authentication Credentials Invalid");  // nobody acts for another here
    co_return;
  }
  co_await authenticate(std::move(credentials->user), std::move(credentials->password));
}

base::Task<void> ServerSession::auth_login(std::string_view initial) {
  std::optional<std::string> line(initial);
  if (initial.empty()) line = co_await challenge("334 VXNlcm5hbWU6");
  if (!line) co_return;
  auto user = auth_text(*line);
  if (!user) co_return;
  line = co_await challenge("334 UGFzc3dvcmQ6");
  if (!line) co_return;
  auto password = auth_text(*line);
  if (!password) co_return;
  co_await authenticate(std::move(*user), std::move(*password));
}

base::Task<void> ServerSession::authenticate(std::string user, std::string password) {
  const Reply reply = co_await policy_->authenticate(std::move(user), std::move(password));
  authenticated_ = reply.code == 235;
  answer(reply);
}

}  // namespace smtp
