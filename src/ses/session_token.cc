#include "ses/session_token.h"

#include <charconv>

#include "base/encoding.h"
#include "ses/packed.h"

namespace ses {
namespace {

constexpr std::string_view kContext = "session";
constexpr std::string_view kVersion = "1";

// Rows of a kind, a name and a value.
class Rows {
 public:
  void add(std::string_view kind, std::string_view name, std::string_view value) {
    rows_.push_back({std::string(kind), std::string(name), std::string(value)});
  }
  std::string text() const { return pack(rows_); }

 private:
  std::vector<PackedRow> rows_;
};

std::string text_of(base::WallTime time) { return std::to_string(base::to_millis(time)); }

base::WallTime time_of(const std::string& text) {
  std::int64_t millis = 0;
  std::from_chars(text.data(), text.data() + text.size(), millis);
  return base::from_millis(millis);
}

void read_fact(SessionClaims& claims, const std::string& name, std::string value) {
  if (name == "account")
    claims.account = AccountId(std::move(value));
  else if (name == "kind")
    claims.kind = static_cast<SubjectKind>(value.empty() ? 0 : value[0] - '0');
  else if (name == "key")
    claims.access_key_id = std::move(value);
  else if (name == "secret")
    claims.secret = std::move(value);
  else if (name == "principal")
    claims.principal = std::move(value);
  else if (name == "name")
    claims.name = std::move(value);
  else if (name == "source")
    claims.source_identity = std::move(value);
  else if (name == "issued")
    claims.issued = time_of(value);
  else if (name == "expires")
    claims.expires = time_of(value);
  else if (name == "mfa")
    claims.mfa = value == "1";
  else if (name == "policy")
    claims.policy = std::move(value);
}

void read_row(SessionClaims& claims, PackedRow row) {
  if (row[0] == "fact") return read_fact(claims, row[1], std::move(row[2]));
  if (row[0] == "arn") claims.policy_arns.push_back(std::move(row[2]));
  if (row[0] == "tag") claims.tags.push_back({std::move(row[1]), std::move(row[2])});
  if (row[0] == "transitive") claims.transitive_tags.push_back(std::move(row[1]));
}

}  // namespace

std::string seal_session(const Keyring& keyring, const SessionClaims& claims) {
  Rows rows;
  rows.add("version", kVersion, "");
  rows.add("fact", "account", claims.account.str());
  rows.add("fact", "kind", std::string(1, static_cast<char>('0' + static_cast<int>(claims.kind))));
  rows.add("fact", "key", claims.access_key_id);
  rows.add("fact", "secret", claims.secret);
  rows.add("fact", "principal", claims.principal);
  rows.add("fact", "name", claims.name);
  rows.add("fact", "source", claims.source_identity);
  rows.add("fact", "issued", text_of(claims.issued));
  rows.add("fact", "expires", text_of(claims.expires));
  rows.add("fact", "mfa", claims.mfa ? "1" : "0");
  if (claims.policy) rows.add("fact", "policy", *claims.policy);
  for (const auto& arn : claims.policy_arns) rows.add("arn", "", arn);
  for (const auto& tag : claims.tags) rows.add("tag", tag.name, tag.value);
  for (const auto& key : claims.transitive_tags) rows.add("transitive", key, "");
  auto text = rows.text();
  auto token = base::base64_encode(keyring.seal(text, kContext));
  wipe(text);
  return token;
}

std::optional<SessionClaims> open_session_token(const Keyring& keyring, std::string_view token) {
  if (token.size() > kMaxSessionToken) return std::nullopt;
  const auto sealed = base::base64_decode(token);
  if (!sealed) return std::nullopt;
  auto text = keyring.open(*sealed, kContext);
  if (!text) return std::nullopt;
  auto rows = unpack(*text, 3);
  wipe(*text);
  if (rows.empty() || rows[0][0] != "version" || rows[0][1] != kVersion) return std::nullopt;
  SessionClaims claims;
  for (auto& row : rows) read_row(claims, std::move(row));
  return claims;
}

}  // namespace ses
