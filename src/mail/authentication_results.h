// Received-SPF and Authentication-Results as SES writes them on top of received mail (SES §22.4; forms for
// other results than pass as real mails have shown them). What a stranger gave (addresses, HELO, names in a
// signature) is cut to what cannot end a value or begin another. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mail/dkim_verify.h"
#include "mail/dmarc.h"
#include "mail/spf.h"

namespace mail {

// Whole headers with their line break. Received-SPF is one line; Authentication-Results is folded before each
// method, as SES does.
// "Received-SPF: pass (spfCheck: domain of D designates IP as permitted sender) client-ip=IP;
// envelope-from=E; helo=H;"
std::string received_spf_header(const SpfOutcome& outcome, const SpfRequest& request);
// "Authentication-Results: SERVICE; spf=...; dkim=pass header.i=@d; dmarc=none header.from=d;". Mail that is
// unsigned, or signed unreadably, has no dkim=.
std::string authentication_results_header(std::string_view service_domain, const SpfOutcome& spf,
                                          const SpfRequest& request, std::span<const DkimVerdict> dkim,
                                          const DmarcOutcome& dmarc);

// The verdicts of a receipt (SES §22.5), as real mails have shown them: softfail, neutral and none are GRAY,
// errors PROCESSING_FAILED; DKIM's looks only at signatures that are aligned with the From domain, and a key
// in test mode fails nothing.
enum class Verdict { pass, fail, gray, processing_failed };
std::string_view name_of(Verdict verdict);  // "PASS"
Verdict spf_verdict(const SpfOutcome& spf);
Verdict dkim_verdict(std::span<const DkimVerdict> dkim, std::string_view from_domain);
Verdict dmarc_verdict(const DmarcOutcome& dmarc);

// The text with all but printable ASCII that is no blank, quote, comment mark, comma or semicolon made '?';
// at most 254 octets (RFC 5321 §4.5.3.1.3).
std::string harmless(std::string_view text);

}  // namespace mail
