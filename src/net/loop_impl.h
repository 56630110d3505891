// The inside of a Loop: its io_context and what must be told when the loop winds down, so that coroutines
// that wait end (with `cancelled`) instead of being lost. Private to net/.
#pragma once

#include <atomic>

#include "net/asio.h"
#include "net/loop.h"

namespace net {

// Something on a loop that coroutines may be waiting for. Linked into its loop while it lives; loop's thread
// only.
class LoopMember {
 public:
  explicit LoopMember(Loop& loop);
  virtual ~LoopMember();
  LoopMember(const LoopMember&) = delete;
  LoopMember& operator=(const LoopMember&) = delete;

  virtual void wind_down() = 0;  // cancel what is awaited; the loop still runs what becomes ready
  virtual void abandon() = 0;    // the io_context is about to go: drop everything that belongs to it

 private:
  friend struct Loop::Impl;
  void unlink() noexcept;
  Loop::Impl* owner_;
  LoopMember* previous_ = nullptr;
  LoopMember* next_ = nullptr;
};

struct Loop::Impl {
  asio::io_context context{1};
  LoopMember* first = nullptr;
  bool closing = false;  // loop's thread
  std::atomic<bool> running{false};

  void wind_down();
  void abandon();
};

// An Asio operation that is awaited keeps its result here; the frame that awaits it owns this object.
struct Completion {
  std::coroutine_handle<> waiter;
  ErrorCode error;
  std::size_t bytes = 0;

  auto handler() {
    return [this](ErrorCode result, std::size_t count = 0) {
      error = result;
      bytes = count;
      waiter.resume();
    };
  }
};

// co_await yield: lets the loop's other work run first.
struct Yield : Completion {
  explicit Yield(Loop& l) : loop(l) {}
  Loop& loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    asio::post(loop.impl().context, [h] { h.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace net
