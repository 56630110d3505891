// One message through a client session (private to the room): MAIL, RCPT, DATA, pipelined where offered, then
// the body. Lives in the frame of ClientSession::send().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/client_session.h"

namespace smtp {

class Transaction {
 public:
  Transaction(ClientState& state, Envelope envelope, std::vector<std::string_view> parts);
  base::Task<TransactionResult> run();

 private:
  bool refused_here();
  base::Task<bool> one_by_one();
  base::Task<bool> pipelined();
  base::Task<bool> send_group(std::size_t first, std::size_t end);
  base::Task<bool> read_group(std::size_t first, std::size_t end);
  base::Task<bool> read_mail_reply();
  base::Task<bool> read_recipient_reply(std::size_t index);
  base::Task<bool> read_data_reply();
  base::Task<bool> end_empty();
  base::Task<void> body();
  base::Task<bool> write_body();
  std::string mail_line() const;
  bool take_mail_reply(Answer answer);
  bool take_recipient_reply(std::size_t index, Answer answer);
  void fail(Phase phase, Answer answer);

  ClientState& state_;
  const Envelope envelope_;
  const std::vector<std::string_view> parts_;
  std::uint64_t size_ = 0;
  std::vector<std::size_t> asked_;  // indices of the recipients that can be named in a command
  bool sender_taken_ = false;
  std::size_t accepted_ = 0;
  TransactionResult result_;
};

}  // namespace smtp
