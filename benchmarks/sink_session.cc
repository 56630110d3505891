#include "benchmarks/sink_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "benchmarks/mail_text.h"
#include "benchmarks/socket.h"

namespace load {

void SinkBook::take(std::string_view mail) {
  last_ns = now_ns();
  if (messages++ == 0) first_ns = last_ns;
  bytes += static_cast<std::int64_t>(mail.size());
  std::string_view id = id_of(mail);
  if (id.empty()) {
    ++without_id;
  } else {
    ids.emplace(id);
    if (log)
      std::fprintf(log, "%.*s %lld\n", static_cast<int>(id.size()), id.data(),
                   static_cast<long long>(last_ns));
  }
  std::string_view head = mail.substr(0, mail.find("\r\n\r\n"));
  if (head.starts_with("DKIM-Signature:") || head.find("\nDKIM-Signature:") != std::string_view::npos)
    ++with_signature;
  if (!options.save.empty() && messages <= options.save_count) {
    if (std::FILE* file = std::fopen(fmt::format("{}/{}.eml", options.save, messages).c_str(), "wb")) {
      std::fwrite(mail.data(), 1, mail.size(), file);
      std::fclose(file);
    }
  }
}

std::string SinkBook::json() const {
  return fmt::format(
      "{{\"messages\":{},\"unique\":{},\"duplicates\":{},\"without_id\":{},\"signed\":{},\"bytes\":{},"
      "\"connections\":{},\"most_open\":{},\"deferred\":{},\"rejected\":{},\"first_ns\":{},\"last_ns\":{}}}",
      messages, ids.size(), messages - without_id - static_cast<std::int64_t>(ids.size()), without_id,
      with_signature, bytes, connections, most_open, deferred, rejected, first_ns, last_ns);
}

namespace {

class Session final : public SinkSession {
 public:
  Session(Poller& poller, SinkBook& book, int fd) : book_(book), socket_(poller, this) {
    socket_.adopt(fd);
    ++book_.connections;
    book_.most_open = std::max(book_.most_open, ++book_.open);
    socket_.put("220 sink.example ESMTP\r\n");
    socket_.flush();
  }
  ~Session() override { --book_.open; }

  bool over() const override { return !socket_.open(); }

  void tick() override {
    if (answer_at_ == 0 || now_ns() < answer_at_) return;
    answer_at_ = 0;
    socket_.put("250 2.0.0 Ok: queued\r\n");
    work();
    flush();
  }

  void on_ready(std::uint32_t) override {
    bool alive = socket_.receive();
    work();
    if (!alive) return socket_.close();
    flush();
  }

 private:
  void flush() {
    if (!socket_.flush() || (quit_ && socket_.drained())) socket_.close();
  }

  void work() {
    std::string& in = socket_.in();
    std::size_t from = 0;
    while (answer_at_ == 0 && !quit_) {
      std::string_view rest = std::string_view(in).substr(from);
      std::size_t used = in_data_ ? data(rest) : command(rest);
      if (used == 0) break;
      from += used;
    }
    in.erase(0, from);
  }

  std::size_t data(std::string_view rest) {
    std::size_t start = searched_ > 4 ? searched_ - 4 : 0;
    std::size_t end = rest.find("\r\n.\r\n", start);
    if (end == std::string_view::npos) {
      searched_ = rest.size();
      return 0;
    }
    std::string_view mail = rest.substr(0, end + 2);
    std::string plain;
    if (mail.find("\r\n..") != std::string_view::npos) mail = plain = without_stuffing(mail);
    book_.take(mail);
    in_data_ = false;
    if (book_.options.latency_ms > 0)
      answer_at_ = now_ns() + book_.options.latency_ms * 1'000'000;
    else
      socket_.put("250 2.0.0 Ok: queued\r\n");
    return end + 5;
  }

  static std::string without_stuffing(std::string_view mail) {  // RFC 5321 §4.5.2
    std::string out;
    for (std::size_t at = 0; at < mail.size();) {
      std::size_t end = mail.find("\r\n", at);
      end = end == std::string_view::npos ? mail.size() : end + 2;
      std::string_view line = mail.substr(at, end - at);
      if (line.starts_with('.')) line.remove_prefix(1);
      out += line;
      at = end;
    }
    return out;
  }

  bool drawn(std::int64_t percent) {
    static std::uint32_t state = 12345;
    state = state * 1664525u + 1013904223u;
    return percent > 0 && static_cast<std::int64_t>((state >> 8) % 100) < percent;
  }

  std::size_t command(std::string_view rest) {
    std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return 0;
    std::string verb = base::ascii_upper(rest.substr(0, std::min<std::size_t>(end, 4)));
    if (verb == "EHLO") {
      socket_.put(book_.options.pipelining
                      ? "250-sink.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n"
                      : "250-sink.example\r\n250-SIZE\r\n250 8BITMIME\r\n");
      recipients_ = 0;
    } else if (verb == "MAIL" || verb == "RSET") {
      recipients_ = 0;
      socket_.put("250 2.1.0 Ok\r\n");
    } else if (verb == "RCPT") {
      recipient();
    } else if (verb == "DATA") {
      in_data_ = recipients_ > 0;
      searched_ = 0;
      socket_.put(in_data_ ? "354 End data with <CR><LF>.<CR><LF>\r\n" : "554 5.5.1 No valid recipients\r\n");
    } else if (verb == "QUIT") {
      quit_ = true;
      socket_.put("221 2.0.0 Bye\r\n");
    } else if (verb == "HELO" || verb == "NOOP") {
      socket_.put("250 sink.example\r\n");
    } else {
      socket_.put("502 5.5.2 Not known here\r\n");
    }
    return end + 2;
  }

  void recipient() {
    if (drawn(book_.options.defer_percent)) {
      ++book_.deferred;
      socket_.put("451 4.3.0 Not now\r\n");
    } else if (drawn(book_.options.reject_percent)) {
      ++book_.rejected;
      socket_.put("550 5.1.1 No such user\r\n");
    } else {
      ++recipients_;
      socket_.put("250 2.1.5 Ok\r\n");
    }
  }

  SinkBook& book_;
  Socket socket_;
  bool in_data_ = false, quit_ = false;
  int recipients_ = 0;
  std::size_t searched_ = 0;
  std::int64_t answer_at_ = 0;
};

}  // namespace

std::unique_ptr<SinkSession> make_sink_session(Poller& poller, SinkBook& book, int fd) {
  return std::make_unique<Session>(poller, book, fd);
}

}  // namespace load
