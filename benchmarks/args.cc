#include "benchmarks/args.h"

#include <stdexcept>
#include <string_view>

namespace load {

Args::Args(int argc, char** argv, int first) {
  for (int i = first; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) throw std::runtime_error("unexpected argument: " + std::string(word));
    std::string value;
    if (i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--")) value = argv[++i];
    values_[std::string(word.substr(2))] = value;
  }
}

std::string Args::text(const std::string& name, const std::string& otherwise) {
  asked_.insert(name);
  auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

std::string Args::need(const std::string& name) {
  std::string value = text(name, "");
  if (value.empty()) throw std::runtime_error("--" + name + " is needed");
  return value;
}

std::int64_t Args::number(const std::string& name, std::int64_t otherwise) {
  std::string value = text(name, "");
  return value.empty() ? otherwise : std::stoll(value);
}

bool Args::flag(const std::string& name) {
  asked_.insert(name);
  return values_.contains(name);
}

void Args::finish() const {
  for (const auto& [name, value] : values_)
    if (!asked_.contains(name)) throw std::runtime_error("unknown argument: --" + name);
}

std::pair<std::string, std::uint16_t> host_and_port(const std::string& text) {
  auto colon = text.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("HOST:PORT is wanted: " + text);
  return {text.substr(0, colon), static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))};
}

}  // namespace load
