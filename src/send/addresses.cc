#include "send/addresses.h"

#include "base/encoding.h"
#include "base/fault.h"
#include "base/limits.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

mail::Mailbox one(const std::string& text, bool allow_utf8) {
  auto parsed = mail::parse_mailbox(text, allow_utf8);
  if (!parsed) throw Fault(FaultKind::invalid_parameter, parsed.error());
  return std::move(*parsed);
}

std::vector<mail::Mailbox> each(const std::vector<std::string>& texts, bool allow_utf8) {
  std::vector<mail::Mailbox> out;
  out.reserve(texts.size());
  for (const auto& text : texts) out.push_back(one(text, allow_utf8));
  return out;
}

std::vector<mail::Mailbox> list(const std::optional<std::string>& header, bool allow_utf8) {
  if (!header || header->find_first_not_of(" \t") == std::string::npos) return {};
  auto parsed = mail::parse_address_list(*header, allow_utf8);
  if (!parsed) throw Fault(FaultKind::invalid_parameter, parsed.error());
  return std::move(*parsed);
}

bool given(const std::optional<Destination>& d) {
  return d && (!d->to.empty() || !d->cc.empty() || !d->bcc.empty());
}

// The value of a header given beside the content of a simple or templated mail.
std::optional<std::string> extra_header(const Submission& s, std::string_view wanted) {
  std::optional<std::string> found;
  auto look = [&](const ses::HeaderList& headers) {
    for (const auto& [name, value] : headers)
      if (base::iequals(name, wanted)) found = value;
  };
  if (const auto* simple = std::get_if<mail::SimpleMail>(&s.content)) look(simple->headers);
  if (const auto* templated = std::get_if<TemplateContent>(&s.content)) {
    look(templated->headers);
    look(templated->own_headers);
  }
  return found;
}

}  // namespace

Addresses parse_addresses(const Submission& s, const mail::MessageFacts* raw, bool utf8) {
  Addresses a;
  if (s.from) a.source = one(*s.from, utf8);
  if (raw) a.from = list(raw->from, utf8);
  auto sender = list(raw ? raw->sender : extra_header(s, "Sender"), utf8);
  if (!sender.empty()) a.sender = sender.front();
  if (a.from.empty()) {
    if (!a.source) throw Fault(FaultKind::invalid_parameter, "Missing required header 'From'.");
    a.from.push_back(*a.source);
  }
  // SES §6.1: the call's recipients if it names any, else those of the headers.
  if (given(s.destination) || !raw) {
    if (s.destination) {
      a.to = each(s.destination->to, utf8);
      a.cc = each(s.destination->cc, utf8);
      a.bcc = each(s.destination->bcc, utf8);
    }
  } else {
    a.to = list(raw->to, utf8);
    a.cc = list(raw->cc, utf8);
    a.bcc = list(raw->bcc, utf8);
  }
  if (s.return_path && !s.return_path->empty()) {
    a.return_path = one(*s.return_path, utf8);
  } else if (raw && raw->return_path && !a.source) {
    // SES §6.1: Source, else the Return-Path header, else From. SMTP has MAIL FROM, so its header is not
    // looked at.
    auto header = list(raw->return_path, utf8);
    if (!header.empty()) a.return_path = header.front();
  }
  a.reply_to = each(s.reply_to, utf8);
  return a;
}

void check_counts(const Addresses& a) {
  auto n = a.to.size() + a.cc.size() + a.bcc.size();
  if (n == 0) throw Fault(FaultKind::invalid_parameter, "There are no recipients specified");
  if (n > base::limits::kMaxRecipients)
    throw Fault(FaultKind::invalid_parameter, "Recipient count exceeds 50.");
}

void check_lengths(const Addresses& a) {
  auto check = [](const mail::Mailbox& box) {
    if (auto fault = mail::address_length_fault(box)) throw Fault(FaultKind::invalid_parameter, *fault);
  };
  if (a.source) check(*a.source);
  for (const auto* group : {&a.from, &a.to, &a.cc, &a.bcc})
    for (const auto& box : *group) check(box);
  if (a.return_path) check(*a.return_path);
  for (const auto& box : a.reply_to) check(box);
}

}  // namespace send
