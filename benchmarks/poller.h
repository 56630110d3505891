// Poller: epoll with one object per descriptor, level-triggered, one thread. Time is the system's monotonic
// clock, which all processes of a run share, so a source's start and a sink's end can be compared.
#pragma once

#include <cstdint>

namespace load {

class Ready {
 public:
  virtual ~Ready() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, Ready* object, bool write);
  void change(int fd, Ready* object, bool write);
  void remove(int fd);
  // Waits at most `timeout_ms` (-1: for ever) and calls on_ready of what is ready. An object may be deleted
  // only from its own on_ready, or outside of this call.
  void wait(int timeout_ms);

 private:
  int epoll_ = -1;
};

std::int64_t now_ns();

}  // namespace load
