#include "receive/verdicts.h"

#include "base/start.h"
#include "mail/authentication_results.h"
#include "mail/dkim_verify.h"
#include "mail/dmarc.h"
#include "mail/spf.h"
#include "receive/questions.h"
#include "receive/receipt_signature.h"
#include "receive/receipt_token.h"
#include "ses/packed.h"

namespace receive {
namespace {

constexpr std::size_t kFields = 12;
constexpr std::size_t kHashedHere = 64 << 10;  // more is hashed on the heavy pool

// What the content alone tells.
struct Read {
  std::vector<mail::DkimSignature> signatures;
  base::Result<std::string, std::string> from;
  std::string receipt;
  mail::DkimDigest digest;  // only where there is a signer
};

Read read(const ses::ReceivedMail& mail, const Judge& with) {
  std::vector<mail::DkimSignature> signatures;
  if (with.resolver) signatures = mail::read_signatures(*mail.content, mail.received);
  auto receipt = "X-SES-RECEIPT: " + make_receipt_token(mail, with.secret) + "\r\n";
  mail::DkimDigest digest;
  if (with.signer) digest = receipt_digest(*mail.content, receipt, with.signing);
  return {std::move(signatures), mail::dmarc_from_domain(*mail.content), std::move(receipt),
          std::move(digest)};
}

}  // namespace

std::string pack(const Verdicts& v) {
  const auto& [spam, virus] = v.scan;
  return ses::pack({{v.spf, v.dkim, v.dmarc, v.dmarc_policy, v.received_spf, v.authentication_results,
                     v.receipt, v.signature, spam.verdict, spam.detail, virus.verdict, virus.detail}});
}

Verdicts unpack_verdicts(std::string_view text) {
  Verdicts v;
  auto rows = ses::unpack(text, kFields);
  if (rows.empty()) return v;
  auto& row = rows.front();
  v.spf = std::move(row[0]);
  v.dkim = std::move(row[1]);
  v.dmarc = std::move(row[2]);
  v.dmarc_policy = std::move(row[3]);
  v.received_spf = std::move(row[4]);
  v.authentication_results = std::move(row[5]);
  v.receipt = std::move(row[6]);
  v.signature = std::move(row[7]);
  v.scan = {{std::move(row[8]), std::move(row[9])}, {std::move(row[10]), std::move(row[11])}};
  return v;
}

base::Task<Verdicts> judge(Judge with, ses::ReceivedMail mail) {
  std::optional<base::OneShot<ScanVerdicts>> scanned;
  if (wants_scan(mail)) {
    auto scanning = scan(with.scanners, with.scan_http, mail);
    scanned = base::start(std::move(scanning));
  }
  Questions questions(with.resolver, with.patience);
  const mail::SpfRequest request{mail.source_ip, mail.sender, mail.helo};
  auto asking_spf = mail::check_spf(request, questions);
  const auto spf = co_await asking_spf;

  std::optional<Read> found;
  if (mail.size <= kHashedHere) {
    found = read(mail, with);
  } else {
    auto work = [&mail, &with] { return read(mail, with); };
    auto reading = with.heavy.run_value(std::move(work));
    found = co_await reading;
  }
  auto asking_dkim = mail::verify_dkim(std::move(found->signatures), questions);
  const auto dkim = co_await asking_dkim;
  auto asking_dmarc = mail::check_dmarc(found->from, spf, dkim, questions);
  const auto dmarc = co_await asking_dmarc;

  Verdicts v;
  v.receipt = std::move(found->receipt);
  v.received_spf = mail::received_spf_header(spf, request);
  v.authentication_results =
      mail::authentication_results_header(with.service_domain, spf, request, dkim, dmarc);
  if (with.signer) {
    auto signing = with.signer->sign(std::move(found->digest));
    auto signature = co_await signing;
    v.signature = std::move(signature);
  }
  if (scanned) {
    auto told = co_await *scanned;
    v.scan = std::move(told);
  }
  if (!with.resolver) co_return v;
  v.spf = mail::name_of(mail::spf_verdict(spf));
  v.dkim = mail::name_of(mail::dkim_verdict(dkim, dmarc.from_domain));
  v.dmarc = mail::name_of(mail::dmarc_verdict(dmarc));
  if (dmarc.result == mail::DmarcResult::fail && dmarc.policy) v.dmarc_policy = mail::name_of(*dmarc.policy);
  co_return v;
}

}  // namespace receive
