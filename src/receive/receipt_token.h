// The value of X-SES-RECEIPT (SES §22.4): says under an HMAC with the installation's link secret that a mail
// came in here: which, when, for whom and with which body. SES's own is opaque, too. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "ses/received.h"

namespace receive {

struct ReceiptToken {
  std::string id;
  base::WallTime received;
  std::string recipients, body;  // their SHA-256
};

// Hashes the body: by heavy work for a large mail.
std::string make_receipt_token(const ses::ReceivedMail& mail, std::string_view secret);
// nullopt if it was not made with this secret.
std::optional<ReceiptToken> read_receipt_token(std::string_view token, std::string_view secret);
// Of a mail's content, as the token has it: its headers may have changed since.
std::string body_hash(std::string_view content);

}  // namespace receive
