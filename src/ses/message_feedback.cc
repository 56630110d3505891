// What came back of a mail that left (SES §16), and what it changes.
#include <algorithm>

#include "ses/message.h"

namespace ses {
namespace {

constexpr std::int64_t kMostTrace = 100;  // a stranger who knows the return path can write to it at will

std::string outgoing_ip_of(store::Db& db, std::int64_t seq) {
  auto q = db.query(
      "SELECT outgoing_ip FROM event WHERE message = :seq AND outgoing_ip <> '' ORDER BY id DESC LIMIT 1");
  return q.integer(":seq", seq).next() ? q.get_string(0) : std::string();
}

std::int64_t count_trace(store::Db& db, std::int64_t seq, const std::string& kind) {
  auto q = db.query("SELECT COUNT(*) FROM trace WHERE message = :seq AND kind = :kind");
  return q.integer(":seq", seq).text(":kind", kind).next() ? q.get_integer(0) : 0;
}

}  // namespace

std::optional<SentMail> Messages::find_sent(store::Db& db, std::string_view id) const {
  SentMail out;
  {
    auto q = db.query("SELECT seq, id, account, region, accepted, flags FROM message WHERE id = :id");
    if (!q.text(":id", id).next()) return std::nullopt;
    out.seq = q.get_integer(0);
    out.id = MessageId(q.get_string(1));
    out.scope = {AccountId(q.get_string(2)), Region(q.get_string(3))};
    out.accepted = base::from_millis(q.get_integer(4));
    out.flags = q.get_integer(5);
  }
  auto q = db.query("SELECT n, address, state, feedback FROM recipient WHERE message = :seq ORDER BY n");
  q.integer(":seq", out.seq);
  while (q.next())
    out.recipients.push_back({static_cast<int>(q.get_integer(0)), q.get_string(1),
                              static_cast<RecipientState>(q.get_integer(2)), q.get_integer(3)});
  return out;
}

// What is pending is the schedule's; its state is not touched.
void Messages::record_feedback(store::Db& db, std::int64_t seq, const std::vector<SentRecipient>& recipients,
                               const std::vector<TraceEntry>& trace, std::vector<EventRecord> events) {
  for (const auto& r : recipients) {
    db.query(
          "UPDATE recipient SET feedback = :feedback, state = CASE WHEN state = 0 THEN 0 ELSE :state END "
          "WHERE message = :seq AND n = :n")
        .integer(":feedback", r.feedback)
        .integer(":state", static_cast<std::int64_t>(r.state))
        .integer(":seq", seq)
        .integer(":n", r.n)
        .run();
  }
  for (const auto& entry : trace)
    if (count_trace(db, seq, entry.kind) < kMostTrace) insert_trace(db, seq, {entry});
  if (events.empty()) return;
  const auto ip = outgoing_ip_of(db, seq);
  for (auto& event : events) event.outgoing_ip = ip;
  insert_events(db, seq, events);
}

}  // namespace ses
