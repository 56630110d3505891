#include "smtp/server_session.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/encoding.h"
#include "base/log.h"

namespace smtp {
namespace {

constexpr std::size_t kCommandRead = 512;   // what an idle session holds
constexpr std::size_t kMaxSkipped = 65536;  // of a line that is too long
constexpr std::string_view kTimeout = "451 4.4.2 Timeout waiting for data from client.";

}  // namespace

ServerSession::ServerSession(net::StreamPtr stream, std::unique_ptr<Policy> policy, ServerFeatures features,
                             ServerLimits limits, std::shared_ptr<net::ByteBudget> budget)
    : stream_(std::move(stream)),
      policy_(std::move(policy)),
      features_(features),
      limits_(limits),
      budget_(std::move(budget)),
      session_end_(net::Steady::now() + limits.session_timeout) {}

net::Deadline ServerSession::by(std::chrono::seconds patience) const {
  return std::min(session_end_, net::Steady::now() + patience);
}

base::Task<void> ServerSession::run() {
  if (features_.tls_from_start) {
    const bool secured = co_await start_tls();
    if (!secured) co_return;
  }
  answer(Reply(220, policy_->greeting()));
  co_await dialogue();
  co_await flush();
  co_await stream_->shutdown(by(std::chrono::seconds(5)));
}

base::Task<bool> ServerSession::start_tls() {
  if (!features_.tls) co_return false;
  const net::IoResult result =
      co_await stream_->start_tls_server(*features_.tls, by(limits_.command_timeout));
  if (!result.ok() || !stream_->tls()) {
    base::log_debug("smtp: TLS with {} failed: {} {}", stream_->peer().text(), to_string(result.error),
                    result.detail);
    stream_->close();
    co_return false;
  }
  policy_->tls_started(*stream_->tls());
  co_return true;
}

base::Task<void> ServerSession::dialogue() {
  while (open_) {
    std::optional<std::string> line = co_await read_line(0);
    if (!line) co_return;
    co_await execute(std::move(*line));
    judge_conduct();
  }
}

base::Task<void> ServerSession::execute(std::string line) {
  try {
    const Command command = parse_command(line);
    co_await dispatch(command);
  } catch (const std::exception& error) {
    base::log_error("smtp: a command of {} failed: {}", stream_->peer().text(), error.what());
    reset_transaction();
    end_with("451 Temporary service failure");  // where in the dialogue it broke off is not known
  }
}

base::Task<void> ServerSession::dispatch(Command command) {
  const std::string_view closed = closed_door(command.verb);
  if (!closed.empty() && command.verb != Verb::bdat) {
    answer(closed);
    co_return;
  }
  switch (command.verb) {
    case Verb::mail:
      co_await mail(command.args);
      break;
    case Verb::rcpt:
      co_await rcpt(command.args);
      break;
    case Verb::data:
      co_await data(command.args);
      break;
    case Verb::bdat:
      co_await bdat(command.args);
      break;
    case Verb::auth:
      co_await auth(command.args);
      break;
    case Verb::starttls:
      co_await starttls(command.args);
      break;
    default:
      simple(command);
  }
}

// A line without its CRLF; nullopt when the session is over. `max_octets` 0: a command line.
base::Task<std::optional<std::string>> ServerSession::read_line(std::size_t max_octets) {
  for (;;) {
    const std::size_t limit = max_octets > 0 ? max_octets : command_limit();
    const LineStatus status = lines_.find(input_.view(), limit);
    if (status == LineStatus::line) {
      std::string line(input_.view().substr(0, lines_.octets() - 2));
      input_.consume(lines_.octets());
      co_return line;
    }
    if (status == LineStatus::bare_lf) {
      // Were it taken for a line end here and not elsewhere, commands could be smuggled (RFC 5321 §2.3.8).
      end_with("521 5.5.2 Error: bare <LF> received, lines end in <CR><LF>");
      co_return std::nullopt;
    }
    if (status == LineStatus::too_long) {
      const bool skipped = co_await skip_long_line(limit);
      if (!skipped) co_return std::nullopt;
      continue;
    }
    if (input_.empty()) input_.shrink(2 * kCommandRead);
    const bool more = co_await fill(kCommandRead, by(limits_.command_timeout));
    if (!more) co_return std::nullopt;
  }
}

// RFC 4954 §4: AUTH lines may be long.
std::size_t ServerSession::command_limit() const {
  const std::string_view start = input_.view().substr(0, 5);
  return base::iequals(start, "AUTH ") ? std::max(limits_.max_auth_line, limits_.max_line) : limits_.max_line;
}

base::Task<bool> ServerSession::skip_long_line(std::size_t line_limit) {
  std::size_t skipped = 0;
  for (;;) {
    lines_.restart();
    const LineStatus status = lines_.find(input_.view(), kMaxSkipped + line_limit);
    if (status == LineStatus::line) {
      input_.consume(lines_.octets());
      answer("500 Error: line too long");
      judge_conduct();
      co_return open_;
    }
    if (status != LineStatus::more || skipped > kMaxSkipped) {
      end_with("500 Error: line too long");
      co_return false;
    }
    const bool ends_in_cr = input_.view().ends_with('\r');
    const std::size_t drop = input_.view().size() - (ends_in_cr ? 1 : 0);
    skipped += drop;
    input_.consume(drop);
    const bool more = co_await fill(kCommandRead, by(limits_.command_timeout));
    if (!more) co_return false;
  }
}

// Sends what is owed, then waits for bytes. False when the session is over.
base::Task<bool> ServerSession::fill(std::size_t octets, net::Deadline deadline) {
  const bool sent = co_await flush();
  if (!sent) co_return false;
  const net::IoResult result = co_await stream_->read_some(input_.room(octets), deadline);
  if (!result.ok()) {
    if (result.error == net::IoError::timeout) end_with(kTimeout);
    if (result.error == net::IoError::cancelled) answer(stopping());
    open_ = false;
    co_return false;
  }
  input_.added(result.bytes);
  co_return true;
}

base::Task<bool> ServerSession::flush() {
  if (output_.empty()) co_return true;
  const std::string output = std::exchange(output_, {});
  // A session whose time is up may still say so.
  const net::Deadline deadline =
      std::max(by(limits_.command_timeout), net::Steady::now() + std::chrono::seconds(5));
  const std::string_view part = output;
  const net::IoResult result = co_await stream_->write(std::span(&part, 1), deadline);
  if (!result.ok()) open_ = false;
  co_return result.ok();
}

void ServerSession::answer(const Reply& reply) {
  const std::string wire = reply.wire();
  output_ += wire;
  if (wire[0] == '5') ++errors_;
  if (wire.starts_with("421")) open_ = false;
}

void ServerSession::answer(std::string_view line) {
  output_.append(line).append("\r\n");
  if (line[0] == '5') ++errors_;
}

void ServerSession::end_with(std::string_view line) {
  answer(line);
  open_ = false;
}

void ServerSession::judge_conduct() {
  if (!open_) return;
  if (errors_ > limits_.max_errors) {
    end_with("421 4.7.0 Error: too many errors");
  } else if (idle_commands_ > limits_.max_commands_without_mail) {
    end_with("421 4.7.0 Error: too many commands without a message");
  } else if (net::Steady::now() >= session_end_) {
    end_with("421 4.4.2 Error: session has lasted too long");
  }
}

base::Task<void> serve(net::StreamPtr stream, std::unique_ptr<Policy> policy, ServerFeatures features,
                       ServerLimits limits, std::shared_ptr<net::ByteBudget> budget) {
  ServerSession session(std::move(stream), std::move(policy), features, limits, std::move(budget));
  co_await session.run();
}

}  // namespace smtp
