// X-SES-DKIM-SIGNATURE (SES §22.4): a DKIM signature by the service domain over a received mail and its
// X-SES-RECEIPT, in all but the name: as "DKIM-Signature" it verifies. Pure; any thread.
#pragma once

#include <string_view>

#include "mail/dkim.h"

namespace receive {

// `receipt` is the whole X-SES-RECEIPT field. Hashes the body: by heavy work for a large mail.
mail::DkimDigest receipt_digest(std::string_view content, std::string_view receipt,
                                const mail::DkimRequest& request);

}  // namespace receive
