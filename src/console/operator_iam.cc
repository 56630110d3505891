// Users, access keys and SMTP credentials, as the operator makes them.
#include <fmt/core.h>

#include <array>
#include <stdexcept>

#include "aws/sigv4.h"
#include "base/json.h"
#include "console/operator_commands.h"

namespace console {
namespace {

void write_key(base::JsonWriter& json, const ses::AccessKey& key) {
  json.field("accessKeyId", key.id).field("userName", key.user);
  json.field("status", key.active ? "Active" : "Inactive").field("created", base::iso8601_short(key.created));
}

void write_user(base::JsonWriter& json, const ses::User& user) {
  json.field("userName", user.name).field("userId", user.id).field("arn", user.arn);
  json.field("created", base::iso8601_short(user.created));
}

bool active_of(const std::string& word) {
  if (word == "active" || word == "Active") return true;
  if (word == "inactive" || word == "Inactive") return false;
  throw std::invalid_argument("The status is active or inactive.");
}

}  // namespace

base::Task<OperatorAnswer> OperatorCommands::iam(CommandLine line) {
  using Method = base::Task<OperatorAnswer> (OperatorCommands::*)(CommandLine);
  struct Entry {
    const char* name;
    Method method;
  };
  static constexpr std::array<Entry, 8> kMethods = {
      {{"create-user", &OperatorCommands::create_user},
       {"delete-user", &OperatorCommands::delete_user},
       {"list-users", &OperatorCommands::list_users},
       {"create-access-key", &OperatorCommands::create_access_key},
       {"list-access-keys", &OperatorCommands::list_access_keys},
       {"update-access-key", &OperatorCommands::update_access_key},
       {"delete-access-key", &OperatorCommands::delete_access_key},
       {"smtp-credentials", &OperatorCommands::smtp_credentials}}};
  const std::string name = line.words.empty() ? "" : line.words[0];
  std::string all;
  for (const auto& entry : kMethods) {
    if (name == entry.name) {
      auto running = (this->*entry.method)(std::move(line));
      auto answer = co_await running;
      co_return answer;
    }
    all += all.empty() ? entry.name : std::string(", ") + entry.name;
  }
  throw std::invalid_argument("iam takes one of " + all + ".");
}

base::Task<OperatorAnswer> OperatorCommands::create_user(CommandLine line) {
  allow_options(line, {"account"});
  auto making = service_.principals.create_user(account_of(line), need_word(line, 1, "The user's name"));
  const auto user = co_await making;
  base::JsonWriter json;
  json.object();
  write_user(json, user);
  json.end();
  co_return OperatorAnswer{true, user.arn, std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::delete_user(CommandLine line) {
  allow_options(line, {"account"});
  auto removing = service_.principals.delete_user(account_of(line), need_word(line, 1, "The user's name"));
  co_await removing;
  co_return OperatorAnswer{true, "Deleted.", "{\"deleted\":true}"};
}

base::Task<OperatorAnswer> OperatorCommands::list_users(CommandLine line) {
  allow_options(line, {"account"});
  auto listing = service_.principals.list_users(account_of(line));
  const auto users = co_await listing;
  std::string text;
  base::JsonWriter json;
  json.object().key("users").array();
  for (const auto& user : users) {
    text += fmt::format("{:<32} {}  {}\n", user.name, base::iso8601_short(user.created), user.arn);
    json.object();
    write_user(json, user);
    json.end();
  }
  json.end().end();
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::create_access_key(CommandLine line) {
  allow_options(line, {"account"});
  auto making = service_.principals.create_key(account_of(line), need_word(line, 1, "The user's name"));
  const auto key = co_await making;
  base::JsonWriter json;
  json.object();
  write_key(json, *key);
  json.field("secretAccessKey", key->secret).end();
  auto text = fmt::format("aws_access_key_id     = {}\naws_secret_access_key = {}\n", key->id, key->secret);
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::list_access_keys(CommandLine line) {
  allow_options(line, {"account"});
  auto listing = service_.principals.list_keys(account_of(line), need_word(line, 1, "The user's name"));
  const auto keys = co_await listing;
  std::string text;
  base::JsonWriter json;
  json.object().key("accessKeys").array();
  for (const auto& key : keys) {
    text += fmt::format("{}  {:<8}  {}\n", key->id, key->active ? "Active" : "Inactive",
                        base::iso8601_short(key->created));
    json.object();
    write_key(json, *key);
    json.end();
  }
  json.end().end();
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::update_access_key(CommandLine line) {
  allow_options(line, {"account", "status"});
  const auto user = need_word(line, 1, "The user's name"), id = need_word(line, 2, "The access key's id");
  const bool active =
      active_of(line.option("status") ? *line.option("status") : need_word(line, 3, "The status"));
  auto changing = service_.principals.set_key_active(account_of(line), user, id, active);
  co_await changing;
  base::JsonWriter json;
  json.object().field("accessKeyId", id).field("status", active ? "Active" : "Inactive").end();
  co_return OperatorAnswer{true, active ? "Active." : "Inactive.", std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::delete_access_key(CommandLine line) {
  allow_options(line, {"account"});
  const auto user = need_word(line, 1, "The user's name"), id = need_word(line, 2, "The access key's id");
  auto removing = service_.principals.delete_key(account_of(line), user, id);
  co_await removing;
  co_return OperatorAnswer{true, "Deleted.", "{\"deleted\":true}"};
}

// SES §11.2: a new key, and the password that its secret gives in each region.
base::Task<OperatorAnswer> OperatorCommands::smtp_credentials(CommandLine line) {
  allow_options(line, {"account", "region"});
  const auto user = need_word(line, 1, "The user's name");
  std::vector<std::string> regions = service_.settings.regions;
  if (const auto region = line.option("region")) regions = {*region};
  if (const auto* region = line.word(2)) regions = {*region};
  if (regions.empty()) regions = {default_region()};
  auto making = service_.principals.create_key(account_of(line), user);
  const auto key = co_await making;

  auto text = fmt::format("user name  {}\n", key->id);
  base::JsonWriter json;
  json.object().field("userName", user).field("smtpUserName", key->id).key("smtpPasswords").object();
  for (const auto& region : regions) {
    const auto password = aws::smtp_password(key->secret, region);
    text += fmt::format("password   {}  ({})\n", password, region);
    json.field(region, password);
  }
  json.end().field("smtpServer", "email-smtp." + service_.settings.service_domain).end();
  co_return OperatorAnswer{true, std::move(text), std::move(json).text()};
}

}  // namespace console
