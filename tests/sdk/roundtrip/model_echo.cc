// model_echo: the server side of the SDK round trips. It knows no service rules: it decodes a request with
// the codecs of aws/ and keeps what it read, and answers what the test told it to.
//
//   POST /_echo/result {…}                    the next calls succeed with this output, in JSON form
//   POST /_echo/error {"code","message","members":{…}}   the next calls fail so
//   GET  /_echo/last                          {"api","operation","input":{…}} of the last call, or its fault
//
// Prints "listening PORT" and serves 127.0.0.1 until standard input ends. Test tool, not part of the server.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>

#include "aws/protocol.h"
#include "base/encoding.h"
#include "model/objects.h"

namespace {

struct State {
  std::mutex mutex;
  std::string result = "{}";
  std::optional<base::Fault> error;
  std::string last = "{}";
};
State state;

constexpr std::string_view kRequestId = "11111111-2222-4333-8444-555555555555";

// Reads one request; false at the end of the connection.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection() { close(fd_); }

  bool read(aws::WireRequest& request) {
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!fill()) return false;
    parse_head(buffer_.substr(0, end), request);
    buffer_.erase(0, end + 4);
    if (!request.header("expect").empty()) write("HTTP/1.1 100 Continue\r\n\r\n");
    std::string length(request.header("content-length"));
    std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size)
      if (!fill()) return false;
    request.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return true;
  }

  void answer(const aws::WireResponse& response) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " X\r\n";
    for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
    write(out);
  }

 private:
  static void parse_head(const std::string& head, aws::WireRequest& request) {
    auto lines = base::split(head, '\n');
    auto first = base::split(base::trim(lines[0]), ' ');
    if (first.size() > 1) {
      request.method = first[0];
      request.target = first[1];
    }
    for (std::size_t i = 1; i < lines.size(); ++i) {
      std::size_t colon = lines[i].find(':');
      if (colon != std::string_view::npos)
        request.headers.emplace_back(lines[i].substr(0, colon), base::trim(lines[i].substr(colon + 1)));
    }
  }
  bool fill() {
    char chunk[65536];
    ssize_t n = recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      ssize_t n = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  int fd_;
  std::string buffer_;
};

// The fault a wire code stands for: in v2 the kind of that type, if there is one.
base::Fault fault_of(const boost::json::object& told) {
  std::string code(told.at("code").as_string());
  std::string message(told.at("message").as_string());
  base::FaultKind kind = base::FaultKind::modelled;
  if (told.contains("v2"))
    for (int k = 0; k < static_cast<int>(base::FaultKind::count_); ++k)
      if (base::Fault(static_cast<base::FaultKind>(k), "").v2_type() == code)
        kind = static_cast<base::FaultKind>(k);
  base::Fault fault = base::Fault::with_code(kind, code, message);
  for (const auto& [name, value] : told.at("members").as_object())
    static_cast<void>(std::move(fault).with(std::string(name), std::string(value.as_string())));
  return fault;
}

aws::WireResponse control(const aws::WireRequest& request) {
  aws::WireResponse response;
  std::lock_guard lock(state.mutex);
  if (request.path() == "/_echo/result") {
    state.result = request.body;
    state.error.reset();
  } else if (request.path() == "/_echo/error") {
    state.error = fault_of(boost::json::parse(request.body).as_object());
  } else if (request.path() == "/_echo/last") {
    response.body = state.last;
  } else {
    response.status = 404;
  }
  return response;
}

aws::WireResponse call(aws::WireRequest request) {
  aws::Located located = aws::locate(request);
  if (located.refusal) {
    std::lock_guard lock(state.mutex);
    state.last = "{\"refused\":\"" + std::string(located.refusal->v1_code()) + "\"}";
    return aws::encode_fault(located.api, *located.refusal, kRequestId);
  }
  aws::Object input = aws::make_object(located.api, *located.operation->input);
  aws::decode_request(located, request, input.get());
  std::string seen = "{\"api\":\"" + std::string(aws::service(located.api).name) + "\",\"operation\":\"" +
                     std::string(located.operation->name) + "\",\"input\":";
  aws::append_json(seen, *located.operation->input, input.get());
  seen += '}';
  std::lock_guard lock(state.mutex);
  state.last = std::move(seen);
  if (state.error) return aws::encode_fault(located.api, *state.error, kRequestId);
  aws::Object output = aws::make_object(located.api, *located.operation->output);
  aws::decode_json(*located.operation->output, state.result, output.get());
  return aws::encode_result(*located.operation, output.get(), kRequestId);
}

void serve(int fd) {
  Connection connection(fd);
  while (true) {
    aws::WireRequest request;
    if (!connection.read(request)) return;
    try {
      connection.answer(request.target.starts_with("/_echo/") ? control(request) : call(request));
    } catch (const base::Fault& fault) {
      std::cerr << request.target << ": " << fault.v1_code() << ": " << fault.message() << "\n";
      bool v2 = request.target.starts_with("/v2/");
      connection.answer(aws::encode_fault(v2 ? aws::Api::sesv2 : aws::Api::ses, fault, kRequestId));
    }
  }
}

}  // namespace

int main() {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) || listen(listener, 64) ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size)) {
    std::perror("model_echo");
    return 1;
  }
  std::printf("listening %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  std::thread([listener] {
    while (true) {
      int fd = accept(listener, nullptr, nullptr);
      if (fd >= 0) std::thread(serve, fd).detach();
    }
  }).detach();
  while (std::cin.get() != EOF) {
  }
  std::_Exit(0);
}
