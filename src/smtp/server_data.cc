// Taking in the message: DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030). A message that cannot be taken is
// still read to its end, without being kept, so that the dialogue stays in step.
#include <algorithm>
#include <utility>

#include "smtp/server_session.h"

namespace smtp {
namespace {

constexpr std::size_t kDataRead = 32768;
constexpr std::size_t kFirstRoom = 16384;
constexpr std::size_t kLarge = 1u << 20;
constexpr std::size_t kTrustAnnounced = 262144;  // arrived before the size a user announced is believed

Reply bare_line_ends() {
  return {554, "Transaction failed: Message contains bare line ends (CR or LF alone)."};
}

}  // namespace

bool ServerSession::transaction_ready() {
  if (!has_sender_) {
    answer("503 5.5.1 Error: need MAIL command");
  } else if (recipients_ == 0) {
    answer("503 Error: need RCPT command");
  } else {
    return true;
  }
  return false;
}

void ServerSession::begin_data() {
  data_ = std::make_unique<Data>(*budget_);
  data_->began = net::Steady::now();
}

// Slow drips end when their average falls below the rate wanted, which is higher while others wait for the
// room they hold: else a few of them would keep everybody's large mail out for as long as a session may last.
net::Deadline ServerSession::data_deadline() const {
  const auto now = net::Steady::now();
  const bool pressed = data_->share.held() > net::ByteBudget::kSmall && budget_->waiting() > 0;
  const std::size_t rate = pressed ? std::max(limits_.pressed_data_rate, limits_.min_data_rate)
                                   : std::max<std::size_t>(limits_.min_data_rate, 1);
  const auto earned = std::chrono::seconds(data_->received / rate);
  return std::min({now + limits_.data_timeout, data_->began + limits_.data_timeout + earned, session_end_});
}

void ServerSession::refuse_data(Reply reply) {
  if (!data_->refusal) data_->refusal = std::move(reply);
  data_->bytes = std::string();
  data_->share.release();
}

// Room for `octets` more, paid for from the budget, which doubles so that it is seldom asked.
base::Task<void> ServerSession::make_room(std::size_t octets) {
  Data& data = *data_;
  if (data.refusal) co_return;
  const std::size_t needed = data.bytes.size() + octets;
  if (needed <= data.share.held()) co_return;
  std::size_t room = std::max({needed, kFirstRoom, 2 * data.share.held()});
  const std::size_t most = limits_.max_message + kDataRead;
  // Not a stranger's word: six of them, dripping, would keep everybody's large mail out for an hour.
  if (authenticated_ && needed > kTrustAnnounced && announced_ > needed) room = announced_ + kDataRead;
  room = std::max(needed, std::min(room, most));
  bool granted = data.share.try_grow_to(room);
  if (!granted) {
    const bool sent = co_await flush();
    if (!sent) co_return;
    granted = co_await data.share.grow_to(room, by(limits_.budget_wait));
    data.began += limits_.budget_wait;  // the wait was ours
  }
  if (granted) {
    // Of a large block, what is not written to takes no memory: it never has to move again.
    data.bytes.reserve(room > kLarge ? most : room);
  } else {
    refuse_data(Reply(452, "4.3.1 Insufficient system storage"));
  }
}

// After each piece: is the message still one that is wanted, and is there an end to it? False ends the
// session.
bool ServerSession::check_volume(std::size_t line_octets) {
  if (line_octets > limits_.max_data_line) {
    end_with("500 5.5.2 Error: line too long");
    return false;
  }
  if (data_->bytes.size() > limits_.max_message) refuse_data(policy_->too_large());
  if (data_->received > 2 * static_cast<std::uint64_t>(limits_.max_message) + (1u << 20)) {
    answer(data_->refusal ? *data_->refusal : policy_->too_large());
    open_ = false;
    return false;
  }
  return true;
}

base::Task<void> ServerSession::data(std::string_view args) {
  if (!args.empty()) {
    answer("501 Syntax: DATA");
    co_return;
  }
  if (data_) {  // RFC 3030 §2: not both in one transaction
    answer("503 5.5.1 Error: message data has begun");
    co_return;
  }
  if (!transaction_ready()) co_return;
  begin_data();
  co_await make_room(kFirstRoom);
  if (!open_) co_return;
  if (data_->refusal) {
    answer(*data_->refusal);
    data_.reset();
    co_return;
  }
  answer("354 End data with <CR><LF>.<CR><LF>");
  const bool complete = co_await take_dotted();
  if (complete) co_await deliver();
}

base::Task<bool> ServerSession::take_dotted() {
  DotDecoder decoder;
  while (!decoder.done()) {
    if (input_.empty()) {
      const bool more = co_await fill(kDataRead, data_deadline());
      if (!more) co_return false;
    }
    co_await make_room(input_.view().size());
    if (!open_) co_return false;
    const std::size_t eaten = decoder.feed(input_.view(), data_->refusal ? nullptr : &data_->bytes);
    input_.consume(eaten);
    data_->received += eaten;
    if (decoder.bare_line_end()) refuse_data(bare_line_ends());
    if (!check_volume(decoder.line_octets())) co_return false;
  }
  co_return true;
}

base::Task<void> ServerSession::bdat(std::string_view args) {
  const auto chunk = parse_bdat(args);
  if (!chunk) {  // how much follows is not known, so the dialogue cannot go on
    end_with("501 5.5.4 Syntax: BDAT octets [LAST]");
    co_return;
  }
  const std::string_view closed = closed_door(Verb::bdat);
  const bool wanted = closed.empty() && features_.chunking;
  std::optional<Reply> refusal;
  if (!data_) begin_data();
  if (!wanted) {
    refusal = closed.empty() ? Reply(500, "Error: command not implemented") : Reply::from_line(closed);
  } else if (!has_sender_) {
    refusal = Reply(503, "5.5.1 Error: need MAIL command");
  } else if (recipients_ == 0) {
    refusal = Reply(503, "Error: need RCPT command");
  }
  const bool stray = refusal.has_value();
  if (stray) refuse_data(std::move(*refusal));
  const bool complete = co_await take_chunk(chunk->octets);
  if (!complete) co_return;
  if (stray) {  // no transaction it could belong to
    answer(*data_->refusal);
    data_.reset();
  } else if (chunk->last) {
    data_->chunks.finish();
    if (data_->chunks.bare_line_end()) refuse_data(bare_line_ends());
    co_await deliver();
  } else if (data_->refusal) {
    answer(*data_->refusal);
  } else {
    answer("250 Ok");
  }
}

base::Task<bool> ServerSession::take_chunk(std::uint64_t octets) {
  while (octets > 0) {
    if (input_.empty()) {
      const bool more = co_await fill(kDataRead, data_deadline());
      if (!more) co_return false;
    }
    const std::string_view held = input_.view();
    const std::size_t piece = static_cast<std::size_t>(std::min<std::uint64_t>(octets, held.size()));
    co_await make_room(piece);
    if (!open_) co_return false;
    data_->chunks.feed(held.substr(0, piece));
    if (!data_->refusal) data_->bytes.append(held.substr(0, piece));
    input_.consume(piece);
    octets -= piece;
    data_->received += piece;
    if (data_->chunks.bare_line_end()) refuse_data(bare_line_ends());
    if (!check_volume(0)) co_return false;
  }
  co_return true;
}

// The message is whole: the policy's word ends the transaction.
base::Task<void> ServerSession::deliver() {
  const std::unique_ptr<Data> data = std::move(data_);
  input_.shrink(kDataRead / 2);
  if (data->refusal) {
    answer(*data->refusal);
  } else {
    // What is kept for delivery should not hold on to the room the message might have needed.
    if (data->bytes.size() < kLarge && data->bytes.capacity() > 2 * data->bytes.size())
      data->bytes.shrink_to_fit();
    const Reply reply = co_await policy_->message(std::move(data->bytes));
    answer(reply);
    if (reply.positive()) errors_ = idle_commands_ = 0;
  }
  reset_transaction();
}

}  // namespace smtp
