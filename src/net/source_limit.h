// SourceLimit: so many of something at a time, and so many of one source: connections, answers held back. An
// IPv6 address counts by its /64, which is what one customer is given. Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace net {

// An IPv6 address without its last 64 bits, any other as it is; IPv4 in IPv6 form as IPv4.
std::string source_of(std::string_view address);

class SourceLimit {
 public:
  SourceLimit(std::size_t most, std::size_t most_per_source)
      : most_(most), most_per_source_(most_per_source) {}

  // A place that is taken; given back when it goes out of scope, before the limit does.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept { swap(other); }
    Place& operator=(Place&& other) noexcept {
      swap(other);
      return *this;
    }
    ~Place() {
      if (limit_) limit_->give_back(source_);
    }
    explicit operator bool() const { return limit_ != nullptr; }

   private:
    friend class SourceLimit;
    Place(SourceLimit* limit, std::string source) : limit_(limit), source_(std::move(source)) {}
    void swap(Place& other) {
      std::swap(limit_, other.limit_);
      std::swap(source_, other.source_);
    }
    SourceLimit* limit_ = nullptr;
    std::string source_;
  };

  Place take(std::string_view address);  // empty: too many
  std::size_t taken() const;

 private:
  void give_back(const std::string& source);

  const std::size_t most_, most_per_source_;
  mutable std::mutex mutex_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> by_source_;
};

}  // namespace net
