#include "ses/identity_rows.h"

#include <array>
#include <stdexcept>

#include "base/encoding.h"
#include "ses/sealed.h"

namespace ses::identity_rows {
namespace {

constexpr std::array<std::string_view, 5> kStatus = {"not_started", "pending", "success", "failed",
                                                     "temporary_failure"};
constexpr std::array<std::string_view, 3> kOrigin = {"none", "aws_ses", "external"};
constexpr std::array<std::string_view, 2> kKind = {"address", "domain"};

template <class E, std::size_t N>
std::string_view text_of(const std::array<std::string_view, N>& names, E value) {
  return names[static_cast<std::size_t>(value)];
}

template <class E, std::size_t N>
E value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  throw std::runtime_error("the store holds an identity with an unknown state");
}

// Tags as name=value&name=value, percent-encoded.
std::string pack_tags(const std::vector<Tag>& tags) {
  std::string out;
  for (const auto& tag : tags) {
    if (!out.empty()) out += '&';
    out += base::percent_encode(tag.name) + "=" + base::percent_encode(tag.value);
  }
  return out;
}

std::vector<Tag> unpack_tags(std::string_view text) {
  std::vector<Tag> out;
  if (text.empty()) return out;
  for (auto part : base::split(text, '&')) {
    auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    out.push_back(
        {base::percent_decode(part.substr(0, equals)), base::percent_decode(part.substr(equals + 1))});
  }
  return out;
}

std::string pack_words(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> unpack_words(std::string_view text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (auto word : base::split(text, ' ')) out.emplace_back(word);
  return out;
}

std::string key_context(const Identity& identity) {
  return "dkim:" + identity.scope.account.str() + ":" + identity.scope.region.str() + ":" + identity.name;
}

std::string next_key_context(const Identity& identity) { return "next-" + key_context(identity); }

std::optional<base::WallTime> time_at(store::Query& q, int column) {
  if (q.is_null(column)) return std::nullopt;
  return base::from_millis(q.get_integer(column));
}

void bind_time(store::Query& q, const char* name, const std::optional<base::WallTime>& time) {
  if (time) {
    q.integer(name, base::to_millis(*time));
  } else {
    q.null(name);
  }
}

#define SESAME_IDENTITY_COLUMNS                                                                           \
  "account, region, name, kind, status, token, dkim_origin, dkim_enabled, dkim_status, dkim_tokens, "     \
  "dkim_selector, dkim_bits, dkim_next_bits, dkim_made, dkim_own, dkim_changes, dkim_started, "           \
  "dkim_failing, "                                                                                        \
  "dkim_key, feedback_forwarding, configuration_set, tags, created, verification_started, last_checked, " \
  "last_success, failing, error_type, generation, mail_from, mail_from_reject, mail_from_status, "        \
  "mail_from_started, mail_from_checked, mail_from_failing, bounce_topic, complaint_topic, "              \
  "delivery_topic, notification_headers, dkim_next_selector, dkim_next_key"

DkimState dkim_from(store::Query& q) {
  DkimState dkim;
  dkim.origin = value_of<DkimOrigin>(kOrigin, q.get_text(6));
  dkim.enabled = q.get_integer(7) != 0;
  dkim.status = value_of<VerificationStatus>(kStatus, q.get_text(8));
  dkim.tokens = unpack_words(q.get_text(9));
  dkim.selector = q.get_string(10);
  dkim.key_bits = static_cast<int>(q.get_integer(11));
  dkim.next_key_bits = static_cast<int>(q.get_integer(12));
  dkim.key_made = time_at(q, 13);
  dkim.own_choice = q.get_integer(14) != 0;
  dkim.length_changes = static_cast<int>(q.get_integer(15));
  dkim.started = time_at(q, 16);
  dkim.failing = time_at(q, 17);
  return dkim;
}

MailFrom mail_from_of(store::Query& q) {
  MailFrom mail_from;
  mail_from.domain = q.get_string(29);
  mail_from.reject = q.get_integer(30) != 0;
  mail_from.status = value_of<VerificationStatus>(kStatus, q.get_text(31));
  mail_from.started = time_at(q, 32);
  mail_from.checked = time_at(q, 33);
  mail_from.failing = time_at(q, 34);
  return mail_from;
}

Identity from_row(store::Query& q, const Keyring& keyring) {
  Identity identity;
  identity.scope = {AccountId(q.get_string(0)), Region(q.get_string(1))};
  identity.name = q.get_string(2);
  identity.kind = value_of<IdentityKind>(kKind, q.get_text(3));
  identity.status = value_of<VerificationStatus>(kStatus, q.get_text(4));
  identity.token = q.get_string(5);
  identity.dkim = dkim_from(q);
  auto key_at = [&](int column, const std::string& context) -> std::shared_ptr<const mail::DkimKey> {
    if (q.is_null(column)) return nullptr;
    auto parsed = mail::DkimKey::parse(open_sealed(keyring, q.get_text(column), context));
    if (!parsed) throw std::runtime_error("the DKIM key of " + identity.name + " cannot be read");
    return *parsed;
  };
  identity.dkim.key = key_at(18, key_context(identity));
  identity.dkim.next_selector = q.get_string(39);
  identity.dkim.next_key = key_at(40, next_key_context(identity));
  identity.feedback_forwarding = q.get_integer(19) != 0;
  identity.configuration_set = q.get_optional(20);
  identity.tags = unpack_tags(q.get_text(21));
  identity.created = base::from_millis(q.get_integer(22));
  identity.verification_started = base::from_millis(q.get_integer(23));
  identity.last_checked = time_at(q, 24);
  identity.last_success = time_at(q, 25);
  identity.failing = time_at(q, 26);
  identity.error_type = q.get_string(27);
  identity.generation = q.get_integer(28);
  identity.mail_from = mail_from_of(q);
  for (int i = 0; i < 3; ++i) {
    auto& notification = identity.notifications[static_cast<std::size_t>(i)];
    notification.topic = q.get_string(35 + i);
    notification.headers = (q.get_integer(38) >> i & 1) != 0;
  }
  return identity;
}

void read_policies(store::Db& db, Identity& identity) {
  auto q = db.query(
      "SELECT name, policy FROM identity_policy "
      "WHERE account = :account AND region = :region AND identity = :identity");
  q.text(":account", identity.scope.account.str())
      .text(":region", identity.scope.region.str())
      .text(":identity", identity.name);
  while (q.next()) identity.policies[q.get_string(0)] = q.get_string(1);
}

void write_policies(store::Db& db, const Identity& identity) {
  for (const auto& [name, policy] : identity.policies)
    db.query(
          "INSERT INTO identity_policy (account, region, identity, name, policy) "
          "VALUES (:account, :region, :identity, :name, :policy)")
        .text(":account", identity.scope.account.str())
        .text(":region", identity.scope.region.str())
        .text(":identity", identity.name)
        .text(":name", name)
        .text(":policy", policy)
        .run();
}

void bind_settings(store::Query& q, const Identity& identity) {
  const auto& mail_from = identity.mail_from;
  std::int64_t headers = 0;
  for (int i = 0; i < 3; ++i)
    if (identity.notifications[static_cast<std::size_t>(i)].headers) headers |= std::int64_t{1} << i;
  q.text(":mail_from", mail_from.domain)
      .integer(":mail_from_reject", mail_from.reject)
      .text(":mail_from_status", text_of(kStatus, mail_from.status))
      .text(":bounce_topic", identity.notification(NotificationType::bounce).topic)
      .text(":complaint_topic", identity.notification(NotificationType::complaint).topic)
      .text(":delivery_topic", identity.notification(NotificationType::delivery).topic)
      .integer(":notification_headers", headers);
  bind_time(q, ":mail_from_started", mail_from.started);
  bind_time(q, ":mail_from_checked", mail_from.checked);
  bind_time(q, ":mail_from_failing", mail_from.failing);
}

}  // namespace

std::vector<Identity> all(store::Db& db, const Keyring& keyring) {
  std::vector<Identity> out;
  auto q = db.query("SELECT " SESAME_IDENTITY_COLUMNS " FROM identity");
  while (q.next()) out.push_back(from_row(q, keyring));
  for (auto& identity : out) read_policies(db, identity);
  return out;
}

std::optional<Identity> find(store::Db& db, const Keyring& keyring, const Scope& scope,
                             const std::string& name) {
  auto q = db.query("SELECT " SESAME_IDENTITY_COLUMNS
                    " FROM identity WHERE account = :account AND region = :region AND name = :name");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
  if (!q.next()) return std::nullopt;
  auto identity = from_row(q, keyring);
  read_policies(db, identity);
  return identity;
}

void save(store::Db& db, const Keyring& keyring, const Identity& identity) {
  erase(db, identity.scope, identity.name);
  auto q =
      db.query("INSERT INTO identity (" SESAME_IDENTITY_COLUMNS
               ") VALUES (:account, :region, :name, :kind, :status, :token, :dkim_origin, :dkim_enabled, "
               ":dkim_status, :dkim_tokens, :dkim_selector, :dkim_bits, :dkim_next_bits, :dkim_made, "
               ":dkim_own, :dkim_changes, :dkim_started, :dkim_failing, :dkim_key, :feedback_forwarding, "
               ":configuration_set, :tags, :created, :verification_started, :last_checked, "
               ":last_success, :failing, :error_type, :generation, :mail_from, :mail_from_reject, "
               ":mail_from_status, :mail_from_started, :mail_from_checked, :mail_from_failing, "
               ":bounce_topic, :complaint_topic, :delivery_topic, :notification_headers, "
               ":dkim_next_selector, :dkim_next_key)");
  const auto& dkim = identity.dkim;
  auto tokens = pack_words(dkim.tokens);
  auto tags = pack_tags(identity.tags);
  std::string sealed, sealed_next;
  q.text(":account", identity.scope.account.str())
      .text(":region", identity.scope.region.str())
      .text(":name", identity.name)
      .text(":kind", text_of(kKind, identity.kind))
      .text(":status", text_of(kStatus, identity.status))
      .text(":token", identity.token)
      .text(":dkim_origin", text_of(kOrigin, dkim.origin))
      .integer(":dkim_enabled", dkim.enabled)
      .text(":dkim_status", text_of(kStatus, dkim.status))
      .text(":dkim_tokens", tokens)
      .text(":dkim_selector", dkim.selector)
      .integer(":dkim_bits", dkim.key_bits)
      .integer(":dkim_next_bits", dkim.next_key_bits)
      .integer(":dkim_own", dkim.own_choice)
      .integer(":dkim_changes", dkim.length_changes)
      .integer(":feedback_forwarding", identity.feedback_forwarding)
      .text_or_null(":configuration_set", identity.configuration_set)
      .text(":tags", tags)
      .integer(":created", base::to_millis(identity.created))
      .integer(":verification_started", base::to_millis(identity.verification_started))
      .text(":error_type", identity.error_type)
      .integer(":generation", identity.generation);
  bind_time(q, ":dkim_made", dkim.key_made);
  bind_time(q, ":dkim_started", dkim.started);
  bind_time(q, ":dkim_failing", dkim.failing);
  bind_time(q, ":last_checked", identity.last_checked);
  bind_time(q, ":last_success", identity.last_success);
  bind_time(q, ":failing", identity.failing);
  bind_settings(q, identity);
  auto bind_key = [&](const char* name, const auto& key, std::string& held, const std::string& context) {
    if (!key) {
      q.null(name);
      return;
    }
    held = keyring.seal(key->private_pem(), context);
    q.blob(name, held);
  };
  bind_key(":dkim_key", dkim.key, sealed, key_context(identity));
  q.text(":dkim_next_selector", dkim.next_selector);
  bind_key(":dkim_next_key", dkim.next_key, sealed_next, next_key_context(identity));
  q.run();
  write_policies(db, identity);
}

bool erase(store::Db& db, const Scope& scope, const std::string& name) {
  db.query(
        "DELETE FROM identity_policy WHERE account = :account AND region = :region AND identity = :identity")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":identity", name)
      .run();
  db.query("DELETE FROM identity WHERE account = :account AND region = :region AND name = :name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
  return db.changes() > 0;
}

std::int64_t count(store::Db& db, const Scope& scope) {
  auto q = db.query("SELECT COUNT(*) FROM identity WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).next();
  return q.get_integer(0);
}

}  // namespace ses::identity_rows
