#include "ses/message.h"

#include <algorithm>

#include "mail/envelope.h"

namespace ses {
namespace {

constexpr std::int64_t kRetriedCallMs = 15 * 60 * 1000;
constexpr std::size_t kMaxInvocationId = 128;

// The shard a recipient belongs to (ARCHITECTURE 3.8); FNV-1a, so that it stays the same over builds.
std::int64_t shard_of(std::string_view domain) {
  std::uint32_t h = 2166136261u;
  for (char c : domain) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h % 256;
}

}  // namespace

Messages::Messages(store::Store& store, bool durable, bool keep_held)
    : store_(store), bodies_(store.folder(), durable), keep_held_(keep_held) {}

void Messages::load() {
  store_.read_now([this](store::Db& db) {
    auto q = db.query("SELECT COALESCE(MAX(seq), 0) + 1 FROM message");
    q.next();
    auto shared = db.query("SELECT COALESCE(MAX(id), 0) + 1 FROM body");
    shared.next();
    next_seq_ = std::max(q.get_integer(0), shared.get_integer(0));
  });
  bodies_.sweep([this](const std::string& file) {
    bool named = false;
    store_.read_now([&](store::Db& db) {
      auto q = db.query("SELECT 1 FROM body WHERE file = :file");
      named = q.text(":file", file).next();
    });
    return named;
  });
}

std::string Messages::put_large_body(const Mail& mail) {
  if (mail.content->size() <= store::kInlineBody) return {};
  auto file = mail.id.str();
  bodies_.put(file, *mail.content);
  return file;
}

void Messages::drop_large_body(const std::string& file) {
  if (!file.empty()) bodies_.remove(file);
}

bool Messages::stores_content(const std::vector<Recipient>& recipients) const {
  return keep_held_ || std::any_of(recipients.begin(), recipients.end(),
                                   [](const auto& r) { return r.state == RecipientState::pending; });
}

void Messages::insert_shared_body(store::Db& db, std::int64_t body, std::size_t refs,
                                  const std::string& content, const std::string& body_file) {
  auto q = db.query("INSERT INTO body (id, refs, size, data, file) VALUES (:id, :refs, :size, :data, :file)");
  q.integer(":id", body).integer(":refs", static_cast<std::int64_t>(refs));
  q.integer(":size", static_cast<std::int64_t>(content.size()));
  if (body_file.empty()) {
    q.blob(":data", content).null(":file");
  } else {
    q.null(":data").text(":file", body_file);
  }
  q.run();
}

// Rows are numbered as they come, over all messages, so that none has to be looked up for its number.
void Messages::insert_trace(store::Db& db, std::int64_t seq, const std::vector<TraceEntry>& entries) {
  for (const auto& entry : entries) {
    db.query("INSERT INTO trace (message, at, kind, data) VALUES (:message, :at, :kind, :data)")
        .integer(":message", seq)
        .integer(":at", base::to_millis(entry.at))
        .text(":kind", entry.kind)
        .text(":data", entry.json)
        .run();
  }
}

void Messages::insert_events(store::Db& db, std::int64_t seq, const std::vector<EventRecord>& events) {
  for (const auto& event : events) {
    db.query(
          "INSERT INTO event (message, at, type, data, outgoing_ip) VALUES (:message, :at, :type, :data, "
          ":outgoing_ip)")
        .integer(":message", seq)
        .integer(":at", base::to_millis(event.at))
        .text(":type", event.type)
        .text(":data", event.json)
        .text(":outgoing_ip", event.outgoing_ip)
        .run();
  }
}

void Messages::insert(store::Db& db, const Mail& mail, const MailMeta& meta,
                      const std::vector<Recipient>& recipients, const std::string& body_file,
                      const std::vector<TraceEntry>& trace, const std::vector<EventRecord>& events) {
  if (!mail.body && stores_content(recipients)) insert_shared_body(db, mail.seq, 1, *mail.content, body_file);

  auto json = to_json(meta);
  auto row = db.query(
      "INSERT INTO message (seq, id, account, region, accepted, expires, body, size, sender, signer, flags, "
      "meta, own) VALUES (:seq, :id, :account, :region, :accepted, :expires, :body, :size, :sender, :signer, "
      ":flags, :meta, :own)");
  row.integer(":seq", mail.seq)
      .text(":id", mail.id.str())
      .text(":account", mail.scope.account.str())
      .text(":region", mail.scope.region.str())
      .integer(":accepted", base::to_millis(mail.accepted))
      .integer(":expires", base::to_millis(mail.expires))
      .integer(":body", mail.body ? mail.body : mail.seq)
      .integer(":size", static_cast<std::int64_t>(mail.size))
      .text(":sender", mail.sender)
      .text(":signer", mail.signer)
      .integer(":flags", mail.flags)
      .text(":meta", json);
  if (mail.own)
    row.blob(":own", *mail.own);
  else
    row.null(":own");
  row.run();

  for (const auto& r : recipients) {
    db.query(
          "INSERT INTO recipient (message, n, account, region, tenant, domain, shard, due, state, epoch, "
          "attempts, address) VALUES (:message, :n, :account, :region, '', :domain, :shard, :due, :state, 0, "
          "0, "
          ":address)")
        .integer(":message", mail.seq)
        .integer(":n", r.n)
        .text(":account", mail.scope.account.str())
        .text(":region", mail.scope.region.str())
        .text(":domain", r.domain)
        .integer(":shard", shard_of(r.domain))
        .integer(":due", base::to_millis(mail.accepted))
        .integer(":state", static_cast<std::int64_t>(r.state))
        .text(":address", r.address)
        .run();
  }
  insert_trace(db, mail.seq, trace);
  insert_events(db, mail.seq, events);
}

std::optional<MessageId> Messages::find_retried(store::Db& db, const Caller& caller, base::WallTime now) {
  if (caller.invocation_id.empty() || caller.invocation_id.size() > kMaxInvocationId) return std::nullopt;
  auto q = db.query(
      "SELECT message_id FROM retried_call WHERE key_id = :key AND invocation = :invocation AND at > :since");
  q.text(":key", caller.access_key_id).text(":invocation", caller.invocation_id);
  q.integer(":since", base::to_millis(now) - kRetriedCallMs);
  if (!q.next()) return std::nullopt;
  return MessageId(q.get_string(0));
}

void Messages::remember_call(store::Db& db, const Caller& caller, const MessageId& id, base::WallTime now) {
  if (caller.invocation_id.empty() || caller.invocation_id.size() > kMaxInvocationId) return;
  db.query(
        "INSERT INTO retried_call (key_id, invocation, message_id, at) VALUES (:key, :invocation, :id, :at) "
        "ON CONFLICT (key_id, invocation) DO UPDATE SET message_id = :id, at = :at")
      .text(":key", caller.access_key_id)
      .text(":invocation", caller.invocation_id)
      .text(":id", id.str())
      .integer(":at", base::to_millis(now))
      .run();
}

void Messages::record(store::Db& db, const Mail& mail, const std::vector<RecipientOutcome>& outcomes,
                      const std::vector<TraceEntry>& trace, const std::vector<EventRecord>& events,
                      const std::string& signature, bool keep_body, const RenderedMail* rendered) {
  for (const auto& o : outcomes) {
    db.query(
          "UPDATE recipient SET state = :state, due = :due, attempts = attempts + 1 WHERE message = :message "
          "AND n "
          "= :n AND state = 0")
        .integer(":state", static_cast<std::int64_t>(o.state))
        .integer(":due", base::to_millis(o.due))
        .integer(":message", mail.seq)
        .integer(":n", o.n)
        .run();
  }
  insert_trace(db, mail.seq, trace);
  insert_events(db, mail.seq, events);

  auto left = db.query("SELECT 1 FROM recipient WHERE message = :message AND state = 0 LIMIT 1");
  bool pending = left.integer(":message", mail.seq).next();
  if ((pending || keep_body) && !signature.empty()) {
    db.query("UPDATE message SET signature = :signature WHERE seq = :seq AND signature IS NULL")
        .text(":signature", signature)
        .integer(":seq", mail.seq)
        .run();
  }
  if (rendered) describe_rendered(db, mail, *rendered);
  if (rendered && keep_body) keep_rendered(db, mail, *rendered);
  if (!pending && !keep_body) release_body(db, mail.seq);
}

bool Messages::append_event(store::Db& db, const MessageId& id, const EventRecord& event) {
  std::int64_t seq = 0;
  {
    auto q = db.query("SELECT seq FROM message WHERE id = :id");
    if (!q.text(":id", id.str()).next()) return false;
    seq = q.get_integer(0);
  }
  insert_events(db, seq, {event});
  return true;
}

// The meta learns once what the mail that was made says of itself.
void Messages::describe_rendered(store::Db& db, const Mail& mail, const RenderedMail& rendered) {
  std::string json;
  {
    auto q = db.query("SELECT flags, meta FROM message WHERE seq = :seq");
    if (!q.integer(":seq", mail.seq).next() || (q.get_integer(0) & kDescribed)) return;
    auto meta = meta_from_json(q.get_text(1));
    meta.subject = rendered.subject;
    meta.headers = rendered.headers;
    meta.headers_truncated = rendered.headers_truncated;
    json = to_json(meta);
  }
  db.query("UPDATE message SET meta = :meta, flags = flags + :described, size = :size WHERE seq = :seq")
      .text(":meta", json)
      .integer(":described", kDescribed)
      .integer(":size", static_cast<std::int64_t>(rendered.content->size()))
      .integer(":seq", mail.seq)
      .run();
}

// The mail itself takes the place of its recipe. On the writer's thread, so a file may be written.
void Messages::keep_rendered(store::Db& db, const Mail& mail, const RenderedMail& rendered) {
  {
    auto q = db.query("SELECT flags FROM message WHERE seq = :seq");
    if (!q.integer(":seq", mail.seq).next() || !(q.get_integer(0) & kTemplated)) return;
  }
  std::string file;
  if (rendered.content->size() > store::kInlineBody) {
    file = mail.id.str() + "-made";
    bodies_.remove(file);  // of a transaction that was undone
    bodies_.put(file, *rendered.content);
  }
  release_body(db, mail.seq);
  insert_shared_body(db, mail.seq, 1, *rendered.content, file);
  db.query("UPDATE message SET body = :seq, flags = flags - :templated, own = NULL WHERE seq = :seq")
      .integer(":templated", kTemplated)
      .integer(":seq", mail.seq)
      .run();
}

std::size_t Messages::hold(store::Db& db, const Mail& mail, const TraceEntry& trace,
                           const EventRecord& event) {
  std::int64_t held = 0;
  {
    auto left = db.query("SELECT COUNT(*) FROM recipient WHERE message = :message AND state = 0");
    if (left.integer(":message", mail.seq).next()) held = left.get_integer(0);
  }
  if (held == 0) return 0;
  db.query("UPDATE recipient SET state = :held, due = :due WHERE message = :message AND state = 0")
      .integer(":held", static_cast<std::int64_t>(RecipientState::held))
      .integer(":due", base::to_millis(event.at))
      .integer(":message", mail.seq)
      .run();
  insert_trace(db, mail.seq, {trace});
  insert_events(db, mail.seq, {event});
  release_body(db, mail.seq);
  return static_cast<std::size_t>(held);
}

// Once for each message: a body that others share too loses one reference, and the message lets go of it.
void Messages::release_body(store::Db& db, std::int64_t seq) {
  std::int64_t body = 0;
  {
    auto q = db.query("SELECT body FROM message WHERE seq = :seq");
    if (q.integer(":seq", seq).next()) body = q.get_integer(0);
  }
  std::string file;
  bool gone = false;
  {
    auto q = db.query("DELETE FROM body WHERE id = :id AND refs = 1 RETURNING file");
    if (q.integer(":id", body).next()) {
      gone = true;
      if (!q.is_null(0)) file = q.get_string(0);
    }
    while (q.next()) {
    }
  }
  if (body != seq) {
    if (!gone) db.query("UPDATE body SET refs = refs - 1 WHERE id = :id").integer(":id", body).run();
    db.query("UPDATE message SET body = :seq WHERE seq = :seq").integer(":seq", seq).run();
  }
  // Removed before the commit: if that fails the message has been delivered all the same, and a row that
  // names a file that is gone is treated as finished.
  drop_large_body(file);
}

StoredContent Messages::load_for_composing(store::Db& db, std::int64_t seq) const {
  StoredContent out;
  auto q = db.query(
      "SELECT m.flags, m.own, m.signature, b.data, b.file FROM message m JOIN body b ON b.id = m.body WHERE "
      "m.seq = :seq");
  if (!q.integer(":seq", seq).next()) return out;
  out.flags = q.get_integer(0);
  if (!q.is_null(1)) out.own = std::make_shared<const std::string>(q.get_text(1));
  if (!q.is_null(2)) out.signature = q.get_string(2);
  if (q.is_null(4)) {
    out.content = std::make_shared<const std::string>(q.get_text(3));
  } else if (auto bytes = bodies_.get(q.get_string(4))) {
    out.content = std::make_shared<const std::string>(std::move(*bytes));
  }
  return out;
}

std::shared_ptr<const std::string> Messages::load_content(store::Db& db, std::int64_t seq) const {
  auto stored = load_for_composing(db, seq);
  return stored.flags & kTemplated ? nullptr : stored.content;
}

std::string Messages::load_signature(store::Db& db, std::int64_t seq) const {
  auto q = db.query("SELECT signature FROM message WHERE seq = :seq");
  if (!q.integer(":seq", seq).next() || q.is_null(0)) return {};
  return q.get_string(0);
}

std::vector<Delivery> Messages::pending(store::Db& db, base::WallTime until, std::size_t at_most,
                                        const std::function<bool(std::int64_t, int)>& skip) const {
  std::vector<Delivery> out;
  auto q = db.query(
      "SELECT m.seq, m.id, m.account, m.region, m.accepted, m.expires, m.size, m.sender, m.signer, m.flags, "
      "r.n, "
      "r.address, r.domain, r.attempts, r.due FROM recipient r JOIN message m ON m.seq = r.message WHERE "
      "r.state = "
      "0 AND r.due <= :until ORDER BY r.due, r.message, r.domain, r.n");
  q.integer(":until", base::to_millis(until));
  while (q.next()) {
    auto seq = q.get_integer(0);
    auto n = static_cast<int>(q.get_integer(10));
    if (skip(seq, n)) continue;
    Recipient r{n, q.get_string(11), q.get_string(12), static_cast<int>(q.get_integer(13))};
    auto due = base::from_millis(q.get_integer(14));
    if (!out.empty() && out.back().mail->seq == seq && out.back().due == due &&
        out.back().recipients.front().domain == r.domain) {
      out.back().recipients.push_back(std::move(r));
      continue;
    }
    if (out.size() == at_most) break;
    Mail mail;
    mail.seq = seq;
    mail.id = MessageId(q.get_string(1));
    mail.scope = {AccountId(q.get_string(2)), Region(q.get_string(3))};
    mail.accepted = base::from_millis(q.get_integer(4));
    mail.expires = base::from_millis(q.get_integer(5));
    mail.size = static_cast<std::size_t>(q.get_integer(6));
    mail.sender = q.get_string(7);
    mail.signer = q.get_string(8);
    mail.flags = q.get_integer(9);
    Delivery d;
    d.mail = std::make_shared<const Mail>(std::move(mail));
    d.recipients.push_back(std::move(r));
    d.due = due;
    out.push_back(std::move(d));
  }
  return out;
}

std::optional<base::WallTime> Messages::next_due(store::Db& db) const {
  auto q = db.query("SELECT MIN(due) FROM recipient WHERE state = 0");
  if (!q.next() || q.is_null(0)) return std::nullopt;
  return base::from_millis(q.get_integer(0));
}

std::int64_t Messages::count_pending(store::Db& db) const {
  auto q = db.query("SELECT COUNT(*) FROM recipient WHERE state = 0");
  q.next();
  return q.get_integer(0);
}

namespace {

constexpr const char* kSummaryById =
    "SELECT seq, id, account, region, accepted, size, flags, meta FROM message WHERE id = :id";
constexpr const char* kSummaryList =
    "SELECT seq, id, account, region, accepted, size, flags, meta FROM message WHERE seq > :after ORDER BY "
    "seq DESC "
    "LIMIT "
    ":limit";

MessageSummary read_summary(store::Db& db, const store::Query& q) {
  MessageSummary s;
  s.seq = q.get_integer(0);
  s.id = MessageId(q.get_string(1));
  s.scope = {AccountId(q.get_string(2)), Region(q.get_string(3))};
  s.accepted = base::from_millis(q.get_integer(4));
  s.size = static_cast<std::size_t>(q.get_integer(5));
  s.flags = q.get_integer(6);
  s.meta = meta_from_json(q.get_text(7));
  auto r = db.query("SELECT address, state FROM recipient WHERE message = :seq ORDER BY n");
  r.integer(":seq", s.seq);
  while (r.next()) {
    s.recipients.push_back(r.get_string(0));
    s.states.push_back(static_cast<RecipientState>(r.get_integer(1)));
  }
  auto sender = db.query("SELECT sender FROM message WHERE seq = :seq");
  if (sender.integer(":seq", s.seq).next()) s.envelope_sender = sender.get_string(0);
  return s;
}

}  // namespace

std::optional<MessageSummary> Messages::find(store::Db& db, std::string_view id) const {
  auto q = db.query(kSummaryById);
  if (!q.text(":id", id).next()) return std::nullopt;
  return read_summary(db, q);
}

std::vector<MessageSummary> Messages::list(store::Db& db, std::int64_t after, std::size_t at_most) const {
  std::vector<MessageSummary> out;
  auto q = db.query(kSummaryList);
  q.integer(":after", after).integer(":limit", static_cast<std::int64_t>(at_most));
  while (q.next()) out.push_back(read_summary(db, q));
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<TraceEntry> Messages::trace(store::Db& db, std::int64_t seq) const {
  std::vector<TraceEntry> out;
  auto q = db.query("SELECT at, kind, data FROM trace WHERE message = :seq ORDER BY id");
  q.integer(":seq", seq);
  while (q.next()) out.push_back({base::from_millis(q.get_integer(0)), q.get_string(1), q.get_string(2)});
  return out;
}

std::vector<EventRecord> Messages::events(store::Db& db, std::int64_t seq) const {
  std::vector<EventRecord> out;
  auto q = db.query("SELECT at, type, data, outgoing_ip FROM event WHERE message = :seq ORDER BY id");
  q.integer(":seq", seq);
  while (q.next())
    out.push_back({base::from_millis(q.get_integer(0)), q.get_string(1), q.get_string(2), q.get_string(3)});
  return out;
}

void Messages::remove_rows(store::Db& db, std::int64_t seq) {
  release_body(db, seq);
  db.query("DELETE FROM trace WHERE message = :seq").integer(":seq", seq).run();
  db.query("DELETE FROM event WHERE message = :seq").integer(":seq", seq).run();
  db.query("DELETE FROM recipient WHERE message = :seq").integer(":seq", seq).run();
  db.query("DELETE FROM message WHERE seq = :seq").integer(":seq", seq).run();
}

bool Messages::remove(store::Db& db, std::string_view id) {
  std::int64_t seq = 0;
  {
    auto q = db.query("SELECT seq FROM message WHERE id = :id");
    if (!q.text(":id", id).next()) return false;
    seq = q.get_integer(0);
  }
  remove_rows(db, seq);
  return true;
}

void Messages::remove_all(store::Db& db) {
  for (auto* table : {"trace", "event", "recipient", "message", "body", "retried_call"})
    db.execute(std::string("DELETE FROM ") + table);
  bodies_.sweep([](const std::string&) { return false; });
}

std::size_t Messages::sweep(store::Db& db, base::WallTime before, std::size_t at_most) {
  std::vector<std::int64_t> old;
  {
    auto q = db.query(
        "SELECT seq FROM message m WHERE accepted < :before AND NOT EXISTS (SELECT 1 FROM recipient r WHERE "
        "r.message "
        "= m.seq AND r.state = 0) ORDER BY seq LIMIT :limit");
    q.integer(":before", base::to_millis(before)).integer(":limit", static_cast<std::int64_t>(at_most));
    while (q.next()) old.push_back(q.get_integer(0));
  }
  for (auto seq : old) remove_rows(db, seq);
  db.query("DELETE FROM retried_call WHERE at < :before").integer(":before", base::to_millis(before)).run();
  return old.size();
}

}  // namespace ses
