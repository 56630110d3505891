#include "net/chunk_decoder.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace net {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxTrailer = 16384;
constexpr std::size_t kMaxSizeDigits = 15;

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto u = static_cast<unsigned char>(c);
    return (u >= ' ' && u != 0x7f) || u == '\t';
  });
}

bool is_token(std::string_view text) {  // RFC 9110 §5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
  });
}

}  // namespace

std::size_t ChunkDecoder::decode(std::string_view bytes, std::string& body, std::size_t body_limit) {
  std::size_t used = 0;
  while (!done() && !refused_) {
    auto before = state_;
    auto n = step(bytes.substr(used), body, body_limit);
    used += n;
    if (n == 0 && state_ == before) break;
  }
  return used;
}

std::size_t ChunkDecoder::step(std::string_view bytes, std::string& body, std::size_t body_limit) {
  std::string_view line;
  switch (state_) {
    case State::size: {
      auto used = take_line(bytes, line);
      if (used > 0) size_line(line, body_limit - std::min(body_limit, body.size()));
      return used;
    }
    case State::data: {
      auto used = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      body.append(bytes.substr(0, used));
      left_ -= used;
      if (left_ == 0) state_ = State::data_end;
      return used;
    }
    case State::data_end:
      if (!std::string_view("\r\n").starts_with(bytes.substr(0, 2))) refused_ = 400;
      if (refused_ || bytes.size() < 2) return 0;
      state_ = State::size;
      return 2;
    case State::trailer: {
      auto used = take_line(bytes, line);
      trailer_bytes_ += used;
      if (used > 0) trailer_line(line);
      return used;
    }
    case State::done:
      break;
  }
  return 0;
}

std::size_t ChunkDecoder::take_line(std::string_view bytes, std::string_view& line) {
  auto lf = bytes.substr(0, kMaxLine).find('\n');
  if (lf == std::string_view::npos) {
    if (bytes.size() >= kMaxLine) refused_ = 400;
    return 0;
  }
  if (lf == 0 || bytes[lf - 1] != '\r' || !is_text(bytes.substr(0, lf - 1))) {
    refused_ = 400;
    return 0;
  }
  line = bytes.substr(0, lf - 1);
  return lf + 1;
}

// RFC 9112 §7.1: chunk-size [ chunk-ext ]
void ChunkDecoder::size_line(std::string_view line, std::size_t room) {
  auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  auto digits = static_cast<std::size_t>(end - line.data());
  auto rest = line.substr(digits);
  auto extension = rest.find_first_not_of(" \t");
  bool starts_with_digit = !line.empty() && line.front() != '-';
  if (!starts_with_digit || digits == 0 ||
      (!rest.empty() && (extension == rest.npos || rest[extension] != ';'))) {
    refused_ = 400;
  } else if (error != std::errc{} || digits > kMaxSizeDigits || left_ > room) {
    refused_ = 413;
  } else {
    state_ = left_ == 0 ? State::trailer : State::data;
  }
}

void ChunkDecoder::trailer_line(std::string_view line) {
  if (line.empty()) {
    state_ = State::done;
  } else if (trailer_bytes_ > kMaxTrailer || !is_token(line.substr(0, line.find(':'))) ||
             line.find(':') == line.npos) {
    refused_ = 400;
  }
}

}  // namespace net
