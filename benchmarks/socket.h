// Socket: a non-blocking TCP connection with what came in and what waits to go out. Owned by one session;
// reports failures as `false` and leaves closing to the owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "benchmarks/poller.h"

namespace load {

class Socket {
 public:
  Socket(Poller& poller, Ready* owner) : poller_(poller), owner_(owner) {}
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connect(const std::string& host, std::uint16_t port);  // false: refused at once
  void adopt(int fd);                                         // of accept()
  void close();
  bool open() const { return fd_ >= 0; }

  bool receive();  // reads what is there into in(); false at the end of the stream or on an error
  std::string& in() { return in_; }

  void put(std::string_view bytes) { out_.append(bytes); }
  bool flush();  // false on an error
  bool drained() const { return sent_ == out_.size(); }

 private:
  Poller& poller_;
  Ready* owner_;
  int fd_ = -1;
  bool writing_ = false;
  std::string in_, out_;
  std::size_t sent_ = 0;
};

// A listening socket; `port` 0 takes a free one. Answers descriptor and port.
std::pair<int, std::uint16_t> listen_on(const std::string& host, std::uint16_t port);

}  // namespace load
