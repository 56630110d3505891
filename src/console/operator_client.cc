#include "console/operator_client.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "console/operator.h"
#include "console/unix_socket.h"

namespace console {
namespace {

constexpr std::size_t kMostAnswer = 64 << 20;
constexpr auto kAnswerTime = std::chrono::minutes(1);
constexpr std::size_t kMostDocument = 131072;
constexpr int kRefused = 1, kNoServer = 3;

int no_server(const std::string& folder, const std::string& why) {
  std::fprintf(stderr, "sesame: no server answers in %s: %s\n", folder.c_str(), why.c_str());
  return kNoServer;
}

std::string read_document(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostDocument + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (!file.is_open() || file.bad()) throw std::runtime_error("cannot read " + path);
  if (text.size() > kMostDocument) throw std::runtime_error(path + " is too large for a policy");
  return text;
}

// Strangers' subjects and names stand in it: nothing of theirs may steer the terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    const bool c1 = c == 0xc2 && next >= 0x80 && next < 0xa0;  // U+0080 to U+009F
    const bool steers = (c < ' ' && c != '\n' && c != '\t') || c == 0x7f || c1;
    out += steers ? '?' : text[i];
    if (c1) ++i;
  }
  return out;
}

void print(const std::string& answer) {
  const auto text = printable(answer);
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

std::vector<std::string> with_documents(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool joined = words[i].starts_with("--file=");
    if (!joined && (words[i] != "--file" || i + 1 == words.size())) {
      out.push_back(words[i]);
      continue;
    }
    const auto path = joined ? words[i].substr(7) : words[++i];
    out.insert(out.end(), {"--document", read_document(path)});
  }
  return out;
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
    std::fprintf(stderr, "sesame: %s\n", printable(answer->text).c_str());
    return kRefused;
  }
  print(json && !answer->json.empty() ? answer->json : answer->text);
  return 0;
}

}  // namespace console
