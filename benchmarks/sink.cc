// Sink: the far end of a run. Takes mail by SMTP until enough different ones came, the time is over, or it is
// told to stop (SIGTERM), then prints one line of JSON.
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <list>
#include <stdexcept>

#include "benchmarks/args.h"
#include "benchmarks/sink_session.h"
#include "benchmarks/socket.h"

namespace load {
namespace {

constexpr const char* kUsage =
    "usage: sink --listen HOST:PORT [--ready-file FILE] [--expect N] [--timeout S] [--log FILE of ids]\n"
    "  [--save DIR --save-count N] [--latency MS] [--defer PERCENT] [--reject PERCENT] [--no-pipelining]\n";

volatile sig_atomic_t told_to_stop = 0;

class Listener final : public Ready {
 public:
  Listener(Poller& poller, SinkBook& book, const std::string& host, std::uint16_t port)
      : poller_(poller), book_(book) {
    std::tie(fd_, port_) = listen_on(host, port);
    poller_.add(fd_, this, false);
  }
  ~Listener() override { close(fd_); }

  std::uint16_t port() const { return port_; }

  void on_ready(std::uint32_t) override {
    int fd;
    while ((fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
      sessions_.push_back(make_sink_session(poller_, book_, fd));
  }

  void tick() {
    for (auto& session : sessions_)
      if (!session->over()) session->tick();
    sessions_.remove_if([](auto& session) { return session->over(); });
  }

 private:
  Poller& poller_;
  SinkBook& book_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::list<std::unique_ptr<SinkSession>> sessions_;
};

void tell_port(const std::string& file, std::uint16_t port) {
  std::string fresh = file + ".new";
  std::FILE* out = std::fopen(fresh.c_str(), "w");
  if (!out) throw std::runtime_error("cannot write " + fresh);
  std::fprintf(out, "%u\n", port);
  std::fclose(out);
  std::rename(fresh.c_str(), file.c_str());
}

int main_of(int argc, char** argv) {
  if (argc < 2) throw std::runtime_error(kUsage);
  Args args(argc, argv, 1);
  auto [host, port] = host_and_port(args.need("listen"));
  std::string ready_file = args.text("ready-file", ""), log = args.text("log", "");
  std::int64_t expect = args.number("expect", 0), timeout = args.number("timeout", 0);
  SinkBook book;
  book.options = {args.text("save", ""),   args.number("save-count", 1), args.number("latency", 0),
                  args.number("defer", 0), args.number("reject", 0),     !args.flag("no-pipelining")};
  args.finish();
  if (!log.empty() && !(book.log = std::fopen(log.c_str(), "a")))
    throw std::runtime_error("cannot write " + log);

  Poller poller;
  Listener listener(poller, book, host, port);
  if (!ready_file.empty()) tell_port(ready_file, listener.port());
  std::int64_t end = timeout > 0 ? now_ns() + timeout * 1'000'000'000 : 0, last_tick = 0;
  int pause = book.options.latency_ms > 0 ? 1 : 10;
  while (!told_to_stop && (end == 0 || now_ns() < end)) {
    poller.wait(pause);
    if (expect > 0 && static_cast<std::int64_t>(book.ids.size()) >= expect) break;
    if (std::int64_t now = now_ns(); now - last_tick >= pause * 1'000'000) {
      last_tick = now;
      listener.tick();
      if (book.log) std::fflush(book.log);
    }
  }
  if (book.log) std::fclose(book.log);
  std::printf("%s\n", book.json().c_str());
  return expect > 0 && static_cast<std::int64_t>(book.ids.size()) < expect ? 1 : 0;
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  struct sigaction action {};
  action.sa_handler = [](int) { load::told_to_stop = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  try {
    return load::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
