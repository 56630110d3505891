// Message: an accepted mail, its recipients, its content and its trace, and their rows (ARCHITECTURE 3.7
// to 3.9). A Mail is immutable once accepted. Functions that take a Db run inside a transaction of the store;
// all others may be called on any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/types.h"
#include "store/body_file.h"
#include "store/store.h"

namespace ses {

enum MailFlags : std::int64_t {
  kEightBit = 1,            // the content has octets above 127
  kSmtpUtf8 = 2,            // an address or header needs RFC 6531
  kTlsRequired = 4,         // no plain delivery
  kSystem = 8,              // origin system: not counted
  kCutShort = 16,           // the configuration set ends the attempts before the service does
  kSuppressBounce = 32,     // a hard bounce puts its address on the suppression list (SES §16)
  kSuppressComplaint = 64,  // a complaint does
  kTemplated = 128,         // the content is a recipe (recipe.h); the mail is made when it leaves
  kDescribed = 256,         // templated, and the meta tells of the mail that was made
};

// What the call says about tracking, before its configuration set is asked (SES §20). Kept with the message
// for the room that tracks.
struct TrackingOverrides {
  std::optional<bool> opens, clicks;
  bool given() const { return opens || clicks; }
};

// What is told about a message in lists, traces and events. Kept as JSON beside the message.
struct MailMeta {
  std::string source;       // as given, display name and all
  std::string return_path;  // where feedback goes
  std::string operation;    // "SendEmail", "SendSmtpEmail", …: the tag ses:operation
  std::string source_arn;
  std::string subject;  // decoded
  std::string configuration_set;
  std::string request_id, caller_arn, caller_name, source_ip, tls_version, user_agent;
  std::vector<std::string> to, cc, bcc, reply_to;  // as shown in the headers; bcc: envelope only
  std::vector<Tag> tags;
  TrackingOverrides tracking;
  std::vector<std::pair<std::string, std::string>> headers;  // as submitted, at most 10 KB
  bool headers_truncated = false;
  // Made of a template: the Send event has From, To and MIME-Version of the headers and no subject; once the
  // mail is made, `subject` and `headers` are those it has (SES §18.1).
  bool templated = false;
};
std::string to_json(const MailMeta& meta);
MailMeta meta_from_json(std::string_view json);

struct Mail {
  std::int64_t seq = 0;
  MessageId id;
  Scope scope;
  base::WallTime accepted, expires;
  std::string sender;  // envelope sender on the wire
  // Identity whose DKIM key signs; its ARN where it is another account's; empty: the service domain's.
  std::string signer;
  std::int64_t flags = 0;
  std::size_t size = 0;
  std::int64_t body = 0;  // row of the content that messages of one call share; 0: one of its own
  // The mail as it leaves, but for DKIM-Signature; of a templated one, its recipe. Null when it was let go
  // from memory: load_content().
  std::shared_ptr<const std::string> content;
  std::shared_ptr<const std::string> own;  // templated: packed RecipeOwn
};

// The mail that was made of a recipe.
struct RenderedMail {
  std::shared_ptr<const std::string> content;
  std::string subject;
  std::vector<std::pair<std::string, std::string>> headers;
  bool headers_truncated = false;
};

// What composing reads of a message.
struct StoredContent {
  std::shared_ptr<const std::string> content;  // null if gone
  std::shared_ptr<const std::string> own;
  std::int64_t flags = 0;
  std::string signature;
};
using MailPtr = std::shared_ptr<const Mail>;

// held: not sent to, for it is suppressed, has opted out or its mail could not be made; its event says which.
enum class RecipientState { pending = 0, delivered = 1, bounced = 2, captured = 3, held = 4 };

struct Recipient {
  int n = 0;
  std::string address;
  std::string domain;  // ASCII, lower case
  int attempts = 0;
  RecipientState state = RecipientState::pending;  // at insert; what is not pending is not scheduled
};

struct Delivery {  // what the scheduler works on: recipients of one mail that go the same way
  MailPtr mail;
  std::vector<Recipient> recipients;
  base::WallTime due;
};

struct TraceEntry {
  base::WallTime at;
  std::string kind;  // "accepted", "attempt", "delivered", "delayed", "bounced", "captured"
  std::string json;  // an object
};

// An event as SES publishes it (SES §18): `json` is the object named after the type ("delivery", "bounce",
// …); the `mail` object is made from the message when it is read. Send has no record of its own: it follows
// from the message's row.
struct EventRecord {
  base::WallTime at;
  std::string type;  // eventType: "Delivery", "Bounce", "Rendering Failure", …
  std::string json;
  std::string outgoing_ip = {};  // where the mail left from, once it did: the tag ses:outgoing-ip
};

struct RecipientOutcome {
  int n = 0;
  RecipientState state = RecipientState::pending;
  base::WallTime due;  // when pending: the next attempt
};

struct MessageSummary {
  std::int64_t seq = 0;
  MessageId id;
  Scope scope;
  base::WallTime accepted;
  std::size_t size = 0;
  std::int64_t flags = 0;  // MailFlags
  MailMeta meta;
  std::vector<std::string> recipients;
  std::vector<RecipientState> states;
  std::string envelope_sender;  // empty: the null sender
};

// What is known of a mail that left, for those who hear of it later (SES §16): what came back of it.
enum FeedbackBits : std::int64_t {  // what a recipient was heard of already
  kComplained = 1,
  kReported = 2,  // a report that is no complaint
  kAutoReplied = 4,
};
struct SentRecipient {
  int n = 0;
  std::string address;
  RecipientState state = RecipientState::pending;
  std::int64_t feedback = 0;  // FeedbackBits
};
struct SentMail {
  std::int64_t seq = 0;
  MessageId id;
  Scope scope;
  base::WallTime accepted;
  std::int64_t flags = 0;  // MailFlags
  std::vector<SentRecipient> recipients;
};

class Messages {
 public:
  // `keep_held`: the content of a mail that goes to nobody stays, for the inbox of dev mode.
  Messages(store::Store& store, bool durable, bool keep_held = false);
  void load();  // at start: finds where the sequence goes on, sweeps orphaned body files

  std::int64_t next_seq() { return next_seq_.fetch_add(1); }

  // Large bodies (over 256 KB) must be on disk before the transaction that names them. Blocking: heavy pool
  // or writer only. Answers the file's name, or empty for an inline body.
  std::string put_large_body(const Mail& mail);
  void drop_large_body(const std::string& file);
  // Whether the content is stored at all: somebody waits for it, or the inbox shows it.
  bool stores_content(const std::vector<Recipient>& recipients) const;

  void insert(store::Db& db, const Mail& mail, const MailMeta& meta, const std::vector<Recipient>& recipients,
              const std::string& body_file, const std::vector<TraceEntry>& trace,
              const std::vector<EventRecord>& events);
  // The content that messages with this `Mail::body` share; before the first of them is inserted.
  void insert_shared_body(store::Db& db, std::int64_t body, std::size_t refs, const std::string& content,
                          const std::string& body_file);
  // The answer given before to this call of the same key in the last 15 minutes (ARCHITECTURE 3.14).
  std::optional<MessageId> find_retried(store::Db& db, const Caller& caller, base::WallTime now);
  void remember_call(store::Db& db, const Caller& caller, const MessageId& id, base::WallTime now);

  // The result of an attempt: recipients' states, trace, events, and the signature so that a retry does not
  // sign again. `keep_body`: the content stays though nothing is pending any more (captured mail, shown in
  // the inbox); of a templated message it is then the mail that was made, for `rendered` says.
  void record(store::Db& db, const Mail& mail, const std::vector<RecipientOutcome>& outcomes,
              const std::vector<TraceEntry>& trace, const std::vector<EventRecord>& events,
              const std::string& signature, bool keep_body, const RenderedMail* rendered = nullptr);
  // Its mail could not be made, or must not leave: all that is pending is held, and the event says why, once.
  // How many recipients that were.
  std::size_t hold(store::Db& db, const Mail& mail, const TraceEntry& trace, const EventRecord& event);

  // An event of later: what a recipient did with the mail. False if the message is no longer known.
  bool append_event(store::Db& db, const MessageId& id, const EventRecord& event);

  // In message_feedback.cc.
  std::optional<SentMail> find_sent(store::Db& db, std::string_view id) const;
  // What came back: the states and feedback of `recipients` as they are now; of trace entries of this kind a
  // message keeps a hundred. The events get the address that the mail left from.
  void record_feedback(store::Db& db, std::int64_t seq, const std::vector<SentRecipient>& recipients,
                       const std::vector<TraceEntry>& trace, std::vector<EventRecord> events);

  // Null if it is gone, or not made yet.
  std::shared_ptr<const std::string> load_content(store::Db& db, std::int64_t seq) const;
  StoredContent load_for_composing(store::Db& db, std::int64_t seq) const;
  std::string load_signature(store::Db& db, std::int64_t seq) const;
  // Pending deliveries by due time, without those `skip` names; content not loaded. Recipients of one message
  // and domain come as one Delivery.
  std::vector<Delivery> pending(store::Db& db, base::WallTime until, std::size_t at_most,
                                const std::function<bool(std::int64_t seq, int n)>& skip) const;
  std::optional<base::WallTime> next_due(store::Db& db) const;
  std::int64_t count_pending(store::Db& db) const;

  std::optional<MessageSummary> find(store::Db& db, std::string_view id) const;
  // By seq, oldest first, with seq > after; the latest `at_most` of them.
  std::vector<MessageSummary> list(store::Db& db, std::int64_t after, std::size_t at_most) const;
  std::vector<TraceEntry> trace(store::Db& db, std::int64_t seq) const;
  std::vector<EventRecord> events(store::Db& db, std::int64_t seq) const;  // oldest first, without Send
  bool remove(store::Db& db, std::string_view id);
  void remove_all(store::Db& db);
  // Finished messages accepted before `before` go, with their traces; at most `at_most` a call.
  std::size_t sweep(store::Db& db, base::WallTime before, std::size_t at_most);

 private:
  static void insert_trace(store::Db& db, std::int64_t seq, const std::vector<TraceEntry>& entries);
  static void insert_events(store::Db& db, std::int64_t seq, const std::vector<EventRecord>& events);
  void release_body(store::Db& db, std::int64_t seq);
  void keep_rendered(store::Db& db, const Mail& mail, const RenderedMail& rendered);
  void describe_rendered(store::Db& db, const Mail& mail, const RenderedMail& rendered);
  void remove_rows(store::Db& db, std::int64_t seq);

  store::Store& store_;
  store::BodyFiles bodies_;
  const bool keep_held_;
  std::atomic<std::int64_t> next_seq_{1};
};

}  // namespace ses
