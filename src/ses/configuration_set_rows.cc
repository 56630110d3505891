#include "ses/configuration_set_rows.h"

#include <array>
#include <stdexcept>

#include "ses/packed.h"

namespace ses::configuration_set_rows {
namespace {

constexpr std::array<std::string_view, 5> kTargets = {"firehose", "cloud_watch", "sns", "event_bridge",
                                                      "pinpoint"};
constexpr std::array<std::string_view, 2> kSchemes = {"standard", "smime"};

template <class E, std::size_t N>
E value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  throw std::runtime_error("the store holds a configuration set of an unknown form");
}

std::string pack_words(const std::vector<std::string>& words) {
  std::vector<PackedRow> rows;
  for (const auto& word : words) rows.push_back({word});
  return pack(rows);
}

std::vector<std::string> unpack_words(std::string_view text) {
  std::vector<std::string> out;
  for (auto& row : unpack(text, 1)) out.push_back(std::move(row[0]));
  return out;
}

std::string pack_tags(const std::vector<Tag>& tags) {
  std::vector<PackedRow> rows;
  for (const auto& tag : tags) rows.push_back({tag.name, tag.value});
  return pack(rows);
}

std::vector<Tag> unpack_tags(std::string_view text) {
  std::vector<Tag> out;
  for (auto& row : unpack(text, 2)) out.push_back({std::move(row[0]), std::move(row[1])});
  return out;
}

void bind_integer(store::Query& q, const char* name, const std::optional<std::int64_t>& value) {
  if (value) {
    q.integer(name, *value);
  } else {
    q.null(name);
  }
}

std::optional<std::int64_t> integer_at(store::Query& q, int column) {
  if (q.is_null(column)) return std::nullopt;
  return q.get_integer(column);
}

#define SESAME_SET_COLUMNS                                                                                \
  "account, region, name, created, sending_enabled, last_fresh_start, reputation_metrics, tls_required, " \
  "sending_pool, max_delivery, redirect_domain, https_policy, suppression, suppressed_reasons, "          \
  "suppression_scope, threshold_enabled, verdict_threshold, engagement_metrics, "                         \
  "optimized_shared_delivery, archive_arn, signing_scheme, tags, generation"

SuppressionOptions suppression_from(store::Query& q) {
  SuppressionOptions out;
  if (!q.is_null(13)) out.reasons = unpack_words(q.get_text(13));
  out.scope = q.get_optional(14);
  out.threshold_enabled = q.get_optional(15);
  out.verdict_threshold = q.get_optional(16);
  return out;
}

ConfigurationSet from_row(store::Query& q) {
  ConfigurationSet set;
  set.scope = {AccountId(q.get_string(0)), Region(q.get_string(1))};
  set.name = q.get_string(2);
  set.created = base::from_millis(q.get_integer(3));
  set.sending_enabled = q.get_integer(4) != 0;
  if (auto at = integer_at(q, 5)) set.last_fresh_start = base::from_millis(*at);
  set.reputation_metrics = q.get_integer(6) != 0;
  if (auto tls = integer_at(q, 7)) set.delivery.tls_required = *tls != 0;
  set.delivery.sending_pool = q.get_optional(8);
  if (auto most = integer_at(q, 9)) set.delivery.max_delivery = std::chrono::seconds{*most};
  if (!q.is_null(10)) set.tracking = TrackingOptions{q.get_optional(10), q.get_optional(11)};
  if (q.get_integer(12) != 0) set.suppression = suppression_from(q);
  set.vdm = {q.get_optional(17), q.get_optional(18)};
  set.archive_arn = q.get_optional(19);
  if (!q.is_null(20)) set.signing_scheme = value_of<SigningScheme>(kSchemes, q.get_text(20));
  set.tags = unpack_tags(q.get_text(21));
  set.generation = q.get_integer(22);
  return set;
}

EventTarget target_from(store::Query& q, int column) {
  EventTarget target;
  target.kind = value_of<TargetKind>(kTargets, q.get_text(column));
  target.arn = q.get_string(column + 1);
  target.role_arn = q.get_string(column + 2);
  for (auto& row : unpack(q.get_text(column + 3), 3))
    target.dimensions.push_back({std::move(row[0]), std::move(row[1]), std::move(row[2])});
  return target;
}

std::vector<EventDestination> destinations_of(store::Db& db, const ConfigurationSet& set) {
  std::vector<EventDestination> out;
  auto q = db.query(
      "SELECT name, enabled, events, target, arn, role_arn, dimensions FROM event_destination "
      "WHERE account = :account AND region = :region AND configuration_set = :set ORDER BY n");
  q.text(":account", set.scope.account.str()).text(":region", set.scope.region.str()).text(":set", set.name);
  while (q.next()) {
    EventDestination d;
    d.name = q.get_string(0);
    d.enabled = q.get_integer(1) != 0;
    for (const auto& word : unpack_words(q.get_text(2)))
      if (auto type = event_type(word)) d.events.push_back(*type);
    d.targets.push_back(target_from(q, 3));
    out.push_back(std::move(d));
  }
  return out;
}

void save_destination(store::Db& db, const ConfigurationSet& set, std::size_t n) {
  const auto& d = set.destinations[n];
  std::vector<std::string> events;
  for (auto type : d.events) events.emplace_back(v2_name(type));
  std::vector<PackedRow> dimensions;
  for (const auto& dim : d.target().dimensions)
    dimensions.push_back({dim.name, dim.source, dim.default_value});
  auto packed_events = pack_words(events);
  auto packed_dimensions = pack(dimensions);
  db.query(
        "INSERT INTO event_destination (account, region, configuration_set, n, name, enabled, events, "
        "target, "
        "arn, role_arn, dimensions) VALUES (:account, :region, :set, :n, :name, :enabled, :events, :target, "
        ":arn, :role_arn, :dimensions)")
      .text(":account", set.scope.account.str())
      .text(":region", set.scope.region.str())
      .text(":set", set.name)
      .integer(":n", static_cast<std::int64_t>(n))
      .text(":name", d.name)
      .integer(":enabled", d.enabled)
      .text(":events", packed_events)
      .text(":target", kTargets[static_cast<std::size_t>(d.target().kind)])
      .text(":arn", d.target().arn)
      .text(":role_arn", d.target().role_arn)
      .text(":dimensions", packed_dimensions)
      .run();
}

void save_set(store::Db& db, const ConfigurationSet& set) {
  auto q = db.query("INSERT INTO configuration_set (" SESAME_SET_COLUMNS
                    ") VALUES (:account, :region, :name, :created, :sending_enabled, :last_fresh_start, "
                    ":reputation_metrics, :tls_required, :sending_pool, :max_delivery, :redirect_domain, "
                    ":https_policy, :suppression, :suppressed_reasons, :suppression_scope, "
                    ":threshold_enabled, :verdict_threshold, :engagement_metrics, "
                    ":optimized_shared_delivery, :archive_arn, :signing_scheme, :tags, :generation)");
  auto suppression = set.suppression.value_or(SuppressionOptions{});
  auto tracking = set.tracking.value_or(TrackingOptions{});
  std::optional<std::string> reasons, scheme;
  if (suppression.reasons) reasons = pack_words(*suppression.reasons);
  if (set.signing_scheme) scheme = kSchemes[static_cast<std::size_t>(*set.signing_scheme)];
  std::optional<std::int64_t> fresh, tls, most;
  if (set.last_fresh_start) fresh = base::to_millis(*set.last_fresh_start);
  if (set.delivery.tls_required) tls = *set.delivery.tls_required;
  if (set.delivery.max_delivery) most = set.delivery.max_delivery->count();
  auto tags = pack_tags(set.tags);
  q.text(":account", set.scope.account.str())
      .text(":region", set.scope.region.str())
      .text(":name", set.name)
      .integer(":created", base::to_millis(set.created))
      .integer(":sending_enabled", set.sending_enabled)
      .integer(":reputation_metrics", set.reputation_metrics)
      .text_or_null(":sending_pool", set.delivery.sending_pool)
      .text_or_null(":redirect_domain", tracking.redirect_domain)
      .text_or_null(":https_policy", tracking.https_policy)
      .integer(":suppression", set.suppression.has_value())
      .text_or_null(":suppressed_reasons", reasons)
      .text_or_null(":suppression_scope", suppression.scope)
      .text_or_null(":threshold_enabled", suppression.threshold_enabled)
      .text_or_null(":verdict_threshold", suppression.verdict_threshold)
      .text_or_null(":engagement_metrics", set.vdm.engagement_metrics)
      .text_or_null(":optimized_shared_delivery", set.vdm.optimized_shared_delivery)
      .text_or_null(":archive_arn", set.archive_arn)
      .text_or_null(":signing_scheme", scheme)
      .text(":tags", tags)
      .integer(":generation", set.generation);
  bind_integer(q, ":last_fresh_start", fresh);
  bind_integer(q, ":tls_required", tls);
  bind_integer(q, ":max_delivery", most);
  q.run();
}

}  // namespace

std::vector<ConfigurationSet> all(store::Db& db) {
  std::vector<ConfigurationSet> out;
  {
    auto q = db.query("SELECT " SESAME_SET_COLUMNS " FROM configuration_set");
    while (q.next()) out.push_back(from_row(q));
  }
  for (auto& set : out) set.destinations = destinations_of(db, set);
  return out;
}

std::optional<ConfigurationSet> find(store::Db& db, const Scope& scope, const std::string& name) {
  std::optional<ConfigurationSet> found;
  {
    auto q =
        db.query("SELECT " SESAME_SET_COLUMNS
                 " FROM configuration_set WHERE account = :account AND region = :region AND name = :name");
    q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
    if (q.next()) found = from_row(q);
  }
  if (found) found->destinations = destinations_of(db, *found);
  return found;
}

bool exists(store::Db& db, const Scope& scope, const std::string& name) {
  auto q = db.query(
      "SELECT 1 FROM configuration_set WHERE account = :account AND region = :region AND name = :name");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
  return q.next();
}

void save(store::Db& db, const ConfigurationSet& set) {
  erase(db, set.scope, set.name);
  save_set(db, set);
  for (std::size_t n = 0; n < set.destinations.size(); ++n) save_destination(db, set, n);
}

bool erase(store::Db& db, const Scope& scope, const std::string& name) {
  db.query(
        "DELETE FROM event_destination WHERE account = :account AND region = :region AND configuration_set = "
        ":name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
  db.query("DELETE FROM configuration_set WHERE account = :account AND region = :region AND name = :name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
  return db.changes() > 0;
}

std::int64_t count(store::Db& db, const Scope& scope) {
  auto q = db.query("SELECT COUNT(*) FROM configuration_set WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).next();
  return q.get_integer(0);
}

}  // namespace ses::configuration_set_rows
