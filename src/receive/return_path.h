// Where what comes back of mail that left comes to: the return path of a message, ID@MAIL-FROM-DOMAIN (SES
// §12.2), and the service domain's addresses for complaints, which providers ask for when a feedback loop is
// set up. An id is known by its keyed hash, so that forged ones cost no look-up. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "send/service.h"

namespace receive {

// Of what comes back, no more is kept and read: reports stand before the mail that they are about.
inline constexpr std::size_t kReadOfFeedback = 1u << 20;

// The id of the message whose return path the address is; empty if it is none of ours.
std::string returned_message(const send::Service& service, std::string_view address);
// complaints@ and fbl@ the service domain.
bool takes_complaints(const send::Service& service, std::string_view address);
bool takes_feedback(const send::Service& service, std::string_view address);

}  // namespace receive
