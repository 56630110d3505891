// DNS data as bytes: names and the rdata of the types this room knows (RFC 1035 §3.3, 3596, 6698). Bytes come
// from the network: every length is checked. Private to net/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/dns.h"

namespace net {

// A name in wire form without compression, at the front of `bytes`, which is moved past it: lower case, no
// final dot. nullopt if it is cut off, too long, compressed, or holds bytes no host name has (dots, blanks,
// controls).
std::optional<std::string> take_dns_name(std::string_view& bytes);

// nullopt for malformed rdata, bytes left over included.
std::optional<DnsRecord> parse_rdata(DnsType type, std::string_view rdata);

// Lower case, without final dot; nullopt when no name of the DNS (RFC 1035 §2.3.4) or not ASCII. "" is the
// root.
std::optional<std::string> normal_dns_name(std::string_view name);

}  // namespace net
