#include "benchmarks/latency.h"

#include <fmt/format.h>

#include <algorithm>

namespace load {

double Latencies::percentile_ms(double percent) {
  if (values_.empty()) return 0;
  if (!sorted_) std::sort(values_.begin(), values_.end());
  sorted_ = true;
  auto index = static_cast<std::size_t>(percent / 100 * static_cast<double>(values_.size()));
  return static_cast<double>(values_[std::min(index, values_.size() - 1)]) / 1e6;
}

double Latencies::max_ms() const {
  auto longest = std::max_element(values_.begin(), values_.end());
  return longest == values_.end() ? 0 : static_cast<double>(*longest) / 1e6;
}

void Report::fault(std::string what) {
  what = what.substr(0, 160);
  if (errors.size() < 20 || errors.contains(what)) ++errors[what];
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c < 0x20 || c >= 0x7f)
      out += fmt::format("\\u{:04x}", c);
    else
      out += static_cast<char>(c);
  }
  return out + "\"";
}

std::string Report::json() {
  std::string kinds;
  for (const auto& [what, times] : errors)
    kinds += fmt::format("{}{}:{}", kinds.empty() ? "" : ",", json_text(what), times);
  double seconds = end_ns > start_ns ? static_cast<double>(end_ns - start_ns) / 1e9 : 0;
  return fmt::format(
      "{{\"acknowledged\":{},\"failed\":{},\"in_doubt\":{},\"seconds\":{:.4f},\"rate\":{:.1f},\"p50_ms\":{:."
      "3f},"
      "\"p90_ms\":{:.3f},\"p99_ms\":{:.3f},\"max_ms\":{:.3f},\"start_ns\":{},\"end_ns\":{},"
      "\"first_answer_ns\":{},\"errors\":{{{}}}}}",
      acknowledged, failed, in_doubt, seconds, seconds > 0 ? static_cast<double>(acknowledged) / seconds : 0,
      latencies.percentile_ms(50), latencies.percentile_ms(90), latencies.percentile_ms(99),
      latencies.max_ms(), start_ns, end_ns, first_answer_ns, kinds);
}

}  // namespace load
