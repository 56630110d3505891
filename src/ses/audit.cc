#include "ses/audit.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/log.h"
#include "base/oneshot.h"
#include "base/run_task.h"
#include "ses/audit_buffer.h"
#include "ses/audit_rows.h"

namespace ses {
namespace {

constexpr std::chrono::milliseconds kBatchTime{250};
constexpr std::chrono::minutes kSweepTime{10};
constexpr std::size_t kRowsAtOnce = 500;  // of a write, so that mail's commits do not wait behind a batch
constexpr std::int64_t kSweepAtOnce = 1000;

}  // namespace

std::string_view effect_name(Effect effect) {
  switch (effect) {
    case Effect::allowed:
      return "Allowed";
    case Effect::implicit_deny:
      return "ImplicitDeny";
    case Effect::explicit_deny:
      return "ExplicitDeny";
    case Effect::bad_credentials:
      break;
  }
  return "BadCredentials";
}

struct Audit::State : std::enable_shared_from_this<State> {
  State(store::Store& s, const base::Clock& c, const AuditOptions& o)
      : store(s), clock(c), options(o), buffer(options) {}

  store::Store& store;
  const base::Clock& clock;
  const AuditOptions options;

  std::mutex mutex;
  AuditBuffer buffer;
  AuditCounters counters;
  bool writing = false;                            // one batch at a time
  std::vector<base::OneShot<base::Unit>> waiting;  // for its end
  std::size_t denials_written = 0;                 // of the batch under way

  net::Loop* loop = nullptr;
  std::atomic<bool> stopped{true};  // until start()
  // The loop's thread only.
  std::unique_ptr<net::Timer> timer;
  net::Deadline next_sweep{};

  bool begin_batch(bool all, std::vector<AuditEntry>& batch, std::optional<base::OneShot<base::Unit>>& wait);
  void end_batch(std::vector<AuditEntry> unwritten, std::size_t rows);
  static base::Task<void> write(std::shared_ptr<State> self, std::vector<AuditEntry> batch);
  // Waits for a batch under way, then writes one of its own.
  static base::Task<void> flush(std::shared_ptr<State> self, bool all);
  static base::Task<std::size_t> sweep(std::shared_ptr<State> self);
  static base::Task<void> pass(std::shared_ptr<State> self);
  void arm();
  bool too_many_denials();
};

// True where `batch` is the caller's to write; else `wait` is for the one under way.
bool Audit::State::begin_batch(bool all, std::vector<AuditEntry>& batch,
                               std::optional<base::OneShot<base::Unit>>& wait) {
  std::lock_guard lock(mutex);
  if (writing) {
    wait = waiting.emplace_back();
    return false;
  }
  denials_written = buffer.denials();
  batch = buffer.take(clock.now(), all);
  writing = true;
  return true;
}

void Audit::State::end_batch(std::vector<AuditEntry> unwritten, std::size_t rows) {
  std::vector<base::OneShot<base::Unit>> woken;
  {
    std::lock_guard lock(mutex);
    writing = false;
    denials_written = 0;
    counters.rows += rows;
    if (!unwritten.empty()) ++counters.failed_batches;
    buffer.put_back(std::move(unwritten));
    woken.swap(waiting);
  }
  for (const auto& one : woken) one.set({});
}

base::Task<void> Audit::State::write(std::shared_ptr<State> self, std::vector<AuditEntry> batch) {
  auto all = std::make_shared<std::vector<AuditEntry>>(std::move(batch));
  std::size_t done = 0;
  std::exception_ptr error;
  try {
    while (done < all->size()) {
      const auto n = std::min(kRowsAtOnce, all->size() - done);
      std::function<void(store::Db&)> work = [all, done, n](store::Db& db) {
        insert_audit(db, std::span(*all).subspan(done, n));
      };
      co_await self->store.write(std::move(work));
      done += n;
    }
  } catch (...) {
    error = std::current_exception();
  }
  all->erase(all->begin(), all->begin() + static_cast<std::ptrdiff_t>(done));
  self->end_batch(std::move(*all), done);
  if (error) std::rethrow_exception(error);
}

base::Task<void> Audit::State::flush(std::shared_ptr<State> self, bool all) {
  std::vector<AuditEntry> batch;
  for (;;) {
    std::optional<base::OneShot<base::Unit>> wait;
    if (self->begin_batch(all, batch, wait)) break;
    co_await *wait;
  }
  auto writing = write(self, std::move(batch));
  co_await writing;
}

base::Task<std::size_t> Audit::State::sweep(std::shared_ptr<State> self) {
  const auto before = self->clock.now() - self->options.keep;
  const auto most = self->options.most_rows;
  auto work = [before, most](store::Db& db) { return sweep_audit(db, before, most, kSweepAtOnce); };
  const auto gone = co_await self->store.write_value(std::move(work));
  co_return gone;
}

base::Task<void> Audit::State::pass(std::shared_ptr<State> self) {
  try {
    bool something = false;
    {
      std::lock_guard lock(self->mutex);
      something = !self->buffer.empty();
    }
    if (something) {
      auto flushing = flush(self, false);
      co_await flushing;
    }
    if (net::Steady::now() >= self->next_sweep) {
      auto sweeping = sweep(self);
      const auto gone = co_await sweeping;
      if (gone == 0) self->next_sweep = net::Steady::now() + kSweepTime;
    }
  } catch (const std::exception& e) {
    base::log_warn("writing the audit record failed, it is kept for the next time: {}", e.what());
  }
  self->arm();
}

void Audit::State::arm() {
  if (stopped || !timer) return;
  timer->at(net::Steady::now() + kBatchTime, [weak = weak_from_this()] {
    if (auto self = weak.lock()) base::spawn(pass(self));
  });
}

bool Audit::State::too_many_denials() {
  std::lock_guard lock(mutex);
  return buffer.denials() + denials_written >= options.most_denials / 2;
}

Audit::Audit(store::Store& store, const base::Clock& clock, AuditOptions options)
    : options_(options), state_(std::make_shared<State>(store, clock, options)) {}

Audit::~Audit() { stop(); }

void Audit::record(AccessRecord record) noexcept {
  if (record.effect == Effect::allowed && !wants_allows()) return;
  try {
    normalise(record);
    if (record.when == base::WallTime{}) record.when = state_->clock.now();
    AuditEntry entry;
    entry.last = record.when;
    entry.record = std::move(record);
    std::lock_guard lock(state_->mutex);
    ++state_->counters.recorded;
    state_->buffer.add(std::move(entry));
  } catch (const std::exception& e) {
    base::log_error("a decision could not be recorded: {}", e.what());
  }
}

base::Task<void> Audit::settle() {
  auto state = state_;
  try {
    while (state->too_many_denials()) {
      std::vector<AuditEntry> batch;
      std::optional<base::OneShot<base::Unit>> wait;
      if (state->begin_batch(false, batch, wait)) {
        auto writing = State::write(state, std::move(batch));
        co_await writing;
      } else {
        co_await *wait;
      }
    }
  } catch (const std::exception& e) {
    // The refusal is answered all the same; what is not written stays.
    base::log_warn("writing the audit record failed, it is kept for the next time: {}", e.what());
  }
}

void Audit::start(net::Loop& loop) {
  state_->loop = &loop;
  state_->stopped = false;
  loop.post([state = state_] {
    if (state->stopped) return;
    state->timer = std::make_unique<net::Timer>(*state->loop);
    state->arm();
  });
}

void Audit::stop() {
  if (state_->stopped.exchange(true)) return;
  // The timer is the loop's.
  state_->loop->post([state = state_] { state->timer.reset(); });
}

base::Task<void> Audit::flush() { return State::flush(state_, true); }

void Audit::flush_now() {
  try {
    base::run_task(flush());
  } catch (const std::exception& e) {
    base::log_error("the last of the audit record could not be written: {}", e.what());
  }
}

base::Task<AuditPage> Audit::list(AuditQuery query) {
  auto flushing = flush();
  co_await flushing;
  auto work = [query = std::move(query)](store::Db& db) { return list_audit(db, query); };
  co_return co_await state_->store.read_value(std::move(work));
}

base::Task<std::size_t> Audit::sweep() { return State::sweep(state_); }

void Audit::forget() {
  std::lock_guard lock(state_->mutex);
  state_->buffer = AuditBuffer(state_->options);
}

AuditCounters Audit::counters() const {
  std::lock_guard lock(state_->mutex);
  auto out = state_->counters;
  out.dropped = state_->buffer.dropped();
  return out;
}

}  // namespace ses
