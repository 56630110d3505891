// The ids and header values of ours that leave with a message (SES §12.1 to §12.3). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace mail {

// <4 hex region code><12 hex milliseconds>-<8>-<4>-<4>-<4>-<12>-000000; feedback ids have the same form.
std::string make_message_id(std::string_view region, base::WallTime accepted, base::Random& random);
// The same form, for ids that become return paths: its last 15 digits are a keyed hash of the others, so that
// mail to a return path that we never sent with is known without looking into the store. 62 random bits a
// millisecond and region remain.
std::string make_message_id(std::string_view region, base::WallTime accepted, base::Random& random,
                            std::string_view secret);
// Whether the id was made with this secret. Letter case is not looked at: some systems change it on the way.
bool is_own_message_id(std::string_view id, std::string_view secret);
// The message id in an envelope sender if it was made with this secret, in lower case; else empty.
std::string own_message_id_of(std::string_view envelope_sender, std::string_view secret);

// The code SES uses for the region ("0100"), or for others one that SES has not been seen to use and that
// stays the same for the same name.
std::string region_code(std::string_view region);

// <ID@email.DOMAIN> in us-east-1, <ID@REGION.DOMAIN> elsewhere, with angle brackets.
std::string message_id_header(std::string_view id, std::string_view region, std::string_view service_domain);

// 32 octets, base64: the same for the same account, which it does not reveal when `secret` is unknown.
std::string account_hash(std::string_view account, std::string_view secret = {});

// A:B:1.REGION.<account hash>:SERVICE. `a` and `b` are the values of the two feedback tags.
std::string feedback_id(std::string_view a, std::string_view b, std::string_view region,
                        std::string_view account_hash, std::string_view service = "AmazonSES");

// <id>@<mail from domain>, bare: the envelope sender.
std::string envelope_sender(std::string_view id, std::string_view mail_from_domain);
// The default MAIL FROM domain: the service domain in us-east-1, REGION.service-domain elsewhere.
std::string default_mail_from_domain(std::string_view region, std::string_view service_domain);
// The message id in an envelope sender; empty if the local part is not one.
std::string_view message_id_of(std::string_view envelope_sender);
bool is_message_id(std::string_view text);

}  // namespace mail
