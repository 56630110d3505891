// The readers: a few threads, each with a read-only connection that it opens at its first job. A job sees one
// snapshot.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "store/job_queue.h"

namespace store {

class Readers {
 public:
  Readers(std::string file, std::size_t threads, std::size_t max_queue);
  ~Readers();  // finishes what is queued

  JobQueue& queue() { return queue_; }

 private:
  void loop();

  const std::string file_;
  JobQueue queue_;
  std::vector<std::thread> threads_;
};

}  // namespace store
