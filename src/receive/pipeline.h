// Pipeline: works through the actions of received mails (SES §22.1), and reads what came back. A mail is one
// coroutine on a loop of the pool; how far it is gets stored, so that a restart goes on there and at most
// repeats what was under way. What fails is tried again for four hours by the clock, then dropped. start(),
// stop(), take() and settle() may be called on any thread; few mails are in memory at a time, the others wait
// in the store.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "base/task.h"
#include "net/loop.h"
#include "net/source_limit.h"
#include "receive/tools.h"
#include "receive/verdicts.h"
#include "send/service.h"
#include "ses/received.h"

namespace receive {

class Pipeline {
 public:
  // All outlive it. What comes back later than `feedback_life` behind its message changes nothing.
  Pipeline(send::Service& service, Tools& tools, net::LoopPool& loops, std::chrono::hours feedback_life)
      : service_(service), tools_(tools), loops_(loops), feedback_life_(feedback_life) {}

  void start();
  void stop();  // what is under way ends with its step
  // As stop(), and waits for that. False when the deadline came first. From a thread that is not a loop's.
  bool drain(net::Deadline deadline);
  // A mail that was just stored, with its content.
  void take(ses::ReceivedMail mail);
  // Until nothing is due by the clock.
  base::Task<void> settle();

 private:
  struct Held {
    std::size_t mails = 0, octets = 0;
  };
  bool is_full(const Held& held) const;
  bool enter(std::int64_t seq, std::size_t size, const ses::Scope& scope);
  void leave(std::int64_t seq, std::size_t size);
  void fetch();  // soon, what found no room
  base::Task<void> catch_up();
  base::Task<void> watch();
  base::Task<std::size_t> look();                         // starts what is due; how many there were
  base::Task<void> load_and_run(ses::Received::Due due);  // it has entered
  base::Task<void> run(ses::ReceivedMail mail);
  base::Task<void> work_on(ses::ReceivedMail& mail);
  base::Task<void> work_through(ses::ReceivedMail& mail);
  base::Task<Verdicts> judge_mail(const ses::ReceivedMail& mail);
  base::Task<void> save(const ses::ReceivedMail& mail);
  base::Task<void> keep(const ses::ReceivedMail& mail);

  send::Service& service_;
  Tools& tools_;
  net::LoopPool& loops_;
  const std::chrono::hours feedback_life_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> behind_{false}, fetching_{false};  // some found no room; they are looked for
  std::atomic<std::size_t> next_loop_{0};
  std::mutex mutex_;
  std::condition_variable left_;  // one that was under way
  std::map<std::int64_t, ses::Scope> under_way_;
  std::map<ses::Scope, Held> by_scope_;  // of those
  std::size_t octets_ = 0;               // of the content of those
  net::SourceLimit patient_{256, 64};    // whose DNS is waited for
};

}  // namespace receive
