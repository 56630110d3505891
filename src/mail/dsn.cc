#include "mail/dsn.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/encoding.h"
#include "mail/header.h"
#include "mail/mime_builder.h"
#include "mail/transfer_encoding.h"
#include "mail/utf8_address.h"

namespace mail {
namespace {

constexpr std::size_t kMaxReturned = 64 * 1024;  // of the original's headers
constexpr std::size_t kMaxExplanation = 64 * 1024;
constexpr std::size_t kMaxWord = 900;  // the part stays 7bit, so that no line of it may be over 998

// message/delivery-status is ASCII (RFC 3464 §2.1), of which only blanks and what is printable.
std::string ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
    if (static_cast<unsigned char>(c) > 126) c = '?';
  }
  return out;
}

// A blank in each word that no line would hold.
std::string breakable(std::string text) {
  std::size_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word = text[i] == ' ' || text[i] == '\t' ? 0 : word + 1;
    if (word <= kMaxWord) continue;
    text.insert(i, 1, ' ');
    word = 0;
  }
  return text;
}

// "a@b" -> "rfc822; a@b"; "rfc822;a@b" stays.
std::string typed(std::string_view value, std::string_view type) {
  return has_type(value) ? std::string(value) : fmt::format("{}; {}", type, value);
}

class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) out_ += fold_header(name, breakable(ascii(value)));
  }
  void add_typed(std::string_view name, std::string_view value, std::string_view type) {
    if (!value.empty()) add(name, typed(value, type));
  }
  void add_address(std::string_view name, const std::string& address) {
    if (!address.empty()) add(name, typed_address(address));
  }
  void add(std::string_view name, const std::optional<base::WallTime>& time) {
    if (time) add(name, base::rfc5322_date(*time));
  }
  void add(const DsnFields& extensions) {
    for (const auto& [name, value] : extensions)
      if (is_header_name(name)) add(name, value);
  }
  void end_group() { out_ += "\r\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// RFC 3464 §2.2, §2.3
std::string status_part(const DsnMail& dsn) {
  Fields fields;
  fields.add("Original-Envelope-Id", dsn.envelope_id);
  fields.add_typed("Reporting-MTA", dsn.reporting_mta, "dns");
  fields.add("Arrival-Date", dsn.arrival);
  fields.add(dsn.extensions);
  for (const auto& recipient : dsn.recipients) {
    fields.end_group();
    fields.add_address("Original-Recipient", recipient.original_recipient);
    fields.add_address("Final-Recipient", recipient.final_recipient);
    fields.add("Action", name_of(recipient.action));
    fields.add("Status", recipient.status);
    fields.add_typed("Remote-MTA", recipient.remote_mta, "dns");
    fields.add_typed("Diagnostic-Code", recipient.diagnostic, "smtp");
    fields.add("Last-Attempt-Date", recipient.last_attempt);
    fields.add(recipient.extensions);
  }
  return fields.take();
}

// What people want to know of an action, the worst first.
struct News {
  std::string_view title, heading;
};
constexpr News kNews[] = {
    {"Failure", "Your message could not be delivered to these recipients:\n"},
    {"Delay", "Your message has not been delivered yet to these recipients:\n"},
    {"Success", "Your message was delivered to these recipients, or handed on for them:\n"},
};

const News& news_of(const DsnRecipient& r) {
  if (r.action == DsnAction::failed) return kNews[0];
  return r.action == DsnAction::delayed ? kNews[1] : kNews[2];
}

std::string subject_of(const DsnMail& dsn) {
  if (!dsn.subject.empty()) return dsn.subject;
  const News* worst = &kNews[2];
  for (const auto& r : dsn.recipients) worst = std::min(worst, &news_of(r));
  return fmt::format("Delivery Status Notification ({})", worst->title);
}

std::string explanation_of(const DsnMail& dsn) {
  if (!dsn.explanation.empty()) return dsn.explanation.substr(0, kMaxExplanation);
  std::string out;
  for (const auto& news : kNews) {
    std::string list;
    for (const auto& r : dsn.recipients) {
      if (&news_of(r) != &news) continue;
      list += fmt::format("\n<{}>", typed_value(r.final_recipient));
      if (!r.diagnostic.empty()) list += fmt::format(": {}", typed_value(r.diagnostic));
    }
    if (!list.empty()) out += fmt::format("{}{}{}\n", out.empty() ? "" : "\n", news.heading, list);
  }
  return out;
}

// The header section in CRLF lines, whole fields only.
std::string headers_of(std::string_view original) {
  auto view = split_part(original);
  std::string section;
  for (const auto& field : view.fields) {
    if (section.size() + field.whole.size() > kMaxReturned) break;
    append_crlf(field.whole, section);
    if (!section.ends_with("\r\n")) section += "\r\n";
  }
  return section;
}

// A part whose encoding follows from its text: 7bit, or quoted-printable.
std::string part(std::string_view type, std::string_view text) {
  auto facts = look_at(text);
  std::string body, encoding = "7bit";
  if (facts.is_7bit()) {
    append_crlf(text, body);
  } else {
    append_quoted_printable(text, false, body);
    encoding = "quoted-printable";
  }
  if (!body.ends_with("\r\n")) body += "\r\n";
  return fmt::format("Content-Type: {}\r\nContent-Transfer-Encoding: {}\r\n\r\n{}", type, encoding, body);
}

}  // namespace

std::string build_dsn(const DsnMail& dsn, base::Random& random) {
  auto boundary = "=_" + random.text(32, base::kAlnum);
  std::string out = fold_header("From", header_address(dsn.from)) +
                    fold_header("To", header_address(dsn.to)) +
                    fold_header("Subject", encode_words(subject_of(dsn)));
  if (!dsn.in_reply_to.empty()) out += fold_header("In-Reply-To", ascii(dsn.in_reply_to));
  out += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";  // RFC 3834 §5
  out += fold_header("Content-Type",
                     fmt::format("multipart/report; report-type=delivery-status; boundary=\"{}\"", boundary));
  auto add = [&](std::string_view type, std::string_view text) {
    out += fmt::format("\r\n--{}\r\n{}", boundary, part(type, text));
  };
  add("text/plain; charset=UTF-8", explanation_of(dsn));
  add("message/delivery-status", status_part(dsn));
  const auto headers = headers_of(dsn.original);
  const bool utf8 = !base::is_ascii(headers) && base::is_utf8(headers);  // RFC 6532
  if (!headers.empty()) add(utf8 ? "text/rfc822-headers; charset=UTF-8" : "text/rfc822-headers", headers);
  return out + fmt::format("\r\n--{}--\r\n", boundary);
}

}  // namespace mail
