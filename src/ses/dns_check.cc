#include "ses/dns_check.h"

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "mail/domain.h"
#include "ses/settings.h"
#include "ses/verification.h"

namespace ses {
namespace {

using State = DnsFinding::State;

// Whoever waits for the report waits for all of it: slow name servers must not add up.
class Hurried final : public net::Resolver {
 public:
  explicit Hurried(net::Resolver& inner) : inner_(inner) {}
  base::Task<net::DnsAnswer> query(std::string name, net::DnsType type) override {
    constexpr std::chrono::seconds kAllTogether{20};
    if (std::chrono::steady_clock::now() - begun_ > kAllTogether) {
      net::DnsAnswer none;
      none.detail = "not asked, the others took too long";
      co_return none;
    }
    co_return co_await inner_.query(std::move(name), type);
  }

 private:
  net::Resolver& inner_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

struct Asked {
  std::string purpose, name, type, wanted;
};

DnsFinding start(Asked asked, const net::DnsAnswer& answer) {
  DnsFinding finding;
  finding.purpose = std::move(asked.purpose);
  finding.name = std::move(asked.name);
  finding.type = std::move(asked.type);
  finding.wanted = std::move(asked.wanted);
  for (const auto& record : answer.records)
    finding.found.push_back(finding.type == "MX" ? std::to_string(record.preference) + " " + record.value
                                                 : record.value);
  if (answer.status != net::DnsAnswer::failed) return finding;
  finding.state = State::unknown;
  finding.fix = "DNS did not answer for " + finding.name +
                (answer.detail.empty() ? "" : ": " + answer.detail) +
                ". Ask again later, and look at the name servers of the domain.";
  return finding;
}

void publish(DnsFinding& finding, State state) {
  finding.state = state;
  finding.fix = "Publish " + finding.type + " " + finding.name + " with the value: " + finding.wanted;
}

// First word of an SPF or DMARC record, by which it is told from other texts.
std::vector<std::string> of_version(const std::vector<std::string>& texts, std::string_view version) {
  std::vector<std::string> out;
  for (const auto& text : texts)
    if (base::ascii_lower(base::trim(text)).starts_with(version)) out.push_back(text);
  return out;
}

bool includes(std::string_view spf, std::string_view domain) {
  auto parts = base::split(spf, ' ');
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    if (part.starts_with('+')) part.remove_prefix(1);
    return base::iequals(part, "include:" + std::string(domain)) ||
           base::iequals(part, "redirect=" + std::string(domain));
  });
}

// RFC 7208: one record, and one that lets the service send.
base::Task<DnsFinding> check_spf(net::Resolver* resolver, std::string purpose, std::string name,
                                 std::string include, State without) {
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  auto finding = start({std::move(purpose), name, "TXT", "v=spf1 include:" + include + " ~all"}, answer);
  if (finding.state == State::unknown) co_return finding;
  finding.found = of_version(finding.found, "v=spf1");
  if (finding.found.size() > 1) {
    finding.state = State::wrong;
    finding.fix = "Keep one SPF record of " + name + ": with several, receivers take none (RFC 7208 §4.5).";
  } else if (finding.found.empty()) {
    publish(finding, without);
  } else if (includes(finding.found[0], include)) {
    finding.state = State::good;
  } else {
    finding.state = without == State::missing ? State::wrong : State::advised;
    finding.fix = "Put include:" + include + " into the SPF record of " + name + ".";
  }
  co_return finding;
}

base::Task<DnsFinding> check_cname(net::Resolver* resolver, std::string name, std::string target) {
  auto answer = co_await resolver->query(name, net::DnsType::cname);
  auto finding = start({"DKIM", name, "CNAME", target}, answer);
  if (finding.state == State::unknown) co_return finding;
  auto same = [&](const std::string& value) { return base::iequals(value, target); };
  if (std::any_of(finding.found.begin(), finding.found.end(), same)) {
    finding.state = State::good;
  } else {
    publish(finding, finding.found.empty() ? State::missing : State::wrong);
  }
  co_return finding;
}

// The key that signs, as receivers look for it: the CNAME may lead there.
base::Task<DnsFinding> check_key(net::Resolver* resolver, std::string purpose, std::string name,
                                 std::string record) {
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  auto at = answer.canonical_name.empty() ? name : answer.canonical_name;
  auto finding = start({std::move(purpose), at, "TXT", record}, answer);
  if (finding.state == State::unknown) co_return finding;
  auto key = public_key_in(record);
  auto same = [&](const std::string& value) { return public_key_in(value) == key; };
  if (std::any_of(finding.found.begin(), finding.found.end(), same)) {
    finding.state = State::good;
  } else {
    publish(finding, finding.found.empty() ? State::missing : State::wrong);
  }
  co_return finding;
}

base::Task<std::vector<DnsFinding>> check_dkim(net::Resolver* resolver, std::string service_domain,
                                               IdentityPtr identity) {
  std::vector<DnsFinding> out;
  const auto& dkim = identity->dkim;
  if (dkim.origin == DkimOrigin::none || !dkim.key) co_return out;
  auto key_name = dkim_record_name(*identity, dkim.selector);
  auto record = dkim.key->dns_record();
  auto key = co_await check_key(resolver, "DKIM key", key_name, record);
  // The key published in place makes the CNAMEs needless.
  bool in_place = key.state == State::good && key.name == key_name;
  if (dkim.origin == DkimOrigin::aws_ses && !in_place)
    for (const auto& token : dkim.tokens) {
      auto name = dkim_record_name(*identity, token);
      auto target = dkim_record_target(token, service_domain);
      auto cname = co_await check_cname(resolver, name, target);
      // Without its CNAME the key can be at its target only.
      bool lost = key.state == State::missing || key.state == State::wrong;
      if (token == dkim.selector && cname.state != State::good && lost)
        key.fix = "Publish the CNAME first; then the key must stand at " + target + ".";
      out.push_back(std::move(cname));
    }
  out.push_back(std::move(key));
  if (dkim.next_key) {
    auto next_name = dkim_record_name(*identity, dkim.next_selector);
    auto next_record = dkim.next_key->dns_record();
    auto next = co_await check_key(resolver, "DKIM next key", next_name, next_record);
    out.push_back(std::move(next));
  }
  co_return out;
}

base::Task<DnsFinding> check_token(net::Resolver* resolver, IdentityPtr identity) {
  auto name = token_record_name(*identity);
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  auto finding = start({"verification", name, "TXT", identity->token}, answer);
  if (finding.state == State::unknown) co_return finding;
  auto same = [&](const std::string& value) { return base::trim(value) == identity->token; };
  if (std::any_of(finding.found.begin(), finding.found.end(), same)) {
    finding.state = State::good;
  } else {
    publish(finding, finding.found.empty() ? State::missing : State::wrong);
  }
  co_return finding;
}

// SES §8.5: exactly one MX.
base::Task<DnsFinding> check_mail_from(net::Resolver* resolver, std::string domain, std::string target) {
  auto answer = co_await resolver->query(domain, net::DnsType::mx);
  auto finding = start({"MAIL FROM", domain, "MX", "10 " + target}, answer);
  if (finding.state == State::unknown) co_return finding;
  if (answer.records.size() == 1 && base::iequals(answer.records[0].value, target)) {
    finding.state = State::good;
  } else if (answer.records.size() > 1) {
    finding.state = State::wrong;
    finding.fix = "Keep one MX of " + domain + " and remove the others: " + finding.wanted;
  } else {
    publish(finding, answer.records.empty() ? State::missing : State::wrong);
  }
  co_return finding;
}

// RFC 7489 §6.6.3: the domain's own policy, else that of its organisational domain.
base::Task<DnsFinding> check_dmarc(net::Resolver* resolver, std::string domain) {
  auto name = "_dmarc." + domain;
  auto wanted = "v=DMARC1; p=none; rua=mailto:dmarc@" + domain;
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  auto finding = start({"DMARC", name, "TXT", wanted}, answer);
  if (finding.state == State::unknown) co_return finding;
  finding.found = of_version(finding.found, "v=dmarc1");
  auto parent = mail::organizational_domain(domain);
  if (finding.found.empty() && parent != domain) {
    auto above = "_dmarc." + parent;
    auto second = co_await resolver->query(above, net::DnsType::txt);
    std::vector<std::string> texts;
    for (const auto& record : second.records) texts.push_back(record.value);
    finding.found = of_version(texts, "v=dmarc1");
  }
  if (finding.found.size() == 1) {
    finding.state = State::good;
  } else if (finding.found.empty()) {
    publish(finding, State::advised);
  } else {
    finding.state = State::wrong;
    finding.fix = "Keep one DMARC record: with several, receivers take none.";
  }
  co_return finding;
}

}  // namespace

bool DnsReport::good() const {
  return std::all_of(records.begin(), records.end(),
                     [](const DnsFinding& f) { return f.state == State::good || f.state == State::advised; });
}

std::string_view state_name(DnsFinding::State state) {
  switch (state) {
    case State::good:
      return "ok";
    case State::advised:
      return "advice";
    case State::missing:
      return "missing";
    case State::wrong:
      return "wrong";
    case State::unknown:
      break;
  }
  return "unknown";
}

base::Task<DnsReport> check_dns(net::Resolver* inner, std::string service_domain, IdentityPtr identity,
                                std::optional<MailFrom> mail_from, bool ed25519) {
  Hurried hurried(*inner);
  auto* resolver = &hurried;
  DnsReport report;
  report.domain = identity->name;
  auto& out = report.records;
  if (identity->dkim.origin == DkimOrigin::none) {  // else DKIM alone verifies the domain (SES §8.3)
    auto token = co_await check_token(resolver, identity);
    out.push_back(std::move(token));
  }
  auto dkim = co_await check_dkim(resolver, service_domain, identity);
  for (auto& finding : dkim) out.push_back(std::move(finding));
  const auto& signer = identity->dkim.key;
  if (ed25519 && signer && signer->algorithm() == mail::DkimKey::Algorithm::rsa_sha256) {
    auto name = dkim_record_name(*identity, identity->dkim.selector + kEd25519Suffix);
    auto record = signer->ed25519_beside()->dns_record();
    auto beside = co_await check_key(resolver, "DKIM Ed25519 key", name, record);
    out.push_back(std::move(beside));
  }
  if (mail_from && !mail_from->domain.empty()) {
    auto target = mail_from_target(identity->scope.region, service_domain);
    auto mx = co_await check_mail_from(resolver, mail_from->domain, target);
    out.push_back(std::move(mx));
    auto spf =
        co_await check_spf(resolver, "MAIL FROM SPF", mail_from->domain, service_domain, State::missing);
    out.push_back(std::move(spf));
  }
  // Receivers ask for SPF at the envelope's domain; at this one it is of use to those who look at From.
  auto spf = co_await check_spf(resolver, "SPF", identity->name, service_domain, State::advised);
  out.push_back(std::move(spf));
  auto dmarc = co_await check_dmarc(resolver, identity->name);
  out.push_back(std::move(dmarc));
  co_return report;
}

}  // namespace ses
