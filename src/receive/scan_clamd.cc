#include "receive/scan_clamd.h"

#include <vector>

#include "base/encoding.h"
#include "net/stream.h"

namespace receive {
namespace {

constexpr std::size_t kPiece = 256 << 10, kMostAnswer = 4096;
constexpr std::string_view kCommand("zINSTREAM\0", 10);
constexpr std::string_view kStream = "stream: ", kFound = " FOUND", kLimits = "Heuristics.Limits.Exceeded";

// Before each piece, in network order; 0 ends the stream.
std::string length_prefix(std::size_t size) {
  std::string out(4, 0);
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<char>(size >> (24 - 8 * i));
  return out;
}

// `stream` and what `mail` points to outlive the task.
base::Task<net::IoResult> send_mail(net::Stream* stream, std::string_view mail, net::Deadline deadline) {
  std::string head(kCommand);
  while (!mail.empty()) {
    const auto piece = mail.substr(0, kPiece);
    mail.remove_prefix(piece.size());
    head += length_prefix(piece.size());
    const std::string_view parts[] = {head, piece};
    auto writing = stream->write(std::span<const std::string_view>(parts), deadline);
    const auto written = co_await writing;
    if (!written.ok()) co_return written;
    head.clear();
  }
  head += length_prefix(0);
  auto writing = stream->write(std::string_view(head), deadline);
  co_return co_await writing;
}

// Up to the NUL that ends it; what came before the connection broke, otherwise.
base::Task<std::string> read_answer(net::Stream* stream, net::Deadline deadline) {
  std::string answer;
  std::vector<char> buffer(kMostAnswer);
  while (answer.size() < kMostAnswer) {
    auto reading = stream->read_some(buffer, deadline);
    const auto read = co_await reading;
    if (!read.ok()) break;
    const std::string_view got(buffer.data(), read.bytes);
    answer += got.substr(0, got.find('\0'));
    if (got.find('\0') != got.npos) break;
  }
  co_return answer;
}

}  // namespace

Scanned read_clamd_answer(std::string_view answer) {
  answer = base::trim(answer);
  if (answer == "stream: OK") return {"PASS", ""};
  if (!answer.starts_with(kStream) || !answer.ends_with(kFound) ||
      answer.size() <= kStream.size() + kFound.size())
    return not_scanned(answer.empty() ? "no answer" : answer);
  const auto name = answer.substr(kStream.size(), answer.size() - kStream.size() - kFound.size());
  // With AlertExceedsMax: nothing was found, but not everything was looked at.
  return {name.starts_with(kLimits) ? "GRAY" : "FAIL", shown_detail(name)};
}

base::Task<Scanned> scan_by_clamd(net::Endpoint clamd, std::shared_ptr<const std::string> mail) {
  const auto deadline = net::Steady::now() + kScanTime;
  auto connecting = net::connect(clamd, deadline);
  auto connected = co_await connecting;
  if (!connected) co_return not_scanned("connect: " + std::string(net::to_string(connected.error().error)));
  const auto stream = std::move(*connected);
  auto sending = send_mail(stream.get(), *mail, deadline);
  const auto sent = co_await sending;
  // One that takes no more (StreamMaxLength) has said so before it closed.
  auto reading = read_answer(stream.get(), deadline);
  const auto answer = co_await reading;
  if (answer.empty() && !sent.ok()) co_return not_scanned("send: " + std::string(net::to_string(sent.error)));
  co_return read_clamd_answer(answer);
}

}  // namespace receive
