// Args: the command line of the load tools, `--name value` and `--name` alone. Throws std::runtime_error for
// what is missing or is no number; unknown names are found by finish().
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace load {

class Args {
 public:
  Args(int argc, char** argv, int first);

  std::string text(const std::string& name, const std::string& otherwise);
  std::string need(const std::string& name);
  std::int64_t number(const std::string& name, std::int64_t otherwise);
  bool flag(const std::string& name);
  void finish() const;  // throws when an argument was never asked for

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> asked_;
};

// "127.0.0.1:25"; IPv4 only.
std::pair<std::string, std::uint16_t> host_and_port(const std::string& text);

}  // namespace load
