// The HTTP client of the load source: POST /v2/email/outbound-emails, signed, on one kept-alive connection,
// one request at a time.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/encoding.h"
#include "benchmarks/request_signer.h"
#include "benchmarks/run.h"
#include "benchmarks/socket.h"

namespace load {
namespace {

constexpr const char* kPath = "/v2/email/outbound-emails";
constexpr const char* kBulkPath = "/v2/email/outbound-bulk-emails";

const std::string& body_of(std::size_t size, std::string_view line_end) {
  static std::map<std::pair<std::size_t, std::string>, std::string> bodies;
  std::string& body = bodies[{size, std::string(line_end)}];
  if (body.empty()) body = body_text(size, line_end);
  return body;
}

std::string simple_request(const MailPlan& plan, std::int64_t number) {
  std::size_t size = plan.size_of(number);
  return fmt::format(
      R"({{"FromEmailAddress":"{}","Destination":{{"ToAddresses":["{}"]}},"Content":{{"Simple":{{"Subject":)"
      R"({{"Data":"Load test message {}"}},"Body":{{"Text":{{"Data":"{}"}}}},"Headers":[{{"Name":"{}","Value":"{}"}}]}}}}}})",
      plan.from, plan.recipient_of(number), number, body_of(size - std::min<std::size_t>(size, 330), "\\n"),
      kIdHeader, plan.id(number));
}

std::string raw_request(const MailPlan& plan, std::int64_t number) {
  std::size_t size = plan.size_of(number);
  std::string mail = header_text(plan, number) + body_of(size - std::min<std::size_t>(size, 400), "\r\n");
  return fmt::format(
      R"({{"FromEmailAddress":"{}","Destination":{{"ToAddresses":["{}"]}},"Content":{{"Raw":{{"Data":"{}"}}}}}})",
      plan.from, plan.recipient_of(number), base::base64_encode(mail));
}

std::string bulk_request(const MailPlan& plan, const std::string& name, std::int64_t first, std::int64_t n) {
  auto body = fmt::format(
      R"({{"FromEmailAddress":"{}","DefaultContent":{{"Template":{{"TemplateName":"{}","TemplateData":"{{}}"}}}},)"
      R"("BulkEmailEntries":[)",
      plan.from, name);
  for (auto number = first; number < first + n; ++number)
    body += fmt::format(
        R"({}{{"Destination":{{"ToAddresses":["{}"]}},"ReplacementEmailContent":{{"ReplacementTemplate":)"
        R"({{"ReplacementTemplateData":"{{\"id\":\"{}\",\"name\":\"Reader {}\"}}"}}}}}})",
        number == first ? "" : ",", plan.recipient_of(number), plan.id(number), number);
  return body + "]}";
}

class ApiClient final : public Client {
 public:
  ApiClient(Run& run, const ApiOptions& options)
      : run_(run),
        options_(options),
        socket_(run.poller, this),
        path_(options.bulk > 0 ? kBulkPath : kPath),
        signer_(options.key_id, options.secret, options.region, fmt::format("{}:{}", run.host, run.port),
                path_) {}

  void start() override {
    if (run_.stopped()) {
      state_ = State::finished;
      return;
    }
    if (!socket_.connect(run_.host, run_.port)) return broken("connection refused");
    next_request();
  }

  bool finished() const override { return state_ == State::finished; }

  void tick() override {
    if (state_ == State::resting && now_ns() >= rest_until_) start();
  }

  void on_ready(std::uint32_t) override {
    bool alive = socket_.receive();
    if (std::size_t end; answer_end(end)) on_answer(end);
    if (!socket_.open()) return;
    if (!alive) return broken("connection closed");
    if (!socket_.flush()) broken("cannot write");
  }

 private:
  enum class State { waiting, resting, finished };

  bool answer_end(std::size_t& end) {
    const std::string& in = socket_.in();
    std::size_t head = in.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    std::string lower = base::ascii_lower(std::string_view(in).substr(0, head));
    std::size_t at = lower.find("\r\ncontent-length:");
    std::size_t length = 0;
    if (at != std::string::npos) {
      at = lower.find_first_not_of(' ', at + 17);
      if (at != std::string::npos) std::from_chars(lower.data() + at, lower.data() + lower.size(), length);
    }
    closing_ = lower.find("\r\nconnection: close") != std::string::npos;
    end = head + 4 + length;
    return in.size() >= end;
  }

  void on_answer(std::size_t end) {
    std::string answer = socket_.in().substr(0, end);
    socket_.in().erase(0, end);
    std::string_view status = std::string_view(answer).substr(9, 3);
    if (status == "200" && options_.bulk > 0) {
      bulk_answer(answer);
    } else if (status == "200") {
      run_.acknowledged(number_, started_, message_id(answer));
    } else {
      auto body = answer.find("\r\n\r\n");
      run_.failed(std::string(status) + " " + answer.substr(body + 4));
      if (!run_.persist && run_.report.failed > 100) {
        socket_.close();
        state_ = State::finished;
        return;
      }
    }
    if (closing_) {
      socket_.close();
      return start();
    }
    next_request();
  }

  // Entries come in the order they were given; each has a status of its own.
  void bulk_answer(std::string_view answer) {
    auto number = number_;
    constexpr std::string_view kStatus = "\"Status\":\"";
    for (auto at = answer.find(kStatus); at != std::string_view::npos; at = answer.find(kStatus, at)) {
      at += kStatus.size();
      if (answer.substr(at).starts_with("SUCCESS"))
        run_.acknowledged(number++, started_, {});
      else
        run_.failed(std::string(answer.substr(at, answer.find('"', at) - at)));
    }
  }

  static std::string_view message_id(std::string_view answer) {
    std::size_t at = answer.find("\"MessageId\"");
    if (at == std::string_view::npos) return {};
    at = answer.find('"', at + 11);
    return at == std::string_view::npos ? std::string_view{}
                                        : answer.substr(at + 1, answer.find('"', at + 1) - at - 1);
  }

  void next_request() {
    auto number = run_.take();
    if (!number) {
      socket_.close();
      state_ = State::finished;
      return;
    }
    number_ = *number;
    started_ = now_ns();
    state_ = State::waiting;
    std::string body = next_body();
    socket_.put(fmt::format("POST {} HTTP/1.1\r\n", path_));
    if (options_.sign)
      socket_.put(signer_.headers(body));
    else
      socket_.put(fmt::format("Host: {}:{}\r\nContent-Type: application/json\r\n", run_.host, run_.port));
    socket_.put(fmt::format("Content-Length: {}\r\n\r\n", body.size()));
    socket_.put(body);
    if (!socket_.flush()) broken("cannot write");
  }

  std::string next_body() {
    if (options_.bulk > 0) {
      auto n = 1 + run_.take_more(options_.bulk - 1);
      return bulk_request(run_.plan, options_.template_name, number_, n);
    }
    return options_.raw ? raw_request(run_.plan, number_) : simple_request(run_.plan, number_);
  }

  void broken(const std::string& why) {
    if (state_ == State::waiting)
      run_.in_doubt(why);
    else
      run_.failed(why);
    socket_.close();
    bool give_up = !run_.persist && run_.report.in_doubt + run_.report.failed > 100;
    state_ = give_up ? State::finished : State::resting;
    rest_until_ = now_ns() + 20'000'000;
  }

  Run& run_;
  const ApiOptions& options_;
  Socket socket_;
  const char* path_;
  RequestSigner signer_;
  State state_ = State::resting;
  bool closing_ = false;
  std::int64_t number_ = 0, started_ = 0, rest_until_ = 0;
};

}  // namespace

std::unique_ptr<Client> make_api_client(Run& run, const ApiOptions& options) {
  return std::make_unique<ApiClient>(run, options);
}

}  // namespace load
