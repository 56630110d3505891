// Any rdata of any type: no crash; names that come out are names.
#include <cstdint>
#include <cstdlib>

#include "net/dns_rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using net::DnsType;
  static constexpr DnsType kTypes[] = {DnsType::a,  DnsType::cname, DnsType::soa,  DnsType::ptr,
                                       DnsType::mx, DnsType::txt,   DnsType::aaaa, DnsType::tlsa};
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (auto type : kTypes) {
    auto record = net::parse_rdata(type, bytes);
    if (!record) continue;
    bool name = type == DnsType::cname || type == DnsType::ptr || type == DnsType::mx || type == DnsType::soa;
    if (name && net::normal_dns_name(record->value) != record->value) std::abort();
    if (record->value.size() > size + 64) std::abort();
  }
  static_cast<void>(net::normal_dns_name(bytes));
  return 0;
}
