#include "sesame/runtime.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "api/gateway.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/run_task.h"
#include "compose/signer.h"
#include "console/console.h"
#include "console/operator.h"
#include "links/links.h"
#include "net/byte_budget.h"
#include "receive/door.h"
#include "receive/receiver.h"
#include "send/system_mailer.h"
#include "ses/schema.h"
#include "ses/verification.h"
#include "store/folder.h"
#include "submission/door.h"

namespace sesame {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMailInFlight = 384u << 20, kSmallMail = 64u << 20;

std::size_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }

// The data folder: the operator's, or a temporary one that goes with the process.
class DataFolder {
 public:
  explicit DataFolder(const std::string& wanted) : path_(wanted), temporary_(wanted.empty()) {
    if (!temporary_) {
      store::make_folder(path_, true);  // for nobody else to look into
      return;
    }
    std::string pattern = (fs::temp_directory_path() / "sesame-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
    path_ = pattern;
  }
  ~DataFolder() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_;
};

ses::Keyring open_keyring(const Config& config, const std::string& data) {
  if (data.empty() || (config.settings.dev && config.data.empty())) return ses::Keyring::ephemeral();
  auto file = config.master_key_file.empty() ? data + "/master.key" : config.master_key_file;
  if (config.settings.dev && !fs::exists(file)) return ses::Keyring::create(file);
  return ses::Keyring::open(file);
}

store::StoreOptions store_options(const Config& config, const std::string& data) {
  store::StoreOptions o;
  o.folder = data;
  o.durable = config.durable();
  return o;
}

}  // namespace

struct Runtime::Impl {
  explicit Impl(Config c)
      : config(std::move(c)),
        data(config.data),
        keyring(open_keyring(config, data.path())),
        store(store::Store::open(store_options(config, data.path()), ses::schema_steps())),
        heavy(2),
        principals(*store, keyring, clock, random),
        accounts(*store, config.settings, clock),
        identities(*store, keyring, config.settings, clock, random),
        contact_lists(*store, clock),
        contacts(*store, contact_lists, clock),
        messages(*store, config.durable(), config.settings.dev),
        templates(*store, config.settings, clock),
        custom_verifications(*store, identities, config.settings, clock),
        receipt(*store, identities, clock),
        received(*store, config.durable()) {
    config.settings.receives = !config.inbound.listen.empty() || !config.inbound.feedback.empty();
  }

  Config config;
  DataFolder data;
  base::MovableClock clock;
  base::SystemRandom random;
  ses::Keyring keyring;
  // Before the store and the pool: what they still finish resumes coroutines of the loops.
  std::unique_ptr<net::LoopPool> loops;
  std::unique_ptr<store::Store> store;
  base::HeavyPool heavy;
  ses::Principals principals;
  ses::Accounts accounts;
  ses::AccountFeatures account_features{*store};
  ses::SuppressionList suppression{*store, clock};
  ses::Identities identities;
  ses::ConfigurationSets configuration_sets{*store, identities, clock};
  ses::ContactLists contact_lists;
  ses::Contacts contacts;
  ses::Messages messages;
  ses::Templates templates;
  ses::CustomVerifications custom_verifications;
  ses::Audit audit{*store, clock, config.audit};
  ses::LoginThrottle throttle{config.throttle, random};
  ses::Receipt receipt;
  ses::Received received;

  // Of mail that is taken in or worked on, by both doors (ARCHITECTURE, what is bounded).
  std::shared_ptr<net::ByteBudget> intake = std::make_shared<net::ByteBudget>(kMailInFlight, kSmallMail);
  std::unique_ptr<net::Resolver> dns, cache;
  std::unique_ptr<compose::Signer> signer;
  std::unique_ptr<compose::Composer> composer;
  std::unique_ptr<deliver::Dispatcher> dispatcher;
  std::unique_ptr<send::Service> service;
  std::unique_ptr<send::SystemMailer> mailer;
  std::unique_ptr<ses::VerificationPoller> poller;
  std::unique_ptr<net::TlsClientContext> outgoing_tls;
  std::unique_ptr<receive::Receiver> receiver;
  std::unique_ptr<api::Gateway> gateway;
  std::unique_ptr<console::Console> console;
  std::unique_ptr<net::TlsServerContext> http_tls, smtp_tls, inbound_tls;
  std::unique_ptr<net::HttpServer> http;
  std::unique_ptr<submission::SmtpDoor> door;
  std::unique_ptr<receive::InboundDoor> inbound;
  std::unique_ptr<console::OperatorSocket> socket;
  std::atomic<bool> stopping{false};
  std::string ports;

  void load();
  void build_delivery();
  void build_receiving();
  void open_console();
  void open_http();
  void open_smtp();
  void open_inbound();
  void close_doors(net::Deadline deadline);
  base::Task<net::HttpResponse> answer(net::HttpRequest request);
  base::Task<void> sweep();
  base::Task<void> save_uses();
  base::Task<void> keep_uses();
  base::Task<void> forget_state();
};

void Runtime::Impl::load() {
  principals.load();
  accounts.load();
  account_features.load();
  suppression.load();
  identities.load();
  configuration_sets.load();
  contact_lists.load();
  receipt.load();
  received.load();
  messages.load();
}

void Runtime::Impl::build_delivery() {
  loops = std::make_unique<net::LoopPool>(config.threads ? config.threads : cores());
  net::UnboundOptions options;
  options.server = config.dns;
  dns = net::make_unbound_resolver(options);
  cache = net::make_caching_resolver(*dns, clock);
  signer = std::make_unique<compose::Signer>(cores());
  composer = std::make_unique<compose::Composer>(*store, messages, identities, templates, config.settings,
                                                 clock, heavy, *signer);
  deliver::Environment env{
      .loops = *loops,
      .store = *store,
      .clock = clock,
      .random = random,
      .settings = config.settings,
      .messages = messages,
      .accounts = accounts,
      .suppression = suppression,
      .composer = *composer,
      .resolver = *cache,
  };
  dispatcher = std::make_unique<deliver::Dispatcher>(env, config.delivery);
  service = std::make_unique<send::Service>(send::Service{
      .settings = config.settings,
      .store = *store,
      .clock = clock,
      .random = random,
      .heavy = heavy,
      .keyring = keyring,
      .principals = principals,
      .accounts = accounts,
      .account_features = account_features,
      .identities = identities,
      .configuration_sets = configuration_sets,
      .contact_lists = contact_lists,
      .contacts = contacts,
      .suppression = suppression,
      .messages = messages,
      .templates = templates,
      .custom_verifications = custom_verifications,
      .receipt = receipt,
      .received = received,
      .dispatcher = *dispatcher,
      .audit = audit,
      .throttle = throttle,
      .fresh_dns = *dns,
  });
  mailer = std::make_unique<send::SystemMailer>(*service, loops->at(0));
  // Without our cache: who has just published a record must not wait for a "no" of a minute ago to age.
  poller = std::make_unique<ses::VerificationPoller>(identities, *dns, config.settings, clock, loops->at(0));
}

namespace {
net::HttpResponse plain(int status, std::string text) {
  net::HttpResponse r;
  r.status = status;
  r.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  r.body = std::move(text);
  return r;
}
}  // namespace

// One port, many services, told apart by path (ARCHITECTURE 3.3).
base::Task<net::HttpResponse> Runtime::Impl::answer(net::HttpRequest request) {
  if (console && console::Console::serves(request)) co_return co_await console->handle(std::move(request));
  if (links::serves(request)) co_return co_await links::handle(*service, std::move(request));
  if (api::Gateway::serves(request)) co_return co_await gateway->handle(std::move(request));
  co_return plain(404, "There is nothing here.\n");
}

constexpr const char* kStateTables[] = {
    "account",
    "sent_minute",
    "send_point",
    "principal",
    "access_key",
    "access_record",
    "identity",
    "system_mail",
    "template",
    "template_version",
    "configuration_set",
    "event_destination",
    "suppressed",
    "account_feature",
    "contact_list",
    "contact_topic",
    "contact",
    "contact_choice",
    "contact_gone",
    "identity_policy",
    "identity_certificate",
    "custom_verification",
    "principal_member",
    "inline_policy",
    "attached_policy",
    "managed_policy",
    "managed_policy_version",
    "receipt_rule_set",
    "receipt_rule",
    "receipt_filter",
};

// Dev mode's reset: all but the mail, which the console sees to.
base::Task<void> Runtime::Impl::forget_state() {
  std::function<void(store::Db&)> work = [this](store::Db& db) {
    received.remove_all(db);
    for (auto* table : kStateTables) db.execute(std::string("DELETE FROM ") + table);
  };
  co_await store->write(std::move(work));
  std::function<void()> reload = [this] {
    principals.load();
    accounts.load();
    account_features.load();
    suppression.load();
    identities.load();
    templates.load();
    configuration_sets.load();
    contact_lists.load();
    audit.forget();
    throttle.forget();
    receipt.load();
  };
  co_await heavy.run(std::move(reload));
}

// Mail that comes in.
void Runtime::Impl::build_receiving() {
  auto options = config.receiving;
  options.durable = config.durable();
  if (config.settings.dev) {
    options.make_buckets = options.capture = true;
    options.ask_dns = !config.dns.address.empty();
  }
  if (options.folder.empty() && !options.aws.usable()) {
    options.folder = data.path() + "/buckets";
    store::make_folder(options.folder, true);
  }
  outgoing_tls = std::make_unique<net::TlsClientContext>(config.delivery.tls_ca_file, true);
  receiver = std::make_unique<receive::Receiver>(*service, *loops, *cache, *outgoing_tls, *signer,
                                                 std::move(options));
}

namespace {
base::Task<std::vector<std::string>> take_inbound(receive::Intake* intake, console::InboundMail mail) {
  receive::Envelope envelope{std::move(mail.sender), std::move(mail.recipients), std::move(mail.source_ip),
                             std::move(mail.helo), std::move(mail.tls_version)};
  auto storing = intake->store(std::move(envelope), std::move(mail.content));
  co_return co_await storing;
}
}  // namespace

void Runtime::Impl::open_console() {
  console::ConsoleOptions options;
  options.capture = config.delivery.mode == deliver::Mode::capture;
  options.reset_state = [this] { return forget_state(); };
  options.receive = [this](console::InboundMail mail) {
    return take_inbound(&receiver->intake(), std::move(mail));
  };
  options.settle_received = [this] { return receiver->pipeline().settle(); };
  console = std::make_unique<console::Console>(*service, clock, options);
}

void Runtime::Impl::open_http() {
  if (config.http.empty()) return;
  net::HttpServerOptions options;
  options.max_connections_per_source = config.http_connections_per_source;
  options.body_limit = [this](const net::HttpRequest& head) {
    if (console && head.path() == "/_sesame/inbound") return receive::kMostOctets;
    return links::serves(head) ? links::kMaxBody : gateway->body_limit(head);
  };
  options.budget = intake;
  options.too_large = [this](const net::HttpRequest& head) { return gateway->too_large(head); };
  if (!config.http_certificate.empty()) {
    http_tls = std::make_unique<net::TlsServerContext>(config.http_certificate, config.http_key);
    options.tls = http_tls.get();
  }
  http = std::make_unique<net::HttpServer>(
      *loops, options, [this](net::HttpRequest request) { return answer(std::move(request)); });
  for (const auto& endpoint : config.http) {
    auto open = http->listen(endpoint);
    ports += "http=" + open.text() + "\n";
    // Dev mode's links lead back here; nobody is told the port before all are open.
    if (!config.settings.dev || !config.settings.link_base.empty()) continue;
    if (open.address == "0.0.0.0" || open.address == "::") open.address = "127.0.0.1";
    config.settings.link_base = "http://" + open.text();
  }
}

void Runtime::Impl::open_smtp() {
  if (config.smtp.empty()) return;
  submission::DoorOptions options;
  options.strict_auth = config.strict_auth;
  options.budget = intake;
  options.connections_per_source = config.smtp_connections_per_source;
  if (!config.smtp_certificate.empty()) {
    smtp_tls = std::make_unique<net::TlsServerContext>(config.smtp_certificate, config.smtp_key);
    options.tls = smtp_tls.get();
  }
  door = std::make_unique<submission::SmtpDoor>(*service, *loops, options);
  for (const auto& port : config.smtp)
    ports += (port.tls_from_start ? "smtps=" : "smtp=") +
             door->listen(port.endpoint, port.tls_from_start).text() + "\n";
}

void Runtime::Impl::open_inbound() {
  const auto& in = config.inbound;
  if (in.listen.empty() && in.feedback.empty()) return;
  receive::DoorOptions options;
  options.budget = intake;
  options.connections_per_source = in.connections_per_source;
  options.connection_rate = in.connection_rate;
  options.mail_rate = in.mail_rate;
  options.session.max_message = receive::kMostOctets;
  if (!in.certificate.empty()) inbound_tls = std::make_unique<net::TlsServerContext>(in.certificate, in.key);
  options.tls = inbound_tls ? inbound_tls.get() : smtp_tls.get();
  inbound = std::make_unique<receive::InboundDoor>(*service, receiver->intake(), *loops, options);
  const auto open = [&](const std::vector<net::Endpoint>& endpoints, const char* name, bool filtered) {
    for (const auto& endpoint : endpoints) ports += name + inbound->listen(endpoint, filtered).text() + "\n";
  };
  try {
    open(in.listen, "inbound=", true);
  } catch (const std::runtime_error& e) {
    if (!in.may_be_taken) throw;
    base::log_warn("no port for mail from outside: {}", e.what());
  }
  open(in.feedback, "feedback=", false);
}

// Old messages and traces go, a few at a time (Settings::retention).
base::Task<void> Runtime::Impl::sweep() {
  constexpr std::size_t kAtOnce = 200;
  while (!stopping) {
    auto* held = &messages;
    auto before = clock.now() - config.settings.retention;
    std::size_t gone = 0;
    try {
      auto work = [held, before](store::Db& db) { return held->sweep(db, before, kAtOnce); };
      gone = co_await store->write_value(std::move(work));
      auto* mails = &received;
      auto now = clock.now();
      auto forget = [mails, now, before](store::Db& db) { return mails->sweep(db, now, before, kAtOnce); };
      auto forgotten = co_await store->write_value(std::move(forget));
      if (forgotten == kAtOnce) gone = kAtOnce;
      auto purge = [](store::Db& db) { return ses::Contacts::purge(db, 1000); };
      auto purged = co_await store->write_value(std::move(purge));
      if (purged > 0) gone = kAtOnce;
    } catch (const std::exception& e) {
      base::log_warn("sweeping old messages failed: {}", e.what());
    }
    auto wait = gone == kAtOnce ? std::chrono::seconds{1} : std::chrono::seconds{600};
    co_await loops->at(0).sleep_for(wait);
  }
}

// When keys were last used is written every while, not with each request.
base::Task<void> Runtime::Impl::save_uses() {
  try {
    auto saving = principals.save_uses();
    co_await saving;
  } catch (const std::exception& e) {
    base::log_warn("when keys were last used cannot be kept: {}", e.what());
  }
}

base::Task<void> Runtime::Impl::keep_uses() {
  while (!stopping) {
    auto saving = save_uses();
    co_await saving;
    auto wait = loops->at(0).sleep_for(std::chrono::seconds{20});
    co_await wait;
  }
}

// All at once: one slow client of one door takes nothing from the time of the others.
void Runtime::Impl::close_doors(net::Deadline deadline) {
  const std::jthread submissions([&] {
    if (door) door->drain(deadline);
  });
  const std::jthread received([&] {
    if (inbound) inbound->drain(deadline);
  });
  if (http) http->drain(deadline);
}

Runtime::Runtime(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Runtime::~Runtime() = default;

void Runtime::start() {
  auto& i = *impl_;
  i.load();
  i.build_delivery();
  i.build_receiving();
  i.gateway = std::make_unique<api::Gateway>(
      *i.service, api::registry(), api::GatewayOptions{i.config.strict_auth, i.config.management_rate});
  if (i.config.settings.dev) i.open_console();
  i.open_http();
  i.open_smtp();
  i.open_inbound();
  i.socket = std::make_unique<console::OperatorSocket>(*i.service, i.data.path() + "/sesame.sock");
  i.dispatcher->start();
  i.mailer->start();
  i.receiver->pipeline().start();
  i.poller->start();
  i.audit.start(i.loops->at(0));
  i.loops->at(0).post([impl = impl_.get()] { base::spawn(impl->sweep()); });
  i.loops->at(0).post([impl = impl_.get()] { base::spawn(impl->keep_uses()); });
  i.ports += "data=" + i.data.path() + "\n";
}

void Runtime::stop(std::chrono::seconds wait) {
  auto& i = *impl_;
  i.stopping = true;
  auto deadline = net::Steady::now() + wait;
  i.socket.reset();
  if (i.console) i.console->stop();
  i.mailer->stop();
  i.receiver->pipeline().stop();
  i.poller->stop();
  i.close_doors(deadline);
  i.receiver->pipeline().drain(deadline);
  i.dispatcher->stop();
  i.audit.stop();
  i.audit.flush_now();
  i.loops->stop();
  base::run_task(i.save_uses());
}

std::string Runtime::ports() const { return impl_->ports; }
const Config& Runtime::config() const { return impl_->config; }

}  // namespace sesame
