// SMTP client session (RFC 5321, 3207, 4954, 2920, 1870, 6152, 6531): one connection to one server, used for
// any number of transactions in turn. Everything the remote or the network may do is a value in the result;
// nothing throws. Replies are kept word for word (capped). Time-outs are those of RFC 5321 §4.5.3.2.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "net/stream.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"

namespace smtp {

struct ClientTimeouts {
  std::chrono::seconds connect{60}, greeting{300}, ehlo{300}, mail{300}, rcpt{300}, data{120}, block{180},
      dot{600};
};

enum class TlsUse { none, opportunistic, required };

struct ClientOptions {
  net::Endpoint server;
  std::string server_name;  // for SNI and the certificate's name
  std::string helo_name;
  TlsUse tls = TlsUse::opportunistic;
  bool tls_from_start = false;  // relay on port 465
  const net::TlsClientContext* tls_context = nullptr;
  std::optional<std::pair<std::string, std::string>>
      credentials;                // AUTH PLAIN or LOGIN, only over TLS unless …
  bool allow_plain_auth = false;  // … this says a relay may be asked without
  ClientTimeouts timeouts;
};

// How far a session or transaction came when it failed.
enum class Phase { connect, greeting, ehlo, starttls, auth, mail, rcpt, data, body, dot, quit };
std::string_view to_string(Phase phase);

struct Failure {
  Phase phase = Phase::connect;
  std::optional<Reply> reply;    // what the remote said, if it spoke
  std::string detail;            // else what the network did: "connection refused", "timeout"
  bool tls_not_offered = false;  // TLS was required, and the server has no STARTTLS
  bool io() const { return !reply.has_value(); }
};

struct Envelope {
  std::string from;  // "" is the null sender
  std::vector<std::string> recipients;
  bool smtputf8 = false;
  bool eight_bit = false;
  std::function<void()> written{};  // called when the body has left: nothing looks at its parts any more
};

struct TransactionResult {
  std::vector<Reply> recipients;     // by index; code 0: never asked
  std::optional<Reply> final_reply;  // to the end of data
  std::optional<Failure> failure;  // the transaction could not be finished (session is then unusable if io())
  // True once the final dot (or last chunk) may have reached the remote without an answer coming back: the
  // message may have been delivered.
  bool in_doubt = false;
};

class ClientSession {
 public:
  virtual ~ClientSession() = default;
  static base::Task<base::Result<std::unique_ptr<ClientSession>, Failure>> open(ClientOptions options);

  // Sends one message: `parts` are its bytes in order (headers first, CRLF line ends), dot-stuffed on the way
  // out without a copy of the whole. If no recipient is accepted, DATA is not sent (or ended empty per RFC
  // 2920 §3.1).
  virtual base::Task<TransactionResult> send(Envelope envelope, std::vector<std::string_view> parts) = 0;
  virtual base::Task<void> quit() = 0;

  virtual const Capabilities& capabilities() const = 0;
  virtual const net::TlsInfo* tls() const = 0;
  virtual const net::Endpoint& peer() const = 0;
  virtual std::string local_address() const { return {}; }  // our end
  virtual bool usable() = 0;                                // still open, no half-done transaction
  virtual const std::string& greeting() const = 0;
  // Why an opportunistic session is plain although the server offered STARTTLS; "" where that did not happen.
  virtual std::string tls_failure() const { return {}; }
};

}  // namespace smtp
