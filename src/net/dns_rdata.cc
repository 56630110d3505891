#include "net/dns_rdata.h"

#include <arpa/inet.h>

#include "base/encoding.h"

namespace net {
namespace {

constexpr std::size_t kMaxName = 255;  // octets on the wire, RFC 1035 §2.3.4
constexpr std::size_t kMaxLabel = 63;

bool name_byte(unsigned char c) { return c > ' ' && c < 0x7f && c != '.' && c != '\\' && c != '"'; }

template <int family, std::size_t size>
std::optional<std::string> address(std::string_view rdata) {
  if (rdata.size() != size) return {};
  char text[INET6_ADDRSTRLEN];
  if (!inet_ntop(family, rdata.data(), text, sizeof text)) return {};
  return text;
}

std::optional<std::string> strings(std::string_view rdata) {
  if (rdata.empty()) return {};
  std::string joined;
  while (!rdata.empty()) {
    std::size_t size = static_cast<unsigned char>(rdata.front());
    rdata.remove_prefix(1);
    if (size > rdata.size()) return {};
    joined += rdata.substr(0, size);
    rdata.remove_prefix(size);
  }
  return joined;
}

std::optional<std::string> whole_name(std::string_view rdata) {
  auto name = take_dns_name(rdata);
  return rdata.empty() ? name : std::nullopt;
}

std::optional<std::string> soa_server(std::string_view rdata) {
  auto server = take_dns_name(rdata);
  auto mailbox = server;
  if (server) {
    // The mailbox's first label may hold dots (RFC 1035 §8): only its shape matters here.
    std::size_t at = 0;
    while (at < rdata.size() && rdata[at] != 0) at += 1 + static_cast<unsigned char>(rdata[at]);
    if (at >= rdata.size() || rdata.size() - at - 1 != 20) mailbox.reset();
  }
  return mailbox ? server : std::nullopt;
}

}  // namespace

std::optional<std::string> take_dns_name(std::string_view& bytes) {
  std::string name;
  for (std::size_t at = 0; at < bytes.size() && at < kMaxName;) {
    std::size_t size = static_cast<unsigned char>(bytes[at++]);
    if (size == 0) {
      bytes.remove_prefix(at);
      return base::ascii_lower(name);
    }
    if (size > kMaxLabel || size > bytes.size() - at || at + size >= kMaxName) return {};
    if (!name.empty()) name += '.';
    for (char c : bytes.substr(at, size)) {
      if (!name_byte(static_cast<unsigned char>(c))) return {};
      name += c;
    }
    at += size;
  }
  return {};
}

std::optional<DnsRecord> parse_rdata(DnsType type, std::string_view rdata) {
  DnsRecord record;
  std::optional<std::string> value;
  switch (type) {
    case DnsType::a:
      value = address<AF_INET, 4>(rdata);
      break;
    case DnsType::aaaa:
      value = address<AF_INET6, 16>(rdata);
      break;
    case DnsType::cname:
    case DnsType::ptr:
      value = whole_name(rdata);
      break;
    case DnsType::mx:
      if (rdata.size() < 3) return {};
      record.preference = static_cast<std::uint16_t>(static_cast<unsigned char>(rdata[0]) << 8 |
                                                     static_cast<unsigned char>(rdata[1]));
      value = whole_name(rdata.substr(2));
      break;
    case DnsType::txt:
      value = strings(rdata);
      break;
    case DnsType::soa:
      value = soa_server(rdata);
      break;
    case DnsType::tlsa:
      if (rdata.size() > 3) value = std::string(rdata);  // RFC 6698 §2.1: three octets and the data
      break;
  }
  if (!value) return {};
  record.value = std::move(*value);
  return record;
}

std::optional<std::string> normal_dns_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return std::string();
  if (name.size() > kMaxName - 2) return {};
  std::size_t label = 0;
  for (char c : name) {
    if (c == '.') {
      if (label == 0) return {};
      label = 0;
    } else if (!name_byte(static_cast<unsigned char>(c)) || ++label > kMaxLabel) {
      return {};
    }
  }
  if (label == 0) return {};
  return base::ascii_lower(name);
}

}  // namespace net
