// The addresses at which Sesame itself gets mail: the return path of each message, ID@MAIL-FROM-DOMAIN (SES
// §12.2); the service domain's addresses for complaints, which providers ask for when a feedback loop is set
// up; and the mailboxes of List-Unsubscribe (SES §15). Ids and mailboxes are known by a keyed hash in them,
// so that forged ones cost no look-up. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "send/service.h"
#include "ses/received.h"
#include "ses/unsubscribe_mailbox.h"

namespace receive {

// Of mail to them, no more is kept and read: reports stand before the mail that they are about.
inline constexpr std::size_t kReadOfOwn = 1u << 20;

// nullopt: the address is none of them.
std::optional<ses::ReceivedKind> own_kind(const send::Service& service, std::string_view address);

// The id of the message whose return path the address is; empty if it is none of ours.
std::string returned_message(const send::Service& service, std::string_view address);
// complaints@ and fbl@ the service domain.
bool takes_complaints(const send::Service& service, std::string_view address);
std::optional<ses::UnsubscribeMailbox> unsubscribe_mailbox(const send::Service& service,
                                                           std::string_view address);

}  // namespace receive
