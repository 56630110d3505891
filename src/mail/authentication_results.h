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

// Values without header name and line break, to be folded by fold_header().
// "pass (spfCheck: domain of D designates IP as permitted sender) client-ip=IP; envelope-from=E; helo=H;"
std::string received_spf(const SpfOutcome& outcome, const SpfRequest& request);
// "SERVICE; spf=...; dkim=pass header.i=@d; dmarc=none header.from=d;". Unsigned mail has no dkim=.
std::string authentication_results(std::string_view service_domain, const SpfOutcome& spf,
                                   const SpfRequest& request, std::span<const DkimVerdict> dkim,
                                   const DmarcOutcome& dmarc);

// The text with all but printable ASCII that is no blank, quote, comment mark, comma or semicolon made '?';
// at most 320 octets.
std::string harmless(std::string_view text);

}  // namespace mail
