// The operator's socket: `sesame.sock` in the data folder, mode 0600, for `sesame trace|queue|iam|account|…`.
// One JSON line is asked, {"command":"trace","args":["ID"]}, and one answered,
// {"ok":true,"text":"…","json":{…}} or
// {"ok":false,"error":"…"}; then the connection ends. Served by a thread of its own, one connection at a
// time; only the server's own user and root are answered. Sizes and times are capped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "send/service.h"

namespace console {

struct OperatorRequest {
  std::string command;
  std::vector<std::string> args;
};

struct OperatorAnswer {
  bool ok = true;
  std::string text;  // for people; what went wrong when not ok
  std::string json;  // for programs: a JSON value, or empty
};

// Line protocol. nullopt: no request.
std::optional<OperatorRequest> parse_request(std::string_view line);
std::string request_line(const OperatorRequest& request);
std::string answer_line(const OperatorAnswer& answer);
std::optional<OperatorAnswer> parse_answer(std::string_view line);

class OperatorSocket {
 public:
  using Handler = std::function<base::Task<OperatorAnswer>(OperatorRequest)>;

  // Listens at `path`; throws std::system_error. `service` outlives the socket. `stop` begins the server's
  // stop; by default the process is sent SIGTERM.
  OperatorSocket(send::Service& service, const std::string& path, std::function<void()> stop = {});
  OperatorSocket(const std::string& path, Handler handler);
  ~OperatorSocket();  // what is being answered is finished; removes the file

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace console
