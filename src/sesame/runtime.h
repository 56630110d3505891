// Runtime: the running server. Puts the rooms together in the order they stand on each other, starts them,
// and takes them down in reverse. One per process; start() and stop() from the main thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "sesame/config.h"

namespace sesame {

class Runtime {
 public:
  explicit Runtime(Config config);
  ~Runtime();

  // Opens the store and the ports; throws std::runtime_error with what could not be had.
  void start();
  // No new connections; what is under way is finished, within `wait`.
  void stop(std::chrono::seconds wait);

  // "http=127.0.0.1:8025\nsmtp=127.0.0.1:1025\n…": what the ready file says.
  std::string ports() const;
  const Config& config() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sesame
