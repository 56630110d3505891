#include "ses/received.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.h"
#include "ses/packed.h"
#include "store/folder.h"

namespace ses {
namespace {

constexpr std::string_view kIdAlphabet = "abcdefghijklmnopqrstuv0123456789";
constexpr std::size_t kIdLength = 40, kKeptHead = 64 << 10;
constexpr std::size_t kRuleFields = 6;

std::string pack_texts(const std::vector<std::string>& texts) {
  std::vector<PackedRow> rows;
  for (const auto& text : texts) rows.push_back({text});
  return pack(rows);
}

std::vector<std::string> unpack_texts(std::string_view text) {
  std::vector<std::string> out;
  for (auto& row : unpack(text, 1)) out.push_back(std::move(row[0]));
  return out;
}

std::string flag(bool on) { return on ? "1" : "0"; }

// For nobody else to look into.
std::string private_folder(std::string path) {
  store::make_folder(path, true);
  return path;
}

constexpr const char* kById =
    "SELECT seq, id, account, region, received, sender, recipients, source_ip, helo, tls, size, head, plan, "
    "state, due, step, attempts, began, verdicts, added, results, kind, goes_on FROM received WHERE id = :id";
constexpr const char* kBySeq =
    "SELECT seq, id, account, region, received, sender, recipients, source_ip, helo, tls, size, head, plan, "
    "state, due, step, attempts, began, verdicts, added, results, kind, goes_on FROM received WHERE seq = "
    ":seq";
constexpr const char* kLatest =
    "SELECT seq, id, account, region, received, sender, recipients, source_ip, helo, tls, size, head, plan, "
    "state, due, step, attempts, began, verdicts, added, results, kind, goes_on FROM received WHERE :which = "
    "0 OR "
    "(:which = 1 AND state = 0) OR (:which = 2 AND (results LIKE '%\"result\":\"failed\"%' OR "
    "results LIKE '%\"result\":\"expired\"%')) ORDER BY seq DESC LIMIT :at_most";

ReceivedMail read_row(const store::Query& q) {
  ReceivedMail m;
  m.seq = q.get_integer(0);
  m.id = q.get_string(1);
  m.scope = {AccountId(q.get_string(2)), Region(q.get_string(3))};
  m.received = base::from_millis(q.get_integer(4));
  m.sender = q.get_string(5);
  m.recipients = unpack_texts(q.get_text(6));
  m.source_ip = q.get_string(7);
  m.helo = q.get_string(8);
  m.tls_version = q.get_string(9);
  m.size = static_cast<std::size_t>(q.get_integer(10));
  m.head = q.get_string(11);
  m.plan = unpack_rules(q.get_text(12));
  m.progress.state = static_cast<ReceivedState>(q.get_integer(13));
  m.progress.due = base::from_millis(q.get_integer(14));
  m.progress.step = q.get_integer(15);
  m.progress.attempts = q.get_integer(16);
  m.progress.began = base::from_millis(q.get_integer(17));
  m.progress.verdicts = q.get_string(18);
  m.progress.added = q.get_string(19);
  m.progress.results = q.get_string(20);
  m.kind = static_cast<ReceivedKind>(q.get_integer(21));
  m.progress.after = q.get_integer(22);
  return m;
}

}  // namespace

std::string make_received_id(base::Random& random) { return random.text(kIdLength, kIdAlphabet); }

std::string_view head_of(std::string_view content) {
  if (content.starts_with("\r\n")) return {};
  auto end = content.find("\r\n\r\n");
  auto head = end == std::string_view::npos ? content : content.substr(0, end + 2);
  if (head.size() <= kKeptHead) return head;
  // Whole fields: the line behind the last that is kept begins one.
  for (auto at = head.rfind("\r\n", kKeptHead - 2); at != std::string_view::npos && at > 0;
       at = head.rfind("\r\n", at - 1))
    if (head[at + 2] != ' ' && head[at + 2] != '\t') return head.substr(0, at + 2);
  return {};
}

std::string pack_rules(const std::vector<ReceiptRule>& rules) {
  std::vector<PackedRow> rows;
  for (const auto& rule : rules)
    rows.push_back({rule.name, flag(rule.enabled), flag(rule.scan), flag(rule.tls_required),
                    pack_texts(rule.recipients), pack_actions(rule.actions)});
  return pack(rows);
}

std::vector<ReceiptRule> unpack_rules(std::string_view text) {
  std::vector<ReceiptRule> out;
  for (auto& row : unpack(text, kRuleFields)) {
    ReceiptRule rule;
    rule.name = std::move(row[0]);
    rule.enabled = row[1] == "1";
    rule.scan = row[2] == "1";
    rule.tls_required = row[3] == "1";
    rule.recipients = unpack_texts(row[4]);
    rule.actions = unpack_actions(row[5]);
    out.push_back(std::move(rule));
  }
  return out;
}

std::string json_text_member(std::string_view json, std::string_view name) {
  boost::system::error_code fault;
  auto value = boost::json::parse(json, fault);
  if (fault || !value.is_object()) return {};
  const auto* member = value.as_object().if_contains(name);
  return member && member->is_string() ? std::string(member->as_string()) : std::string();
}

// A folder of its own, for the one of accepted mail is swept by what that mail names.
Received::Received(store::Store& store, bool durable)
    : store_(store), bodies_(private_folder(store.folder() + "/received"), durable) {}

void Received::load() {
  bodies_.sweep([this](const std::string& file) {
    bool named = false;
    store_.read_now([&](store::Db& db) {
      auto q = db.query("SELECT 1 FROM received_body WHERE file = :file");
      named = q.text(":file", file).next();
    });
    return named;
  });
}

std::string Received::put_large_body(const ReceivedMail& mail) {
  if (mail.content->size() <= store::kInlineBody) return {};
  bodies_.put(mail.id, *mail.content);
  return mail.id;
}

void Received::drop_large_body(const std::string& file) {
  if (!file.empty()) bodies_.remove(file);
}

std::int64_t Received::insert(store::Db& db, const ReceivedMail& mail, const std::string& body_file) {
  const auto recipients = pack_texts(mail.recipients), plan = pack_rules(mail.plan);
  db.query(
        "INSERT INTO received (id, kind, account, region, received, sender, recipients, source_ip, helo, "
        "tls, size, head, plan, state, due, step, attempts, began, goes_on, verdicts, added, results) VALUES "
        "(:id, "
        ":kind, :account, :region, :received, :sender, :recipients, :source_ip, :helo, :tls, :size, :head, "
        ":plan, 0, :received, 0, 0, 0, 0, '', '', '')")
      .text(":id", mail.id)
      .integer(":kind", static_cast<std::int64_t>(mail.kind))
      .text(":account", mail.scope.account.str())
      .text(":region", mail.scope.region.str())
      .integer(":received", base::to_millis(mail.received))
      .text(":sender", mail.sender)
      .text(":recipients", recipients)
      .text(":source_ip", mail.source_ip)
      .text(":helo", mail.helo)
      .text(":tls", mail.tls_version)
      .integer(":size", static_cast<std::int64_t>(mail.size))
      .blob(":head", mail.head)
      .text(":plan", plan)
      .run();
  const auto seq = db.last_insert_id();
  auto body = db.query("INSERT INTO received_body (seq, data, file) VALUES (:seq, :data, :file)");
  body.integer(":seq", seq);
  if (body_file.empty())
    body.blob(":data", *mail.content).null(":file");
  else
    body.null(":data").text(":file", body_file);
  body.run();
  return seq;
}

// By id too: the number of a row that is gone may be another mail's.
std::string Received::save(store::Db& db, const ReceivedMail& mail, const ReceivedProgress& p) {
  db.query(
        "UPDATE received SET state = :state, due = :due, step = :step, attempts = :attempts, began = :began, "
        "goes_on = :goes_on, "
        "verdicts = :verdicts, added = :added, results = :results WHERE seq = :seq AND id = :id")
      .integer(":state", static_cast<std::int64_t>(p.state))
      .integer(":due", base::to_millis(p.due))
      .integer(":step", p.step)
      .integer(":attempts", p.attempts)
      .integer(":began", base::to_millis(p.began))
      .integer(":goes_on", p.after)
      .text(":verdicts", p.verdicts)
      .text(":added", p.added)
      .text(":results", p.results)
      .integer(":seq", mail.seq)
      .text(":id", mail.id)
      .run();
  return p.state == ReceivedState::done && db.changes() > 0 ? release_body(db, mail.seq) : std::string();
}

// The file goes after the commit: were that to fail, as on a full disk, what waits would have no content.
base::Task<ReceivedProgress> Received::put_down(const ReceivedMail& mail, Work work) {
  std::string file;
  auto write = [this, &mail, &file, work = std::move(work)](store::Db& db) {
    auto progress = work(db);
    file = save(db, mail, progress);
    return progress;
  };
  auto writing = store_.write_value(std::move(write));
  auto progress = co_await writing;
  try {
    drop_large_body(file);
  } catch (const std::exception& e) {
    base::log_warn("the content of the received mail {} stays until the next start: {}", mail.id, e.what());
  }
  co_return progress;
}

std::string Received::release_body(store::Db& db, std::int64_t seq) {
  std::string file;
  auto q = db.query("DELETE FROM received_body WHERE seq = :seq RETURNING file");
  q.integer(":seq", seq);
  while (q.next())
    if (!q.is_null(0)) file = q.get_string(0);
  return file;
}

std::vector<Received::Due> Received::due(store::Db& db, base::WallTime until, std::size_t at_most,
                                         const std::vector<std::int64_t>& skip,
                                         const std::set<Scope>& without) const {
  std::vector<Due> out;
  const auto take = [&](store::Query q) {
    while (out.size() < at_most && q.next()) {
      Due due{q.get_integer(0),
              static_cast<std::size_t>(q.get_integer(1)),
              {AccountId(q.get_string(2)), Region(q.get_string(3))}};
      if (!without.contains(due.scope) && !std::binary_search(skip.begin(), skip.end(), due.seq))
        out.push_back(std::move(due));
    }
  };
  auto due = db.query(
      "SELECT seq, size, account, region FROM received WHERE state = 0 AND due <= :until ORDER BY due, seq");
  due.integer(":until", base::to_millis(until));
  take(std::move(due));
  auto far = db.query(
      "SELECT seq, size, account, region FROM received WHERE state = 0 AND due > :far ORDER BY due, seq");
  far.integer(":far", base::to_millis(until + kFarOff));
  take(std::move(far));
  return out;
}

std::optional<ReceivedMail> Received::find(store::Db& db, std::string_view id) const {
  auto q = db.query(kById);
  if (!q.text(":id", id).next()) return std::nullopt;
  return read_row(q);
}

std::optional<ReceivedMail> Received::load(store::Db& db, std::int64_t seq) const {
  auto q = db.query(kBySeq);
  if (!q.integer(":seq", seq).next()) return std::nullopt;
  auto mail = read_row(q);
  auto body = db.query("SELECT data, file FROM received_body WHERE seq = :seq");
  if (!body.integer(":seq", seq).next()) return mail;
  if (body.is_null(1))
    mail.content = std::make_shared<const std::string>(body.get_text(0));
  else if (auto bytes = bodies_.get(body.get_string(1)))
    mail.content = std::make_shared<const std::string>(std::move(*bytes));
  return mail;
}

std::vector<ReceivedMail> Received::list(store::Db& db, std::size_t at_most, Which which) const {
  std::vector<ReceivedMail> out;
  auto q = db.query(kLatest);
  q.integer(":which", static_cast<std::int64_t>(which));
  q.integer(":at_most", static_cast<std::int64_t>(at_most));
  while (q.next()) out.push_back(read_row(q));
  std::reverse(out.begin(), out.end());
  return out;
}

std::size_t Received::sweep(store::Db& db, base::WallTime now, base::WallTime before, std::size_t at_most) {
  const auto found = [&](store::Query q, base::WallTime older) {
    std::vector<std::int64_t> seqs;
    q.integer(":before", base::to_millis(older)).integer(":at_most", static_cast<std::int64_t>(at_most));
    while (q.next()) seqs.push_back(q.get_integer(0));
    return seqs;
  };
  const auto heads = found(
      db.query("SELECT seq FROM received WHERE state = 1 AND head <> '' AND received < :before ORDER BY "
               "received LIMIT :at_most"),
      now - kBounceable);
  for (auto seq : heads)
    db.query("UPDATE received SET head = '' WHERE seq = :seq").integer(":seq", seq).run();
  const auto gone = found(db.query("SELECT seq FROM received WHERE state = 1 AND received < :before ORDER BY "
                                   "received LIMIT :at_most"),
                          before);
  for (auto seq : gone) db.query("DELETE FROM received WHERE seq = :seq").integer(":seq", seq).run();
  return std::max(heads.size(), gone.size());
}

void Received::remove_all(store::Db& db) {
  std::vector<std::int64_t> held;
  {
    auto q = db.query("SELECT seq FROM received_body");
    while (q.next()) held.push_back(q.get_integer(0));
  }
  for (auto seq : held) drop_large_body(release_body(db, seq));
  db.execute("DELETE FROM received");
}

}  // namespace ses
