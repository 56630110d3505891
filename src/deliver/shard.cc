#include "deliver/shard.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "deliver/simulator.h"

namespace deliver {
namespace {

constexpr std::chrono::seconds kRouteLife{60};
constexpr std::size_t kMaxDomains = 20000;
constexpr std::string_view kCaptureSite = "(capture)";
constexpr std::size_t kLocalWorkers = 16;
constexpr std::size_t kFailureWorkers = 32;
constexpr std::size_t kMakers = 4;
// A wall clock may be set; the timer never sleeps past this without a look.
constexpr std::chrono::seconds kLongestSleep{60};

Classified route_failure(const Route& route) {
  return {route.status == Route::permanent ? Verdict::bounce : Verdict::retry, route.enhanced_status,
          route.diagnostic};
}

// Nobody knows yet whether its mail can be made. Once tried, it can.
bool is_unproven(const Job& job) { return job.recipients.front().attempts == 0 && job.draft->needs_making(); }

}  // namespace

Shard::Shard(Core& core, net::Loop& loop) : core_(core), loop_(loop), timer_(loop) {}
Shard::~Shard() = default;

void Shard::take(JobPtr job) {
  if (job->era != core_.era) {
    core_.forget(*job);
    return;
  }
  if (job->due > core_.env.clock.now()) {
    bool first = later_.empty() || job->due < later_.top()->due;
    later_.push(std::move(job));
    if (first) arm();
    return;
  }
  start(std::move(job));
}

void Shard::arm() {
  if (later_.empty()) {
    timer_.cancel();
    return;
  }
  auto wait = later_.top()->due - core_.env.clock.now();
  wait = std::clamp<base::Millis>(wait, base::Millis{0}, kLongestSleep);
  timer_.at(net::Steady::now() + wait, [this] { process_due(); });
}

void Shard::process_due() {
  auto now = core_.env.clock.now();
  while (!later_.empty() && later_.top()->due <= now) {
    auto job = later_.top();
    later_.pop();
    take(std::move(job));
  }
  arm();
}

void Shard::drop_all() {
  for (auto& job : unmade_) {
    core_.forget(*job);
    core_.end_work();
  }
  unmade_.clear();
  while (!later_.empty()) {
    core_.forget(*later_.top());
    later_.pop();
  }
  for (auto& [name, site] : sites_) {
    for (auto& job : site->waiting) {
      core_.forget(*job);
      core_.end_work();
    }
    site->waiting.clear();
  }
}

// Whether a mail can be made of its template at all is found out before anybody is asked about its way: one
// that cannot be ends here (SES §13). While memory is short that waits until somebody is there to take it.
void Shard::start(JobPtr job) {
  core_.begin_work();
  if (!is_unproven(*job) || core_.content_bytes >= core_.options.memory_content) return route(std::move(job));
  unmade_.push_back(std::move(job));
  if (makers_ == kMakers) return;
  ++makers_;
  base::spawn(make_mails());
}

base::Task<void> Shard::make_mails() {
  while (!unmade_.empty()) {
    auto job = std::move(unmade_.front());
    unmade_.pop_front();
    bool made = co_await can_be_made(job);
    if (made) route(std::move(job));
    if (unmade_.empty()) break;
    // One at a time: the loop has others to serve.
    base::OneShot<base::Unit> turn;
    loop_.post([turn] { turn.set({}); });
    co_await turn;
  }
  --makers_;
}

// If it cannot, that is its outcome.
base::Task<bool> Shard::can_be_made(JobPtr job) {
  Report report;
  try {
    co_await core_.env.composer.make(job->draft);
  } catch (const compose::Unrenderable& e) {
    report.unmade = e.failure;
  } catch (const std::exception& e) {
    base::log_error("composing {} failed: {}", job->mail().id.str(), e.what());  // the attempt will try again
  }
  if (core_.content_bytes > core_.options.memory_content) job->draft->let_go_content();
  if (!report.unmade) co_return true;
  co_await write_down(std::move(job), std::move(report));
  co_return false;
}

void Shard::route(JobPtr job) {
  if (is_for_simulator(*job, core_.env.settings.service_domain)) {
    Route route;
    route.status = Route::ok;
    route.site = kSimulatorSite;
    take_routed(std::move(job), std::move(route));
    return;
  }
  if (core_.options.mode == Mode::mx) {
    auto& domain = domains_[job->domain()];
    if (!domain.looking && net::Steady::now() < domain.until) {
      send_to_site(job, domain.route);
      return;
    }
    auto name = job->domain();
    domain.waiting.push_back(std::move(job));
    if (!domain.looking) {
      domain.looking = true;
      base::spawn(look_up(std::move(name)));
    }
    return;
  }
  Route route;
  route.status = Route::ok;
  route.site = core_.options.mode == Mode::capture ? std::string(kCaptureSite) : core_.options.relay.text();
  if (core_.options.mode == Mode::relay)
    route.hosts.push_back({core_.options.relay_name, {core_.options.relay.address}});
  send_to_site(job, route);
}

base::Task<void> Shard::look_up(std::string domain) {
  auto route = co_await find_route(core_.env.resolver, domain, core_.env.random);
  auto& entry = domains_[domain];
  entry.looking = false;
  entry.route = std::move(route);
  // A failure is only shared by those that wait for it now.
  entry.until = entry.route.status == Route::ok ? net::Steady::now() + kRouteLife : net::Deadline{};
  auto waiting = std::move(entry.waiting);
  entry.waiting.clear();
  Route found = entry.route;
  if (domains_.size() > kMaxDomains)
    std::erase_if(domains_, [](const auto& d) { return !d.second.looking && d.second.waiting.empty(); });
  for (auto& job : waiting) send_to_site(job, found);
}

void Shard::send_to_site(const JobPtr& job, const Route& route) {
  if (route.status != Route::ok) {
    Report report;
    report.attempt.phase = "route";
    report.recipients.assign(job->recipients.size(), route_failure(route));
    base::spawn(report_failure({job}, std::move(report)));
    return;
  }
  // What must not go in plain text makes its own connections.
  auto key = route.site + (job->mail().flags & ses::kTlsRequired ? "+tls" : "");
  if (core_.options.mode == Mode::capture) {
    take_routed(job, route);  // no site to share: each loop captures its own
    return;
  }
  auto& home = core_.home_of(key);
  if (&home == this) {
    take_routed(job, route);
  } else {
    home.loop().post([&home, job, route] { home.take_routed(job, route); });
  }
}

void Shard::take_routed(JobPtr job, Route route) {
  bool tls_required = job->mail().flags & ses::kTlsRequired;
  auto key = route.site + (tls_required ? "+tls" : "");
  auto& site = sites_[key];
  if (!site) {
    site = std::make_shared<Site>();
    site->name = key;
    site->local = route.site == kSimulatorSite || route.site == kCaptureSite;
    site->tls_required = tls_required || core_.options.tls_required ||
                         (core_.options.mode == Mode::relay && core_.options.relay_tls_required);
  }
  site->hosts = std::move(route.hosts);
  site->tls_by_policy = tls_required;
  site->waiting.push_back(std::move(job));
  auto held = site;
  pump(held);
}

// How many connections a queue of n deserves: few for a short one, towards the limit for a long one.
std::size_t Shard::wanted_workers(const Site& site) const {
  if (site.waiting.empty()) return 0;
  if (site.local) return std::min(kLocalWorkers, site.waiting.size());
  auto limit = static_cast<double>(core_.options.site_connections);
  auto n = static_cast<double>(site.waiting.size());
  return static_cast<std::size_t>(std::ceil(limit * (1 - std::exp(-0.023 * n))));
}

void Shard::pump(const SitePtr& site) {
  while (!site->waiting.empty() && !site->idle.empty()) {
    auto idle = site->idle.back();
    site->idle.pop_back();
    idle.set(true);
    // It takes a job when it runs; one woken worker for each waiting job is enough.
    if (site->idle.empty() || site->waiting.size() <= 1) break;
  }
  while (!core_.stopping && site->workers < wanted_workers(*site)) {
    ++site->workers;
    base::spawn(site->local ? local_worker(site) : smtp_worker(site));
  }
}

JobPtr Shard::next_job(Site& site) {
  while (!site.waiting.empty()) {
    auto job = std::move(site.waiting.front());
    site.waiting.pop_front();
    if (job->era == core_.era && !core_.stopping) return job;
    core_.forget(*job);
    core_.end_work();
  }
  return nullptr;
}

void Shard::worker_ended(SitePtr site) {
  --site->workers;
  if (!site->waiting.empty()) {
    pump(site);
  } else if (site->workers == 0) {
    sites_.erase(site->name);
  }
}

void Shard::finish(JobPtr job) {
  core_.changed();
  if (job->recipients.empty()) {
    core_.end_work();
    return;
  }
  job->draft->let_go_content();
  // Its domain's own loop keeps it until its time.
  auto& home = core_.home_of(job->domain());
  if (&home == this) {
    take(std::move(job));
  } else {
    home.loop().post([&home, job] { home.take(job); });
  }
  core_.end_work();
}

// A job has its outcome: it is written down, and the job ends or waits for its next attempt.
base::Task<void> Shard::write_down(JobPtr job, Report report) {
  Job before = *job;
  if (report.recipients.empty() && !report.captured && !report.unmade) {
    job->recipients.clear();  // deleted meanwhile
  } else {
    co_await write_report(core_.env, core_.options, job, std::move(report));
  }
  core_.unclaim(before);
  if (!job->recipients.empty()) core_.claim(*job);
  finish(std::move(job));
}

base::Task<void> Shard::report_failure(std::vector<JobPtr> jobs, Report report) {
  for (auto& job : jobs) {
    if (is_unproven(*job)) {
      bool made = co_await can_be_made(job);
      if (!made) continue;
    }
    auto own = report;
    own.recipients.resize(job->recipients.size(), report.recipients.front());
    co_await write_down(job, std::move(own));
  }
}

void Shard::fail_all(SitePtr site, Report report) {
  std::vector<std::vector<JobPtr>> slices(kFailureWorkers);
  for (std::size_t i = 0; auto job = next_job(*site); ++i)
    slices[i % slices.size()].push_back(std::move(job));
  for (auto& slice : slices)
    if (!slice.empty()) base::spawn(report_failure(std::move(slice), report));
}

base::Task<void> Shard::local_worker(SitePtr site) {
  bool simulator = site->name.starts_with(kSimulatorSite);
  while (auto job = next_job(*site)) co_await capture_one(std::move(job), simulator);
  worker_ended(std::move(site));
}

base::Task<void> Shard::capture_one(JobPtr job, bool simulator) {
  const auto& settings = core_.env.settings;
  Report report;
  try {
    // The mail as it would leave is for the inbox of dev mode; in production the simulator only needs to know
    // that it can be made.
    bool there = true;
    if (!simulator || settings.dev) {
      auto wire = co_await core_.env.composer.finish(job->draft);
      there = wire.has_value();
    } else if (is_unproven(*job)) {
      co_await core_.env.composer.make(job->draft);
    }
    if (there && simulator) report = simulate(*job, settings.service_domain);
    report.captured = there && !simulator;
  } catch (const compose::Unrenderable& e) {
    report = {};
    report.unmade = e.failure;
  } catch (const std::exception& e) {
    base::log_error("composing {} failed: {}", job->mail().id.str(), e.what());
    Classified c;
    c.status = "4.3.0";
    c.diagnostic = std::string("composing failed: ") + e.what();
    report = {};
    report.recipients.assign(job->recipients.size(), c);
  }
  co_await write_down(std::move(job), std::move(report));
}

void Shard::describe(QueueView& view) const {
  for (const auto& [name, site] : sites_) {
    view.sites.push_back(
        {name, site->waiting.size(), site->sessions, site->trouble.empty() ? "ok" : site->trouble});
    view.in_flight += site->workers - std::min(site->workers, site->idle.size());
  }
}

}  // namespace deliver
