#include "deliver/dispatcher.h"

#include <map>
#include <thread>
#include <utility>

#include "base/log.h"
#include "deliver/core.h"
#include "deliver/shard.h"
#include "store/body_file.h"

namespace deliver {
namespace {
constexpr std::chrono::seconds kRefillEvery{30};
constexpr std::chrono::seconds kStopWait{20};
}  // namespace

struct Dispatcher::Impl {
  Impl(Environment environment, Options options)
      : core(environment, std::move(options)), refill_timer(core.env.loops.at(0)) {}

  Core core;
  net::Timer refill_timer;  // on loop 0
  bool refilling = false;   // on loop 0

  JobPtr make_job(compose::DraftPtr draft, std::vector<ses::Recipient> recipients, base::WallTime due) {
    auto job = std::make_shared<Job>();
    job->draft = std::move(draft);
    job->recipients = std::move(recipients);
    job->due = due;
    job->era = core.era;
    return job;
  }

  void hand_over(const JobPtr& job) {
    auto& home = core.home_of(job->domain());
    home.loop().post([&home, job] { home.take(job); });
  }

  // Loop 0. Reads what the store holds beyond memory, while there is room for it.
  base::Task<void> refill() {
    if (refilling || !core.overflow || core.stopping) co_return;
    refilling = true;
    core.begin_work();  // what it finds may be due
    try {
      co_await read_pending();
    } catch (const std::exception& e) {
      base::log_error("reading the queue failed: {}", e.what());
    }
    refilling = false;
    core.end_work();
  }

  base::Task<void> read_pending() {
    auto room = core.options.memory_deliveries;
    auto used = core.in_memory();
    if (used > room / 2) co_return;
    auto at_most = room - used;
    auto era = core.era.load();
    auto* messages = &core.env.messages;
    auto* shared = &core;
    core.overflow = false;  // set again below, or by an accept that finds no room
    auto read = [messages, shared, at_most](store::Db& db) {
      auto forever = base::WallTime::max() - std::chrono::days{1};
      return messages->pending(db, forever, at_most,
                               [shared](std::int64_t seq, int n) { return shared->holds(seq, n); });
    };
    auto found = co_await core.env.store.read_value(std::move(read));
    if (found.size() >= at_most) core.overflow = true;
    if (era != core.era) co_return;
    std::map<std::int64_t, compose::DraftPtr> drafts;  // one per message, so that it is signed once
    for (auto& delivery : found) {
      auto& draft = drafts[delivery.mail->seq];
      if (!draft) draft = std::make_shared<compose::Draft>(delivery.mail, nullptr, core.content_bytes);
      auto job = make_job(draft, std::move(delivery.recipients), delivery.due);
      if (core.claim(*job)) hand_over(job);
    }
  }

  void arm_refill() {
    refill_timer.at(net::Steady::now() + kRefillEvery, [this] {
      base::spawn(refill());
      arm_refill();
    });
  }
};

Dispatcher::Dispatcher(Environment environment, Options options)
    : impl_(std::make_unique<Impl>(environment, std::move(options))) {
  auto* impl = impl_.get();
  impl->core.env.clock.on_jump([impl] {
    for (auto& shard : impl->core.shards) shard->loop().post([s = shard.get()] { s->process_due(); });
  });
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
  impl_->core.env.loops.at(0).post([impl = impl_.get()] {
    base::spawn(impl->refill());
    impl->arm_refill();
  });
}

void Dispatcher::stop() {
  impl_->core.stopping = true;
  auto deadline = net::Steady::now() + kStopWait;
  base::OneShot<base::Unit> looked;
  while (impl_->core.active() != 0 && net::Steady::now() < deadline) {
    // What waits in a site's queue is dropped there (it is in the store); what is in flight ends.
    for (auto& shard : impl_->core.shards) shard->loop().post([s = shard.get()] { s->drop_all(); });
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

void Dispatcher::accept(ses::Mail mail, std::vector<ses::Recipient> recipients) {
  auto& core = impl_->core;
  if (recipients.empty()) return core.changed();  // held from all: it ends here
  if (core.stopping || core.in_memory() + recipients.size() > core.options.memory_deliveries) {
    core.overflow = true;
    return;
  }
  auto content = std::exchange(mail.content, nullptr);  // the draft alone holds it, and lets it go
  // Large content is read from its file when it is sent, and then waits for room (compose::Composer).
  if (content->size() > store::kInlineBody ||
      core.content_bytes + content->size() > core.options.memory_content)
    content = nullptr;
  std::map<std::string, std::vector<ses::Recipient>> by_domain;
  auto due = mail.accepted;
  auto shared = std::make_shared<const ses::Mail>(std::move(mail));
  auto draft = std::make_shared<compose::Draft>(std::move(shared), std::move(content), core.content_bytes);
  for (auto& r : recipients) by_domain[r.domain].push_back(std::move(r));
  for (auto& [domain, group] : by_domain) {
    auto job = impl_->make_job(draft, std::move(group), due);
    if (core.claim(*job)) impl_->hand_over(job);
  }
}

base::Task<void> Dispatcher::settle() {
  auto& core = impl_->core;
  auto idle = [&core] { return core.active() == 0 && !core.overflow; };
  for (int round = 0; round < 1000; ++round) {
    const bool was_idle = idle();  // so all that was handed over was posted by now
    // Every shard looks at the clock; being posted, what was handed over before comes first.
    for (auto& shard : core.shards) {
      base::OneShot<base::Unit> looked;
      shard->loop().post([s = shard.get(), looked] {
        s->process_due();
        looked.set({});
      });
      co_await looked;
    }
    if (was_idle && idle()) co_return;
    co_await core.quiet();
    if (core.overflow) {
      base::OneShot<base::Unit> read;
      core.env.loops.at(0).post([impl = impl_.get(), read] {
        auto run = [](Impl* i, base::OneShot<base::Unit> done) -> base::Task<void> {
          co_await i->refill();
          done.set({});
        };
        base::spawn(run(impl, read));
      });
      co_await read;
    }
  }
}

base::Task<void> Dispatcher::reset() {
  auto& core = impl_->core;
  ++core.era;
  for (auto& shard : core.shards) {
    base::OneShot<base::Unit> dropped;
    shard->loop().post([s = shard.get(), dropped] {
      s->drop_all();
      dropped.set({});
    });
    co_await dropped;
  }
  co_await core.quiet();
}

base::Task<QueueView> Dispatcher::queue() {
  auto& core = impl_->core;
  QueueView view;
  view.in_memory = core.in_memory();
  auto* messages = &core.env.messages;
  auto count = [messages](store::Db& db) { return messages->count_pending(db); };
  view.pending = co_await core.env.store.read_value(std::move(count));
  for (auto& shard : core.shards) {
    base::OneShot<QueueView> part;
    shard->loop().post([s = shard.get(), part] {
      QueueView own;
      s->describe(own);
      part.set(std::move(own));
    });
    auto own = co_await part;
    view.in_flight += own.in_flight;
    for (auto& site : own.sites) view.sites.push_back(std::move(site));
  }
  co_return view;
}

void Dispatcher::on_change(std::function<void()> listener) { impl_->core.on_change(std::move(listener)); }

}  // namespace deliver
