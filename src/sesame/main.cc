// The command line (CLI11 is heavy, so it stays in this file).
#include <CLI/CLI.hpp>

#include <cstdio>

#include "base/log.h"
#include "console/operator_client.h"
#include "console/operator_iam_help.h"
#include "sesame/commands.h"

namespace sesame {
namespace {

constexpr const char* kVersion = "0.1.0";
constexpr const char* kDevInbound = "127.0.0.1:2525";

struct DevFlags {
  std::string http = "127.0.0.1:8025", smtp = "127.0.0.1:1025", data, ready_file, log_level = "warn";
  std::string account = "000000000000", verify = "instant", deliver = "capture", relay, dns;
  std::string service_domain = "sesame.localhost", aws_endpoint, inbound, certificate, key, clamd, rspamd;
  std::vector<std::string> functions;
  std::uint16_t smtp_port = 25;
  std::size_t threads = 0;
  double management_rate = 0;
  bool strict_templates = false, sign_received = false;
  bool auto_verify = false, sandbox = false, strict_auth = false, smtputf8 = false, dkim_ed25519 = false;
};

CLI::App* add_dev(CLI::App& app, DevFlags& f) {
  auto* dev = app.add_subcommand("dev", "Capture every mail and send none: for laptops and CI");
  dev->add_option("--http", f.http, "HTTP address (port 0 picks one)")
      ->envname("SESAME_HTTP")
      ->capture_default_str();
  dev->add_option("--smtp", f.smtp, "SMTP address (port 0 picks one)")
      ->envname("SESAME_SMTP")
      ->capture_default_str();
  dev->add_option("--inbound", f.inbound,
                  "SMTP address for mail from outside (default: 127.0.0.1:2525 if it is free; none: no port)")
      ->envname("SESAME_INBOUND");
  auto* certificate = dev->add_option("--certificate", f.certificate, "PEM file: STARTTLS on the SMTP ports")
                          ->envname("SESAME_CERTIFICATE");
  auto* key = dev->add_option("--key", f.key, "PEM file of its key")->envname("SESAME_KEY");
  certificate->needs(key);
  key->needs(certificate);
  dev->add_option("--aws-endpoint", f.aws_endpoint, "URL of S3, SNS and Lambda (default: none is called)")
      ->envname("SESAME_AWS_ENDPOINT");
  dev->add_option("--clamd", f.clamd, "HOST:PORT of a clamd that scans received mail")
      ->envname("SESAME_CLAMD");
  dev->add_option("--rspamd", f.rspamd, "URL of an rspamd that scans received mail")
      ->envname("SESAME_RSPAMD");
  dev->add_flag("--sign-received", f.sign_received, "Sign received mail with X-SES-DKIM-SIGNATURE")
      ->envname("SESAME_SIGN_RECEIVED");
  dev->add_option("--function", f.functions, "ARN=URL: a hook that stands in for a Lambda function");
  dev->add_option("--data", f.data, "Keep the data in this folder (default: a temporary one)")
      ->envname("SESAME_DATA");
  dev->add_option("--ready-file", f.ready_file, "Write the addresses here once they are open")
      ->envname("SESAME_READY_FILE");
  dev->add_flag("--strict-templates", f.strict_templates,
                "A template that cannot be rendered refuses the call")
      ->envname("SESAME_STRICT_TEMPLATES");
  dev->add_flag("--auto-verify", f.auto_verify, "Any From may send")->envname("SESAME_AUTO_VERIFY");
  dev->add_flag("--sandbox", f.sandbox, "Begin in the SES sandbox")->envname("SESAME_SANDBOX");
  dev->add_flag("--strict-auth", f.strict_auth, "Check every signature and password")
      ->envname("SESAME_STRICT_AUTH");
  dev->add_flag("--dkim-ed25519", f.dkim_ed25519, "Sign with Ed25519 too")->envname("SESAME_DKIM_ED25519");
  dev->add_flag("--smtputf8", f.smtputf8, "Take non-ASCII addresses, which SES does not")
      ->envname("SESAME_SMTPUTF8");
  dev->add_option("--account-id", f.account, "Account of unknown access keys")
      ->envname("SESAME_ACCOUNT_ID")
      ->check(CLI::Validator(
          [](const std::string& s) {
            bool digits = s.size() == 12 && s.find_first_not_of("0123456789") == std::string::npos;
            return digits ? std::string() : std::string("must be 12 digits");
          },
          "12 digits"))
      ->capture_default_str();
  dev->add_option("--verify", f.verify, "How identities are verified")
      ->envname("SESAME_VERIFY")
      ->check(CLI::IsMember({"instant", "dns"}))
      ->capture_default_str();
  dev->add_option("--deliver", f.deliver, "Where mail goes")
      ->envname("SESAME_DELIVER")
      ->check(CLI::IsMember({"capture", "relay", "mx"}))
      ->capture_default_str();
  dev->add_option("--relay", f.relay, "HOST:PORT of the relay for --deliver=relay")->envname("SESAME_RELAY");
  dev->add_option("--dns", f.dns, "HOST:PORT of the DNS server to ask")->envname("SESAME_DNS");
  dev->add_option("--mx-port", f.smtp_port, "Port of MX hosts (tests)")->envname("SESAME_MX_PORT");
  dev->add_option("--service-domain", f.service_domain, "Stands where SES shows amazonses.com")
      ->envname("SESAME_SERVICE_DOMAIN")
      ->capture_default_str();
  dev->add_option("--management-rate", f.management_rate, "Calls a second of each action but sends (0: any)")
      ->envname("SESAME_MANAGEMENT_RATE")
      ->check(CLI::Range(0.0, 1e9));
  dev->add_option("--threads", f.threads, "Event loops (default: one per core)")->envname("SESAME_THREADS");
  dev->add_option("--log", f.log_level, "debug, info, warn or error")
      ->envname("SESAME_LOG")
      ->capture_default_str();
  return dev;
}

net::HttpUrl url_of(const std::string& text, const char* flag) {
  auto url = net::parse_http_url(text);
  if (!url) throw std::runtime_error(std::string(flag) + ": \"" + text + "\" is not an HTTP URL");
  return *url;
}

void set_inbound(const std::string& given, Inbound& in) {
  in.may_be_taken = given.empty();
  in.connection_rate = in.mail_rate = 0;
  in.connections_per_source = 1000;
  if (given != "none") in.listen = {endpoint_of(given.empty() ? kDevInbound : given, "--inbound")};
}

void set_receiving(const DevFlags& f, Config& c) {
  set_inbound(f.inbound, c.inbound);
  if (!f.aws_endpoint.empty()) {
    c.receiving.aws.endpoint = url_of(f.aws_endpoint, "--aws-endpoint");
    c.receiving.aws.credentials = aws::Credentials{"test", "test", {}};
  }
  c.receiving.sign = f.sign_received;
  if (!f.clamd.empty()) c.receiving.scanners.clamd = endpoint_of(f.clamd, "--clamd");
  if (!f.rspamd.empty()) c.receiving.scanners.rspamd = url_of(f.rspamd, "--rspamd");
  for (const auto& given : f.functions) {
    const auto equals = given.find('=');
    if (equals == std::string::npos) throw std::runtime_error("--function: \"" + given + "\" is not ARN=URL");
    c.receiving.functions[given.substr(0, equals)] = url_of(given.substr(equals + 1), "--function");
  }
}

Config dev_config(const DevFlags& f) {
  Config c;
  auto& s = c.settings;
  s.dev = true;
  s.service_domain = f.service_domain;
  s.dev_account = f.account;
  s.verify = f.verify == "dns" ? ses::VerifyMode::dns : ses::VerifyMode::instant;
  s.strict_templates = f.strict_templates;
  s.auto_verify = f.auto_verify;
  s.sandbox = f.sandbox;
  s.smtputf8 = f.smtputf8;
  s.dkim_ed25519 = f.dkim_ed25519;
  c.strict_auth = f.strict_auth;
  c.management_rate = f.management_rate;
  c.data = f.data;
  c.ready_file = f.ready_file;
  c.http = {endpoint_of(f.http, "--http")};
  c.smtp = {{endpoint_of(f.smtp, "--smtp"), false}};
  c.smtp_certificate = f.certificate;
  c.smtp_key = f.key;
  set_receiving(f, c);
  c.threads = f.threads;
  c.log_level = f.log_level;
  if (!f.dns.empty()) c.dns = endpoint_of(f.dns, "--dns");
  auto& d = c.delivery;
  d.helo_name = f.service_domain;
  d.smtp_port = f.smtp_port;
  if (f.deliver == "mx") d.mode = deliver::Mode::mx;
  if (f.deliver == "relay" || (!f.relay.empty() && f.deliver == "capture")) {
    if (f.relay.empty()) throw std::runtime_error("--deliver=relay needs --relay HOST:PORT");
    d.mode = deliver::Mode::relay;
    d.relay = endpoint_of(f.relay, "--relay");
    d.relay_name = d.relay.address;
  }
  return c;
}

struct ClientFlags {
  std::string data;
  bool json = false;
};

// Commands that ask the running server over its socket: `sesame trace ID`, `sesame iam create-user bob`.
CLI::App* add_client(CLI::App& app, ClientFlags& f, const std::string& name, const std::string& help) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("--data", f.data, "The server's data folder")->envname("SESAME_DATA")->required();
  command->add_flag("--json", f.json, "Answer in JSON");
  command->allow_extras();  // what to do and with what, in the order given: the server knows its own options
  return command;
}

int run(int argc, char** argv) {
  CLI::App app("Sesame: Amazon SES that you own");
  app.set_version_flag("--version", std::string("sesame ") + kVersion);
  app.require_subcommand(1);

  DevFlags dev_flags;
  auto* dev = add_dev(app, dev_flags);

  std::string config_file = "sesame.toml", ready_file;
  auto* serve = app.add_subcommand("serve", "Queue, sign, deliver, retry and report: for production");
  serve->add_option("--config", config_file, "Configuration file")
      ->envname("SESAME_CONFIG")
      ->capture_default_str();
  serve->add_option("--ready-file", ready_file, "Write the addresses here once they are open")
      ->envname("SESAME_READY_FILE");

  InitRequest init_request;
  auto* init_command =
      app.add_subcommand("init", "Make a configuration, the master key and a first access key");
  init_command->add_option("folder", init_request.folder, "Where to put them")->capture_default_str();
  init_command->add_option("--service-domain", init_request.service_domain, "Your domain for this service")
      ->required();
  init_command->add_option("--region", init_request.region, "Region name clients will sign for")
      ->capture_default_str();
  init_command->add_option("--account-id", init_request.account, "12-digit account")->capture_default_str();
  init_command->add_option("--user", init_request.user, "Name of the first user")->capture_default_str();
  init_command->add_flag("--json", init_request.json, "Answer in JSON");

  CoverageRequest coverage;
  auto* api = app.add_subcommand("api", "What of the SES APIs is built");
  bool ask_coverage = false;
  api->add_flag("--coverage", ask_coverage, "Built and total operations, and the missing names")->required();
  api->add_flag("--table", coverage.table, "As the table of docs/api-coverage.md");

  ClientFlags client;
  std::vector<CLI::App*> clients = {
      add_client(app, client, "trace", "What became of a message: sesame trace ID"),
      add_client(app, client, "queue", "What waits, and for whom"),
      add_client(app, client, "received",
                 "What came in, and what its rules did: sesame received [waiting|failed] [--limit N]"),
      add_client(app, client, "iam",
                 "Users, groups, roles, policies, access keys, SMTP credentials, master key"),
      add_client(app, client, "account", "Show or set sandbox, quota, rate and sending"),
      add_client(
          app, client, "dns",
          "What a domain should publish, and what it does: sesame dns check DOMAIN, sesame dns service"),
      add_client(app, client, "audit",
                 "Who was let do what, and who was not: --denied, --principal, --from, …"),
  };

  app.get_subcommand("iam")->footer("Commands:\n" + console::iam_help());

  CLI11_PARSE(app, argc, argv);

  if (*dev) return run_server(dev_config(dev_flags));
  if (*serve) {
    auto config = read_config(config_file);
    if (!ready_file.empty()) config.ready_file = ready_file;
    return run_server(std::move(config));
  }
  if (*init_command) return init(init_request);
  if (*api) return api_coverage(coverage);
  for (auto* command : clients) {
    if (!*command) continue;
    auto words = command->remaining();
    if (command->get_name() == "iam") words = console::with_documents(words);
    return console::ask_operator(client.data, command->get_name(), words, client.json);
  }
  return 2;
}

}  // namespace
}  // namespace sesame

int main(int argc, char** argv) {
  try {
    return sesame::run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "sesame: %s\n", e.what());
    return 1;
  }
}
