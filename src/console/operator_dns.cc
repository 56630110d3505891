// `dns check DOMAIN`: what the domain should publish, and what it does.
#include <fmt/core.h>

#include <stdexcept>

#include "base/json.h"
#include "console/operator_commands.h"
#include "ses/dns_check.h"
#include "ses/identity_name.h"

namespace console {
namespace {

std::string report_text(const ses::Identity& identity, const ses::DnsReport& report) {
  auto out = fmt::format("{}  account {}  {}  verification {}  DKIM {}\n", identity.name,
                         identity.scope.account.str(), identity.scope.region.str(),
                         ses::v1_status(identity.status), ses::v1_status(identity.dkim.status));
  for (const auto& record : report.records) {
    out += fmt::format("\n{:<8} {}  {} {}\n", ses::state_name(record.state), record.purpose, record.type,
                       record.name);
    out += fmt::format("  wanted {}\n", record.wanted);
    for (const auto& found : record.found) out += fmt::format("  found  {}\n", found);
    if (record.found.empty()) out += "  found  nothing\n";
    if (!record.fix.empty()) out += fmt::format("  fix    {}\n", record.fix);
  }
  out += report.good() ? "\nAll that is needed is there.\n" : "\nSomething is to be done.\n";
  return out;
}

std::string report_json(const ses::Identity& identity, const ses::DnsReport& report) {
  base::JsonWriter json;
  json.object().field("domain", report.domain).field("account", identity.scope.account.str());
  json.field("region", identity.scope.region.str()).field("good", report.good());
  json.field("verificationStatus", ses::v1_status(identity.status));
  json.field("dkimStatus", ses::v1_status(identity.dkim.status));
  json.key("records").array();
  for (const auto& record : report.records) {
    json.object().field("state", ses::state_name(record.state)).field("purpose", record.purpose);
    json.field("name", record.name).field("type", record.type).field("wanted", record.wanted);
    json.key("found").strings(record.found);
    json.field("fix", record.fix).end();
  }
  json.end().end();
  return std::move(json).text();
}

}  // namespace

// The record of the key by which the service domain signs where no identity's key does.
base::Task<OperatorAnswer> OperatorCommands::dns_service() {
  auto& identities = service_.identities;
  auto finding = identities.service_key();
  const auto key = co_await finding;
  const auto name = identities.service_selector() + "._domainkey." + service_.settings.service_domain;
  base::JsonWriter json;
  json.object().field("name", name).field("type", "TXT").field("wanted", key->dns_record()).end();
  co_return OperatorAnswer{true, name + "  TXT  " + key->dns_record() + "\n", std::move(json).text()};
}

base::Task<OperatorAnswer> OperatorCommands::dns(CommandLine line) {
  allow_options(line, {"account", "region"});
  const auto what = need_word(line, 0, "What to do: dns check DOMAIN, or dns service");
  if (what == "service") {
    auto telling = dns_service();
    co_return co_await telling;
  }
  if (what != "check") throw std::invalid_argument("Say dns check DOMAIN, or dns service.");
  const auto name = need_word(line, 1, "The domain");
  if (ses::kind_of_name(name) != ses::IdentityKind::domain)
    throw std::invalid_argument("dns check takes a domain, not an address.");
  const ses::Scope scope{account_of(line), ses::Region(line.option("region").value_or(default_region()))};
  const auto identity = service_.identities.find(scope, name);
  if (!identity)
    throw std::invalid_argument("There is no identity " + name + " in account " + scope.account.str() + ", " +
                                scope.region.str() + ".");
  auto mail_from = service_.identities.mail_from_for(*identity);
  const auto& settings = service_.settings;
  auto checking = ses::check_dns(&service_.fresh_dns, settings.service_domain, identity, mail_from,
                                 settings.dkim_ed25519);
  const auto report = co_await checking;
  co_return OperatorAnswer{true, report_text(*identity, report), report_json(*identity, report)};
}

}  // namespace console
