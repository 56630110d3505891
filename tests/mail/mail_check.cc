// The checks of received mail behind JSON lines, so that other implementations can be held against them: a
// question a line on standard input, an answer a line on standard output.
#include <boost/json.hpp>
#include <iostream>
#include <map>
#include <string>

#include "base/encoding.h"
#include "base/run_task.h"
#include "mail/spf.h"
#include "mail/test_look_up.h"

namespace {

namespace json = boost::json;

std::string text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

// {"zone": [["name", "TXT", "value"], ...]}; the types TIMEOUT and CNAME too.
mail::TableLookUp zone_of(const json::object& question) {
  static const std::map<std::string, mail::LookUpType> kTypes = {{"A", mail::LookUpType::a},
                                                                 {"AAAA", mail::LookUpType::aaaa},
                                                                 {"MX", mail::LookUpType::mx},
                                                                 {"PTR", mail::LookUpType::ptr},
                                                                 {"TXT", mail::LookUpType::txt}};
  mail::TableLookUp zone;
  const auto* records = question.if_contains("zone");
  if (!records) return zone;
  for (const auto& record : records->as_array()) {
    const auto& row = record.as_array();
    std::string name(row[0].as_string()), type(row[1].as_string()), value(row[2].as_string());
    if (type == "TIMEOUT") {
      value.empty() ? zone.fail(name) : zone.fail(name, kTypes.at(value));
    } else if (type == "CNAME") {
      zone.add_alias(name, value);
    } else {
      zone.add(name, kTypes.at(type), value);
    }
  }
  return zone;
}

json::object spf(const json::object& question) {
  auto zone = zone_of(question);
  mail::SpfRequest request{text_of(question, "ip"), text_of(question, "mail_from"),
                           text_of(question, "helo")};
  auto out = base::run_task(mail::check_spf(request, zone));
  return {{"result", mail::name_of(out.result)}, {"domain", out.domain}, {"problem", out.problem}};
}

json::object answer(const json::object& question) {
  auto op = text_of(question, "op");
  if (op == "spf") return spf(question);
  return {{"error", "unknown op"}};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << json::serialize(answer(json::parse(line).as_object())) << std::endl;
  return 0;
}
