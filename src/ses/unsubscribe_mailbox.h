// The mailbox beside the link of List-Unsubscribe (SES §15, RFC 2369): unsub-TOKEN@DOMAIN, for readers of
// mail that leave a list by writing to it. 64 octets hold no address, so the token names list, topic and
// contact by their numbers, under an HMAC with the installation's link secret; letter case does not matter.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ses {

struct UnsubscribeMailbox {
  std::int64_t list = 0, topic = 0;  // topic 0: of the whole list
  std::int64_t contact = 0;          // contact_number()
  bool operator==(const UnsubscribeMailbox&) const = default;
};

// Of an address in the form contacts are kept in.
std::int64_t contact_number(std::string_view address);

// The local part; nullopt where a number is too large for it.
std::optional<std::string> unsubscribe_local_part(const UnsubscribeMailbox& mailbox, std::string_view secret);
// nullopt if it was not made with this secret.
std::optional<UnsubscribeMailbox> read_unsubscribe_local_part(std::string_view local,
                                                              std::string_view secret);

}  // namespace ses
