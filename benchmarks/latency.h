// Latencies: how long each call took, and the figures made of it. Report: what a source did, printed as one
// line of JSON so that the runner can read it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace load {

class Latencies {
 public:
  void add(std::int64_t ns) { values_.push_back(ns); }
  std::size_t count() const { return values_.size(); }
  double percentile_ms(double percent);  // 0 when empty
  double max_ms() const;

 private:
  std::vector<std::int64_t> values_;
  bool sorted_ = false;
};

struct Report {
  std::int64_t acknowledged = 0, failed = 0, in_doubt = 0;
  std::int64_t start_ns = 0, end_ns = 0, first_answer_ns = 0;
  Latencies latencies;
  std::map<std::string, std::int64_t> errors;  // reply or failure -> how often, at most 20 kinds

  void fault(std::string what);
  std::string json();
};

std::string json_text(const std::string& text);

}  // namespace load
