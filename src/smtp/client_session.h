// The client session's inside (private to the room; client.h is the door). Tests give a connector of their
// own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "smtp/client.h"
#include "smtp/client_channel.h"

namespace smtp {

using Connector =
    std::function<base::Task<base::Result<net::StreamPtr, net::IoResult>>(net::Endpoint, net::Deadline)>;

// ClientSession::open() with connections made by `connector`.
base::Task<base::Result<std::unique_ptr<ClientSession>, Failure>> open_session(ClientOptions options,
                                                                               Connector connector);

struct ClientState {
  explicit ClientState(net::StreamPtr stream) : channel(std::move(stream)) {}
  Channel channel;
  ClientTimeouts timeouts;
  Capabilities capabilities;
  std::string greeting, tls_failure;
  bool dead = false;         // nothing more can be asked: lost, out of step, or 421
  bool needs_reset = false;  // a transaction was left open
};

std::unique_ptr<ClientSession> make_session(std::unique_ptr<ClientState> state);

net::Deadline within(std::chrono::seconds patience);

// A failure of this phase with what the answer says. Marks the state dead if the session cannot go on.
Failure failure_at(ClientState& state, Phase phase, Answer answer);

}  // namespace smtp
