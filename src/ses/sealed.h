// Opening what this installation sealed itself: it can fail only if the master key is another one or the
// store was touched, so that is an exception. Any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "ses/keyring.h"

namespace ses {

inline std::string open_sealed(const Keyring& keyring, std::string_view sealed, const std::string& context) {
  auto plain = keyring.open(sealed, context);
  if (!plain) throw std::runtime_error("a sealed secret cannot be opened with this master key: " + context);
  return std::move(*plain);
}

}  // namespace ses
