#include "net/source_limit.h"

#include <arpa/inet.h>

#include <cstring>

namespace net {

std::string source_of(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    char out[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, v6.s6_addr + 12, out, sizeof out);
    return out;
  }
  std::memset(v6.s6_addr + 8, 0, 8);
  char out[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &v6, out, sizeof out);
  return out;
}

SourceLimit::Place SourceLimit::take(std::string_view address) {
  auto source = source_of(address);
  std::lock_guard lock(mutex_);
  if (taken_ >= most_) return {};
  auto at = by_source_.try_emplace(source, 0).first;
  if (at->second >= most_per_source_) return {};
  ++at->second;
  ++taken_;
  return Place(this, std::move(source));
}

void SourceLimit::give_back(const std::string& source) {
  std::lock_guard lock(mutex_);
  --taken_;
  auto at = by_source_.find(source);
  if (--at->second == 0) by_source_.erase(at);
}

std::size_t SourceLimit::taken() const {
  std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace net
