#include "mail/arf.h"

#include <algorithm>
#include <cctype>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/ip_address.h"

namespace mail {
namespace {

constexpr std::size_t kMaxReport = 64 * 1024;
constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kMaxAddress = 340;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || (c & 0x80) != 0; }

std::string first_of(const std::vector<MessageView>& groups, std::string_view name, std::size_t most) {
  for (const auto& group : groups)
    if (auto value = field_text(group, name, most); !value.empty()) return value;
  return {};
}

void add_recipient(FeedbackReport& out, std::string address) {
  const auto domain = domain_of(address);  // "redacted", "***@***": as good as none
  if (std::none_of(domain.begin(), domain.end(), [](char c) { return is_letter(c); })) return;
  const bool known = std::find(out.recipients.begin(), out.recipients.end(), address) != out.recipients.end();
  if (address.size() <= kMaxAddress && !known && out.recipients.size() < kMaxRecipients)
    out.recipients.push_back(std::move(address));
}

// RFC 5965 §3.2: the field may stand several times.
void read_recipients(const std::vector<MessageView>& groups, FeedbackReport& out) {
  for (const auto& group : groups) {
    for (const auto& field : group.fields) {
      if (!base::iequals(field.name, "Original-Rcpt-To")) continue;
      MessageView one;
      one.fields.push_back(field);
      add_recipient(out, typed_value(field_text(one, field.name, kMaxAddress)));
    }
  }
}

// Many providers take the recipient out; where it is left, the mail itself names it.
void read_original(const MimePart& message, FeedbackReport& out) {
  const auto* part = find_original(message);
  const auto text = part ? part->bytes(kMaxReport) : std::string();
  auto header = split_part(text);
  out.original_message_id = without_brackets(field_text(header, "Message-ID"));
  out.original_return_path = without_brackets(field_text(header, "Return-Path", kMaxAddress));
  out.recipients_told = !out.recipients.empty();
  if (out.recipients_told) return;
  add_recipient(out, outlook_recipient(message));
  out.recipients_told = !out.recipients.empty();
  if (out.recipients_told) return;
  for (auto name : {"To", "Cc"}) {
    const auto* field = header.find(name);
    auto addresses =
        parse_address_list(field ? field->raw_value.substr(0, kMaxReport) : std::string_view{}, true);
    if (!addresses) continue;
    for (const auto& address : *addresses) add_recipient(out, address.addr());
  }
}

}  // namespace

std::optional<FeedbackReport> read_feedback_report(const MimePart& message) {
  const auto* part = find_report(message, "message/feedback-report");
  if (!part && outlook_recipient(message).empty()) return std::nullopt;
  const auto text = part ? part->bytes(kMaxReport) : std::string();
  auto groups = field_groups(text, 4);  // one by the standard; some writers leave empty lines between fields
  FeedbackReport out;
  out.feedback_type = base::ascii_lower(base::trim(first_of(groups, "Feedback-Type", 100)));
  out.user_agent = first_of(groups, "User-Agent", 500);
  out.original_mail_from = without_brackets(first_of(groups, "Original-Mail-From", kMaxAddress));
  out.arrival_date = first_of(groups, "Arrival-Date", 100);
  if (out.arrival_date.empty()) out.arrival_date = first_of(groups, "Received-Date", 100);
  if (auto ip = IpAddress::parse(base::trim(first_of(groups, "Source-IP", 100)))) out.source_ip = ip->text();
  out.reported_domain = first_of(groups, "Reported-Domain", 300);
  out.reporting_mta = typed_value(first_of(groups, "Reporting-MTA", kMaxAddress));
  read_recipients(groups, out);
  read_original(message, out);
  return out;
}

std::optional<FeedbackReport> read_feedback_report(std::string_view message) {
  return read_feedback_report(read_parts(message, {8, 100, 1u << 20}));
}

}  // namespace mail
