#include "sesame/config.h"

#include <toml++/toml.h>

#include <fstream>
#include <set>
#include <stdexcept>

#include "base/encoding.h"
#include "mail/domain.h"

namespace sesame {
namespace {

// A table being read: every key that is asked for is noted, so that a mistyped one is a fault and not
// silence.
class Table {
 public:
  Table(const toml::table* table, std::string name) : table_(table), name_(std::move(name)) {}

  Table child(const std::string& key) {
    seen_.insert(key);
    if (!table_ || !table_->contains(key)) return {nullptr, path(key)};
    const auto* t = (*table_)[key].as_table();
    if (!t) fail(key, "must be a table");
    return {t, path(key)};
  }

  template <class T>
  std::optional<T> get(const std::string& key, const char* kind) {
    seen_.insert(key);
    if (!table_ || !table_->contains(key)) return std::nullopt;
    auto value = (*table_)[key].value<T>();
    if (!value) fail(key, kind);
    return value;
  }
  void text(const std::string& key, std::string& into) {
    if (auto v = get<std::string>(key, "must be a text")) into = *v;
  }
  void flag(const std::string& key, bool& into) {
    if (auto v = get<bool>(key, "must be true or false")) into = *v;
  }
  template <class N>
  void number(const std::string& key, N& into, double least, double most) {
    auto v = get<double>(key, "must be a number");
    if (!v) return;
    if (*v < least || *v > most) fail(key, "is out of range");
    into = static_cast<N>(*v);
  }
  std::vector<std::string> texts(const std::string& key) {
    seen_.insert(key);
    std::vector<std::string> out;
    if (!table_ || !table_->contains(key)) return out;
    const auto* list = (*table_)[key].as_array();
    if (!list) fail(key, "must be a list of texts");
    for (const auto& item : *list) {
      auto value = item.value<std::string>();
      if (!value) fail(key, "must be a list of texts");
      out.push_back(*value);
    }
    return out;
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> out;
    if (table_)
      for (const auto& [key, value] : *table_) out.emplace_back(key.str());
    return out;
  }

  void no_other_keys() const {
    if (!table_) return;
    for (const auto& [key, value] : *table_)
      if (!seen_.contains(std::string(key.str()))) fail(std::string(key.str()), "is not a setting of Sesame");
  }
  [[noreturn]] void fail(const std::string& key, const std::string& why) const {
    throw std::runtime_error(path(key) + " " + why);
  }
  std::string path(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }

 private:
  const toml::table* table_;
  std::string name_;
  std::set<std::string> seen_;
};

void read_http(Table table, Config& c) {
  for (const auto& text : table.texts("listen")) c.http.push_back(endpoint_of(text, table.path("listen")));
  table.number("connections_per_source", c.http_connections_per_source, 1, 1000000);
  table.text("certificate", c.http_certificate);
  table.text("key", c.http_key);
  if (c.http_certificate.empty() != c.http_key.empty()) table.fail("certificate", "and key belong together");
  table.no_other_keys();
}

void read_smtp(Table table, Config& c) {
  for (const auto& text : table.texts("starttls"))
    c.smtp.push_back({endpoint_of(text, table.path("starttls")), false});
  for (const auto& text : table.texts("tls")) c.smtp.push_back({endpoint_of(text, table.path("tls")), true});
  table.number("connections_per_source", c.smtp_connections_per_source, 1, 1000000);
  table.text("certificate", c.smtp_certificate);
  table.text("key", c.smtp_key);
  if (!c.smtp.empty() && (c.smtp_certificate.empty() || c.smtp_key.empty()))
    table.fail("certificate", "and key are needed: no password is taken in plain text");
  table.no_other_keys();
}

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line)) throw std::runtime_error("cannot read " + file);
  return line;
}

void read_relay(Table& table, deliver::Options& d) {
  std::string relay, user, password_file;
  table.text("relay", relay);
  table.text("relay_user", user);
  table.text("relay_password_file", password_file);
  table.flag("relay_tls_required", d.relay_tls_required);
  table.flag("relay_tls_from_start", d.relay_tls_from_start);
  table.flag("relay_plain_auth", d.relay_plain_auth);
  if (d.mode != deliver::Mode::relay) return;
  if (relay.empty()) table.fail("relay", "is needed with mode = \"relay\"");
  d.relay = endpoint_of(relay, table.path("relay"));
  d.relay_name = d.relay.address;
  if (!user.empty()) d.relay_credentials = {user, first_line(password_file)};
}

void read_delivery(Table table, Config& c) {
  auto& d = c.delivery;
  std::string mode = "mx", dns;
  table.text("mode", mode);
  if (mode == "mx") {
    d.mode = deliver::Mode::mx;
  } else if (mode == "relay") {
    d.mode = deliver::Mode::relay;
  } else {
    table.fail("mode", "must be \"mx\" or \"relay\"");
  }
  read_relay(table, d);
  table.text("helo_name", d.helo_name);
  table.text("dns", dns);
  if (!dns.empty()) c.dns = endpoint_of(dns, table.path("dns"));
  table.text("tls_ca_file", d.tls_ca_file);
  table.number("smtp_port", d.smtp_port, 1, 65535);
  table.flag("ipv4", d.ipv4);
  table.flag("ipv6", d.ipv6);
  table.flag("tls_required", d.tls_required);
  table.number("site_connections", d.site_connections, 1, 1000);
  table.number("site_mails_per_connection", d.site_mails_per_connection, 1, 100000);
  table.number("memory_deliveries", d.memory_deliveries, 100, 10000000);
  double seconds = 300, longest = 7200, hours = 14;
  table.number("first_retry_seconds", seconds, 1, 86400);
  table.number("longest_retry_seconds", longest, 1, 86400);
  table.number("lifetime_hours", hours, 0.01, 24 * 14);
  d.first_retry = std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  d.longest_retry = std::chrono::milliseconds{static_cast<std::int64_t>(longest * 1000)};
  c.settings.lifetime = std::chrono::milliseconds{static_cast<std::int64_t>(hours * 3600000)};
  table.no_other_keys();
}

void read_account(Table table, Config& c) {
  table.flag("sandbox", c.settings.sandbox);
  table.number("max_24h_send", c.settings.max_24h, -1, 1e12);
  table.number("max_send_rate", c.settings.max_rate, 0, 1e9);
  table.number("management_rate", c.management_rate, 0, 1e9);
  table.no_other_keys();
}

void read_audit(Table table, Config& c) {
  std::string allows = "folded";
  table.text("allows", allows);
  if (allows == "none") {
    c.audit.allows = ses::AuditAllows::none;
  } else if (allows == "all") {
    c.audit.allows = ses::AuditAllows::all;
  } else if (allows != "folded") {
    table.fail("allows", "must be \"folded\", \"all\" or \"none\"");
  }
  double days = 90;
  table.number("keep_days", days, 0.04, 3650);
  c.audit.keep = std::chrono::hours{static_cast<std::int64_t>(days * 24)};
  table.number("most_rows", c.audit.most_rows, 1000, 1e9);
  table.no_other_keys();
}

void read_login(Table table, Config& c) {
  auto& t = c.throttle;
  table.number("free_failures", t.free_failures, 0, 100000);
  table.number("free_failures_of_key", t.free_failures_of_key, 0, 100000);
  double first = 0.25, longest = 10, memory = 900;
  table.number("first_delay_seconds", first, 0, 60);
  table.number("longest_delay_seconds", longest, 0, 60);
  table.number("memory_seconds", memory, 1, 86400);
  t.first_delay = std::chrono::milliseconds{static_cast<std::int64_t>(first * 1000)};
  t.longest_delay = std::chrono::milliseconds{static_cast<std::int64_t>(longest * 1000)};
  t.memory = std::chrono::seconds{static_cast<std::int64_t>(memory)};
  table.number("waiting", t.waiting, 1, 100000);
  table.number("waiting_per_source", t.waiting_per_source, 1, 100000);
  table.no_other_keys();
}

net::HttpUrl url_of(const Table& table, const std::string& key, const std::string& text) {
  auto url = net::parse_http_url(text);
  if (!url) table.fail(key, "is not an HTTP URL");
  return *url;
}

void read_inbound(Table& table, Inbound& in) {
  for (const auto& text : table.texts("listen")) in.listen.push_back(endpoint_of(text, table.path("listen")));
  for (const auto& text : table.texts("feedback_listen"))
    in.feedback.push_back(endpoint_of(text, table.path("feedback_listen")));
  table.text("certificate", in.certificate);
  table.text("key", in.key);
  if (in.certificate.empty() != in.key.empty()) table.fail("certificate", "and key belong together");
  table.number("connections_per_source", in.connections_per_source, 1, 1000000);
  table.number("connection_rate", in.connection_rate, 0, 1e9);
  table.number("mail_rate", in.mail_rate, 0, 1e9);
}

void read_receive(Table table, Config& c) {
  read_inbound(table, c.inbound);
  table.text("folder", c.receiving.folder);
  double days = 14;
  table.number("feedback_days", days, 0.05, 3650);
  c.receiving.feedback_life = std::chrono::hours{static_cast<std::int64_t>(days * 24)};
  std::string clamd, rspamd;
  table.flag("sign", c.receiving.sign);
  table.text("clamd", clamd);
  table.text("rspamd", rspamd);
  if (!clamd.empty()) c.receiving.scanners.clamd = endpoint_of(clamd, table.path("clamd"));
  if (!rspamd.empty()) c.receiving.scanners.rspamd = url_of(table, "rspamd", rspamd);
  auto functions = table.child("functions");
  for (const auto& arn : functions.keys()) {
    std::string url;
    functions.text(arn, url);
    c.receiving.functions[arn] = url_of(functions, arn, url);
  }
  functions.no_other_keys();
  table.no_other_keys();
}

void read_aws(Table table, Config& c) {
  std::string endpoint, id, secret, file;
  table.text("endpoint", endpoint);
  table.text("access_key_id", id);
  table.text("secret_access_key", secret);
  table.text("secret_access_key_file", file);
  if (!endpoint.empty()) c.receiving.aws.endpoint = url_of(table, "endpoint", endpoint);
  if (!file.empty()) secret = first_line(file);
  if (id.empty() != secret.empty()) table.fail("access_key_id", "and a secret belong together");
  if (!id.empty()) c.receiving.aws.credentials = aws::Credentials{id, secret, {}};
  table.no_other_keys();
}

void check(const Config& c) {
  if (c.data.empty()) throw std::runtime_error("data is needed: the folder that holds the mail");
  if (c.settings.regions.empty()) throw std::runtime_error("regions needs at least one name");
  if (!mail::is_domain_name(c.settings.service_domain))
    throw std::runtime_error("service_domain is not a domain");
  if (c.http.empty() && c.smtp.empty()) throw std::runtime_error("neither http.listen nor smtp names a port");
}

}  // namespace

net::Endpoint endpoint_of(const std::string& text, const std::string& what) {
  auto endpoint = net::parse_endpoint(text);
  if (!endpoint) throw std::runtime_error(what + ": \"" + text + "\" is not HOST:PORT");
  if (endpoint->address == "localhost") endpoint->address = "127.0.0.1";
  if (!net::is_ip_address(endpoint->address))
    throw std::runtime_error(what + ": \"" + endpoint->address + "\" is not an IP address");
  return *endpoint;
}

Config read_config(const std::string& file) {
  toml::table root;
  try {
    root = toml::parse_file(file);
  } catch (const toml::parse_error& e) {
    throw std::runtime_error(file + ": line " + std::to_string(e.source().begin.line) + ": " +
                             std::string(e.description()));
  }
  Config c;
  c.settings.service_domain.clear();
  try {
    Table table(&root, "");
    table.text("data", c.data);
    table.text("master_key", c.master_key_file);
    table.text("service_domain", c.settings.service_domain);
    table.text("link_base", c.settings.link_base);
    c.settings.regions = table.texts("regions");
    table.text("log_level", c.log_level);
    table.number("threads", c.threads, 0, 1024);
    table.flag("smtputf8", c.settings.smtputf8);
    table.flag("dkim_ed25519", c.settings.dkim_ed25519);
    double retention = 14;
    table.number("retention_days", retention, 0.04, 3650);
    c.settings.retention = std::chrono::hours{static_cast<std::int64_t>(retention * 24)};
    read_http(table.child("http"), c);
    read_smtp(table.child("smtp"), c);
    read_delivery(table.child("delivery"), c);
    read_receive(table.child("receive"), c);
    read_aws(table.child("aws"), c);
    read_account(table.child("account"), c);
    read_audit(table.child("audit"), c);
    read_login(table.child("login"), c);
    table.no_other_keys();
    check(c);
  } catch (const std::runtime_error& e) {
    throw std::runtime_error(file + ": " + e.what());
  }
  if (c.settings.link_base.empty()) c.settings.link_base = "https://" + c.settings.service_domain;
  if (c.delivery.helo_name.empty()) c.delivery.helo_name = c.settings.service_domain;
  return c;
}

}  // namespace sesame
