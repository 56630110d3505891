#include "ses/suppression.h"

#include <algorithm>
#include <iterator>

#include "base/encoding.h"
#include "base/fault.h"
#include "mail/address.h"
#include "mail/domain.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kLoadAtOnce = 1 << 20;
constexpr std::int64_t kNoEnd = INT64_MAX;

std::uint64_t hash_of(std::string_view account, std::string_view region, std::string_view key) {
  return Fingerprints::hash(key, Fingerprints::hash(region, Fingerprints::hash(account)));
}
std::uint64_t hash_of(const Scope& scope, std::string_view key) {
  return hash_of(scope.account.str(), scope.region.str(), key);
}

std::string key_form(std::string_view local, std::string_view domain) {
  auto ascii = mail::ascii_domain(domain);
  return std::string(local) + "@" + (ascii ? *ascii : base::ascii_lower(domain));
}

[[noreturn]] void not_on_the_list(const std::string& address) {
  throw Fault(FaultKind::not_found, "Email address " + address + " does not exist on your suppression list.");
}

SuppressedAddress read_row(const store::Query& q) {
  return {q.get_string(0), static_cast<SuppressionReason>(q.get_integer(1)),
          base::from_millis(q.get_integer(2)), q.get_string(3), q.get_string(4)};
}

std::vector<SuppressedAddress> read_page(store::Db& db, const Scope& scope, SuppressionReason reason,
                                         const SuppressionList::ListRequest& r) {
  auto q = db.query(
      "SELECT address, reason, updated, message_id, feedback_id FROM suppressed "
      "WHERE account = :account AND region = :region AND reason = :reason "
      "AND (updated, address) > (:after, :after_address) AND updated < :before "
      "ORDER BY updated, address LIMIT :n");
  // One lower bound, so that the index is entered there: no address is empty.
  SuppressionList::Place first{r.from.value_or(base::WallTime{}), ""};
  if (r.after && r.after->updated >= first.updated) first = *r.after;
  q.text(":account", scope.account.str()).text(":region", scope.region.str());
  q.integer(":reason", static_cast<std::int64_t>(reason));
  q.integer(":before", r.before ? base::to_millis(*r.before) : kNoEnd);
  q.integer(":after", base::to_millis(first.updated));
  q.text(":after_address", first.address);
  q.integer(":n", static_cast<std::int64_t>(r.at_most));
  std::vector<SuppressedAddress> out;
  while (q.next()) out.push_back(read_row(q));
  return out;
}

bool earlier(const SuppressedAddress& a, const SuppressedAddress& b) {
  return a.updated != b.updated ? a.updated < b.updated : a.address < b.address;
}

}  // namespace

std::string_view suppression_reason_name(SuppressionReason reason) {
  return reason == SuppressionReason::bounce ? "BOUNCE" : "COMPLAINT";
}

std::vector<std::string> SuppressionReasons::names() const {
  std::vector<std::string> out;
  if (bounce) out.emplace_back("BOUNCE");
  if (complaint) out.emplace_back("COMPLAINT");
  return out;
}

SuppressionReasons suppression_reasons(const std::vector<std::string>& names) {
  SuppressionReasons out;
  for (const auto& name : names) {
    out.bounce |= name == "BOUNCE";
    out.complaint |= name == "COMPLAINT";
  }
  return out;
}

std::string suppression_key(std::string_view address) {
  auto text = base::trim(address);
  auto box = mail::parse_mailbox(text, true);
  if (!box.ok() || !box->raw_name.empty() || box->addr() != text)
    throw Fault(FaultKind::invalid_parameter, "Invalid email address <" + std::string(text) + ">.");
  return key_form(box->local, box->domain);
}

void SuppressionList::load() {
  fingerprints_.clear();
  store_.read_now([this](store::Db& db) {
    std::vector<std::uint64_t> hashes;
    auto q = db.query("SELECT account, region, address FROM suppressed");  // the key's index alone is read
    while (q.next()) {
      hashes.push_back(hash_of(q.get_text(0), q.get_text(1), q.get_text(2)));
      if (hashes.size() < kLoadAtOnce) continue;
      fingerprints_.add_all(hashes);
      hashes.clear();
    }
    fingerprints_.add_all(hashes);
  });
}

// The fingerprint comes before the commit, so that whoever sees the row finds it; it may be one too many if
// the transaction is undone, which costs a needless look at the rows and is gone with the next start.
void SuppressionList::save(store::Db& db, const Scope& scope, const SuppressedAddress& entry) {
  if (!find_now(db, scope, entry.address)) fingerprints_.add(hash_of(scope, entry.address));
  db.query(
        "INSERT INTO suppressed (account, region, address, reason, updated, message_id, feedback_id) VALUES "
        "(:account, :region, :address, :reason, :updated, :message_id, :feedback_id) "
        "ON CONFLICT (account, region, address) DO UPDATE SET reason = excluded.reason, updated = "
        "excluded.updated, message_id = excluded.message_id, feedback_id = excluded.feedback_id")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":address", entry.address)
      .integer(":reason", static_cast<std::int64_t>(entry.reason))
      .integer(":updated", base::to_millis(entry.updated))
      .text(":message_id", entry.message_id)
      .text(":feedback_id", entry.feedback_id)
      .run();
}

base::Task<void> SuppressionList::put(Scope scope, std::string address, SuppressionReason reason) {
  SuppressedAddress entry{suppression_key(address), reason, clock_.now(), "", ""};
  std::function<void(store::Db&)> job = [this, scope, entry](store::Db& db) { save(db, scope, entry); };
  co_await store_.write(std::move(job));
}

base::Task<SuppressedAddress> SuppressionList::get(Scope scope, std::string address) {
  auto key = suppression_key(address);
  auto job = [this, scope, key](store::Db& db) { return find_now(db, scope, key); };
  auto found = co_await store_.read_value(std::move(job));
  if (!found) not_on_the_list(address);
  co_return std::move(*found);
}

base::Task<void> SuppressionList::remove(Scope scope, std::string address) {
  auto key = suppression_key(address);
  auto job = [scope, key](store::Db& db) {
    db.query("DELETE FROM suppressed WHERE account = :account AND region = :region AND address = :address")
        .text(":account", scope.account.str())
        .text(":region", scope.region.str())
        .text(":address", key)
        .run();
    return db.changes() > 0;
  };
  bool was_there = co_await store_.write_value(std::move(job));
  if (!was_there) not_on_the_list(address);
  fingerprints_.remove(hash_of(scope, key));
}

base::Task<std::vector<SuppressedAddress>> SuppressionList::list(Scope scope, ListRequest request) {
  auto job = [scope, request](store::Db& db) {
    std::vector<SuppressedAddress> bounces, complaints, out;
    if (request.reasons.bounce) bounces = read_page(db, scope, SuppressionReason::bounce, request);
    if (request.reasons.complaint) complaints = read_page(db, scope, SuppressionReason::complaint, request);
    std::merge(std::make_move_iterator(bounces.begin()), std::make_move_iterator(bounces.end()),
               std::make_move_iterator(complaints.begin()), std::make_move_iterator(complaints.end()),
               std::back_inserter(out), earlier);
    if (out.size() > request.at_most) out.resize(request.at_most);
    return out;
  };
  co_return co_await store_.read_value(std::move(job));
}

bool SuppressionList::may_have(const Scope& scope, std::string_view key) const {
  return fingerprints_.may_have(hash_of(scope, key));
}

base::Task<std::vector<SuppressedAddress>> SuppressionList::find(Scope scope, std::vector<std::string> keys) {
  auto job = [this, scope, keys = std::move(keys)](store::Db& db) {
    std::vector<SuppressedAddress> out;
    for (const auto& key : keys)
      if (auto found = find_now(db, scope, key)) out.push_back(std::move(*found));
    return out;
  };
  co_return co_await store_.read_value(std::move(job));
}

std::optional<SuppressedAddress> SuppressionList::find_now(store::Db& db, const Scope& scope,
                                                           std::string_view key) const {
  auto q = db.query(
      "SELECT address, reason, updated, message_id, feedback_id FROM suppressed "
      "WHERE account = :account AND region = :region AND address = :address");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":address", key);
  if (!q.next()) return std::nullopt;
  return read_row(q);
}

void SuppressionList::add(store::Db& db, const Scope& scope, std::string_view address,
                          SuppressionReason reason, std::string_view message_id, std::string_view feedback_id,
                          base::WallTime at) {
  auto sign = address.rfind('@');
  if (sign == std::string_view::npos) return;
  SuppressedAddress entry{key_form(address.substr(0, sign), address.substr(sign + 1)), reason, at,
                          std::string(message_id), std::string(feedback_id)};
  save(db, scope, entry);
}

}  // namespace ses
