// What an SMTP door answers when a mail could not be taken. Any thread.
#pragma once

#include <exception>

#include "smtp/reply.h"

namespace send {

// The reply to what was thrown; what the client need not know goes to the log.
smtp::Reply reply_to(std::exception_ptr error);

}  // namespace send
