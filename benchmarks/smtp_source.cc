// The SMTP client of the load source: one connection, one mail at a time, MAIL RCPT DATA in one go where
// PIPELINING is offered (RFC 2920), stepwise else.
#include <fmt/format.h>

#include <map>

#include "base/encoding.h"
#include "benchmarks/run.h"
#include "benchmarks/socket.h"

namespace load {
namespace {

const std::string& body_of(std::size_t size) {
  static std::map<std::size_t, std::string> bodies;
  std::string& body = bodies[size];
  if (body.empty()) body = body_text(size, "\r\n") + ".\r\n";
  return body;
}

class SmtpClient final : public Client {
 public:
  SmtpClient(Run& run, const SmtpOptions& options)
      : run_(run), options_(options), socket_(run.poller, this) {}

  void start() override {
    if (run_.stopped()) {
      state_ = State::finished;
      return;
    }
    state_ = State::greeting;
    on_connection_ = 0;
    pipelining_ = false;
    if (!socket_.connect(run_.host, run_.port)) broken("connection refused");
  }

  bool finished() const override { return state_ == State::finished; }

  void tick() override {
    if (state_ == State::resting && now_ns() >= rest_until_) start();
  }

  void on_ready(std::uint32_t) override {
    bool alive = socket_.receive();
    std::string reply;
    while (socket_.open() && next_reply(reply)) on_reply(reply);
    if (!socket_.open()) return;
    if (!alive) return broken("connection closed");
    if (!socket_.flush()) broken("cannot write");
  }

 private:
  enum class State { greeting, ehlo, auth, mail, rcpt, data, dot, quit, resting, finished };

  // One whole reply, its lines joined.
  bool next_reply(std::string& reply) {
    std::string& in = socket_.in();
    std::size_t from = 0;
    while (true) {
      std::size_t end = in.find("\r\n", from);
      if (end == std::string::npos) return false;
      bool last = end - from < 4 || in[from + 3] != '-';
      from = end + 2;
      if (!last) continue;
      reply = in.substr(0, from - 2);
      in.erase(0, from);
      return true;
    }
  }

  void on_reply(const std::string& reply) {
    bool good = reply[0] == '2' || reply[0] == '3';
    switch (state_) {
      case State::greeting:
        if (!good) return broken(reply);
        state_ = State::ehlo;
        return say("EHLO load.example\r\n");
      case State::ehlo:
        if (!good) return broken(reply);
        pipelining_ = base::ascii_upper(reply).find("PIPELINING") != std::string::npos;
        if (options_.user.empty()) return next_mail();
        state_ = State::auth;
        return say("AUTH PLAIN " +
                   base::base64_encode(std::string(1, '\0') + options_.user + std::string(1, '\0') +
                                       options_.password) +
                   "\r\n");
      case State::auth:
        if (!good) return broken(reply);
        return next_mail();
      case State::mail:
      case State::rcpt:
        if (!good) return refused(reply);
        state_ = state_ == State::mail ? State::rcpt : State::data;
        if (!pipelining_) say(state_ == State::rcpt ? rcpt_line() : "DATA\r\n");
        return;
      case State::data:
        if (reply[0] != '3') return refused(reply);
        state_ = State::dot;
        return put_mail();
      case State::dot:
        if (!good) return refused(reply);
        run_.acknowledged(number_, started_, reply.size() > 4 ? std::string_view(reply).substr(4) : "");
        return next_mail();
      case State::quit:
        socket_.close();
        return start();
      case State::resting:
      case State::finished:
        return;
    }
  }

  void put_mail() {
    const auto& plan = run_.plan;
    if (!plan.fixed.empty()) {
      socket_.put(std::string(kIdHeader) + ": " + plan.id(number_) + "\r\n");
      socket_.put(plan.fixed);
      return say(".\r\n");
    }
    socket_.put(header_text(plan, number_));
    say(body_of(plan.size_of(number_) - std::min<std::size_t>(plan.size_of(number_), 400)));
  }

  std::string rcpt_line() const { return "RCPT TO:<" + run_.plan.recipient_of(number_) + ">\r\n"; }

  void next_mail() {
    bool used_up = options_.per_connection > 0 && on_connection_ >= options_.per_connection;
    auto number = used_up ? std::nullopt : run_.take();
    if (!number) {
      state_ = State::quit;
      return say("QUIT\r\n");
    }
    number_ = *number;
    started_ = now_ns();
    ++on_connection_;
    state_ = State::mail;
    socket_.put("MAIL FROM:<" + run_.plan.from + ">\r\n");
    if (pipelining_) socket_.put(rcpt_line() + "DATA\r\n");
    say("");
  }

  void say(std::string_view text) {
    socket_.put(text);
    if (!socket_.flush()) broken("cannot write");
  }

  // After a refusal the connection is given up: with pipelining there may be more replies on the way.
  void refused(const std::string& reply) {
    run_.failed(reply);
    rest();
  }

  void broken(const std::string& why) {
    bool sent = state_ == State::dot,
         taken = state_ == State::mail || state_ == State::rcpt || state_ == State::data;
    if (state_ == State::quit) return rest();
    if (sent)
      run_.in_doubt(why);
    else if (taken || !run_.persist)
      run_.failed(why);
    else
      run_.report.fault(why);
    rest();
  }

  void rest() {
    bool over = state_ == State::quit;
    socket_.close();
    if (over || (!run_.persist && run_.report.failed > 100)) {
      state_ = over && !run_.stopped() ? State::resting : State::finished;
    } else {
      state_ = State::resting;
    }
    rest_until_ = now_ns() + 20'000'000;
  }

  Run& run_;
  const SmtpOptions& options_;
  Socket socket_;
  State state_ = State::greeting;
  bool pipelining_ = false;
  std::int64_t number_ = 0, started_ = 0, rest_until_ = 0, on_connection_ = 0;
};

}  // namespace

std::unique_ptr<Client> make_smtp_client(Run& run, const SmtpOptions& options) {
  return std::make_unique<SmtpClient>(run, options);
}

}  // namespace load
