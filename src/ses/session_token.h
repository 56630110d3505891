// Session tokens: temporary credentials that no row remembers. All of them is sealed under the master key in
// the token itself, the secret too, so that only this installation can read or make one. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ses/keyring.h"
#include "ses/subject.h"

namespace ses {

inline constexpr std::size_t kMaxSessionToken = 32 << 10;

std::string seal_session(const Keyring& keyring, const SessionClaims& claims);
// nullopt where it was not made here, was changed, or was made under a master key that is gone.
std::optional<SessionClaims> open_session_token(const Keyring& keyring, std::string_view token);

}  // namespace ses
