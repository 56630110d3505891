#include "ses/account_details.h"

#include <stdexcept>

#include "base/encoding.h"
#include "base/fault.h"
#include "mail/domain.h"
#include "ses/account.h"
#include "ses/packed.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::string_view kPending = "PENDING";
constexpr std::size_t kCaseDigits = 15;

// http or https, and a host.
bool is_web_url(std::string_view url) {
  auto colon = url.find("://");
  if (colon == std::string_view::npos) return false;
  auto scheme = url.substr(0, colon);
  if (!base::iequals(scheme, "http") && !base::iequals(scheme, "https")) return false;
  auto authority = url.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  auto host = authority.substr(0, authority.rfind(':'));
  return mail::ascii_domain(host).has_value() && url.find_first_of(" \t\r\n") == std::string_view::npos;
}

AccountDetailsPtr with_status(const AccountDetails& details, std::string status) {
  auto changed = details;
  changed.review_status = std::move(status);
  return std::make_shared<const AccountDetails>(std::move(changed));
}

}  // namespace

std::string pack_details(const AccountDetails& d) {
  std::vector<PackedRow> rows = {
      {"type", d.mail_type}, {"url", d.website_url},      {"language", d.contact_language},
      {"use", d.use_case},   {"review", d.review_status}, {"case", d.case_id}};
  for (const auto& contact : d.contacts) rows.push_back({"contact", contact});
  return pack(rows);
}

AccountDetails unpack_details(std::string_view text) {
  AccountDetails d;
  for (auto& row : unpack(text, 2)) {
    if (row[0] == "type") d.mail_type = row[1];
    if (row[0] == "url") d.website_url = row[1];
    if (row[0] == "language") d.contact_language = row[1];
    if (row[0] == "use") d.use_case = row[1];
    if (row[0] == "review") d.review_status = row[1];
    if (row[0] == "case") d.case_id = row[1];
    if (row[0] == "contact") d.contacts.push_back(row[1]);
  }
  return d;
}

base::Task<void> put_account_details(Accounts& accounts, base::Random& random, Scope scope,
                                     AccountDetails given, bool production) {
  if (!is_web_url(given.website_url))
    throw Fault(FaultKind::invalid_parameter, "Url contains invalid format");
  auto case_id = random.text(kCaseDigits, "0123456789");
  std::function<void(AccountSettings&)> edit = [given, production, case_id](AccountSettings& settings) {
    const auto* before = settings.details.get();
    if (before && before->review_status == kPending)  // the text (?)
      throw Fault(FaultKind::conflict, "There is an ongoing review for your account.");
    auto details = given;
    if (before) {
      details.review_status = before->review_status;
      details.case_id = before->case_id;
    }
    if (production && settings.sandbox) {
      details.review_status = kPending;
      details.case_id = case_id;
    }
    settings.details = std::make_shared<const AccountDetails>(std::move(details));
  };
  co_await accounts.change(scope, std::move(edit));
}

void decide_review(AccountSettings& settings, bool granted) {
  if (!settings.details || settings.details->review_status != kPending)
    throw std::invalid_argument("No review of this account is open.");
  settings.details = with_status(*settings.details, granted ? "GRANTED" : "DENIED");
  if (granted) settings.sandbox = false;
}

}  // namespace ses
