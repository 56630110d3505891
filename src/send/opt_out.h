// What the recipient of a mail changes about a contact list (SES §15): by the pages, by one click (RFC 8058),
// or by a mail to the mailbox of List-Unsubscribe. Each change is recorded as a Subscription event of the
// message that it came from. Any loop.
#pragma once

#include "base/task.h"
#include "send/service.h"
#include "ses/unsubscribe_link.h"

namespace send {

// `edit` as of Contacts::change(). False: it changed nothing.
base::Task<bool> change_subscription(Service& service, ses::UnsubscribeLink link, ses::ContactListPtr list,
                                     ses::Contacts::Edit edit, const char* source);

// Out of the link's topic, or of all of the list where it names none. False: it changed nothing; so it is
// with a topic that is gone, of which no mail can come any more: the rest was not asked about.
base::Task<bool> opt_out(Service& service, ses::UnsubscribeLink link, ses::ContactListPtr list);

}  // namespace send
