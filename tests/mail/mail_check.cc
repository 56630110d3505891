// The checks of received mail behind JSON lines, so that other implementations can be held against them: a
// question a line on standard input, an answer a line on standard output.
#include <boost/json.hpp>
#include <iostream>
#include <map>
#include <string>

#include "base/encoding.h"
#include "base/run_task.h"
#include "mail/arf.h"
#include "mail/dkim_verify.h"
#include "mail/dsn.h"
#include "mail/returned_mail.h"
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

std::string bytes_of(const json::object& question, std::string_view name) {
  return base::base64_decode(text_of(question, name)).value_or("");
}

json::object dkim(const json::object& question) {
  auto zone = zone_of(question);
  auto now = base::from_millis(question.at("now").as_int64() * 1000);
  auto signatures = mail::read_signatures(bytes_of(question, "message"), now);
  json::array out;
  for (const auto& verdict : base::run_task(mail::verify_dkim(std::move(signatures), zone)))
    out.push_back(json::object{{"result", mail::name_of(verdict.result)},
                               {"domain", verdict.domain},
                               {"selector", verdict.selector},
                               {"identity", verdict.identity},
                               {"problem", verdict.problem}});
  return {{"verdicts", out}};
}

json::object returned(const json::object& question) {
  auto mail = mail::read_returned_mail(bytes_of(question, "message"));
  json::array recipients;
  for (const auto& r : mail.recipients)
    recipients.push_back(json::object{{"address", r.address},
                                      {"action", mail::name_of(r.action)},
                                      {"status", r.status},
                                      {"diagnostic", r.diagnostic}});
  return {{"kind", static_cast<int>(mail.kind)},
          {"recipients", recipients},
          {"message_id", mail.original_message_id},
          {"return_path", mail.original_return_path}};
}

json::object feedback(const json::object& question) {
  auto report = mail::read_feedback_report(bytes_of(question, "message"));
  if (!report) return {{"type", nullptr}};
  json::array recipients;
  for (const auto& r : report->recipients) recipients.push_back(json::string(r));
  return {{"type", report->feedback_type}, {"recipients", recipients}, {"ip", report->source_ip}};
}

json::object dsn(const json::object& question) {
  mail::DsnMail dsn;
  dsn.from = text_of(question, "from");
  dsn.to = text_of(question, "to");
  dsn.subject = text_of(question, "subject");
  dsn.explanation = text_of(question, "explanation");
  dsn.reporting_mta = text_of(question, "reporting_mta");
  dsn.arrival = base::from_millis(1681293525000);
  auto original = bytes_of(question, "original");
  dsn.original = original;
  for (const auto& address : question.at("recipients").as_array()) {
    auto& recipient = dsn.recipients.emplace_back();
    recipient.final_recipient = std::string(address.as_string());
    recipient.status = "5.1.1";
    recipient.diagnostic = text_of(question, "diagnostic");
    recipient.extensions = {{"X-Note", text_of(question, "note")}};
  }
  base::SystemRandom random;
  return {{"message", base::base64_encode(mail::build_dsn(dsn, random))}};
}

json::object answer(const json::object& question) {
  auto op = text_of(question, "op");
  if (op == "spf") return spf(question);
  if (op == "dkim") return dkim(question);
  if (op == "returned") return returned(question);
  if (op == "feedback") return feedback(question);
  if (op == "dsn") return dsn(question);
  return {{"error", "unknown op"}};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << json::serialize(answer(json::parse(line).as_object())) << std::endl;
  return 0;
}
