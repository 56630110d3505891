#include "net/loop.h"

#include <stdexcept>
#include <thread>

#include "base/log.h"
#include "net/loop_impl.h"

namespace net {
namespace {

thread_local Loop* t_loop = nullptr;

// What a winding-down loop may still run. Coroutines that never end on their own must not hold up the exit.
constexpr int kWindDownSteps = 1'000'000;

struct Sleep final : LoopMember, Completion {
  explicit Sleep(Loop& loop) : LoopMember(loop), timer(std::in_place, loop.impl().context) {}
  void wind_down() override { timer->cancel(); }
  void abandon() override { timer.reset(); }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    waiter = h;
    timer->async_wait([this](ErrorCode) { waiter.resume(); });
  }
  void await_resume() const noexcept {}

  std::optional<SteadyTimer> timer;
};

}  // namespace

LoopMember::LoopMember(Loop& loop) : owner_(&loop.impl()), next_(owner_->first) {
  if (next_) next_->previous_ = this;
  owner_->first = this;
}

LoopMember::~LoopMember() { unlink(); }

void LoopMember::unlink() noexcept {
  if (!owner_) return;
  if (previous_) {
    previous_->next_ = next_;
  } else {
    owner_->first = next_;
  }
  if (next_) next_->previous_ = previous_;
  owner_ = nullptr;
}

void Loop::Impl::wind_down() {
  closing = true;
  // Nobody resumes inside wind_down(): Asio queues the cancelled completions, so the list stays as it is.
  for (auto* member = first; member; member = member->next_) member->wind_down();
  context.restart();
  for (int i = 0; i < kWindDownSteps; ++i) {
    try {
      if (context.poll_one() == 0) return;
    } catch (const std::exception& e) {
      base::log_error("work on a loop ended by an exception: {}", e.what());
    }
  }
  base::log_warn("a loop stopped with work left");
}

void Loop::Impl::abandon() {
  while (first) {
    auto* member = first;
    member->unlink();
    member->abandon();
  }
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() { impl_->abandon(); }

void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void Loop::run() {
  base::Executor::Scope scope(this);
  auto* before = std::exchange(t_loop, this);
  auto guard = asio::make_work_guard(impl_->context);
  impl_->running = true;
  for (bool again = true; again;) {
    try {
      impl_->context.run();
      again = false;
    } catch (const std::exception& e) {
      base::log_error("work on a loop ended by an exception: {}", e.what());
    }
  }
  guard.reset();
  impl_->wind_down();
  impl_->running = false;
  t_loop = before;
}

void Loop::stop() { impl_->context.stop(); }

Loop* Loop::current() noexcept { return t_loop; }

base::Task<void> Loop::sleep_for(Steady::duration duration) {
  if (impl_->closing) throw std::runtime_error("the loop has stopped");
  Sleep sleep(*this);
  sleep.timer->expires_after(duration);
  co_await sleep;
}

struct Timer::Impl : LoopMember, std::enable_shared_from_this<Timer::Impl> {
  explicit Impl(Loop& loop) : LoopMember(loop), timer(std::in_place, loop.impl().context) {}
  void wind_down() override {  // `call` stays: what it holds may be a member of the loop too
    ++generation;
    timer->cancel();
  }
  void abandon() override { timer.reset(); }

  void cancel() {
    ++generation;
    call = nullptr;
    if (timer) timer->cancel();
  }

  void at(Deadline when, std::function<void()> what) {
    if (!timer) return;
    call = std::move(what);
    auto mine = ++generation;
    timer->expires_at(when);
    timer->async_wait([self = shared_from_this(), mine](ErrorCode) {
      if (mine != self->generation || !self->call) return;
      auto due = std::exchange(self->call, nullptr);
      due();
    });
  }

  std::optional<SteadyTimer> timer;
  std::function<void()> call;
  unsigned generation = 0;
};

Timer::Timer(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}
Timer::~Timer() { impl_->cancel(); }
void Timer::at(Deadline when, std::function<void()> call) { impl_->at(when, std::move(call)); }
void Timer::cancel() { impl_->cancel(); }

struct LoopPool::Threads {
  std::vector<std::thread> all;
};

LoopPool::LoopPool(std::size_t threads) : threads_(std::make_unique<Threads>()) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
    loops_.push_back(std::make_unique<Loop>());
  for (auto& loop : loops_) threads_->all.emplace_back([&loop = *loop] { loop.run(); });
}

LoopPool::~LoopPool() { stop(); }

void LoopPool::stop() {
  for (auto& loop : loops_) loop->stop();
  for (auto& thread : threads_->all) thread.join();
  threads_->all.clear();
}

}  // namespace net
