// What a server says it can do in its answer to EHLO (RFC 5321 §4.1.1.1). Plain data.
#pragma once

#include <cstdint>

namespace smtp {

struct Capabilities {
  bool starttls = false, pipelining = false, size = false, eight_bit_mime = false, smtputf8 = false,
       chunking = false, dsn = false, enhanced_status = false, auth_plain = false, auth_login = false;
  std::uint64_t size_limit = 0;  // 0: none given
};

}  // namespace smtp
