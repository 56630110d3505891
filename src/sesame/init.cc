// `sesame init`: everything a production server needs before its first start, and the DNS records to publish.
#include <fmt/core.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/json.h"
#include "base/run_task.h"
#include "mail/domain.h"
#include "mail/message_id.h"
#include "ses/builtin_policies.h"
#include "ses/identity.h"
#include "ses/keyring.h"
#include "ses/principal.h"
#include "ses/schema.h"
#include "sesame/commands.h"

namespace sesame {
namespace {

namespace fs = std::filesystem;

std::string config_text(const InitRequest& r, const std::string& folder) {
  return fmt::format(R"(# Sesame in production: sesame serve --config {0}/sesame.toml
# Every setting is told in docs/guide/configuration.md.

service_domain = "{1}"       # stands where Amazon SES shows amazonses.com
regions = ["{2}"]            # region names that clients sign for
data = "{0}/data"
master_key = "{0}/master.key"

[http]
listen = ["127.0.0.1:8025"]  # put a certificate here, or a TLS proxy in front, before opening it to others
# certificate = "/etc/ssl/sesame/fullchain.pem"
# key = "/etc/ssl/sesame/privkey.pem"

# [smtp]
# starttls = ["0.0.0.0:587", "0.0.0.0:2587"]
# tls = ["0.0.0.0:465", "0.0.0.0:2465"]
# certificate = "/etc/ssl/sesame/fullchain.pem"
# key = "/etc/ssl/sesame/privkey.pem"

# [receive]
# listen = ["0.0.0.0:25"]    # bounces, complaints, and mail for receipt rules

[delivery]
mode = "mx"                  # or "relay", with relay = "192.0.2.1:25"
helo_name = "{1}"
lifetime_hours = 14

[account]
sandbox = false
max_24h_send = 50000
max_send_rate = 14
management_rate = 1          # calls a second of each action that does not send
)",
                     folder, r.service_domain, r.region);
}

struct Record {
  std::string name, type, value, why;
};

std::vector<Record> dns_records(const InitRequest& r, const std::string& selector, const mail::DkimKey& key) {
  std::vector<Record> records = {
      {r.service_domain, "A", "<address of this server>", "the API, SMTP and public links"},
      {"email-smtp." + r.service_domain, "CNAME", r.service_domain, "the SMTP interface"},
      {r.service_domain, "TXT", "v=spf1 a -all", "who may send for the return path"},
      {"feedback-smtp." + r.region + "." + r.service_domain, "A", "<address of this server>",
       "MX of return paths"},
      {"inbound-smtp." + r.region + "." + r.service_domain, "A", "<address of this server>",
       "MX of domains that receive mail"},
      {selector + "._domainkey." + r.service_domain, "TXT", key.dns_record(), "DKIM of the service domain"},
      {"_dmarc." + r.service_domain, "TXT", "v=DMARC1; p=reject", "nobody else sends as this domain"},
  };
  auto return_path = mail::default_mail_from_domain(r.region, r.service_domain);
  records.push_back({return_path, "MX", "10 feedback-smtp." + r.region + "." + r.service_domain,
                     "where bounces come back to"});
  if (return_path != r.service_domain)
    records.push_back({return_path, "TXT", "v=spf1 include:" + r.service_domain + " -all",
                       "who may send for this region's return path"});
  return records;
}

void print_text(const ses::AccessKey& key, const std::string& config, const std::vector<Record>& records) {
  fmt::print("Made {}\n\nFirst access key (the secret is shown this once):\n", config);
  fmt::print("  AWS_ACCESS_KEY_ID={}\n  AWS_SECRET_ACCESS_KEY={}\n\nDNS records to publish:\n", key.id,
             key.secret);
  for (const auto& r : records) fmt::print("  {:<40} {:<6} {}    ({})\n", r.name, r.type, r.value, r.why);
  fmt::print("\nThen: sesame serve --config {}\n", config);
}

void print_json(const ses::AccessKey& key, const std::string& config, const std::vector<Record>& records) {
  base::JsonWriter w;
  w.object().field("config", config).field("accessKeyId", key.id).field("secretAccessKey", key.secret);
  w.key("records").array();
  for (const auto& r : records)
    w.object().field("name", r.name).field("type", r.type).field("value", r.value).end();
  w.end().end();
  fmt::print("{}\n", w.text());
}

}  // namespace

int init(const InitRequest& r) {
  if (!mail::is_domain_name(r.service_domain)) throw std::runtime_error("--service-domain is not a domain");
  if (r.account.size() != 12 || r.account.find_first_not_of("0123456789") != std::string::npos)
    throw std::runtime_error("--account-id must be 12 digits");
  fs::create_directories(r.folder);
  auto folder = fs::canonical(r.folder).string();
  auto config = folder + "/sesame.toml";
  for (const auto& file : {config, folder + "/master.key", folder + "/data"})
    if (fs::exists(file)) throw std::runtime_error(file + " is there already; nothing was changed");

  auto keyring = ses::Keyring::create(folder + "/master.key");
  store::StoreOptions options;
  options.folder = folder + "/data";
  auto store = store::Store::open(options, ses::schema_steps());
  base::SystemClock clock;
  base::SystemRandom random;
  ses::Settings settings;
  settings.service_domain = r.service_domain;
  ses::Principals principals(*store, keyring, clock, random);
  ses::Identities identities(*store, keyring, settings, clock, random);
  principals.load();
  identities.load();

  ses::AccountId account(r.account);
  const ses::PrincipalName user{account, ses::PrincipalKind::user, r.user};
  base::run_task(principals.create({user}));
  base::run_task(principals.attach(user, std::string(ses::kAdministratorAccess)));
  auto key = base::run_task(principals.create_key(account, r.user));
  auto service_key = base::run_task(identities.service_key());
  std::ofstream out(config);
  out << config_text(r, folder);
  out.close();
  if (!out) throw std::runtime_error("cannot write " + config);

  auto records = dns_records(r, identities.service_selector(), *service_key);
  r.json ? print_json(*key, config, records) : print_text(*key, config, records);
  return 0;
}

}  // namespace sesame
