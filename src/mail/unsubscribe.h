// The placeholder {{amazonSESUnsubscribeUrl}} (SES §15): the first two in each text or HTML body become the
// link to the recipient's preferences. In built mail before it is encoded; in a raw message inside its text
// parts, where nothing else changes. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mail/mime_builder.h"

namespace mail {

inline constexpr std::string_view kUnsubscribePlaceholder = "{{amazonSESUnsubscribeUrl}}";
inline constexpr std::size_t kMaxUnsubscribeLinks = 2;  // in one body

// True if there was one. `link` is printable ASCII, here and below.
bool put_unsubscribe_link(std::string& text, std::string_view link);
void put_unsubscribe_link(SimpleMail& mail, std::string_view link);

// nullopt: nothing to replace. Text parts in quoted-printable and base64 are looked into; attachments,
// attached messages and what is signed or encrypted as a whole stay as they are.
std::optional<std::string> rewrite_unsubscribe(std::string_view raw, std::string_view link);

}  // namespace mail
