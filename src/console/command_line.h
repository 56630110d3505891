// The words of an operator's command: positional ones, and options as `--name value`, `--name=value` or
// `name=value`. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace console {

struct CommandLine {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;

  const std::string* word(std::size_t n) const { return n < words.size() ? &words[n] : nullptr; }
  std::optional<std::string> option(const std::string& name) const;
};

// Throws std::invalid_argument for an option without a value, or one given twice.
CommandLine parse_command_line(const std::vector<std::string>& args);

}  // namespace console
