// Received: a mail that came in for a scope, what its rules want done with it and how far that is, and its
// rows (SES §22). A ReceivedMail is a value that one pipeline owns while it works on it. Functions that take
// a Db run inside a transaction of the store; all others may be called on any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/task.h"
#include "ses/receipt_rule.h"
#include "ses/types.h"
#include "store/body_file.h"
#include "store/store.h"

namespace ses {

enum class ReceivedState { waiting = 0, done = 1 };
// mail: worked on by the rules. feedback: came back to a return path of ours, or is a complaint (SES §12.2).
// unsubscribe: to the mailbox of a List-Unsubscribe (SES §15).
enum class ReceivedKind { mail = 0, feedback = 1, unsubscribe = 2 };

// How far the actions are. `step` counts what is done: see receive/plan.h.
struct ReceivedProgress {
  ReceivedState state = ReceivedState::waiting;
  base::WallTime due;
  std::int64_t step = 0;
  std::int64_t attempts = 0;  // of this step
  base::WallTime began;       // its first attempt
  std::int64_t after = 0;     // where it goes on behind a notification; 0: at the next step
  std::string verdicts;       // packed; empty: not looked at yet
  std::string added;          // headers that actions added, as lines
  std::string results;        // JSON objects joined by commas, one for each outcome
};

struct ReceivedMail {
  std::int64_t seq = 0;
  std::string id;
  ReceivedKind kind = ReceivedKind::mail;
  Scope scope;  // feedback: of the message it is about; else of the list; empty where that was not known
  base::WallTime received;
  std::string sender;  // envelope; empty: the null sender
  std::vector<std::string> recipients;
  std::string source_ip, helo, tls_version;
  std::size_t size = 0;
  std::string head;                            // the header section as it came, kept for a day
  std::shared_ptr<const std::string> content;  // null: let go
  std::vector<ReceiptRule> plan;               // the enabled rules that match some recipient, as of reception
  ReceivedProgress progress;
};

class Received {
 public:
  Received(store::Store& store, bool durable);
  void load();  // at start: sweeps orphaned body files

  // Large bodies must be on disk before the transaction that names them. Blocking. Empty: inline.
  std::string put_large_body(const ReceivedMail& mail);
  void drop_large_body(const std::string& file);
  std::int64_t insert(store::Db& db, const ReceivedMail& mail, const std::string& body_file);  // its seq
  // What is done lets its content go: the name of its file, if it has one, which is to be dropped once that
  // has committed. Nothing happens where the mail is gone: dev mode's reset.
  std::string save(store::Db& db, const ReceivedMail& mail, const ReceivedProgress& progress);
  // Saves what `work` makes of it, in one transaction, and sees to the file. `work` may run twice; `mail`
  // lives as long as the one who waits.
  using Work = std::function<ReceivedProgress(store::Db&)>;
  base::Task<ReceivedProgress> put_down(const ReceivedMail& mail, Work work);

  // Waiting and due (is_due), oldest first; not those in `skip` (sorted), nor those of the scopes in
  // `without`.
  struct Due {
    std::int64_t seq = 0;
    std::size_t size = 0;
    Scope scope;
  };
  std::vector<Due> due(store::Db& db, base::WallTime until, std::size_t at_most,
                       const std::vector<std::int64_t>& skip, const std::set<Scope>& without = {}) const;
  std::optional<ReceivedMail> find(store::Db& db, std::string_view id) const;  // without content
  std::optional<ReceivedMail> load(store::Db& db, std::int64_t seq) const;     // with it
  enum class Which { all = 0, waiting = 1, failed = 2 };  // failed: an action came to nothing
  // The latest, newest last.
  std::vector<ReceivedMail> list(store::Db& db, std::size_t at_most, Which which = Which::all) const;
  // Header sections older than a day are let go, and what is done and older than `before` goes: at most
  // `at_most` of each. How many, of what there was more of.
  std::size_t sweep(store::Db& db, base::WallTime now, base::WallTime before, std::size_t at_most);
  void remove_all(store::Db& db);

 private:
  static std::string release_body(store::Db& db, std::int64_t seq);

  store::Store& store_;
  store::BodyFiles bodies_;
};

// SES §22.5: 40 characters of a-v and 0-9.
std::string make_received_id(base::Random& random);
// The header section, at most as much of it as is kept.
std::string_view head_of(std::string_view content);

std::string pack_rules(const std::vector<ReceiptRule>& rules);
std::vector<ReceiptRule> unpack_rules(std::string_view text);

// The text of a member of a JSON object; empty where it is none.
std::string json_text_member(std::string_view json, std::string_view name);

// How long a received mail can be bounced by its id (SES §23).
inline constexpr std::chrono::hours kBounceable{24};

// No mail is put off for as long: what is due later was put off before the clock was set back.
inline constexpr std::chrono::hours kFarOff{1};
inline bool is_due(base::WallTime due, base::WallTime now) { return due <= now || due > now + kFarOff; }

}  // namespace ses
