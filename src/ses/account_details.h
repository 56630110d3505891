// AccountDetails: what the owner of an account says of its mail, and the review that decides about production
// access (SES §7). Immutable once kept. The operator is who reviews.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/task.h"
#include "ses/types.h"

namespace ses {

struct AccountDetails {
  std::string mail_type, website_url, contact_language, use_case;
  std::vector<std::string> contacts;
  std::string review_status, case_id;  // PENDING, GRANTED, DENIED; empty: there was no review
};
using AccountDetailsPtr = std::shared_ptr<const AccountDetails>;

std::string pack_details(const AccountDetails& details);
AccountDetails unpack_details(std::string_view text);

class Accounts;
struct AccountSettings;

// Keeps the details; from the sandbox, `production` opens a review. Fault conflict while one is open.
base::Task<void> put_account_details(Accounts& accounts, base::Random& random, Scope scope,
                                     AccountDetails given, bool production);
// Ends the open review; std::invalid_argument if there is none. Granted, the account leaves the sandbox.
void decide_review(AccountSettings& settings, bool granted);

}  // namespace ses
