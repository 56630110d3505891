// DNS as the checks of received mail need it: an interface that the caller fills, for this room may not know
// src/net. A check is a coroutine that asks; an implementation over net::Resolver is a few lines. The types
// have DNS's own numbers. The object must outlive the check; the thread is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"

namespace mail {

enum class LookUpType : std::uint16_t { a = 1, ptr = 12, mx = 15, txt = 16, aaaa = 28 };

struct LookUpAnswer {
  enum Status { ok, no_data, no_name, failed };  // failed: SERVFAIL, time-out: try again later
  Status status = failed;
  // a, aaaa: address text; ptr, mx: host names without final dot; txt: the strings of a record joined.
  std::vector<std::string> values;
};

class LookUp {
 public:
  virtual ~LookUp() = default;
  // `name` is as is_look_up_name() says, without a final dot, any case. CNAMEs are followed. Bounding the
  // time is the implementation's.
  virtual base::Task<LookUpAnswer> ask(std::string name, LookUpType type) = 0;
};

// Labels of 1..63 printable octets (blanks too: RFC 7208 §7.1 has "%_"), 253 in all: a name to ask for.
bool is_look_up_name(std::string_view name);

}  // namespace mail
