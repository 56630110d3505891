// Account: settings, the rolling 24-hour quota and the sending rate, both over recipients (SES §7), and the
// statistics in points of 15 minutes. Counts live in memory and are written in the transaction of the send,
// so that they survive a restart. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/account_details.h"
#include "ses/settings.h"
#include "ses/suppression_reasons.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

enum class Enforcement { healthy, probation, shutdown };
std::string_view enforcement_name(Enforcement e);  // "HEALTHY", …
std::optional<Enforcement> parse_enforcement(std::string_view name);

struct AccountSettings {
  bool sandbox = false;
  double max_24h = 50000;  // -1: no limit
  double max_rate = 14;    // recipients a second
  bool sending_enabled = true;
  std::string paused_reason;                       // set by the operator; the API cannot lift it
  Enforcement enforcement = Enforcement::healthy;  // shutdown: paused too
  SuppressionReasons suppressed{true, true};       // what the suppression list does by itself (SES §16)
  std::string threshold, threshold_verdict;        // of address validation, kept and shown; empty: not chosen
  AccountDetailsPtr details;                       // null: never given

  bool paused() const { return !paused_reason.empty() || enforcement == Enforcement::shutdown; }
  Enforcement shown_enforcement() const { return paused() ? Enforcement::shutdown : enforcement; }
};

struct SendPoint {  // 15 minutes
  base::WallTime start;
  std::int64_t attempts = 0, bounces = 0, complaints = 0, rejects = 0;
};

class Accounts {
 public:
  Accounts(store::Store& store, const Settings& settings, const base::Clock& clock);
  ~Accounts();
  void load();

  AccountSettings settings(const Scope& scope) const;
  base::Task<void> change(Scope scope, std::function<void(AccountSettings&)> edit);

  // Takes `recipients` from the quota and the rate, or throws the Fault of §7. The reservation is given back
  // by release() if the send is not accepted after all. `simulated` of them are the mailbox simulator's,
  // which count in the rate alone.
  void reserve(const Scope& scope, std::size_t recipients, std::size_t simulated = 0);
  void release(const Scope& scope, std::size_t recipients, std::size_t simulated = 0);
  double sent_last_24h(const Scope& scope) const;

  // To be called inside the transaction of the send, or of the outcome; without simulated recipients.
  void record_accepted(store::Db& db, const Scope& scope, base::WallTime at, std::size_t recipients);
  void record_outcome(store::Db& db, const Scope& scope, base::WallTime at, std::size_t hard_bounces,
                      std::size_t complaints, std::size_t rejects);
  base::Task<std::vector<SendPoint>> statistics(Scope scope);  // of the last two weeks

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses
