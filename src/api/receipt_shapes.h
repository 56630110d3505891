// Receipt rules between the shapes of v1 and the noun.
#pragma once

#include "model/ses_types.h"
#include "ses/receipt.h"

namespace api {

ses::ReceiptRule receipt_rule_of(aws::ses::ReceiptRule& in);
aws::ses::ReceiptRule shown_rule(const ses::ReceiptRule& rule);

}  // namespace api
