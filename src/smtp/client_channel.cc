#include "smtp/client_channel.h"

#include <utility>

namespace smtp {
namespace {

constexpr std::size_t kRead = 1024;
constexpr std::chrono::seconds kLastWords{2};

}  // namespace

std::string describe(const net::IoResult& result) {
  std::string out(net::to_string(result.error));
  if (!result.detail.empty()) out.append(": ").append(result.detail);
  return out;
}

base::Task<Answer> Channel::read(net::Deadline deadline) {
  Answer answer;
  for (;;) {
    std::string_view bytes = input_.view();
    const std::size_t held = bytes.size();
    const auto status = parser_.feed(bytes);
    input_.consume(held - bytes.size());
    if (status == ReplyParser::Status::done) {
      answer.reply = parser_.take();
      co_return answer;
    }
    if (status == ReplyParser::Status::malformed) {
      answer.detail = parser_.error();
      stream_->close();
      co_return answer;
    }
    const net::IoResult result = co_await stream_->read_some(input_.room(kRead), deadline);
    if (!result.ok()) {
      answer.detail = describe(result);
      co_return answer;
    }
    input_.added(result.bytes);
  }
}

base::Task<Answer> Channel::last_words(net::IoResult failed) {
  Answer answer;
  if (failed.error != net::IoError::timeout && failed.error != net::IoError::cancelled) {
    answer = co_await read(net::Steady::now() + kLastWords);
    if (answer.reply && answer.reply->positive()) answer.reply.reset();  // no answer to what was not sent
  }
  if (!answer.reply) answer.detail = describe(failed);
  co_return answer;
}

base::Task<std::optional<Answer>> Channel::send(std::string text, net::Deadline deadline) {
  const std::string_view part = text;
  const net::IoResult result = co_await stream_->write(std::span(&part, 1), deadline);
  std::optional<Answer> failure;
  if (!result.ok()) failure = co_await last_words(result);
  co_return failure;
}

base::Task<Answer> Channel::ask(std::string text, net::Deadline deadline) {
  std::optional<Answer> failure = co_await send(std::move(text), deadline);
  if (failure) co_return std::move(*failure);
  Answer answer = co_await read(deadline);
  co_return answer;
}

}  // namespace smtp
