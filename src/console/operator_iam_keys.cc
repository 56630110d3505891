// Access keys, SMTP credentials and the master key, as the operator handles them. A secret is told in the
// answer to the command that makes it and never again.
#include <fmt/core.h>

#include <stdexcept>

#include "aws/sigv4.h"
#include "console/operator_commands.h"
#include "console/operator_iam.h"
#include "ses/reseal.h"

namespace console {
namespace {

struct KeyFacts {
  ses::AccessKeyPtr key;
  std::optional<ses::LastUse> used;
};

void write_key(base::JsonWriter& json, const KeyFacts& facts) {
  const auto& key = *facts.key;
  json.field("accessKeyId", key.id).field("userName", key.user);
  json.field("status", key.active ? "Active" : "Inactive").field("created", base::iso8601_short(key.created));
  if (!facts.used) return;
  json.key("lastUsed").object().field("date", base::iso8601_short(facts.used->at));
  json.field("service", facts.used->service).field("region", facts.used->region).end();
}

std::string key_line(const KeyFacts& facts) {
  const auto& key = *facts.key;
  const auto used = facts.used ? base::iso8601_short(facts.used->at) + "  " + facts.used->service + "  " +
                                     facts.used->region
                               : std::string("never used");
  return fmt::format("{}  {:<8}  {}  {}", key.id, key.active ? "Active" : "Inactive",
                     base::iso8601_short(key.created), used);
}

bool active_of(const std::string& word) {
  if (word == "active" || word == "Active") return true;
  if (word == "inactive" || word == "Inactive") return false;
  throw std::invalid_argument("The status is active or inactive.");
}

base::Task<OperatorAnswer> create_access_key(IamCall call) {
  allow_options(call.line, {"account"});
  auto making = call.iam().create_key(call.account, call.word(1, "The user's name"));
  const auto key = co_await making;
  base::JsonWriter json;
  json.object();
  write_key(json, {key, {}});
  json.field("secretAccessKey", key->secret).end();
  auto text = fmt::format("aws_access_key_id     = {}\naws_secret_access_key = {}\n", key->id, key->secret);
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

base::Task<OperatorAnswer> list_access_keys(IamCall call) {
  allow_options(call.line, {"account"});
  auto listing = call.iam().list_keys(call.account, call.word(1, "The user's name"));
  const auto keys = co_await listing;
  std::vector<KeyFacts> all;
  for (const auto& key : keys) all.push_back({key, call.iam().last_use(*key)});
  co_return listed("accessKeys", all, key_line, write_key);
}

base::Task<OperatorAnswer> update_access_key(IamCall call) {
  allow_options(call.line, {"account", "status"});
  const auto user = call.word(1, "The user's name"), id = call.word(2, "The access key's id");
  const auto given = call.line.option("status");
  const bool active = active_of(given ? *given : call.word(3, "The status"));
  auto changing = call.iam().set_key_active(call.account, user, id, active);
  co_await changing;
  base::JsonWriter json;
  json.object().field("accessKeyId", id).field("status", active ? "Active" : "Inactive").end();
  co_return OperatorAnswer{true, active ? "Active." : "Inactive.", std::move(json).text()};
}

base::Task<OperatorAnswer> delete_access_key(IamCall call) {
  allow_options(call.line, {"account"});
  const auto user = call.word(1, "The user's name"), id = call.word(2, "The access key's id");
  return after_delete(call.iam().delete_key(call.account, user, id));
}

// SES §11.2: a new key, and the password that its secret gives in each region.
base::Task<OperatorAnswer> smtp_credentials(IamCall call) {
  allow_options(call.line, {"account", "region"});
  const auto user = call.word(1, "The user's name");
  auto regions = call.regions;
  if (const auto region = call.line.option("region")) regions = {*region};
  if (const auto* region = call.line.word(2)) regions = {*region};
  auto making = call.iam().create_key(call.account, user);
  const auto key = co_await making;

  auto text = fmt::format("user name  {}\n", key->id);
  base::JsonWriter json;
  json.object().field("userName", user).field("smtpUserName", key->id).key("smtpPasswords").object();
  for (const auto& region : regions) {
    const auto password = aws::smtp_password(key->secret, region);
    text += fmt::format("password   {}  ({})\n", password, region);
    json.field(region, password);
  }
  json.end().field("smtpServer", "email-smtp." + call.service.settings.service_domain).end();
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

base::Task<OperatorAnswer> rotate_master_key(IamCall call) {
  allow_options(call.line, {"keep-old"});
  const bool keep = call.line.option("keep-old").has_value();
  auto changing = ses::rotate_master_key(call.service.store, call.service.keyring, keep);
  const auto done = co_await changing;
  auto text =
      fmt::format("The master key was changed; {} secrets are sealed with the new one.\n", done.secrets);
  text += keep
              ? "The old keys stay in the key file, so that older backups open.\n"
              : "Older backups open with the old key only, and temporary credentials made before are void.\n";
  base::JsonWriter json;
  json.object().field("secrets", done.secrets).field("oldKeysKept", keep).end();
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

}  // namespace

std::span<const IamCommand> iam_key_commands() {
  static constexpr IamCommand kCommands[] = {
      {"create-access-key", "USER", "a new key; its secret is shown this once", create_access_key},
      {"list-access-keys", "USER", "with state and last use", list_access_keys},
      {"update-access-key", "USER KEY-ID active|inactive", "holds at once, on open connections too",
       update_access_key},
      {"delete-access-key", "USER KEY-ID", "", delete_access_key},
      {"smtp-credentials", "USER [--region REGION]", "a new key as SMTP user name and passwords",
       smtp_credentials},
      {"rotate-master-key", "[--keep-old]", "a new master key; everything is sealed with it",
       rotate_master_key},
  };
  return kCommands;
}

}  // namespace console
