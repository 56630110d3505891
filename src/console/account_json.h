// An account as the control API and the operator's command show it. Pure; any thread.
#pragma once

#include <string>

#include "ses/account.h"

namespace console {

std::string account_json(const ses::Scope& scope, const ses::AccountSettings& settings, double sent);

}  // namespace console
