// Door: the ports of an SMTP server, the limits on who may connect, and the stop. Whose mail it takes is said
// by the policies it is given (server.h). Made by the room above; methods are called on its thread, sessions
// run on the loops of the pool.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/endpoint.h"
#include "net/loop.h"
#include "smtp/server.h"

namespace smtp {

// Seen by the door, so that a stop can end the sessions that have nothing under way.
class SessionState {
 public:
  void begin() { busy_ = true; }
  void end();
  // No transaction is open, and the reply to the last one has had time to leave.
  bool idle() const;

 private:
  std::atomic<bool> busy_{false};
  std::atomic<std::chrono::steady_clock::duration> ended_{std::chrono::steady_clock::duration::min()};
};

struct DoorOptions {
  std::size_t connections = 2000;
  std::size_t connections_per_source = 100;
  double connection_rate = 0;  // new ones a minute and source; 0: any
  ServerLimits session;
  std::shared_ptr<net::ByteBudget> budget;  // of mail being taken in, over all sessions; null: one of its own
};

class Door {
 public:
  // What decides in one session with that client, on the connection's loop. Null: the connection is closed.
  using MakePolicy = std::function<std::unique_ptr<Policy>(std::string peer, std::shared_ptr<SessionState>)>;
  // The line for a client that is not let in, without its end; empty: it is.
  using Refuse = std::function<std::string(const std::string& peer)>;

  // `loops` outlives the door. Sessions may outlive it by their last step: `make` sees to what they use.
  Door(net::LoopPool& loops, DoorOptions options, MakePolicy make);
  ~Door();  // as drain() without patience

  // May be called for several; port 0 picks one. Throws std::runtime_error when the port is taken.
  net::Endpoint listen(const net::Endpoint& endpoint, const ServerFeatures& features, Refuse refuse = {});
  std::size_t sessions() const;

  // No new connections; idle sessions are told 421 (RFC 5321 §3.8) and closed, open transactions go on to
  // their end. True when all ended by the deadline; the rest is closed then. From a thread that is not a
  // loop's.
  bool drain(net::Deadline deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace smtp
