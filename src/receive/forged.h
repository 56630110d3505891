// Header fields that only the receiving service writes (SES §22.4), and mail without those that a sender
// wrote: what reads a stored mail or a notification must not be fooled by them (RFC 8601 §5). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace receive {

// Appends `mail`, or the header section of one, without Return-Path, Received-SPF, X-SES-Spam-Verdict,
// X-SES-Virus-Verdict, X-SES-RECEIPT, X-SES-DKIM-SIGNATURE and those Authentication-Results that name the
// service domain (or nobody that can be read). All other octets stay as they are, but that lines on top which
// would go on with the field above them are left out.
void append_unforged(std::string& out, std::string_view mail, std::string_view service_domain);

// RFC 8601 §2.2: the service that an Authentication-Results names; empty where it cannot be read.
std::string authserv_id(std::string_view value);

}  // namespace receive
