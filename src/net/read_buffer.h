// ReadBuffer: bytes read and not yet used. Small while nothing is in it, so that idle connections cost
// little. Private to net/.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace net {

class ReadBuffer {
 public:
  static constexpr std::size_t kIdle = 3072;

  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room to read into, at least one byte; grows (twofold) when full, up to `most` bytes in the buffer and
  // one.
  std::span<char> room(std::size_t most) {
    if (end_ == capacity_ && begin_ > 0) move_to(capacity_);
    if (end_ == capacity_) move_to(std::max(kIdle, std::max(size() + 1, std::min(capacity_ * 2, most))));
    return {data_.get() + end_, capacity_ - end_};
  }
  void filled(std::size_t n) { end_ += n; }

  void shrink() {
    if (capacity_ > kIdle && size() <= kIdle / 2) move_to(kIdle);
  }

 private:
  void move_to(std::size_t capacity) {
    auto used = size();
    if (capacity == capacity_) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      std::unique_ptr<char[]> fresh(new char[capacity]);
      if (used > 0) std::memcpy(fresh.get(), data_.get() + begin_, used);
      data_ = std::move(fresh);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace net
