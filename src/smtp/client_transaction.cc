#include "smtp/client_transaction.h"

#include <utility>

#include "smtp/dot.h"
#include "smtp/grammar.h"

namespace smtp {
namespace {

// Replies to one group fit any socket's buffers, so neither side can block the other (RFC 2920 §3.1).
constexpr std::size_t kGroup = 100;

}  // namespace

Transaction::Transaction(ClientState& state, Envelope envelope, std::vector<std::string_view> parts)
    : state_(state), envelope_(std::move(envelope)), parts_(std::move(parts)) {
  for (const auto part : parts_) size_ += part.size();
  result_.recipients.resize(envelope_.recipients.size());
  for (std::size_t i = 0; i < envelope_.recipients.size(); ++i) {
    if (!envelope_.recipients[i].empty() && safe_address(envelope_.recipients[i])) {
      asked_.push_back(i);
    } else {
      result_.recipients[i] = Reply(553, "5.1.3 Address cannot be put on an SMTP command line");
    }
  }
}

void Transaction::fail(Phase phase, Answer answer) {
  result_.failure = failure_at(state_, phase, std::move(answer));
}

// What the server is known to refuse need not be asked.
bool Transaction::refused_here() {
  const Capabilities& can = state_.capabilities;
  std::optional<Reply> refusal;
  if (state_.dead) {
    fail(Phase::mail, {std::nullopt, "session is closed"});
    return true;
  }
  if (envelope_.smtputf8 && !can.smtputf8) {
    refusal =
        Reply(550, "5.6.7 The message needs SMTPUTF8, which the server does not offer");  // RFC 6531 §3.5
  } else if (can.size_limit > 0 && size_ > can.size_limit) {
    refusal = Reply(552, "5.3.4 Message size exceeds the limit the server announced");  // RFC 1870 §6.1
  } else if (!safe_address(envelope_.from)) {
    refusal = Reply(553, "5.1.7 Sender address cannot be put on an SMTP command line");
  }
  if (refusal) fail(Phase::mail, {std::move(refusal), {}});
  return refusal.has_value() || asked_.empty();
}

std::string Transaction::mail_line() const {
  const Capabilities& can = state_.capabilities;
  std::string line = "MAIL FROM:<" + envelope_.from + ">";
  if (can.size) line += " SIZE=" + std::to_string(size_);
  if (envelope_.eight_bit && can.eight_bit_mime) line += " BODY=8BITMIME";
  if (envelope_.smtputf8) line += " SMTPUTF8";
  return line + "\r\n";
}

base::Task<TransactionResult> Transaction::run() {
  if (refused_here()) co_return std::move(result_);
  bool go = false;
  if (state_.capabilities.pipelining) {
    go = co_await pipelined();
  } else {
    go = co_await one_by_one();
  }
  if (go) co_await body();
  co_return std::move(result_);
}

bool Transaction::take_mail_reply(Answer answer) {
  if (answer.code() / 100 != 2) {
    fail(Phase::mail, std::move(answer));
    return false;
  }
  sender_taken_ = state_.needs_reset = true;
  return true;
}

// False when the session broke; a refusal of the recipient is no failure.
bool Transaction::take_recipient_reply(std::size_t index, Answer answer) {
  if (answer.reply) result_.recipients[index] = *answer.reply;
  if (!answer.reply || answer.code() == 421) {
    fail(Phase::rcpt, std::move(answer));
    return false;
  }
  if (answer.code() / 100 == 2) ++accepted_;
  return true;
}

base::Task<bool> Transaction::one_by_one() {
  if (state_.needs_reset) {
    Answer reset = co_await state_.channel.ask("RSET\r\n", within(state_.timeouts.mail));
    state_.needs_reset = false;
    if (!reset.reply || reset.code() == 421) {
      fail(Phase::mail, std::move(reset));
      co_return false;
    }
  }
  Answer mail = co_await state_.channel.ask(mail_line(), within(state_.timeouts.mail));
  if (!take_mail_reply(std::move(mail))) co_return false;
  for (const std::size_t i : asked_) {
    std::string line = "RCPT TO:<" + envelope_.recipients[i] + ">\r\n";
    Answer rcpt = co_await state_.channel.ask(std::move(line), within(state_.timeouts.rcpt));
    if (!take_recipient_reply(i, std::move(rcpt))) co_return false;
  }
  if (accepted_ == 0) co_return false;
  std::optional<Answer> failure = co_await state_.channel.send("DATA\r\n", within(state_.timeouts.data));
  if (failure) {
    fail(Phase::data, std::move(*failure));
    co_return false;
  }
  const bool go = co_await read_data_reply();
  co_return go;
}

base::Task<bool> Transaction::pipelined() {
  for (std::size_t first = 0; first < asked_.size(); first += kGroup) {
    const std::size_t end = std::min(asked_.size(), first + kGroup);
    const bool sent = co_await send_group(first, end);
    if (!sent) co_return false;
    const bool in_step = co_await read_group(first, end);
    if (!in_step) co_return false;
    if (!sender_taken_ && end < asked_.size()) co_return false;
  }
  const bool go = co_await read_data_reply();
  co_return go;
}

// MAIL goes with the first group, DATA with the last.
base::Task<bool> Transaction::send_group(std::size_t first, std::size_t end) {
  std::string lines;
  if (first == 0) {
    if (state_.needs_reset) lines = "RSET\r\n";
    lines += mail_line();
  }
  for (std::size_t k = first; k < end; ++k) {
    lines.append("RCPT TO:<").append(envelope_.recipients[asked_[k]]).append(">\r\n");
  }
  if (end == asked_.size()) lines += "DATA\r\n";
  const auto deadline = within(first == 0 ? state_.timeouts.mail : state_.timeouts.rcpt);
  std::optional<Answer> failure = co_await state_.channel.send(std::move(lines), deadline);
  if (failure) fail(first == 0 ? Phase::mail : Phase::rcpt, std::move(*failure));
  co_return !failure.has_value();
}

// False when the session broke; refusals leave it in step.
base::Task<bool> Transaction::read_group(std::size_t first, std::size_t end) {
  if (first == 0) {
    const bool in_step = co_await read_mail_reply();
    if (!in_step) co_return false;
  }
  for (std::size_t k = first; k < end; ++k) {
    const bool in_step = co_await read_recipient_reply(asked_[k]);
    if (!in_step) co_return false;
  }
  co_return true;
}

base::Task<bool> Transaction::read_mail_reply() {
  if (state_.needs_reset) {
    Answer reset = co_await state_.channel.read(within(state_.timeouts.mail));
    state_.needs_reset = false;
    if (!reset.reply || reset.code() == 421) {
      fail(Phase::mail, std::move(reset));
      co_return false;
    }
  }
  Answer mail = co_await state_.channel.read(within(state_.timeouts.mail));
  take_mail_reply(std::move(mail));
  co_return !state_.dead;
}

base::Task<bool> Transaction::read_recipient_reply(std::size_t index) {
  Answer rcpt = co_await state_.channel.read(within(state_.timeouts.rcpt));
  if (sender_taken_) co_return take_recipient_reply(index, std::move(rcpt));
  // After a refused sender this reply says nothing about the recipient.
  if (!rcpt.reply || rcpt.code() == 421) state_.dead = true;
  co_return !state_.dead;
}

// True when the body is to follow.
base::Task<bool> Transaction::read_data_reply() {
  Answer reply = co_await state_.channel.read(within(state_.timeouts.data));
  const int code = reply.code();
  if (code == 354 && sender_taken_ && accepted_ > 0) co_return true;
  if (code == 354) {
    const bool ended = co_await end_empty();
    static_cast<void>(ended);
    co_return false;
  }
  if (code == 421 || code / 100 == 2 || code == 0) {
    state_.dead = true;  // 2xx: the server is out of step
  }
  const bool asked_for_nothing = code != 421 && code != 0 && accepted_ == 0;
  if (!asked_for_nothing && !result_.failure) fail(Phase::data, std::move(reply));
  co_return false;
}

// RFC 2920 §3.1: DATA was taken though no recipient was; the empty message goes to nobody.
base::Task<bool> Transaction::end_empty() {
  const Answer answer = co_await state_.channel.ask(".\r\n", within(state_.timeouts.dot));
  if (!answer.reply || answer.code() == 421) state_.dead = true;
  co_return !state_.dead;
}

base::Task<void> Transaction::body() {
  const bool written = co_await write_body();
  if (!written) co_return;
  if (envelope_.written) envelope_.written();
  Answer answer = co_await state_.channel.read(within(state_.timeouts.dot));
  if (!answer.reply) {
    result_.in_doubt = true;
    fail(Phase::dot, std::move(answer));
    co_return;
  }
  state_.needs_reset = false;
  if (answer.code() == 421) state_.dead = true;
  result_.final_reply = std::move(answer.reply);
}

base::Task<bool> Transaction::write_body() {
  DotStuffer stuffer(parts_);
  for (;;) {
    const auto slices = stuffer.next();
    if (slices.empty()) co_return true;
    const net::IoResult result =
        co_await state_.channel.stream().write(slices, within(state_.timeouts.block));
    if (result.ok()) continue;
    // A write cut off by the clock may have handed over its last byte; one the peer cut off has not.
    const bool cut_by_clock =
        result.error == net::IoError::timeout || result.error == net::IoError::cancelled;
    result_.in_doubt = stuffer.finished() && cut_by_clock;
    Answer answer = co_await state_.channel.last_words(result);
    fail(Phase::body, std::move(answer));
    state_.dead = true;
    co_return false;
  }
}

}  // namespace smtp
