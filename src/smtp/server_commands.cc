// The commands of the dialogue but AUTH and the data. Reply texts are SES's where it has one (SES §11.3).
#include <utility>

#include "base/encoding.h"
#include "smtp/server_session.h"

namespace smtp {

// The reply when a command may not be used yet; empty when it may.
std::string_view ServerSession::closed_door(Verb verb) const {
  const bool mail_command =
      verb == Verb::mail || verb == Verb::rcpt || verb == Verb::data || verb == Verb::bdat;
  if (!mail_command && verb != Verb::auth) return {};
  if (features_.require_tls && !stream_->tls()) return "530 Must issue a STARTTLS command first";
  if (mail_command && features_.require_auth && !authenticated_) return "530 Authentication required";
  return {};
}

void ServerSession::reset_transaction() {
  has_sender_ = false;
  recipients_ = 0;
  announced_ = 0;
  data_.reset();
  policy_->reset();
}

void ServerSession::hello(std::string_view name, bool extended) {
  reset_transaction();  // RFC 5321 §4.1.4
  policy_->hello(std::string(name), extended);
  const std::string host = policy_->host_name();
  if (!extended) {
    answer(Reply(250, host));
    return;
  }
  Reply reply(250, host);
  const auto add = [&reply](bool on, std::string text) {
    if (on) reply.lines.push_back(std::move(text));
  };
  const bool secure = stream_->tls() != nullptr;
  add(features_.eight_bit_mime, "8BITMIME");
  add(features_.pipelining, "PIPELINING");
  add(features_.size > 0, "SIZE " + std::to_string(features_.size));
  add(features_.chunking, "CHUNKING");
  add(features_.smtputf8, "SMTPUTF8");
  add(features_.starttls && features_.tls && !secure, "STARTTLS");
  add(features_.auth && (secure || features_.auth_before_tls), "AUTH PLAIN LOGIN");
  reply.lines.emplace_back("Ok");
  answer(reply);
}

base::Task<void> ServerSession::mail(std::string_view args) {
  if (has_sender_) {
    answer("503 5.5.1 Sender already specified.");
    co_return;
  }
  const auto path = parse_path(args, "FROM:");
  if (!path) {
    if (path.error() == PathError::bad_path) {
      answer("553 <" + path_for_reply(args) + "> Invalid email address.");
    } else if (path.error() == PathError::bad_parameters) {
      answer("501 5.5.4 Syntax error in the parameters of MAIL");
    } else {
      answer("501 Syntax: MAIL FROM: <address>");
    }
    co_return;
  }
  MailParameters parameters;
  const std::optional<Reply> refusal = read_parameters(*path, &parameters);
  if (refusal) {
    answer(*refusal);
    co_return;
  }
  std::string address(path->address);
  const Reply reply = co_await policy_->mail_from(std::move(address), parameters);
  answer(reply);
  if (!reply.positive()) co_return;
  has_sender_ = true;
  announced_ = parameters.size;
}

std::optional<Reply> ServerSession::read_parameters(const PathArgument& path, MailParameters* out) const {
  for (const auto& parameter : path.parameters) {
    auto refusal = read_parameter(parameter, out);
    if (refusal) return refusal;
  }
  return std::nullopt;
}

std::optional<Reply> ServerSession::read_parameter(const Parameter& parameter, MailParameters* out) const {
  const std::string_view value = parameter.value.value_or("");
  if (parameter.key == "SIZE") {  // RFC 1870 §6.1; taken even where it is not announced, as SES does
    const auto size = parse_size(value);
    if (!size) return Reply(501, "5.5.4 Syntax error in SIZE");
    if (*size > limits_.max_message || (features_.size > 0 && *size > features_.size)) {
      return Reply(552, "5.3.4 Message size exceeds fixed limit");
    }
    out->size = *size;
    return std::nullopt;
  }
  if (parameter.key == "BODY") {  // RFC 6152; BINARYMIME of RFC 3030 is not offered
    out->eight_bit = base::iequals(value, "8BITMIME");
    if (out->eight_bit || base::iequals(value, "7BIT")) return std::nullopt;
    return Reply(555, "5.5.4 Unsupported BODY type");
  }
  if (parameter.key == "SMTPUTF8" && features_.smtputf8) {  // RFC 6531 §3.4
    if (parameter.value) return Reply(501, "5.5.4 Syntax error in SMTPUTF8");
    out->smtputf8 = true;
    return std::nullopt;
  }
  // RFC 4954 §5 (only <> or an identity nobody vouches for) and RFC 3461: read and not acted on.
  for (const std::string_view known : {"AUTH", "RET", "ENVID"}) {
    if (parameter.key != known) continue;
    if (!parameter.value) return Reply(501, "5.5.4 Syntax error in " + parameter.key);
    return std::nullopt;
  }
  return Reply(555, "5.5.4 Unsupported parameter " + parameter.key.substr(0, 40));
}

base::Task<void> ServerSession::rcpt(std::string_view args) {
  if (!has_sender_) {
    answer("503 5.5.1 Error: need MAIL command");
    co_return;
  }
  if (data_) {
    answer("503 5.5.1 Error: message data has begun");
    co_return;
  }
  const auto path = parse_path(args, "TO:");
  if (!path) {
    if (path.error() == PathError::bad_path) {
      answer("553 <" + path_for_reply(args) + "> address unknown.");
    } else if (path.error() == PathError::bad_parameters) {
      answer("501 5.5.4 Syntax error in the parameters of RCPT");
    } else {
      answer("501 Syntax: RCPT TO: <address>");
    }
    co_return;
  }
  for (const auto& parameter : path->parameters) {  // RFC 3461: read and not acted on
    if (parameter.value && (parameter.key == "NOTIFY" || parameter.key == "ORCPT")) continue;
    answer(Reply(555, "5.5.4 Unsupported parameter " + parameter.key.substr(0, 40)));
    co_return;
  }
  if (recipients_ >= limits_.max_recipients) {
    answer("452 Error: too many recipients");
    co_return;
  }
  std::string address(path->address);
  const Reply reply = co_await policy_->rcpt_to(std::move(address));
  answer(reply);
  if (reply.positive()) ++recipients_;
}

base::Task<void> ServerSession::starttls(std::string_view args) {
  if (!args.empty()) {
    answer("501 Syntax error (no parameters allowed)");
    co_return;
  }
  if (stream_->tls()) {
    answer("454 TLS not available due to temporary reason: TLS already active");
    co_return;
  }
  if (!features_.starttls || !features_.tls) {
    answer("454 TLS not supported");
    co_return;
  }
  answer("220 Ready to start TLS");
  const bool sent = co_await flush();
  if (!sent) co_return;
  // Nothing said before TLS counts after it (RFC 3207 §4.2): neither what is known nor what was sent ahead.
  input_.clear();
  lines_.restart();
  reset_transaction();
  authenticated_ = false;
  open_ = co_await start_tls();
}

// Commands that need no waiting.
void ServerSession::simple(const Command& command) {
  ++idle_commands_;
  switch (command.verb) {
    case Verb::ehlo:
    case Verb::helo:
      if (!command.args.empty()) return hello(command.args, command.verb == Verb::ehlo);
      return answer(command.verb == Verb::ehlo ? "501 Syntax: EHLO hostname" : "501 Syntax: HELO <hostname>");
    case Verb::rset:
      if (!command.args.empty()) return answer("501 Syntax: RSET");
      reset_transaction();
      return answer("250 Ok");
    case Verb::noop:
      return answer("250 Ok");
    case Verb::quit:
      return end_with("221 Bye");
    case Verb::vrfy:
      return answer("502 VRFY command is disabled");
    case Verb::expn:
      return answer("502 EXPN command is disabled");
    case Verb::help:
      answer("214-Commands: AUTH BDAT DATA EHLO HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS");
      return answer("214 End of HELP info");
    case Verb::web:
      return end_with("500 Error: command not implemented");
    default:
      return answer("500 Error: command not implemented");
  }
}

}  // namespace smtp
