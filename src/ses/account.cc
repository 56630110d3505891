#include "ses/account.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "base/fault.h"
#include "ses/account_rows.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::int64_t kMinute = 60 * 1000;
constexpr std::int64_t kPoint = 15 * kMinute;
constexpr std::int64_t kDayMinutes = 24 * 60;
constexpr std::int64_t kStatisticsLife = 14 * 24 * 60 * kMinute;
// SES tolerates short bursts (§7): this many seconds' worth of the rate may come at once.
constexpr double kBurstSeconds = 2;

constexpr double kSandbox24h = 200, kSandboxRate = 1;

std::int64_t minute_of(base::WallTime t) { return base::to_millis(t) / kMinute; }

struct Bucket {
  std::int64_t minute = 0;
  std::int64_t recipients = 0;
};

// What a scope has used. The day is counted by minutes, so it rolls within one.
struct Usage {
  std::deque<Bucket> minutes;  // ascending
  std::int64_t sum = 0;
  bool rate_started = false;
  double tokens = 0;  // may go below zero by one message, so that a large one passes a small rate
  base::WallTime filled;

  void prune(std::int64_t now) {
    while (!minutes.empty() && minutes.front().minute <= now - kDayMinutes) {
      sum -= minutes.front().recipients;
      minutes.pop_front();
    }
  }

  void add(std::int64_t minute, std::int64_t recipients) {
    if (minutes.empty() || minutes.back().minute < minute) minutes.push_back({minute, 0});
    minutes.back().recipients += recipients;
    sum += recipients;
  }

  void take_back(std::int64_t recipients) {
    for (auto it = minutes.rbegin(); it != minutes.rend() && recipients > 0; ++it) {
      auto n = std::min(it->recipients, recipients);
      it->recipients -= n;
      sum -= n;
      recipients -= n;
    }
  }

  void fill(double rate, base::WallTime now) {
    double most = std::max(1.0, rate * kBurstSeconds);
    if (!rate_started) {
      tokens = most;
      rate_started = true;
    } else if (now > filled) {
      tokens = std::min(most, tokens + rate * std::chrono::duration<double>(now - filled).count());
    }
    tokens = std::min(tokens, most);
    filled = now;
  }
};

// In the sandbox the quotas are small ones unless others were chosen (SES §7).
AccountSettings defaults(const Settings& settings, bool sandbox) {
  const Settings builtin;
  AccountSettings out;
  out.sandbox = sandbox;
  out.max_24h = sandbox && settings.max_24h == builtin.max_24h ? kSandbox24h : settings.max_24h;
  out.max_rate = sandbox && settings.max_rate == builtin.max_rate ? kSandboxRate : settings.max_rate;
  return out;
}

// A change of the sandbox takes along the quotas that nobody chose, before or with it.
void fit_quota(const AccountSettings& before, AccountSettings& after, const Settings& settings) {
  if (before.sandbox == after.sandbox) return;
  auto old = defaults(settings, before.sandbox), now = defaults(settings, after.sandbox);
  if (after.max_24h == before.max_24h && before.max_24h == old.max_24h) after.max_24h = now.max_24h;
  if (after.max_rate == before.max_rate && before.max_rate == old.max_rate) after.max_rate = now.max_rate;
}

// Settings with the number of the change that made them: of two racing changes the later one is kept.
struct Changed {
  AccountSettings settings;
  std::int64_t number = 0;
};

}  // namespace

struct Accounts::Impl {
  store::Store& store;
  const Settings& settings;
  const base::Clock& clock;

  mutable std::mutex mutex;
  std::unordered_map<Scope, Changed> chosen;  // those that have a row
  mutable std::unordered_map<Scope, Usage> usage;
  AccountSettings fallback;
  std::int64_t changes = 0;  // writer thread only
  std::int64_t swept = 0;    // point in which old counts were last removed; writer thread only

  AccountSettings settings_of(const Scope& scope) const {
    auto found = chosen.find(scope);
    return found == chosen.end() ? fallback : found->second.settings;
  }

  void sweep(store::Db& db, std::int64_t now);
};

Accounts::Accounts(store::Store& store, const Settings& settings, const base::Clock& clock)
    : impl_(new Impl{store, settings, clock, {}, {}, {}, defaults(settings, settings.sandbox), 0, 0}) {}
Accounts::~Accounts() = default;

void Accounts::load() {
  auto first = minute_of(impl_->clock.now()) - kDayMinutes;
  std::unordered_map<Scope, Changed> chosen;
  std::unordered_map<Scope, Usage> usage;
  impl_->store.read_now([&](store::Db& db) {
    auto q = db.query("SELECT account, region FROM account");
    std::vector<Scope> scopes;
    while (q.next()) scopes.push_back({AccountId(q.get_string(0)), Region(q.get_string(1))});
    for (const auto& scope : scopes)
      if (auto found = find_account(db, scope)) chosen[scope] = {*found, 0};
    auto sent = db.query(
        "SELECT account, region, minute, recipients FROM sent_minute WHERE minute > :first ORDER BY minute");
    sent.integer(":first", first);
    while (sent.next()) {
      Scope scope{AccountId(sent.get_string(0)), Region(sent.get_string(1))};
      usage[scope].add(sent.get_integer(2), sent.get_integer(3));
    }
  });
  std::lock_guard lock(impl_->mutex);
  impl_->chosen = std::move(chosen);
  impl_->usage = std::move(usage);
}

AccountSettings Accounts::settings(const Scope& scope) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->settings_of(scope);
}

base::Task<void> Accounts::change(Scope scope, std::function<void(AccountSettings&)> edit) {
  auto* impl = impl_.get();
  std::function<Changed(store::Db&)> job = [impl, scope, edit = std::move(edit)](store::Db& db) {
    auto before = find_account(db, scope).value_or(impl->fallback);
    auto now = before;
    edit(now);
    fit_quota(before, now, impl->settings);
    save_account(db, scope, now);
    return Changed{now, ++impl->changes};
  };
  auto changed = co_await impl->store.write_value(std::move(job));
  std::lock_guard lock(impl->mutex);
  auto& held = impl->chosen[scope];
  if (held.number < changed.number) held = changed;
}

void Accounts::reserve(const Scope& scope, std::size_t recipients, std::size_t simulated) {
  auto now = impl_->clock.now();
  auto count = static_cast<std::int64_t>(recipients - simulated);
  std::lock_guard lock(impl_->mutex);
  auto limits = impl_->settings_of(scope);
  auto& usage = impl_->usage[scope];
  usage.prune(minute_of(now));
  // SES §7: refused when it would go over.
  if (count > 0 && limits.max_24h >= 0 && static_cast<double>(usage.sum + count) > limits.max_24h)
    throw Fault(FaultKind::throttling, "Daily message quota exceeded.");
  if (limits.max_rate >= 0) {
    usage.fill(limits.max_rate, now);
    if (usage.tokens < 1) throw Fault(FaultKind::throttling, "Maximum sending rate exceeded.");
    usage.tokens -= static_cast<double>(recipients);
  }
  usage.add(minute_of(now), count);
}

void Accounts::release(const Scope& scope, std::size_t recipients, std::size_t simulated) {
  std::lock_guard lock(impl_->mutex);
  auto& usage = impl_->usage[scope];
  usage.take_back(static_cast<std::int64_t>(recipients - simulated));
  if (usage.rate_started) usage.tokens += static_cast<double>(recipients);
}

double Accounts::sent_last_24h(const Scope& scope) const {
  std::lock_guard lock(impl_->mutex);
  auto found = impl_->usage.find(scope);
  if (found == impl_->usage.end()) return 0;
  found->second.prune(minute_of(impl_->clock.now()));
  return static_cast<double>(found->second.sum);
}

void Accounts::record_accepted(store::Db& db, const Scope& scope, base::WallTime at, std::size_t recipients) {
  if (recipients == 0) return;
  auto count = static_cast<std::int64_t>(recipients);
  db.query(
        "INSERT INTO sent_minute (account, region, minute, recipients) VALUES (:account, :region, :minute, "
        ":n) "
        "ON CONFLICT (account, region, minute) DO UPDATE SET recipients = sent_minute.recipients + "
        "excluded.recipients")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .integer(":minute", minute_of(at))
      .integer(":n", count)
      .run();
  db.query(
        "INSERT INTO send_point (account, region, start, attempts, bounces, complaints, rejects) VALUES "
        "(:account, :region, :start, :n, 0, 0, 0) "
        "ON CONFLICT (account, region, start) DO UPDATE SET attempts = send_point.attempts + "
        "excluded.attempts")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .integer(":start", base::to_millis(at) / kPoint * kPoint)
      .integer(":n", count)
      .run();
  impl_->sweep(db, base::to_millis(at));
}

void Accounts::Impl::sweep(store::Db& db, std::int64_t now) {
  if (now / kPoint == swept) return;
  swept = now / kPoint;
  db.query("DELETE FROM sent_minute WHERE minute <= :last")
      .integer(":last", now / kMinute - kDayMinutes)
      .run();
  db.query("DELETE FROM send_point WHERE start < :first")
      .integer(":first", now - kStatisticsLife - kPoint)
      .run();
}

void Accounts::record_outcome(store::Db& db, const Scope& scope, base::WallTime at, std::size_t hard_bounces,
                              std::size_t complaints, std::size_t rejects) {
  if (hard_bounces + complaints + rejects == 0) return;
  db.query(
        "INSERT INTO send_point (account, region, start, attempts, bounces, complaints, rejects) VALUES "
        "(:account, :region, :start, 0, :bounces, :complaints, :rejects) "
        "ON CONFLICT (account, region, start) DO UPDATE SET bounces = send_point.bounces + excluded.bounces, "
        "complaints = send_point.complaints + excluded.complaints, "
        "rejects = send_point.rejects + excluded.rejects")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .integer(":start", base::to_millis(at) / kPoint * kPoint)
      .integer(":bounces", static_cast<std::int64_t>(hard_bounces))
      .integer(":complaints", static_cast<std::int64_t>(complaints))
      .integer(":rejects", static_cast<std::int64_t>(rejects))
      .run();
}

base::Task<std::vector<SendPoint>> Accounts::statistics(Scope scope) {
  auto first = base::to_millis(impl_->clock.now()) - kStatisticsLife;
  std::function<std::vector<SendPoint>(store::Db&)> job = [scope, first](store::Db& db) {
    auto q = db.query(
        "SELECT start, attempts, bounces, complaints, rejects FROM send_point "
        "WHERE account = :account AND region = :region AND start >= :first ORDER BY start");
    q.text(":account", scope.account.str()).text(":region", scope.region.str()).integer(":first", first);
    std::vector<SendPoint> out;
    while (q.next())
      out.push_back({base::from_millis(q.get_integer(0)), q.get_integer(1), q.get_integer(2),
                     q.get_integer(3), q.get_integer(4)});
    return out;
  };
  co_return co_await impl_->store.read_value(std::move(job));
}

}  // namespace ses
