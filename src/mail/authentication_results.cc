#include "mail/authentication_results.h"

#include <fmt/core.h>

#include <array>

#include "mail/domain.h"

namespace mail {
namespace {

// SES §22.4: what stands in brackets; all but temperror's text seen in real mails.
std::string spf_comment(const SpfOutcome& outcome, std::string_view ip) {
  auto domain = harmless(outcome.domain);
  switch (outcome.result) {
    case SpfResult::pass:
      return fmt::format("domain of {} designates {} as permitted sender", domain, ip);
    case SpfResult::fail:
      return fmt::format("domain of {} does not designate {} as permitted sender", domain, ip);
    case SpfResult::softfail:
      return fmt::format("transitioning domain of {} does not designate {} as permitted sender", domain, ip);
    case SpfResult::none:
    case SpfResult::neutral:
      return fmt::format("{} is neither permitted nor denied by domain of {}", ip, domain);
    case SpfResult::temperror:
      return "Error in retrieving data from DNS";
    case SpfResult::permerror:
      return "Error in processing SPF Record";
  }
  return {};
}

// What both headers say of SPF.
std::string spf_facts(const SpfOutcome& outcome, const SpfRequest& request) {
  auto ip = harmless(request.client_ip);
  return fmt::format("{} (spfCheck: {}) client-ip={}; envelope-from={}; helo={};", name_of(outcome.result),
                     spf_comment(outcome, ip), ip,
                     harmless(request.mail_from.empty() ? outcome.sender : request.mail_from),
                     harmless(request.helo));
}

}  // namespace

std::string harmless(std::string_view text) {
  constexpr std::string_view kSpecial = "()\\\",;";
  constexpr std::size_t kMost = 254;
  std::string out(text.substr(0, kMost));
  for (char& c : out)
    if (c <= 32 || c >= 127 || kSpecial.find(c) != std::string_view::npos) c = '?';
  return out;
}

std::string received_spf_header(const SpfOutcome& outcome, const SpfRequest& request) {
  return fmt::format("Received-SPF: {}\r\n", spf_facts(outcome, request));
}

std::string authentication_results_header(std::string_view service_domain, const SpfOutcome& spf,
                                          const SpfRequest& request, std::span<const DkimVerdict> dkim,
                                          const DmarcOutcome& dmarc) {
  auto out = fmt::format("Authentication-Results: {};\r\n spf={}", service_domain, spf_facts(spf, request));
  for (const auto& verdict : dkim) {
    if (verdict.domain.empty()) continue;
    out += fmt::format("\r\n dkim={} header.i={};", name_of(verdict.result), harmless(verdict.identity));
  }
  out += fmt::format("\r\n dmarc={}", name_of(dmarc.result));
  if (!dmarc.from_domain.empty()) out += " header.from=" + harmless(dmarc.from_domain);
  return out + ";\r\n";
}

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 4> kVerdicts = {"PASS", "FAIL", "GRAY", "PROCESSING_FAILED"};
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

Verdict spf_verdict(const SpfOutcome& spf) {
  switch (spf.result) {
    case SpfResult::pass:
      return Verdict::pass;
    case SpfResult::fail:
      return Verdict::fail;
    case SpfResult::temperror:
    case SpfResult::permerror:
      return Verdict::processing_failed;
    default:
      return Verdict::gray;
  }
}

Verdict dkim_verdict(std::span<const DkimVerdict> dkim, std::string_view from_domain) {
  auto found = Verdict::gray;
  for (const auto& verdict : dkim) {
    if (verdict.domain.empty() || from_domain.empty() ||
        organizational_domain(verdict.domain) != organizational_domain(from_domain))
      continue;
    if (verdict.result == DkimResult::pass) return Verdict::pass;
    // RFC 6376 §3.6.1: what a domain only tries out counts no worse than no signature.
    if (verdict.result == DkimResult::fail && !verdict.testing) found = Verdict::fail;
    if (found == Verdict::gray &&
        (verdict.result == DkimResult::temperror || verdict.result == DkimResult::permerror))
      found = Verdict::processing_failed;
  }
  return found;
}

Verdict dmarc_verdict(const DmarcOutcome& dmarc) {
  switch (dmarc.result) {
    case DmarcResult::pass:
      return Verdict::pass;
    case DmarcResult::fail:
      return Verdict::fail;
    case DmarcResult::none:
      return Verdict::gray;
    default:
      return Verdict::processing_failed;
  }
}

}  // namespace mail
