#include "ses/verification.h"

#include <algorithm>

#include "base/encoding.h"
#include "ses/verification_link.h"

namespace ses {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr hours kGiveUp{72};            // SES §8.3: polling lasts 72 h
constexpr hours kGrace{72};             // a verified domain whose records vanish
constexpr hours kDkimGrace{5 * 24};     // and its DKIM
constexpr hours kVerifiedInterval{24};  // how often what is verified is looked at again
constexpr hours kFailingInterval{1};

// Quick at first, while somebody waits for it.
base::Millis pending_interval(base::Millis since_start) {
  if (since_start < minutes(1)) return seconds(10);
  if (since_start < minutes(5)) return seconds(30);
  if (since_start < minutes(15)) return minutes(1);
  if (since_start < hours(1)) return minutes(5);
  return minutes(15);
}

bool pending_dkim(const Identity& i) {
  return i.dkim.origin != DkimOrigin::none && i.dkim.status == VerificationStatus::pending;
}
bool temporary(VerificationStatus status) { return status == VerificationStatus::temporary_failure; }

std::string error_of(const net::DnsAnswer& answer) {
  switch (answer.status) {
    case net::DnsAnswer::ok:
      return "INVALID_VALUE";
    case net::DnsAnswer::no_data:
      return "TYPE_NOT_FOUND";
    case net::DnsAnswer::no_name:
      return "HOST_NOT_FOUND";
    case net::DnsAnswer::failed:
      break;
  }
  return "DNS_SERVER_ERROR";
}

struct Look {
  Found found = Found::no;
  std::string error;
};

template <class F>
Look judge_answer(const net::DnsAnswer& answer, F matches) {
  if (answer.status == net::DnsAnswer::failed) return {Found::unknown, error_of(answer)};
  bool hit = std::any_of(answer.records.begin(), answer.records.end(),
                         [&](const net::DnsRecord& record) { return matches(record.value); });
  if (hit) return {Found::yes, ""};
  return {Found::no, error_of(answer)};
}

base::Task<Look> look_for_token(net::Resolver* resolver, IdentityPtr identity) {
  auto matches = [&identity](const std::string& value) { return base::trim(value) == identity->token; };
  auto name = token_record_name(*identity);
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  auto look = judge_answer(answer, matches);
  if (look.found == Found::yes) co_return look;
  // SES §8.3: the domain itself will do, with or without the label.
  auto labelled = [&identity](const std::string& value) {
    auto text = base::trim(value);
    return text == identity->token || text == "amazonses:" + identity->token;
  };
  auto bare = co_await resolver->query(identity->name, net::DnsType::txt);
  auto second = judge_answer(bare, labelled);
  if (second.found == Found::yes || look.found == Found::no) {
    // The first look's error tells more: that is where the record belongs.
    if (second.found != Found::yes) second.error = look.error;
    co_return second;
  }
  co_return look;
}

base::Task<Look> look_for_key(net::Resolver* resolver, IdentityPtr identity, std::string selector,
                              std::shared_ptr<const mail::DkimKey> wanted) {
  auto key = wanted ? wanted->public_key_base64() : std::string();
  auto matches = [&key](const std::string& value) { return !key.empty() && public_key_in(value) == key; };
  auto name = dkim_record_name(*identity, selector);
  auto answer = co_await resolver->query(name, net::DnsType::txt);
  co_return judge_answer(answer, matches);
}

base::Task<Look> look_for_cnames(net::Resolver* resolver, std::string service_domain, IdentityPtr identity) {
  Look all{Found::yes, ""};
  for (const auto& token : identity->dkim.tokens) {
    auto target = dkim_record_target(token, service_domain);
    auto matches = [&target](const std::string& value) { return base::iequals(value, target); };
    auto name = dkim_record_name(*identity, token);
    auto answer = co_await resolver->query(name, net::DnsType::cname);
    auto look = judge_answer(answer, matches);
    if (look.found == Found::no) co_return look;
    if (look.found == Found::unknown) all = look;
  }
  co_return all;
}

base::Task<Look> look_for_dkim(net::Resolver* resolver, std::string service_domain, IdentityPtr identity) {
  Look cnames;
  if (identity->dkim.origin == DkimOrigin::aws_ses) {
    cnames = co_await look_for_cnames(resolver, service_domain, identity);
    if (cnames.found == Found::yes) co_return cnames;
  }
  auto key = co_await look_for_key(resolver, identity, identity->dkim.selector, identity->dkim.key);
  if (key.found == Found::yes || identity->dkim.origin != DkimOrigin::aws_ses) co_return key;
  if (key.found == Found::unknown && cnames.found == Found::no) co_return key;
  if (cnames.found == Found::no && key.error == "INVALID_VALUE") co_return key;  // there is one, but another
  co_return cnames;
}

// A key of another length: where the present one is published, it must be too. Where none is, whoever
// publishes the CNAMEs has done their part.
base::Task<Found> look_for_next_key(net::Resolver* resolver, IdentityPtr identity, Found present) {
  const auto& dkim = identity->dkim;
  auto published = co_await look_for_key(resolver, identity, dkim.selector, dkim.key);
  if (published.found == Found::no) co_return present;
  auto next = co_await look_for_key(resolver, identity, dkim.next_selector, dkim.next_key);
  co_return next.found;
}

// SES §8.5: exactly one MX, and it is ours.
base::Task<Look> look_for_mail_from(net::Resolver* resolver, std::string service_domain,
                                    IdentityPtr identity) {
  auto target = mail_from_target(identity->scope.region, service_domain);
  auto answer = co_await resolver->query(identity->mail_from.domain, net::DnsType::mx);
  if (answer.records.size() > 1) co_return Look{Found::no, "INVALID_VALUE"};
  auto matches = [&target](const std::string& value) { return base::iequals(value, target); };
  co_return judge_answer(answer, matches);
}

bool watched(const MailFrom& mail_from) {
  using S = VerificationStatus;
  return !mail_from.domain.empty() && mail_from.status != S::failed && mail_from.status != S::not_started;
}

std::optional<base::WallTime> mail_from_look(const MailFrom& mail_from) {
  if (!watched(mail_from)) return std::nullopt;
  auto started = mail_from.started.value_or(base::WallTime{});
  auto checked = mail_from.checked.value_or(started);
  if (mail_from.status == VerificationStatus::pending)
    return mail_from.checked ? checked + pending_interval(checked - started) : started;
  return checked + (temporary(mail_from.status) ? base::Millis(kFailingInterval) : kVerifiedInterval);
}

// From where it stands to where the findings bring it.
VerificationStatus step(VerificationStatus before, Found found, bool expired, bool grace_over) {
  using S = VerificationStatus;
  if (before == S::not_started || before == S::failed) return before;
  if (found == Found::yes) return S::success;
  if (before == S::pending) return expired ? S::failed : S::pending;
  if (before == S::temporary_failure && grace_over) return S::failed;
  // A resolver that does not answer says nothing about a record that was there.
  if (before == S::success && found == Found::unknown) return S::success;
  return S::temporary_failure;
}

}  // namespace

std::string token_record_name(const Identity& identity) { return "_amazonses." + identity.name; }
std::string dkim_record_name(const Identity& identity, std::string_view token) {
  return std::string(token) + "._domainkey." + identity.name;
}
std::string dkim_record_target(std::string_view token, std::string_view service_domain) {
  return std::string(token) + ".dkim." + std::string(service_domain);
}

std::string mail_from_target(const Region& region, std::string_view service_domain) {
  return "feedback-smtp." + region.str() + "." + std::string(service_domain);
}

std::string public_key_in(std::string_view record) {
  for (auto part : base::split(record, ';')) {
    auto equals = part.find('=');
    if (equals == std::string_view::npos || base::trim(part.substr(0, equals)) != "p") continue;
    std::string out;
    for (char c : part.substr(equals + 1))
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
    return out;
  }
  return {};
}

// Of the identity itself.
static std::optional<base::WallTime> next_own_look(const Identity& identity) {
  using S = VerificationStatus;
  if (identity.kind == IdentityKind::address) {
    if (identity.status != S::pending) return std::nullopt;
    return identity.verification_started + kVerificationLinkLife;
  }
  if (identity.status == S::pending || pending_dkim(identity)) {
    auto started = identity.status == S::pending ? identity.verification_started : identity.created;
    if (pending_dkim(identity) && identity.dkim.started) started = std::max(started, *identity.dkim.started);
    if (!identity.last_checked || *identity.last_checked < started) return started;
    return *identity.last_checked + pending_interval(*identity.last_checked - started);
  }
  bool ended = identity.status == S::failed || identity.status == S::not_started;
  if (ended && !temporary(identity.dkim.status)) return std::nullopt;  // else DKIM's grace goes on
  bool failing = temporary(identity.status) || temporary(identity.dkim.status);
  auto last = identity.last_checked.value_or(identity.verification_started);
  return last + (failing ? kFailingInterval : kVerifiedInterval);
}

std::optional<base::WallTime> next_look(const Identity& identity) {
  auto own = next_own_look(identity);
  auto mail_from = mail_from_look(identity.mail_from);
  if (!own || !mail_from) return own ? own : mail_from;
  return std::min(*own, *mail_from);
}

base::Task<Findings> look_up(net::Resolver* resolver, std::string service_domain, IdentityPtr identity) {
  Findings findings;
  if (watched(identity->mail_from)) {
    auto mail_from = co_await look_for_mail_from(resolver, service_domain, identity);
    findings.mail_from = mail_from.found;
  }
  if (identity->kind == IdentityKind::address) co_return findings;
  auto token = co_await look_for_token(resolver, identity);
  findings.token = token.found;
  findings.error_type = token.error;
  if (identity->dkim.origin == DkimOrigin::none) co_return findings;
  auto dkim = co_await look_for_dkim(resolver, service_domain, identity);
  findings.dkim = dkim.found;
  // Easy DKIM or BYODKIM alone verifies the domain, so a missing token is no error then.
  findings.error_type = dkim.error;
  if (identity->dkim.next_key) {
    auto next = co_await look_for_next_key(resolver, identity, dkim.found);
    findings.next_key = next;
  }
  co_return findings;
}

Identities::CheckResult judge(const Identity& identity, const Findings& findings, base::WallTime at) {
  using S = VerificationStatus;
  Identities::CheckResult result{identity.status, identity.dkim.status, findings.error_type,
                                 identity.generation, at};
  if (findings.mail_from) {
    const auto& mail_from = identity.mail_from;
    bool expired = at >= mail_from.started.value_or(identity.created) + kGiveUp;
    bool over = mail_from.failing && at >= *mail_from.failing + kGrace;
    result.mail_from_status = step(mail_from.status, *findings.mail_from, expired, over);
  }
  if (identity.kind == IdentityKind::address) {
    result.error_type = identity.error_type;
    bool over = identity.status == S::pending && at >= identity.verification_started + kVerificationLinkLife;
    if (over) result.status = S::failed;
    return result;
  }
  if (identity.dkim.origin != DkimOrigin::none) {
    bool expired = at >= identity.dkim.started.value_or(identity.created) + kGiveUp;
    bool over = identity.dkim.failing && at >= *identity.dkim.failing + kDkimGrace;
    auto found = findings.next_key.value_or(findings.dkim);
    result.dkim_status = step(identity.dkim.status, found, expired, over);
  }
  // SES §8.3: a domain is verified by its token or by DKIM.
  auto found = findings.token;
  if (found != Found::yes && findings.dkim != Found::no) found = findings.dkim;
  bool expired = at >= identity.verification_started + kGiveUp;
  bool over = identity.failing && at >= *identity.failing + kGrace;
  result.status = step(identity.status, found, expired, over);
  return result;
}

}  // namespace ses
