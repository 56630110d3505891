#include "mail/dmarc.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/header.h"

namespace mail {
namespace {

constexpr std::array<std::string_view, 5> kResults = {"none", "pass", "fail", "temperror", "permerror"};
constexpr std::array<std::string_view, 3> kPolicies = {"none", "quarantine", "reject"};
constexpr std::size_t kMaxRecord = 16 * 1024;

std::optional<DmarcPolicy> policy_of(std::string_view name) {
  for (std::size_t i = 0; i < kPolicies.size(); ++i)
    if (base::iequals(kPolicies[i], name)) return static_cast<DmarcPolicy>(i);
  return std::nullopt;
}

struct Tag {
  std::string_view name, value;
};

// §6.3: pieces that are no tags are passed over, so an error in one does not cost the policy.
std::vector<Tag> tags_of(std::string_view txt) {
  std::vector<Tag> tags;
  for (auto piece : base::split(txt, ';')) {
    auto equals = piece.find('=');
    if (equals == std::string_view::npos) continue;
    tags.push_back({base::trim(piece.substr(0, equals)), base::trim(piece.substr(equals + 1))});
  }
  return tags;
}

bool is_dmarc(std::string_view txt) {
  if (txt.size() > kMaxRecord) return false;
  auto first = txt.substr(0, txt.find(';'));
  auto equals = first.find('=');
  return equals != std::string_view::npos && base::trim(first.substr(0, equals)) == "v" &&
         base::trim(first.substr(equals + 1)) == "DMARC1";
}

bool aligned(std::string_view domain, std::string_view from, bool strict) {
  if (domain.empty()) return false;
  if (base::iequals(domain, from)) return true;
  return !strict && base::iequals(organizational_domain(domain), organizational_domain(from));
}

// A policy and where it stands.
struct Found {
  std::optional<DmarcRecord> record;
  bool above = false;  // at the organisational domain
  bool failed = false;
  std::size_t records = 0;
};

base::Task<Found> ask(std::string domain, LookUp& look_up) {
  Found found;
  auto name = "_dmarc." + domain;
  if (!is_look_up_name(name)) co_return found;
  auto answer = co_await look_up.ask(name, LookUpType::txt);
  found.failed = answer.status == LookUpAnswer::failed;
  for (const auto& value : answer.values) {
    if (!is_dmarc(value)) continue;
    found.record = parse_dmarc_record(value);
    ++found.records;
  }
  if (found.records > 1) found.record.reset();
  co_return found;
}

// §6.6.3
base::Task<Found> discover(std::string from, LookUp& look_up) {
  auto found = co_await ask(from, look_up);
  if (found.records > 0 || found.failed) co_return found;
  auto above = organizational_domain(from);
  if (above == from) co_return found;
  found = co_await ask(above, look_up);
  found.above = true;
  co_return found;
}

bool dkim_may_still_pass(const std::vector<DkimVerdict>& dkim, std::string_view from, bool strict) {
  return std::any_of(dkim.begin(), dkim.end(), [&](const DkimVerdict& verdict) {
    return verdict.result == DkimResult::temperror && aligned(verdict.domain, from, strict);
  });
}

// §6.6.2
void decide(DmarcOutcome& out, const DmarcRecord& record, const SpfOutcome& spf,
            const std::vector<DkimVerdict>& dkim) {
  const bool spf_speaks = aligned(domain_of(spf.sender), out.from_domain, record.strict_spf);
  out.spf_aligned = spf_speaks && spf.result == SpfResult::pass;
  out.dkim_aligned = std::any_of(dkim.begin(), dkim.end(), [&](const DkimVerdict& verdict) {
    return verdict.result == DkimResult::pass && aligned(verdict.domain, out.from_domain, record.strict_dkim);
  });
  out.result = DmarcResult::fail;
  if (out.spf_aligned || out.dkim_aligned) {
    out.result = DmarcResult::pass;
  } else if ((spf_speaks && spf.result == SpfResult::temperror) ||
             dkim_may_still_pass(dkim, out.from_domain, record.strict_dkim)) {
    out.result = DmarcResult::temperror;
    out.problem = "SPF or DKIM could not be decided";
  }
}

}  // namespace

std::string_view name_of(DmarcResult result) { return kResults[static_cast<std::size_t>(result)]; }
std::string_view name_of(DmarcPolicy policy) { return kPolicies[static_cast<std::size_t>(policy)]; }

std::optional<DmarcRecord> parse_dmarc_record(std::string_view txt) {
  if (!is_dmarc(txt)) return std::nullopt;
  DmarcRecord record;
  std::optional<DmarcPolicy> policy, below;
  bool bad_below = false, reports = false;
  for (auto [name, value] : tags_of(txt)) {
    if (name == "p" && !policy) policy = policy_of(value);
    if (name == "sp") bad_below = !(below = policy_of(value));
    if (name == "adkim") record.strict_dkim = base::iequals(value, "s");
    if (name == "aspf") record.strict_spf = base::iequals(value, "s");
    if (name == "rua") reports = value.find(':') != std::string_view::npos;
    int percent = 100;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), percent);
    if (name == "pct" && error == std::errc{} && end == value.data() + value.size())
      record.percent = std::clamp(percent, 0, 100);
  }
  if (!policy || bad_below) {
    if (!reports) return std::nullopt;
    policy = DmarcPolicy::none;  // §6.6.3 step 6
    below = DmarcPolicy::none;
  }
  record.policy = *policy;
  record.subdomain_policy = below.value_or(*policy);
  return record;
}

base::Result<std::string, std::string> dmarc_from_domain(std::string_view message) {
  constexpr std::size_t kMaxFrom = 64 * 1024;
  auto view = split_part(message);
  std::string domain;
  std::size_t fields = 0;
  for (const auto& field : view.fields) {
    if (!base::iequals(field.name, "From")) continue;
    if (++fields > 1) return base::Failure{std::string("several From headers")};
    if (field.raw_value.size() > kMaxFrom) return base::Failure{std::string("From is too long")};
    auto addresses = parse_address_list(field.raw_value, true);
    if (!addresses) return base::Failure{std::string("From cannot be read")};
    for (const auto& address : *addresses) {
      auto one = ascii_domain(address.domain);
      if (!one) return base::Failure{std::string("From has no domain")};
      if (!domain.empty() && domain != *one) return base::Failure{std::string("From names several domains")};
      domain = std::move(*one);
    }
  }
  if (domain.empty()) return base::Failure{std::string("there is no From")};
  return domain;
}

base::Task<DmarcOutcome> check_dmarc(base::Result<std::string, std::string> from, SpfOutcome spf,
                                     std::vector<DkimVerdict> dkim, LookUp& look_up) {
  DmarcOutcome out;
  if (!from) {
    out.result = DmarcResult::permerror;
    out.problem = from.error();
    co_return out;
  }
  out.from_domain = *from;
  auto found = co_await discover(out.from_domain, look_up);
  if (found.failed) {
    out.result = DmarcResult::temperror;
    out.problem = "DNS did not answer for the policy";
    co_return out;
  }
  if (!found.record) {
    out.problem = found.records > 1 ? "several DMARC records" : "no DMARC record";
    co_return out;
  }
  out.policy = found.above ? found.record->subdomain_policy : found.record->policy;
  out.percent = found.record->percent;
  decide(out, *found.record, spf, dkim);
  co_return out;
}

}  // namespace mail
