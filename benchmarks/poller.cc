#include "benchmarks/poller.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace load {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() { close(epoll_); }

static void control(int epoll, int operation, int fd, Ready* object, bool write) {
  epoll_event event{};
  event.events = EPOLLIN | (write ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
  event.data.ptr = object;
  if (epoll_ctl(epoll, operation, fd, &event) < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Poller::add(int fd, Ready* object, bool write) { control(epoll_, EPOLL_CTL_ADD, fd, object, write); }
void Poller::change(int fd, Ready* object, bool write) { control(epoll_, EPOLL_CTL_MOD, fd, object, write); }
void Poller::remove(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void Poller::wait(int timeout_ms) {
  epoll_event events[128];
  int count = epoll_wait(epoll_, events, 128, timeout_ms);
  for (int i = 0; i < count; ++i) static_cast<Ready*>(events[i].data.ptr)->on_ready(events[i].events);
}

std::int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace load
