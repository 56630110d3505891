// Which addresses an outgoing connection to a name that somebody else chose may go to: only public ones, so
// that no name leads to this host, its network or a cloud's metadata service (SSRF). Pure; any thread.
#pragma once

#include <string_view>

namespace net {

// False for loopback, private, link-local, shared (RFC 6598), multicast, reserved and documentation ranges,
// for IPv6 forms that hold such an IPv4 address, and for what is no address.
bool is_public_address(std::string_view address);

}  // namespace net
