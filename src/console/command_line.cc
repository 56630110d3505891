#include "console/command_line.h"

#include <stdexcept>

namespace console {
namespace {

bool takes_no_value(const std::string& name) {
  return name == "resume" || name == "keep-old" || name == "default" || name == "denied";
}

}  // namespace

std::optional<std::string> CommandLine::option(const std::string& name) const {
  auto at = options.find(name);
  if (at == options.end()) return std::nullopt;
  return at->second;
}

CommandLine parse_command_line(const std::vector<std::string>& args) {
  CommandLine line;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const bool dashed = args[i].starts_with("--");
    const auto text = dashed ? args[i].substr(2) : args[i];
    const auto equals = text.find('=');
    if (!dashed && equals == std::string::npos) {
      line.words.push_back(text);
      continue;
    }
    auto name = text.substr(0, equals);
    const bool bare = equals == std::string::npos && takes_no_value(name);
    if (equals == std::string::npos && !bare && i + 1 == args.size())
      throw std::invalid_argument("--" + name + " needs a value.");
    auto value = bare ? std::string() : equals == std::string::npos ? args[++i] : text.substr(equals + 1);
    if (!line.options.emplace(name, std::move(value)).second)
      throw std::invalid_argument("--" + name + " is given twice.");
  }
  return line;
}

}  // namespace console
