// Look-ups through libunbound. One thread owns its context and makes all calls; who asks leaves a request and
// is resumed on the own executor. libunbound does the resolving on a thread of its own.
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unbound.h>
#include <unistd.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "base/oneshot.h"
#include "net/dns.h"
#include "net/dns_rdata.h"
#include "net/loop.h"

namespace net {
namespace {

constexpr std::size_t kMaxRecords = 1000;
constexpr std::size_t kMaxServers = 8;

struct ContextDelete {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
struct ResultDelete {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};

std::vector<std::string> system_servers() {
  std::vector<std::string> servers;
  std::ifstream file("/etc/resolv.conf");
  for (std::string line; servers.size() < kMaxServers && std::getline(file, line);) {
    std::istringstream words(line);
    std::string keyword, address;
    if (words >> keyword >> address && keyword == "nameserver" && is_ip_address(address)) {
      servers.push_back(address + "@53");
    }
  }
  return servers;
}

// In libunbound's own words. Names that it answers itself by default (RFC 6303, 6761) are the server's to
// answer where one is given: it may be a test's, or a site's own.
std::string configuration(const UnboundOptions& options) {
  std::vector<std::string> servers;
  if (options.server.address.empty()) {
    servers = system_servers();
  } else if (is_ip_address(options.server.address)) {
    servers.push_back(options.server.address + "@" + std::to_string(options.server.port));
  } else {
    throw std::runtime_error("the DNS server must be given by IP address: " + options.server.address);
  }
  std::string text =
      "server:\n verbosity: 0\n do-not-query-localhost: no\n do-daemonize: no\n msg-cache-size: 4m\n"
      " rrset-cache-size: 8m\n"
      // A server that was away for a moment, a restart say, is asked again soon and not after a quarter of an
      // hour.
      " infra-host-ttl: 10\n infra-keep-probing: yes\n infra-cache-max-rtt: 3000\n";
  if (options.trust_anchor_file.empty()) text += " module-config: \"iterator\"\n";
  if (servers.empty()) return text;  // recursion from the root
  text += " unblock-lan-zones: yes\n";
  for (auto zone : {"test.", "invalid.", "home.arpa.", "onion."}) {
    text += std::string(" local-zone: \"") + zone + "\" nodefault\n";
  }
  text += "forward-zone:\n name: \".\"\n forward-no-cache: yes\n";
  for (auto& server : servers) text += " forward-addr: " + server + "\n";
  return text;
}

void check(int error, const char* what) {
  if (error != 0) throw std::runtime_error(std::string("libunbound, ") + what + ": " + ub_strerror(error));
}

// libunbound takes a whole configuration from a file only; this one has no name.
void configure(ub_ctx* context, const std::string& text) {
  int file = memfd_create("resolver", MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("cannot write libunbound's configuration");
  bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  auto name = "/proc/self/fd/" + std::to_string(file);
  int error = written ? ub_ctx_config(context, name.c_str()) : UB_READFILE;
  ::close(file);
  check(error, "configuration");
}

DnsAnswer to_answer(int error, const ub_result* result, const std::string& asked, DnsType type) {
  DnsAnswer answer;
  if (error != 0 || !result) {
    answer.detail = ub_strerror(error);
    return answer;
  }
  answer.ttl = std::chrono::seconds(std::max(result->ttl, 0));
  answer.secure = result->secure != 0;
  if (result->bogus) {
    answer.detail = result->why_bogus ? result->why_bogus : "DNSSEC validation failed";
    return answer;
  }
  if (result->canonname) {
    auto name = normal_dns_name(result->canonname);
    if (name && *name != asked) answer.canonical_name = *name;
  }
  if (result->nxdomain) {
    answer.status = DnsAnswer::no_name;
    return answer;
  }
  if (result->rcode != 0) {
    answer.detail = result->rcode == 2 ? "SERVFAIL" : "RCODE " + std::to_string(result->rcode);
    return answer;
  }
  for (std::size_t i = 0; result->havedata && result->data[i] && i < kMaxRecords; ++i) {
    auto record = parse_rdata(type, {result->data[i], static_cast<std::size_t>(std::max(result->len[i], 0))});
    if (record) answer.records.push_back(std::move(*record));
  }
  if (!answer.records.empty()) {
    answer.status = DnsAnswer::ok;
  } else if (result->havedata) {
    answer.detail = "no record is well-formed";
  } else {
    answer.status = DnsAnswer::no_data;
  }
  return answer;
}

class UnboundResolver final : public Resolver {
 public:
  explicit UnboundResolver(UnboundOptions options);
  ~UnboundResolver() override;
  base::Task<DnsAnswer> query(std::string name, DnsType type) override;

 private:
  struct Request {
    std::string name;
    DnsType type;
    base::OneShot<DnsAnswer> answer;
    int unbound_id = 0;
  };
  // What libunbound carries for a look-up. It stays when its request has timed out, until the call comes or
  // the resolver goes.
  struct Ticket {
    UnboundResolver* self;
    std::uint64_t id;
  };

  static void on_result(void* ticket, int error, ub_result* result);
  static DnsAnswer failure(std::string why);
  void run();
  void wake();
  void start_new();
  void expire();
  int wait_millis() const;

  const UnboundOptions options_;
  std::unique_ptr<ub_ctx, ContextDelete> context_;
  int wake_fd_ = -1;

  std::mutex mutex_;
  std::vector<Request> inbox_;
  std::size_t outstanding_ = 0;
  bool stop_ = false;

  // The thread's own:
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, Request> pending_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Ticket>> tickets_;
  std::deque<std::pair<Deadline, std::uint64_t>> deadlines_;
  std::thread thread_;
};

UnboundResolver::UnboundResolver(UnboundOptions options)
    : options_(std::move(options)), context_(ub_ctx_create()) {
  if (!context_) throw std::runtime_error("libunbound cannot be started");
  ub_ctx_debugout(context_.get(), nullptr);
  configure(context_.get(), configuration(options_));
  if (!options_.trust_anchor_file.empty()) {
    if (!std::ifstream(options_.trust_anchor_file)) {  // libunbound itself would tell with the first look-up
      throw std::runtime_error("cannot read " + options_.trust_anchor_file);
    }
    check(ub_ctx_add_ta_file(context_.get(), options_.trust_anchor_file.c_str()), "trust anchor");
  }
  check(ub_ctx_async(context_.get(), 1), "threads");
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) throw std::runtime_error("cannot make an eventfd");
  thread_ = std::thread([this] { run(); });
}

UnboundResolver::~UnboundResolver() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake();
  thread_.join();
  for (auto& [id, request] : pending_) request.answer.set(failure("the resolver has stopped"));
  for (auto& request : inbox_) request.answer.set(failure("the resolver has stopped"));
  context_.reset();
  ::close(wake_fd_);
}

DnsAnswer UnboundResolver::failure(std::string why) {
  DnsAnswer answer;
  answer.detail = std::move(why);
  return answer;
}

void UnboundResolver::wake() {
  std::uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_, &one, sizeof one));
}

base::Task<DnsAnswer> UnboundResolver::query(std::string asked, DnsType type) {
  auto name = normal_dns_name(asked);
  if (!name) {
    auto none = failure("not a name of the DNS");
    none.status = DnsAnswer::no_name;
    co_return none;
  }
  base::OneShot<DnsAnswer> answer;
  bool full = false;
  {
    std::lock_guard lock(mutex_);
    full = outstanding_ >= options_.max_outstanding;
    if (!full) {
      ++outstanding_;
      inbox_.push_back({std::move(*name), type, answer});
    }
  }
  if (full) co_return failure("too many look-ups at once");
  wake();
  co_return co_await answer;
}

void UnboundResolver::on_result(void* data, int error, ub_result* raw) {
  std::unique_ptr<ub_result, ResultDelete> result(raw);
  auto* ticket = static_cast<Ticket*>(data);
  auto* self = ticket->self;
  auto id = ticket->id;
  self->tickets_.erase(id);
  auto found = self->pending_.find(id);
  if (found == self->pending_.end()) return;  // had timed out
  auto& request = found->second;
  auto answer = to_answer(error, raw, request.name, request.type);
  {
    std::lock_guard lock(self->mutex_);
    --self->outstanding_;
  }
  request.answer.set(std::move(answer));
  self->pending_.erase(found);
}

void UnboundResolver::start_new() {
  std::vector<Request> fresh;
  {
    std::lock_guard lock(mutex_);
    fresh.swap(inbox_);
  }
  for (auto& request : fresh) {
    auto id = next_id_++;
    auto ticket = std::make_unique<Ticket>(Ticket{this, id});
    auto text = request.name.empty() ? "." : request.name + ".";
    int error = ub_resolve_async(context_.get(), text.c_str(), static_cast<int>(request.type), 1,
                                 ticket.get(), on_result, &request.unbound_id);
    if (error != 0) {
      {
        std::lock_guard lock(mutex_);
        --outstanding_;
      }
      request.answer.set(failure(ub_strerror(error)));
      continue;
    }
    tickets_.emplace(id, std::move(ticket));
    deadlines_.emplace_back(Steady::now() + options_.timeout, id);
    pending_.emplace(id, std::move(request));
  }
}

void UnboundResolver::expire() {
  auto now = Steady::now();
  while (!deadlines_.empty() &&
         (deadlines_.front().first <= now || !pending_.contains(deadlines_.front().second))) {
    auto found = pending_.find(deadlines_.front().second);
    deadlines_.pop_front();
    if (found == pending_.end()) continue;
    if (ub_cancel(context_.get(), found->second.unbound_id) == 0) tickets_.erase(found->first);
    {
      std::lock_guard lock(mutex_);
      --outstanding_;
    }
    found->second.answer.set(failure("timed out"));
    pending_.erase(found);
  }
}

int UnboundResolver::wait_millis() const {
  if (deadlines_.empty()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadlines_.front().first - Steady::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
}

void UnboundResolver::run() {
  pollfd watched[] = {{ub_fd(context_.get()), POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  for (;;) {
    ::poll(watched, 2, wait_millis());
    if (watched[1].revents) {
      std::uint64_t count;
      static_cast<void>(!::read(wake_fd_, &count, sizeof count));
    }
    {
      std::lock_guard lock(mutex_);
      if (stop_) return;
    }
    start_new();
    if (watched[0].revents) ub_process(context_.get());
    expire();
  }
}

}  // namespace

std::unique_ptr<Resolver> make_unbound_resolver(UnboundOptions options) {
  return std::make_unique<UnboundResolver>(std::move(options));
}

}  // namespace net
