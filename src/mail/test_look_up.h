// DNS out of a table, for tests of what asks through LookUp. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "mail/look_up.h"

namespace mail {

class TableLookUp final : public LookUp {
 public:
  void add(const std::string& name, LookUpType type, std::string value) {
    auto key = base::ascii_lower(name);
    names_.insert(key);
    records_[{key, type}].push_back(std::move(value));
  }
  void add_alias(const std::string& name, std::string target) {
    auto key = base::ascii_lower(name);
    names_.insert(key);
    aliases_[key] = base::ascii_lower(target);
  }
  // Every question about the name, or of one type, stays without an answer.
  void fail(const std::string& name) { failing_.insert(base::ascii_lower(name)); }
  void fail(const std::string& name, LookUpType type) {
    failing_types_.insert({base::ascii_lower(name), type});
  }

  base::Task<LookUpAnswer> ask(std::string name, LookUpType type) override {
    asked.push_back(name);
    co_return answer(base::ascii_lower(name), type);
  }

  std::vector<std::string> asked;

 private:
  LookUpAnswer answer(std::string name, LookUpType type) const {
    LookUpAnswer out;
    for (int hops = 0; aliases_.count(name) && hops < 8; ++hops) name = aliases_.at(name);
    if (failing_.count(name) || failing_types_.count({name, type})) return out;
    out.status = LookUpAnswer::no_name;
    if (!names_.count(name)) return out;
    out.status = LookUpAnswer::no_data;
    auto at = records_.find({name, type});
    if (at == records_.end()) return out;
    out.status = LookUpAnswer::ok;
    out.values = at->second;
    return out;
  }

  std::map<std::pair<std::string, LookUpType>, std::vector<std::string>> records_;
  std::map<std::string, std::string> aliases_;
  std::set<std::string> names_, failing_;
  std::set<std::pair<std::string, LookUpType>> failing_types_;
};

}  // namespace mail
