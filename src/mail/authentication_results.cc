#include "mail/authentication_results.h"

#include <fmt/core.h>

namespace mail {
namespace {

// SES §22.4 (?): what is in brackets for results other than pass.
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

}  // namespace

std::string harmless(std::string_view text) {
  constexpr std::string_view kSpecial = "()\\\",;";
  constexpr std::size_t kMost = 320;
  std::string out(text.substr(0, kMost));
  for (char& c : out)
    if (c <= 32 || c >= 127 || kSpecial.find(c) != std::string_view::npos) c = '?';
  return out;
}

std::string received_spf(const SpfOutcome& outcome, const SpfRequest& request) {
  auto ip = harmless(request.client_ip);
  return fmt::format("{} (spfCheck: {}) client-ip={}; envelope-from={}; helo={};", name_of(outcome.result),
                     spf_comment(outcome, ip), ip,
                     harmless(request.mail_from.empty() ? outcome.sender : request.mail_from),
                     harmless(request.helo));
}

std::string authentication_results(std::string_view service_domain, const SpfOutcome& spf,
                                   const SpfRequest& request, std::span<const DkimVerdict> dkim,
                                   const DmarcOutcome& dmarc) {
  auto out = fmt::format("{}; spf={}", service_domain, received_spf(spf, request));
  for (const auto& verdict : dkim) {
    out += fmt::format(" dkim={}", name_of(verdict.result));
    if (!verdict.identity.empty()) out += " header.i=" + harmless(verdict.identity);
    out += ';';
  }
  out += fmt::format(" dmarc={}", name_of(dmarc.result));
  if (!dmarc.from_domain.empty()) out += " header.from=" + harmless(dmarc.from_domain);
  return out + ";";
}

}  // namespace mail
