#include "smtp/dot.h"

#include <algorithm>
#include <cstring>

namespace smtp {
namespace {

constexpr std::string_view kDot = ".";

std::size_t find_char(std::string_view text, char c) {
  if (text.empty()) return std::string_view::npos;
  const void* found = std::memchr(text.data(), c, text.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
               : std::string_view::npos;
}

// The position of the first dot that follows an LF, at least 1; npos if there is none.
std::size_t find_dot_line(std::string_view text) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t lf = find_char(text.substr(at), '\n');
    if (lf == std::string_view::npos) return lf;
    at += lf + 1;
    if (at == text.size()) return std::string_view::npos;
    if (text[at] == '.') return at;
  }
}

}  // namespace

bool DotStuffer::full() const {
  // A stretch takes up to two slices, the end one more.
  return count_ + 3 > kMaxSlices || bytes_ >= kBatchBytes || scratch_.size() + 2 * kShort > kScratch;
}

std::span<const std::string_view> DotStuffer::next() {
  count_ = bytes_ = 0;
  scratch_.clear();
  scratch_open_ = false;
  if (ended_) return {};
  while (!full()) {
    if (!add_stretch()) {
      add_end();
      break;
    }
  }
  return {slices_.data(), count_};
}

// From here to the next dot at the start of a line, to the end of the part or of what one batch may hold.
std::size_t DotStuffer::stretch_length(std::string_view rest) const {
  rest = rest.substr(0, kBatchBytes - bytes_);
  const std::size_t dot = find_dot_line(rest);
  return dot == std::string_view::npos ? rest.size() : dot;
}

bool DotStuffer::add_stretch() {
  while (part_ < parts_.size() && at_ == parts_[part_].size()) {
    ++part_;
    at_ = 0;
  }
  if (part_ == parts_.size()) return false;
  const std::string_view rest = parts_[part_].substr(at_);
  const std::size_t length = stretch_length(rest);
  // After a bare LF too: some servers take it for a line end, and a lone dot there must not end the data for
  // them.
  const bool stuff = line_start_ && rest.front() == '.';
  const std::string_view stretch = rest.substr(0, length);
  if (length < kShort && (stuff || scratch_open_)) {
    if (stuff) add_copy(kDot);
    add_copy(stretch);
  } else {
    if (stuff) add(kDot);
    add(stretch);
  }
  before_last_ = length > 1 ? stretch[length - 2] : last_;
  last_ = stretch.back();
  line_start_ = last_ == '\n';
  at_ += length;
  return true;
}

void DotStuffer::add(std::string_view piece) {
  slices_[count_++] = piece;
  bytes_ += piece.size();
  scratch_open_ = false;
}

void DotStuffer::add_copy(std::string_view piece) {
  if (scratch_.capacity() < kScratch) scratch_.reserve(kScratch);  // slices into it stay where they are
  const std::size_t from = scratch_.size();
  scratch_.append(piece);
  bytes_ += piece.size();
  if (scratch_open_) {
    auto& slice = slices_[count_ - 1];
    slice = {slice.data(), slice.size() + piece.size()};
  } else {
    slices_[count_++] = std::string_view(scratch_).substr(from);
    scratch_open_ = true;
  }
}

void DotStuffer::add_end() {
  const bool whole_line = before_last_ == '\r' && last_ == '\n';
  add(whole_line ? std::string_view(".\r\n") : std::string_view("\r\n.\r\n"));
  ended_ = true;
}

void DotDecoder::end_line() {
  longest_ = std::max(longest_, line_octets_);
  line_octets_ = 0;
  state_ = State::line_start;
}

// Eats to the end of the line or of `in`, checking its line end; keeps the state for what follows.
std::size_t DotDecoder::middle(std::string_view in) {
  const std::size_t lf = find_char(in, '\n');
  const std::size_t end = lf == std::string_view::npos ? in.size() : lf;
  const std::size_t cr = find_char(in.substr(0, end), '\r');
  const bool cr_last = end > 0 && in[end - 1] == '\r';
  if (cr != std::string_view::npos && cr + 1 != end) bare_ = true;
  line_octets_ += end;
  if (lf == std::string_view::npos) {
    if (cr_last) state_ = State::after_cr;
    return end;
  }
  if (cr_last) {
    end_line();
  } else {
    bare_ = true;
  }
  return end + 1;
}

std::size_t DotDecoder::feed(std::string_view in, std::string* out) {
  std::size_t at = 0, run = 0;  // [run, at) is to be appended
  const auto flush = [&] {
    if (out) out->append(in.substr(run, at - run));
  };
  while (at < in.size() && state_ != State::done) {
    switch (state_) {
      case State::line_start:
        if (in[at] != '.') {
          state_ = State::middle;
          break;
        }
        flush();
        run = ++at;
        state_ = State::dot;
        break;
      case State::dot:
        state_ = in[at] == '\r' ? State::dot_cr : State::middle;
        if (state_ == State::dot_cr) run = ++at;
        break;
      case State::dot_cr:
        if (in[at] == '\n') {
          run = ++at;
          state_ = State::done;
        } else {
          bare_ = true;  // what becomes of the text does not matter: the message will be refused
          state_ = State::middle;
        }
        break;
      case State::middle:
        at += middle(in.substr(at));
        break;
      case State::after_cr:
        if (in[at] == '\n') {
          ++at;
          end_line();
        } else {
          bare_ = true;
          state_ = State::middle;
        }
        break;
      case State::done:
        break;
    }
  }
  flush();
  return at;
}

void LineEndCheck::feed(std::string_view in) {
  while (!in.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (in.front() == '\n') {
        in.remove_prefix(1);
        continue;
      }
      bare_ = true;
    }
    const std::size_t lf = find_char(in, '\n');
    const std::size_t end = lf == std::string_view::npos ? in.size() : lf;
    const std::size_t cr = find_char(in.substr(0, end), '\r');
    if (cr != std::string_view::npos && cr + 1 != end) bare_ = true;
    const bool cr_last = end > 0 && in[end - 1] == '\r';
    if (lf == std::string_view::npos) {
      after_cr_ = cr_last;
      return;
    }
    if (!cr_last) bare_ = true;
    in.remove_prefix(lf + 1);
  }
}

}  // namespace smtp
