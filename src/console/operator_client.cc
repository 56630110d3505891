#include "console/operator_client.h"

#include <boost/json.hpp>

#include <cstdio>
#include <system_error>

#include "console/operator.h"
#include "console/unix_socket.h"

namespace console {
namespace {

constexpr std::size_t kMostAnswer = 64 << 20;
constexpr auto kAnswerTime = std::chrono::minutes(1);
constexpr int kRefused = 1, kNoServer = 3;

int no_server(const std::string& folder, const std::string& why) {
  std::fprintf(stderr, "sesame: no server answers in %s: %s\n", folder.c_str(), why.c_str());
  return kNoServer;
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', stdout);
}

}  // namespace

std::optional<OperatorAnswer> parse_answer(std::string_view line) {
  boost::json::error_code error;
  const auto document = boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  if (error || !document.is_object()) return std::nullopt;
  const auto& object = document.get_object();
  const auto* ok = object.if_contains("ok");
  if (!ok || !ok->is_bool()) return std::nullopt;
  OperatorAnswer answer;
  answer.ok = ok->get_bool();
  const auto* text = object.if_contains(answer.ok ? "text" : "error");
  if (text && text->is_string()) answer.text = std::string(std::string_view(text->get_string()));
  if (const auto* json = object.if_contains("json")) answer.json = boost::json::serialize(*json);
  return answer;
}

int ask_operator(const std::string& data_folder, const std::string& command,
                 const std::vector<std::string>& words, bool json) {
  std::optional<std::string> line;
  try {
    const auto socket = connect_unix(data_folder + "/sesame.sock");
    if (!write_all(socket.get(), request_line({command, words}), kAnswerTime))
      return no_server(data_folder, "it hung up");
    line = read_line(socket.get(), kMostAnswer, kAnswerTime);
  } catch (const std::system_error& e) {
    return no_server(data_folder, e.code().message());
  }
  const auto answer = line ? parse_answer(*line) : std::nullopt;
  if (!answer) return no_server(data_folder, "it gave no answer");
  if (!answer->ok) {
    std::fprintf(stderr, "sesame: %s\n", answer->text.c_str());
    return kRefused;
  }
  print(json && !answer->json.empty() ? answer->json : answer->text);
  return 0;
}

}  // namespace console
