// Outcome: what came of a call to another service. Plain data.
#pragma once

#include <string>

namespace cloud {

struct Outcome {
  bool ok = false;
  bool permanent = false;  // not ok: asking again will not help
  std::string text;        // what went wrong, for the trace
  std::string body;        // the answer, where it is wanted

  static Outcome done(std::string answer = {}) { return {true, false, {}, std::move(answer)}; }
  static Outcome failed(std::string why, bool for_good = false) {
    return {false, for_good, std::move(why), {}};
  }
};

}  // namespace cloud
