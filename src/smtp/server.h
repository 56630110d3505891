// SMTP server session (RFC 5321): the dialogue of one connection, with no rules of SES in it. Whose mail is
// taken, and in which words it is refused, is said by the Policy, one object per session made by the door
// above. Strict about line ends: only CRLF ends a line, only CRLF.CRLF ends the data; a bare CR or LF in DATA
// is refused (554/500 as the policy's text says) so that no message can be smuggled (RFC 5321 §2.3.8).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "net/byte_budget.h"
#include "net/stream.h"
#include "smtp/reply.h"

namespace smtp {

struct ServerLimits {
  std::size_t max_line = 2048;         // command line octets, CRLF included (room for long AUTH lines: 12288)
  std::size_t max_auth_line = 12288;   // RFC 4954 §4
  std::size_t max_message = 41943040;  // octets of data after removing dot-stuffing; then max_size_reply
  std::size_t max_data_line = 1u << 20;  // longer lines end the session
  std::size_t max_recipients = 1000;     // then 452
  std::size_t max_errors = 20;           // bad commands or replies 5xx, then 421 and close
  std::size_t max_commands_without_mail = 100;
  std::chrono::seconds command_timeout{300}, data_timeout{180}, session_timeout{3600};
  std::size_t min_data_rate = 256;        // octets/s averaged
  std::size_t pressed_data_rate = 65536;  // of a mail that holds a large share while others wait for one
  std::chrono::seconds budget_wait{120};  // for a share of the budget; then 452
};

struct ServerFeatures {
  bool starttls = false;         // offered while plain and a context is given
  bool tls_from_start = false;   // ports 465, 2465
  bool auth = true;              // AUTH PLAIN LOGIN
  bool auth_before_tls = false;  // dev mode
  bool require_tls = false;      // mail commands before TLS get 530 Must issue a STARTTLS command first
  bool require_auth = true;      // mail commands before AUTH get 530 Authentication required
  bool pipelining = true, eight_bit_mime = true, chunking = true, smtputf8 = false;
  std::uint64_t size = 41943040;
  const net::TlsServerContext* tls = nullptr;
};

struct MailParameters {
  std::uint64_t size = 0;
  bool eight_bit = false, smtputf8 = false;
};

// What the door decides. Each answer is a Reply; a positive one lets the dialogue go on.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual std::string greeting() = 0;   // text after 220
  virtual std::string host_name() = 0;  // first word of the EHLO answer
  virtual base::Task<Reply> authenticate(std::string user, std::string password) = 0;  // 235 lets in
  // Text forms as given on the line; syntax beyond "is there an address" is the policy's.
  virtual base::Task<Reply> mail_from(std::string address, MailParameters parameters) = 0;
  virtual base::Task<Reply> rcpt_to(std::string address) = 0;
  // The whole message, CRLF line ends, dot-stuffing removed. 250 only when it is durable.
  virtual base::Task<Reply> message(std::string data) = 0;
  virtual Reply too_large() = 0;
  virtual void reset() = 0;  // RSET, EHLO, STARTTLS, end of a transaction
  // Called when the client names itself (HELO/EHLO).
  virtual void hello(std::string name, bool extended) = 0;
  virtual void tls_started(const net::TlsInfo& info) = 0;
};

// Serves the connection to its end. The budget is shared by all sessions, for data being taken in and worked
// on; a session waits for its share when it is used up.
base::Task<void> serve(net::StreamPtr stream, std::unique_ptr<Policy> policy, ServerFeatures features,
                       ServerLimits limits, std::shared_ptr<net::ByteBudget> budget);

}  // namespace smtp
