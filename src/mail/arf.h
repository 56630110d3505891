// Feedback reports (ARF, RFC 5965; authentication failures: RFC 6591), by which mailbox providers hand on
// their users' complaints (SES §18.2). Written by strangers: values are valid UTF-8 without control
// characters, of bounded length, and still only claims. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/returned_mail.h"

namespace mail {

struct FeedbackReport {
  std::string feedback_type;  // lower case: abuse, auth-failure, fraud, not-spam, other, virus
  std::string user_agent;     // of the one who reports
  std::vector<std::string>
      recipients;                  // Original-Rcpt-To, else To and Cc of the mail it is about; often none
  bool recipients_told = false;    // by Original-Rcpt-To, or the field of Outlook's that says the same
  std::string original_mail_from;  // without angle brackets
  std::string arrival_date;        // as written: Arrival-Date, or the older Received-Date
  std::string source_ip;           // an IP address, or empty
  std::string reported_domain, reporting_mta;
  std::string original_message_id, original_return_path;  // of the mail it is about, without angle brackets
};

// nullopt: no message/feedback-report in it, nor is it a complaint in Outlook's form.
std::optional<FeedbackReport> read_feedback_report(std::string_view message);
std::optional<FeedbackReport> read_feedback_report(const MimePart& message);

}  // namespace mail
