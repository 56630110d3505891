// Bytes read and not yet used. Starts small, since most sessions of a server are idle most of the time, and
// grows while data flows.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace smtp {

class InputBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t octets) {
    begin_ += octets;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() { begin_ = end_ = 0; }

  // Room for at least `octets` more.
  std::span<char> room(std::size_t octets) {
    if (capacity_ - end_ < octets) make_room(octets);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void added(std::size_t octets) { end_ += octets; }
  // Gives memory back when nothing is held and the buffer has grown.
  void shrink(std::size_t keep) {
    if (!empty() || capacity_ <= keep) return;
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  void make_room(std::size_t octets) {
    const std::size_t held = end_ - begin_;
    if (capacity_ - held >= octets) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, held);
    } else {
      const std::size_t capacity = held + octets;
      auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
      if (held > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, held);
      bytes_ = std::move(bytes);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace smtp
