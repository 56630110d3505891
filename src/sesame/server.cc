#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "base/log.h"
#include "sesame/commands.h"
#include "sesame/runtime.h"

namespace sesame {
namespace {

base::LogLevel level_of(const std::string& name) {
  if (name == "debug") return base::LogLevel::debug;
  if (name == "info") return base::LogLevel::info;
  if (name == "warn") return base::LogLevel::warn;
  if (name == "error") return base::LogLevel::error;
  throw std::runtime_error("log level \"" + name + "\" is none of debug, info, warn, error");
}

// Written whole under another name and then moved, so that who waits for it never reads half of it.
void write_ready_file(const std::string& file, const std::string& text) {
  auto part = file + ".part";
  std::FILE* out = std::fopen(part.c_str(), "w");
  if (!out) throw std::runtime_error("cannot write " + file);
  std::fputs(text.c_str(), out);
  std::fclose(out);
  if (std::rename(part.c_str(), file.c_str()) != 0) throw std::runtime_error("cannot write " + file);
}

// Large blocks are the system's own and go back to it at once. Left alone, glibc takes the next ones from its
// heaps after the first large mail, up to 32 MB, and keeps what mails of that size leave behind.
void set_up_malloc() {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

}  // namespace

int run_server(Config config) {
  set_up_malloc();
  base::set_log_level(level_of(config.log_level));
  // Blocked before any thread is made, so that only this one is told.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Runtime runtime(std::move(config));
  runtime.start();
  auto ports = runtime.ports();
  if (!runtime.config().ready_file.empty()) write_ready_file(runtime.config().ready_file, ports);
  std::fputs(ports.c_str(), stdout);
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  runtime.stop(std::chrono::seconds{20});
  return 0;
}

}  // namespace sesame
