#include "console/operator.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <thread>

#include "base/json.h"
#include "base/log.h"
#include "base/run_task.h"
#include "console/json_body.h"
#include "console/operator_commands.h"
#include "console/unix_socket.h"

namespace console {
namespace {

constexpr std::size_t kMostRequest = 512 << 10;
constexpr std::size_t kMostArgs = 64;
constexpr auto kReadTime = std::chrono::seconds(2);
constexpr auto kWriteTime = std::chrono::seconds(5);

}  // namespace

std::optional<OperatorRequest> parse_request(std::string_view line) {
  auto body = parse_json_body(line);
  if (!body || !body->text("command")) return std::nullopt;
  OperatorRequest request;
  request.command = *body->text("command");
  if (!body->members.contains("args")) return request;
  const auto* args = body->list("args");
  if (!args || args->size() > kMostArgs) return std::nullopt;
  request.args = *args;
  return request;
}

std::string request_line(const OperatorRequest& request) {
  base::JsonWriter json;
  json.object().field("command", request.command).key("args").strings(request.args).end();
  return std::move(json).text() + "\n";
}

std::string answer_line(const OperatorAnswer& answer) {
  base::JsonWriter json;
  json.object().field("ok", answer.ok).field(answer.ok ? "text" : "error", answer.text);
  if (!answer.json.empty()) json.key("json").raw(answer.json);
  json.end();
  auto line = std::move(json).text();
  // Documents that others wrote may be in it; inside a text no line break stands as such.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line + "\n";
}

struct OperatorSocket::Impl {
  Impl(const std::string& p, Handler h)
      : path(p), handler(std::move(h)), listener(listen_unix(p)), wake(::eventfd(0, EFD_CLOEXEC)) {
    if (!wake.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
    thread = std::thread([this] { run(); });
  }
  ~Impl() {
    const std::uint64_t one = 1;
    if (::write(wake.get(), &one, sizeof one) < 0) base::log_warn("the operator's socket cannot be woken");
    thread.join();
    ::unlink(path.c_str());
  }

  void run();
  void serve(int fd);
  OperatorAnswer answer(std::string_view line);

  const std::string path;
  const Handler handler;
  const Descriptor listener, wake;
  std::thread thread;
};

void OperatorSocket::Impl::run() {
  for (;;) {
    pollfd entries[] = {{listener.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}};
    if (::poll(entries, 2, -1) < 0 && errno != EINTR) return;
    if (entries[1].revents) return;
    if (!entries[0].revents) continue;
    const auto client = accept_unix(listener.get());
    if (client.valid()) {
      serve(client.get());
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      base::log_warn("the operator's socket: {}", std::generic_category().message(errno));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));  // out of descriptors: not in a busy loop
    }
  }
}

void OperatorSocket::Impl::serve(int fd) {
  if (!is_own_peer(fd)) return;
  const auto line = read_line(fd, kMostRequest, kReadTime);
  if (!line) return;
  write_all(fd, answer_line(answer(*line)), kWriteTime);
}

OperatorAnswer OperatorSocket::Impl::answer(std::string_view line) {
  auto request = parse_request(line);
  if (!request) return {false, "This is no request.", ""};
  try {
    return base::run_task(handler(std::move(*request)));
  } catch (const std::exception& e) {
    base::log_error("the operator's command failed: {}", e.what());
    return {false, e.what(), ""};
  }
}

OperatorSocket::OperatorSocket(const std::string& path, Handler handler)
    : impl_(std::make_unique<Impl>(path, std::move(handler))) {}

OperatorSocket::OperatorSocket(send::Service& service, const std::string& path, std::function<void()> stop) {
  if (!stop) stop = [] { ::kill(::getpid(), SIGTERM); };
  auto commands = std::make_shared<OperatorCommands>(service, std::move(stop));
  Handler handler = [commands](OperatorRequest request) { return commands->run(std::move(request)); };
  impl_ = std::make_unique<Impl>(path, std::move(handler));
}

OperatorSocket::~OperatorSocket() = default;

}  // namespace console
