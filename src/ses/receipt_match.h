// Which received mail a rule is for, and who may connect (SES §22.1, §22.2). Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "ses/receipt_rule.h"

namespace ses {

// `address` is bare. A rule without recipients matches every address.
bool rule_matches(const ReceiptRule& rule, std::string_view address);

enum class FilterVerdict { none, allowed, blocked };
// That of the most specific block that holds the address; where two are alike, Block wins.
FilterVerdict filter_verdict(const std::vector<ReceiptFilter>& filters, std::string_view address);

}  // namespace ses
