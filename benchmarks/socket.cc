#include "benchmarks/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace load {
namespace {

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::runtime_error("not an IPv4 address: " + host);
  return address;
}

void without_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

bool Socket::connect(const std::string& host, std::uint16_t port) {
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  without_delay(fd_);
  sockaddr_in address = address_of(host, port);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 && errno != EINPROGRESS) {
    ::close(fd_);
    fd_ = -1;
    return false;
  }
  writing_ = false;
  poller_.add(fd_, owner_, false);
  return true;
}

void Socket::adopt(int fd) {
  close();
  fd_ = fd;
  without_delay(fd_);
  writing_ = false;
  poller_.add(fd_, owner_, false);
}

void Socket::close() {
  if (fd_ < 0) return;
  poller_.remove(fd_);
  ::close(fd_);
  fd_ = -1;
  in_.clear();
  out_.clear();
  sent_ = 0;
}

bool Socket::receive() {
  thread_local static char buffer[128 * 1024];
  while (true) {
    ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) {
      in_.append(buffer, static_cast<std::size_t>(count));
      if (static_cast<std::size_t>(count) < sizeof buffer) return true;
      continue;
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

bool Socket::flush() {
  if (fd_ < 0) return false;
  while (sent_ < out_.size()) {
    ssize_t count = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      // A connection that isn't through yet answers EAGAIN too: what is to be sent waits for it.
      if (errno != EAGAIN) return false;
      if (!writing_) poller_.change(fd_, owner_, writing_ = true);
      return true;
    }
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  if (writing_) poller_.change(fd_, owner_, writing_ = false);
  return true;
}

std::pair<int, std::uint16_t> listen_on(const std::string& host, std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = address_of(host, port);
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), length) < 0 || listen(fd, 4096) < 0)
    throw std::system_error(errno, std::generic_category(), "listen");
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return {fd, ntohs(address.sin_port)};
}

}  // namespace load
