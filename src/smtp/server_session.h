// The dialogue of one connection to the server (private to the room; server.h is the door). One coroutine on
// the stream's loop. Replies are gathered while commands are at hand and sent when the session would wait for
// more (RFC 2920 §3.2). A step that ends the session clears open_.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.h"
#include "smtp/dot.h"
#include "smtp/grammar.h"
#include "smtp/input_buffer.h"
#include "smtp/server.h"

namespace smtp {

class ServerSession {
 public:
  ServerSession(net::StreamPtr stream, std::unique_ptr<Policy> policy, ServerFeatures features,
                ServerLimits limits, std::shared_ptr<net::ByteBudget> budget);
  base::Task<void> run();

 private:
  // The data of the message being taken in.
  struct Data {
    explicit Data(net::ByteBudget& budget) : share(budget) {}
    std::string bytes;
    net::ByteBudget::Share share;
    LineEndCheck chunks;           // BDAT only; DotDecoder checks for DATA
    std::uint64_t received = 0;    // octets taken off the wire, kept or not
    std::optional<Reply> refusal;  // decided already: what follows is thrown away
    net::Deadline began;
  };

  // server_session.cc: lines in, replies out, the loop.
  base::Task<bool> start_tls();
  base::Task<void> dialogue();
  base::Task<void> execute(std::string line);
  base::Task<void> dispatch(Command command);
  base::Task<std::optional<std::string>> read_line(std::size_t max_octets);
  base::Task<bool> skip_long_line(std::size_t line_limit);
  base::Task<bool> fill(std::size_t octets, net::Deadline deadline);
  base::Task<bool> flush();
  std::size_t command_limit() const;
  void answer(const Reply& reply);
  void answer(std::string_view line);  // "250 Ok"
  void end_with(std::string_view line);
  void judge_conduct();
  net::Deadline by(std::chrono::seconds patience) const;

  // server_commands.cc: everything but AUTH and the data.
  std::string_view closed_door(Verb verb) const;
  void hello(std::string_view name, bool extended);
  void reset_transaction();
  base::Task<void> mail(std::string_view args);
  base::Task<void> rcpt(std::string_view args);
  base::Task<void> starttls(std::string_view args);
  std::optional<Reply> read_parameters(const PathArgument& path, MailParameters* out) const;
  std::optional<Reply> read_parameter(const Parameter& parameter, MailParameters* out) const;
  void simple(const Command& command);

  // server_auth.cc
  base::Task<void> auth(std::string_view args);
  base::Task<void> auth_plain(std::string_view initial);
  base::Task<void> auth_login(std::string_view initial);
  base::Task<std::optional<std::string>> challenge(std::string_view line);
  std::optional<std::string> auth_text(std::string_view line);
  base::Task<void> authenticate(std::string user, std::string password);

  // server_data.cc
  base::Task<void> data(std::string_view args);
  base::Task<void> bdat(std::string_view args);
  base::Task<bool> take_dotted();
  base::Task<bool> take_chunk(std::uint64_t octets);
  base::Task<void> make_room(std::size_t octets);
  base::Task<void> deliver();
  bool transaction_ready();
  void begin_data();
  void refuse_data(Reply reply);
  bool check_volume(std::size_t line_octets);
  net::Deadline data_deadline() const;

  net::StreamPtr stream_;
  const std::unique_ptr<Policy> policy_;
  const ServerFeatures features_;
  const ServerLimits limits_;
  const std::shared_ptr<net::ByteBudget> budget_;
  const net::Deadline session_end_;

  InputBuffer input_;
  LineFinder lines_;
  std::string output_;
  bool open_ = true;
  bool authenticated_ = false;
  bool has_sender_ = false;
  std::size_t recipients_ = 0;
  std::size_t errors_ = 0, idle_commands_ = 0;
  std::uint64_t announced_ = 0;  // SIZE= of the transaction
  std::unique_ptr<Data> data_;   // outside of DATA: BDAT has begun
};

}  // namespace smtp
