// Shard: the part of delivery that lives on one loop: what waits for its time or is made of its template, the
// domains whose route is being looked up, and the sites this loop owns. Everything but the constructor runs
// on the loop's thread.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/oneshot.h"
#include "deliver/core.h"
#include "deliver/report.h"
#include "deliver/route.h"
#include "net/loop.h"

namespace deliver {

// The connections and the queue of one destination.
struct Site {
  std::string name;
  std::vector<RouteHost> hosts;
  bool tls_required = false;
  bool local = false;  // nobody is connected to: captured, or the simulator's
  std::deque<JobPtr> waiting;
  std::size_t workers = 0;   // coroutines at work or idle with a connection
  std::size_t sessions = 0;  // of them with an open connection
  std::vector<base::OneShot<bool>> idle;
  std::string trouble;         // why the last connection failed; empty when it did not
  bool tls_by_policy = false;  // its mails ask for TLS themselves: without it they bounce (SES §17)
};
using SitePtr = std::shared_ptr<Site>;

class Shard {
 public:
  Shard(Core& core, net::Loop& loop);
  ~Shard();
  net::Loop& loop() { return loop_; }

  void take(JobPtr job);  // now if due, else when its time comes
  void take_routed(JobPtr job, Route route);
  void process_due();  // looks at the clock anew
  void drop_all();     // forgets what waits (reset)
  std::size_t waiting() const { return later_.size(); }
  void describe(QueueView& view) const;

 private:
  friend struct SmtpWorker;
  struct Later {
    bool operator()(const JobPtr& a, const JobPtr& b) const { return a->due > b->due; }
  };
  struct Domain {
    std::vector<JobPtr> waiting;
    bool looking = false;
    Route route;
    net::Deadline until{};
  };

  void arm();
  void start(JobPtr job);
  void route(JobPtr job);
  void send_to_site(const JobPtr& job, const Route& route);
  void pump(const SitePtr& site);
  std::size_t wanted_workers(const Site& site) const;
  JobPtr next_job(Site& site);
  void finish(JobPtr job);  // after its report: forget, or wait for the next attempt
  void worker_ended(SitePtr site);
  void fail_all(SitePtr site, Report report);

  base::Task<void> make_mails();
  base::Task<bool> can_be_made(JobPtr job);
  base::Task<void> look_up(std::string domain);
  base::Task<void> local_worker(SitePtr site);
  base::Task<void> smtp_worker(SitePtr site);
  base::Task<void> capture_one(JobPtr job, bool simulator);
  base::Task<void> write_down(JobPtr job, Report report);
  base::Task<void> report_failure(std::vector<JobPtr> jobs, Report report);
  base::Task<JobPtr> wait_for_job(SitePtr site);

  Core& core_;
  net::Loop& loop_;
  net::Timer timer_;
  std::priority_queue<JobPtr, std::vector<JobPtr>, Later> later_;
  std::deque<JobPtr> unmade_;  // their mail is to be made of its template first
  std::size_t makers_ = 0;     // coroutines that do it
  std::unordered_map<std::string, Domain> domains_;
  std::unordered_map<std::string, SitePtr> sites_;
};

}  // namespace deliver
