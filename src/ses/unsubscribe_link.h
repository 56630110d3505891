// The links by which a recipient leaves a contact list (SES §15, RFC 8058): BASE/unsubscribe?t=TOKEN. The
// token says which of the two links of a mail it is and names the list, topic, address and message, under an
// HMAC with the installation's link secret. It does not expire: a mail may be read late. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ses/settings.h"
#include "ses/types.h"

namespace ses {

struct UnsubscribeLink {
  // header: of List-Unsubscribe, takes the one-click POST; page: in the body, opens the preferences only.
  enum class Kind { header, page } kind = Kind::page;
  Scope scope;
  std::string list, topic;  // topic may be empty: of the whole list
  std::string address;
  MessageId message;
};

std::string make_unsubscribe_token(const UnsubscribeLink& link, std::string_view secret);
// nullopt if it was not made with this secret.
std::optional<UnsubscribeLink> read_unsubscribe_token(std::string_view token, std::string_view secret);

std::string unsubscribe_url(const Settings& settings, const UnsubscribeLink& link, std::string_view secret);

// List-Unsubscribe and List-Unsubscribe-Post with the URL of the header's link, and behind it the mailbox
// where there is one. The subject that a mail to it gets names the message.
std::vector<std::pair<std::string, std::string>> unsubscribe_headers(const std::string& url,
                                                                     const std::string& mailbox,
                                                                     const MessageId& message);

}  // namespace ses
