#include "mail/spf.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/spf_record.h"

namespace mail {
namespace {

constexpr auto npos = std::string::npos;

// RFC 7208 §4.6.4
constexpr int kMaxLookUps = 10;
constexpr int kMaxVoid = 2;
constexpr std::size_t kMaxHosts = 10;      // names of one mx or ptr
constexpr std::size_t kMaxIdentity = 512;  // more than SMTP lets through (RFC 5321 §4.5.3.1)

constexpr std::array<std::string_view, 7> kNames = {"none",     "neutral",   "pass",     "fail",
                                                    "softfail", "temperror", "permerror"};

// How a step ended that may also end the whole check.
enum class Match { no, yes, temporary, permanent };

SpfResult result_of(char qualifier) {
  switch (qualifier) {
    case '-':
      return SpfResult::fail;
    case '~':
      return SpfResult::softfail;
    case '?':
      return SpfResult::neutral;
    default:
      return SpfResult::pass;
  }
}

bool costs_look_up(SpfTerm::Kind kind) {
  return kind != SpfTerm::all && kind != SpfTerm::ip4 && kind != SpfTerm::ip6;
}

class Check {
 public:
  Check(SpfMacros macros, LookUp& look_up) : macros_(std::move(macros)), look_up_(look_up) {}

  base::Task<SpfOutcome> host(std::string domain);

 private:
  struct Found {
    std::optional<SpfRecord> record;
    SpfOutcome otherwise;
  };

  base::Task<Found> find_record(std::string domain);
  base::Task<SpfOutcome> redirect(std::string target_spec, std::string domain);
  base::Task<Match> matches(const SpfTerm& term, std::string domain);
  base::Task<Match> include(std::string target);
  base::Task<Match> address_of(std::string target, const SpfTerm& term);
  base::Task<Match> exchanger_of(std::string target, const SpfTerm& term);
  base::Task<Match> named_under(std::string target);
  base::Task<Match> exists(std::string target);
  base::Task<LookUpAnswer> ask(std::string name, LookUpType type);
  base::Task<std::optional<std::string>> target_of(std::string spec, std::string domain);
  base::Task<bool> find_validated();

  bool spend_look_up() {
    if (++look_ups_ <= kMaxLookUps) return true;
    problem_ = "more than 10 terms need DNS";
    return false;
  }
  Match settle(Match wanted) {
    if (void_ <= kMaxVoid) return wanted;
    problem_ = "more than 2 names of the record have nothing in DNS";
    return Match::permanent;
  }
  Match failed(std::string_view name) {
    problem_ = fmt::format("DNS did not answer for {}", name);
    return Match::temporary;
  }
  LookUpType address_type() const { return macros_.client.is_v4() ? LookUpType::a : LookUpType::aaaa; }
  bool is_client(const LookUpAnswer& answer, int prefix4, int prefix6) const;
  SpfMacros macros_for(std::string domain) const;

  SpfMacros macros_;
  LookUp& look_up_;
  int look_ups_ = 0, void_ = 0;
  std::optional<std::vector<std::string>> validated_;  // the client's names that lead back to it
  std::string problem_;
};

SpfOutcome outcome(SpfResult result, std::string domain, std::string problem) {
  SpfOutcome out;
  out.result = result;
  out.domain = std::move(domain);
  out.problem = std::move(problem);
  return out;
}

bool Check::is_client(const LookUpAnswer& answer, int prefix4, int prefix6) const {
  const int prefix = macros_.client.is_v4() ? prefix4 : prefix6;
  return std::any_of(answer.values.begin(), answer.values.end(), [&](const std::string& value) {
    auto address = IpAddress::parse(value);
    return address && macros_.client.in_network(*address, prefix);
  });
}

// An answer without records counts as void.
base::Task<LookUpAnswer> Check::ask(std::string name, LookUpType type) {
  auto answer = co_await look_up_.ask(name, type);
  if (answer.status == LookUpAnswer::ok && answer.values.empty()) answer.status = LookUpAnswer::no_data;
  if (answer.status == LookUpAnswer::no_data || answer.status == LookUpAnswer::no_name) ++void_;
  co_return answer;
}

// §4.4, §4.5
base::Task<Check::Found> Check::find_record(std::string domain) {
  Found found;
  auto answer = co_await look_up_.ask(domain, LookUpType::txt);
  if (answer.status == LookUpAnswer::failed) {
    auto problem = fmt::format("DNS did not answer for {}", domain);
    found.otherwise = outcome(SpfResult::temperror, domain, problem);
    co_return found;
  }
  const std::string* text = nullptr;
  std::size_t records = 0;
  for (const auto& value : answer.values) {
    if (!is_spf_record(value)) continue;
    text = &value;
    ++records;
  }
  if (records == 0) {
    found.otherwise = outcome(SpfResult::none, domain, "no SPF record");
  } else if (records > 1) {
    found.otherwise = outcome(SpfResult::permerror, domain, "several SPF records");
  } else if (auto record = parse_spf_record(*text); record) {
    found.record = std::move(*record);
  } else {
    found.otherwise = outcome(SpfResult::permerror, domain, record.error());
  }
  co_return found;
}

base::Task<SpfOutcome> Check::host(std::string domain) {
  auto found = co_await find_record(domain);
  if (!found.record) co_return std::move(found.otherwise);
  for (const auto& term : found.record->terms) {
    auto match = Match::permanent;
    if (!costs_look_up(term.kind) || spend_look_up()) match = co_await matches(term, domain);
    if (match == Match::no) continue;
    auto result = result_of(term.qualifier);
    if (match == Match::temporary) result = SpfResult::temperror;
    if (match == Match::permanent) result = SpfResult::permerror;
    auto out = outcome(result, domain, problem_);
    out.mechanism = term.text;
    co_return out;
  }
  if (found.record->redirect) co_return co_await redirect(*found.record->redirect, domain);
  co_return outcome(SpfResult::neutral, domain, "no term matches");  // §4.7
}

// §6.1
base::Task<SpfOutcome> Check::redirect(std::string target_spec, std::string domain) {
  if (!spend_look_up()) co_return outcome(SpfResult::permerror, domain, problem_);
  auto target = co_await target_of(target_spec, domain);
  if (!target) co_return outcome(SpfResult::permerror, domain, "redirect= leads to no name");
  auto out = co_await host(*target);
  if (out.result == SpfResult::none) {
    out.result = SpfResult::permerror;
    out.problem = fmt::format("redirect= leads to {}, which has no SPF record", *target);
  }
  co_return out;
}

base::Task<Match> Check::matches(const SpfTerm& term, std::string domain) {
  if (term.kind == SpfTerm::all) co_return Match::yes;
  if (term.network) {
    const int prefix = term.kind == SpfTerm::ip4 ? term.prefix4 : term.prefix6;
    co_return macros_.client.in_network(*term.network, prefix) ? Match::yes : Match::no;
  }
  std::optional<std::string> target = domain;
  if (!term.domain.empty()) target = co_await target_of(term.domain, domain);
  if (!target) {
    // §4.3, §4.8: such a name has no records; included, it has no SPF record.
    if (term.kind != SpfTerm::include) co_return Match::no;
    problem_ = "include: leads to no name";
    co_return Match::permanent;
  }
  switch (term.kind) {
    case SpfTerm::include:
      co_return co_await include(*target);
    case SpfTerm::a:
      co_return co_await address_of(*target, term);
    case SpfTerm::mx:
      co_return co_await exchanger_of(*target, term);
    case SpfTerm::ptr:
      co_return co_await named_under(*target);
    default:
      co_return co_await exists(*target);
  }
}

// §5.2
base::Task<Match> Check::include(std::string target) {
  auto inner = co_await host(target);
  problem_.clear();
  if (inner.result == SpfResult::pass) co_return Match::yes;
  if (inner.result == SpfResult::none) {
    problem_ = fmt::format("{} is included and has no SPF record", target);
    co_return Match::permanent;
  }
  if (inner.result != SpfResult::temperror && inner.result != SpfResult::permerror) co_return Match::no;
  problem_ = std::move(inner.problem);
  co_return inner.result == SpfResult::temperror ? Match::temporary : Match::permanent;
}

// §5.3
base::Task<Match> Check::address_of(std::string target, const SpfTerm& term) {
  auto answer = co_await ask(target, address_type());
  if (answer.status == LookUpAnswer::failed) co_return failed(target);
  co_return settle(is_client(answer, term.prefix4, term.prefix6) ? Match::yes : Match::no);
}

// §5.4: without MX there is no fallback to the addresses of the name itself.
base::Task<Match> Check::exchanger_of(std::string target, const SpfTerm& term) {
  auto hosts = co_await ask(target, LookUpType::mx);
  if (hosts.status == LookUpAnswer::failed) co_return failed(target);
  if (hosts.values.size() > kMaxHosts) {
    problem_ = fmt::format("{} has more than 10 MX records", target);
    co_return Match::permanent;
  }
  for (const auto& host : hosts.values) {
    if (settle(Match::no) == Match::permanent) co_return Match::permanent;
    if (!is_look_up_name(host)) continue;
    auto answer = co_await ask(host, address_type());
    if (answer.status == LookUpAnswer::failed) co_return failed(host);
    if (is_client(answer, term.prefix4, term.prefix6)) co_return Match::yes;
  }
  co_return settle(Match::no);
}

// §5.5: the names of the client that lead back to it; asked once. False: more void look-ups than allowed.
base::Task<bool> Check::find_validated() {
  if (validated_) co_return true;
  validated_.emplace();
  auto names = co_await ask(macros_.client.reverse_name(), LookUpType::ptr);
  if (names.values.size() > kMaxHosts) names.values.resize(kMaxHosts);
  for (auto& name : names.values) {
    if (settle(Match::no) == Match::permanent) co_return false;
    if (!is_look_up_name(name)) continue;
    auto answer = co_await ask(name, address_type());
    if (answer.status != LookUpAnswer::failed && is_client(answer, 32, 128))
      validated_->push_back(std::move(name));
  }
  co_return settle(Match::no) != Match::permanent;
}

base::Task<Match> Check::named_under(std::string target) {
  const bool within_limits = co_await find_validated();
  if (!within_limits) co_return Match::permanent;
  const bool any = std::any_of(validated_->begin(), validated_->end(),
                               [&](const std::string& name) { return is_at_or_below(name, target); });
  co_return any ? Match::yes : Match::no;
}

// §5.7: always an A record, also for IPv6 clients.
base::Task<Match> Check::exists(std::string target) {
  auto answer = co_await ask(target, LookUpType::a);
  if (answer.status == LookUpAnswer::failed) co_return failed(target);
  co_return settle(answer.status == LookUpAnswer::ok ? Match::yes : Match::no);
}

SpfMacros Check::macros_for(std::string domain) const {
  auto macros = macros_;
  macros.domain = std::move(domain);
  if (!validated_) return macros;
  // §7.3: the domain itself, else one below it, else any.
  const std::string* best = nullptr;
  for (const auto& name : *validated_) {
    if (base::iequals(name, macros.domain)) {
      best = &name;
      break;
    }
    if (!best || (is_at_or_below(name, macros.domain) && !is_at_or_below(*best, macros.domain))) best = &name;
  }
  if (best) macros.validated = *best;
  return macros;
}

base::Task<std::optional<std::string>> Check::target_of(std::string spec, std::string domain) {
  // Void answers met here show at the next term that asks.
  if (spf_uses_validated(spec)) static_cast<void>(co_await find_validated());
  co_return expand_spf_domain(spec, macros_for(std::move(domain)));
}

// §4.3: a name of several labels; no address literal.
bool is_checkable(std::string_view domain) {
  return is_look_up_name(domain) && domain.find('.') != std::string_view::npos && domain.front() != '[' &&
         !IpAddress::parse(domain);
}

// §4.3, RFC 8616 §4: the domain is looked up, and stands in macros, in its A-label form.
void in_ascii(std::string& sender) {
  const auto domain = domain_of(sender);
  if (base::is_ascii(domain)) return;
  if (const auto ascii = ascii_domain(domain)) sender.replace(sender.size() - domain.size(), npos, *ascii);
}

base::Task<SpfOutcome> check_identity(std::string sender, SpfRequest request, LookUp& look_up) {
  SpfOutcome out;
  in_ascii(sender);
  out.sender = sender;
  out.domain = domain_of(sender);
  auto client = IpAddress::parse(request.client_ip, true);
  auto domain = out.domain;
  if (domain.ends_with('.')) domain.pop_back();
  if (!client || sender.size() > kMaxIdentity || request.helo.size() > kMaxIdentity ||
      !is_checkable(domain)) {
    out.problem = client ? "no domain to check" : "no client address";
    co_return out;
  }
  SpfMacros macros;
  macros.sender = sender;
  macros.helo = std::move(request.helo);
  macros.client = *client;
  Check check(std::move(macros), look_up);
  auto decided = co_await check.host(std::move(domain));
  decided.sender = std::move(sender);
  co_return decided;
}

// §2.4, §4.3: without a local part it is postmaster.
std::string sender_of(std::string_view mail_from, std::string_view helo) {
  if (mail_from.empty()) return fmt::format("postmaster@{}", helo);
  auto at = mail_from.rfind('@');
  if (at == std::string_view::npos) return fmt::format("postmaster@{}", mail_from);
  return at == 0 ? fmt::format("postmaster{}", mail_from) : std::string(mail_from);
}

}  // namespace

std::string_view name_of(SpfResult result) { return kNames[static_cast<std::size_t>(result)]; }

base::Task<SpfOutcome> check_spf(SpfRequest request, LookUp& look_up) {
  auto sender = sender_of(request.mail_from, request.helo);
  return check_identity(std::move(sender), std::move(request), look_up);
}

base::Task<SpfOutcome> check_spf_helo(SpfRequest request, LookUp& look_up) {
  auto sender = sender_of({}, request.helo);
  return check_identity(std::move(sender), std::move(request), look_up);
}

}  // namespace mail
