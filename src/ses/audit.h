// Audit: who was let do what, and who was not (docs/guide/audit.md). Doors and authorisation record, never
// waiting; a batch goes to the store a moment later. A denial is never dropped: equal ones of a batch are one
// row with a count, and where the store cannot keep up those that deny wait (settle()). Allows are dropped
// when their buffer is full, and the number of those is a row itself. Rows go by age and by number.
// record() from any thread; the rest are coroutines of any loop. Made by sesame/, outlives the loops' work.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "net/loop.h"
#include "store/store.h"

namespace ses {

enum class Effect { allowed, implicit_deny, explicit_deny, bad_credentials };
std::string_view effect_name(Effect effect);  // "Allowed", "ImplicitDeny", …

struct AccessRecord {
  base::WallTime when{};  // left out: now
  std::string request_id;
  std::string account, region;  // empty where nobody knows, as of a key that does not exist
  std::string principal_arn, access_key_id;
  std::string source_ip, user_agent;
  std::string api;                     // "v1", "v2", "smtp", "iam", "sts"
  std::string action;                  // "ses:SendEmail"; of a log-in "smtp:Login"
  std::vector<std::string> resources;  // ARNs
  Effect effect = Effect::allowed;
  // What decided; empty and -1 where nothing matched.
  std::string policy;  // its name
  int statement = -1;  // counted from 0
  std::string sid;
};

enum class AuditAllows {
  none,
  folded,  // sends: one row a minute for all that are equal but for time and request id; the rest each
  all,
};

struct AuditOptions {
  AuditAllows allows = AuditAllows::folded;
  std::chrono::hours keep{24 * 90};
  std::int64_t most_rows = 1000000;
  std::size_t most_allows = 8192;   // rows in memory
  std::size_t most_denials = 8192;  // beyond it, those of one source are one row with a count
};

// A row: `count` decisions, the first and last of them at those times.
struct AuditEntry {
  std::int64_t id = 0;
  AccessRecord record;
  base::WallTime last{};
  std::int64_t count = 1;
};

struct AuditQuery {
  bool denied = false;                   // all but allowed
  std::optional<std::string> principal;  // its ARN, user name or access key id
  std::optional<std::string> action;     // '*' stands for any text
  std::optional<std::string> account;
  std::optional<std::string> source;       // its address
  std::optional<base::WallTime> from, to;  // from <= when < to
  std::optional<std::int64_t> before;      // id: what came earlier than that row
  std::size_t at_most = 50;
};

struct AuditPage {
  std::vector<AuditEntry> entries;   // newest first
  std::optional<std::int64_t> next;  // `before` of the next page
};

struct AuditCounters {
  std::uint64_t recorded = 0, dropped = 0, rows = 0, failed_batches = 0;
};

class Audit {
 public:
  // All outlive the audit.
  Audit(store::Store& store, const base::Clock& clock, AuditOptions options = {});
  ~Audit();

  // Never waits, never throws. Whether allows are recorded at all is decided here; wants_allows() saves
  // making a record that nobody keeps.
  void record(AccessRecord record) noexcept;
  bool wants_allows() const { return options_.allows != AuditAllows::none; }

  // After a denial was recorded, before the refusal is answered: waits where too many denials are not yet
  // written, so that a flood is slowed to what the disk takes. As a rule it does not wait.
  base::Task<void> settle();

  void start(net::Loop& loop);  // writes and sweeps from now on
  void stop();                  // any thread; what is left is for flush()
  // Writes all that was recorded before the call. Throws what the store throws; nothing is lost then.
  base::Task<void> flush();
  void flush_now();  // the same on a thread that is not a loop's: a graceful stop

  base::Task<AuditPage> list(AuditQuery query);
  // Deletes some of what is too old or too much; the number of rows gone. Again while it is not 0.
  base::Task<std::size_t> sweep();
  void forget();  // what is not yet written (dev mode's reset)
  AuditCounters counters() const;

 private:
  struct State;
  const AuditOptions options_;
  std::shared_ptr<State> state_;
};

}  // namespace ses
