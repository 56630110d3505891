#include "receive/scan.h"

#include <algorithm>

#include "base/log.h"
#include "base/start.h"
#include "receive/scan_clamd.h"
#include "receive/scan_rspamd.h"

namespace receive {
namespace {

constexpr std::size_t kMostDetail = 200;

base::Task<Scanned> nobody_scans() { co_return Scanned{}; }

void log_trouble(const ses::ReceivedMail& mail, std::string_view scanner, const Scanned& scanned) {
  if (scanned.verdict == "PROCESSING_FAILED")
    base::log_warn("the received mail {} was not scanned by {}: {}", mail.id, scanner, scanned.detail);
}

}  // namespace

std::string shown_detail(std::string_view text) {
  std::string out(text.substr(0, kMostDetail));
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

bool wants_scan(const ses::ReceivedMail& mail) {
  return std::any_of(mail.plan.begin(), mail.plan.end(), [](const auto& rule) { return rule.scan; });
}

base::Task<ScanVerdicts> scan(Scanners with, net::HttpClient* http, ses::ReceivedMail mail) {
  auto asking_clamd = with.clamd ? scan_by_clamd(*with.clamd, mail.content) : nobody_scans();
  const auto clamd = base::start(std::move(asking_clamd));
  auto asking_rspamd = with.rspamd ? scan_by_rspamd(http, rspamd_call(*with.rspamd, mail)) : nobody_scans();
  auto spam = co_await asking_rspamd;
  auto virus = co_await clamd;
  ScanVerdicts verdicts{std::move(spam), std::move(virus)};
  log_trouble(mail, "rspamd", verdicts.spam);
  log_trouble(mail, "clamd", verdicts.virus);
  co_return verdicts;
}

}  // namespace receive
