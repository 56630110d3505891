// The link that verifies an address (SES §8.2): BASE/verify?t=TOKEN, where the token names the identity and
// the time it ends, under an HMAC with the installation's link secret. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "ses/settings.h"
#include "ses/system_mail.h"
#include "ses/types.h"

namespace ses {

inline constexpr std::chrono::hours kVerificationLinkLife{24};

struct VerificationLink {
  Scope scope;
  std::string address;
  base::WallTime ends;
  std::string template_name = {};  // of a custom mail (SES §14): whose pages follow; empty: ours
};

std::string make_link_token(const VerificationLink& link, std::string_view secret);
// nullopt if it was not made with this secret. An expired one is given back: the caller looks at `ends`.
std::optional<VerificationLink> read_link_token(std::string_view token, std::string_view secret);

// BASE/verify?t=TOKEN
std::string verification_url(const Settings& settings, const VerificationLink& link, std::string_view secret);

// The mail that asks the owner of the address for consent.
SystemMail verification_mail(const Settings& settings, const Scope& scope, const std::string& address,
                             std::string_view secret, base::WallTime now);
// "US East (N. Virginia)" of "us-east-1"; the id itself where there is no name for it.
std::string_view region_title(std::string_view region);

}  // namespace ses
