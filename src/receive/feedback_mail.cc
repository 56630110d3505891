#include "receive/feedback_mail.h"

#include "mail/address.h"
#include "mail/message_id.h"

namespace receive {

FeedbackMail read_feedback_mail(std::string_view content) {
  FeedbackMail out;
  const auto parts = mail::read_parts(content, {8, 100, content.size()});
  out.returned = mail::read_returned_mail(parts);
  if (out.returned.kind == mail::ReturnedKind::feedback) out.report = mail::read_feedback_report(parts);
  const auto* from = parts.header.find("From");
  const auto boxes =
      mail::parse_address_list(mail::unfold(from ? from->raw_value.substr(0, 4096) : ""), true);
  if (boxes.ok() && boxes->size() == 1) out.from = boxes->front().addr();
  return out;
}

std::string_view name_of(mail::ReturnedKind kind) {
  switch (kind) {
    case mail::ReturnedKind::bounce:
      return "delivery-status";
    case mail::ReturnedKind::feedback:
      return "feedback-report";
    case mail::ReturnedKind::disposition:
      return "read-receipt";
    case mail::ReturnedKind::auto_reply:
      return "auto-reply";
    case mail::ReturnedKind::challenge:
      return "challenge";
    case mail::ReturnedKind::other:
      break;
  }
  return "other";
}

std::string message_meant(const FeedbackMail& mail, std::string_view secret) {
  if (!mail.report) return {};
  const auto& report = *mail.report;
  for (const auto* address :
       {&report.original_mail_from, &report.original_return_path, &report.original_message_id})
    if (auto id = mail::own_message_id_of(*address, secret); !id.empty()) return id;
  return {};
}

}  // namespace receive
