// SinkSession: the receiving side of a run, an SMTP server that takes everything (or refuses a given share)
// and counts. SinkBook: what came in, over all sessions.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>

#include "benchmarks/poller.h"

namespace load {

struct SinkOptions {
  std::string save;  // the first mails, as received, in this folder
  std::int64_t save_count = 1;
  std::int64_t latency_ms = 0;      // before the answer to the end of data
  std::int64_t defer_percent = 0;   // of RCPT commands: 451
  std::int64_t reject_percent = 0;  // of RCPT commands: 550
  bool pipelining = true;
};

struct SinkBook {
  SinkOptions options;
  std::FILE* log = nullptr;  // `id time` of each mail taken, before it is answered
  std::int64_t messages = 0, bytes = 0, without_id = 0, with_signature = 0, connections = 0, open = 0,
               most_open = 0, deferred = 0, rejected = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  std::unordered_set<std::string> ids;

  void take(std::string_view mail);
  std::string json() const;
};

class SinkSession : public Ready {
 public:
  virtual bool over() const = 0;
  virtual void tick() = 0;  // answers what waited out its latency
};

std::unique_ptr<SinkSession> make_sink_session(Poller& poller, SinkBook& book, int fd);

}  // namespace load
