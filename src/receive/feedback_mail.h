// A mail that came back, read: what it is, and which message and recipients it speaks of. All of it was
// written by strangers. Pure; any thread; large ones take some milliseconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail/arf.h"
#include "mail/returned_mail.h"

namespace receive {

struct FeedbackMail {
  mail::ReturnedMail returned;
  std::optional<mail::FeedbackReport> report;  // of a complaint
  std::string from;                            // the header From, bare
};

FeedbackMail read_feedback_mail(std::string_view content);

// "delivery-status", "feedback-report", "auto-reply", "challenge", "read-receipt", "other"
std::string_view name_of(mail::ReturnedKind kind);

// The id of our message that a complaint is about, which its quoted envelope sender or Message-ID names;
// empty if none of them is ours.
std::string message_meant(const FeedbackMail& mail, std::string_view secret);

}  // namespace receive
