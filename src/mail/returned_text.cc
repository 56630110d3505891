#include "mail/returned_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/envelope.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMaxText = 256 * 1024;
constexpr std::size_t kMaxLines = 500;
constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kMaxDiagnostic = 1000;

// All in lower case.
constexpr std::array<std::string_view, 12> kBounceSubjects = {
    "undeliver",          "failure notice",         "delivery failed",
    "delivery failure",   "delivery status",        "returned mail",
    "mail delivery fail", "could not be delivered", "delivery notification",
    "nondeliverable",     "delivery problem",       "unzustellbar"};
constexpr std::array<std::string_view, 5> kBounceSenders = {"mailer-daemon", "postmaster", "mail-daemon",
                                                            "mailerdaemon", "mailer_daemon"};
constexpr std::array<std::string_view, 8> kBounceTexts = {
    "this is the qmail-send program",
    "this message was created automatically by mail delivery software",
    "this message was created automatically by the mail system",
    "the following recipient(s) could not be reached",
    "did not reach some or all of the intended recipients",
    "the following addresses had permanent fatal errors",
    "this is the mail system at host",
    "this is a permanent error; i've given up"};
constexpr std::array<std::string_view, 5> kDelays = {
    "has not yet been delivered", "will be retried", "will continue to try",
    "warning: message still undelivered", "no action is required on your part"};
constexpr std::array<std::string_view, 8> kQuoteMarks = {
    "copy", "original", "header", "returned", "unsent", "forwarded", "undelivered", "body of the message"};
constexpr std::array<std::string_view, 14> kAutoSubjects = {
    "out of office",     "out of the office", "automatic reply", "automatische antwort", "autoreply",
    "auto-reply",        "auto reply",        "autoresponse",    "auto response",        "abwesenheit",
    "away from my mail", "absence du bureau", "respuesta autom", "vacation reply"};
constexpr std::array<std::string_view, 6> kChallengeSubjects = {
    "please confirm your message",        "confirm your email to", "verify your email to",
    "your message requires verification", "spam arrest",           "awaiting your verification"};

bool has_any(std::string_view lower_text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto w) { return lower_text.find(w) != npos; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of "5.1.1" at the start, or 0.
std::size_t status_length(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    auto begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin || at - begin > 3) return 0;
    if (part == 1) break;
    if (at == text.size() || text[at] != '.') return 0;
    ++at;
  }
  // A fourth number: an address, or a version.
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) return 0;
  return at;
}

// The address a line begins with: "<a@b>:", "a@b", "a@b on 1/2/2003 ...". `rest` is what follows.
std::optional<std::string> leading_address(std::string_view line, std::string_view& rest) {
  auto text = base::trim(line);
  const bool bracket = text.starts_with('<');
  auto end = bracket ? text.find('>') : std::min(text.find_first_of(" \t:,;"), text.size());
  if (end == npos || end > 320) return std::nullopt;
  auto address = bracket ? text.substr(1, end - 1) : text.substr(0, end);
  rest = text.substr(std::min(bracket ? end + 1 : end, text.size()));
  if (address.find('@') == npos) return std::nullopt;
  const bool ends_there = base::trim(rest).empty() || rest.starts_with(':');
  const bool exchange = !bracket && base::trim(rest).starts_with("on ");
  if (!ends_there && !exchange) return std::nullopt;
  rest = exchange ? std::string_view{} : base::trim(rest.starts_with(':') ? rest.substr(1) : rest);
  auto mailbox = parse_mailbox(address, true);
  return mailbox ? std::optional(mailbox->addr()) : std::nullopt;
}

// "--- Below this line is a copy of the message.": from here on it is quoted.
bool is_quote_mark(std::string_view line) {
  if (!line.starts_with("---")) return false;
  return has_any(base::ascii_lower(line.substr(0, 200)), kQuoteMarks);
}

// The lines before the quoted mail.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next() {
    if (rest_.empty() || ++count_ > kMaxLines) return std::nullopt;
    auto feed = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, feed);
    rest_.remove_prefix(std::min(feed + 1, rest_.size()));
    return line;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
};

void add_line(std::string& diagnostic, std::string_view line) {
  line = base::trim(line);
  if (line.empty() || diagnostic.size() + line.size() > kMaxDiagnostic) return;
  if (!diagnostic.empty()) diagnostic += ' ';
  diagnostic += line;
}

void add_recipient(ReturnedMail& out, std::string address) {
  auto same = [&](const ReturnedRecipient& r) { return same_address(r.address, address); };
  if (std::any_of(out.recipients.begin(), out.recipients.end(), same)) return;
  if (out.recipients.size() == kMaxRecipients) return;
  out.recipients.emplace_back().address = std::move(address);
}

void read_recipients(std::string_view text, ReturnedMail& out) {
  Lines lines(text);
  bool open = false;  // the lines that follow are about the last recipient
  while (auto line = lines.next()) {
    if (is_quote_mark(*line)) return;
    std::string_view rest;
    if (auto address = leading_address(*line, rest)) {
      add_recipient(out, std::move(*address));
      open = !out.recipients.empty();
      if (open) add_line(out.recipients.back().diagnostic, rest);
    } else if (base::trim(*line).empty()) {
      open = false;
    } else if (open) {
      add_line(out.recipients.back().diagnostic, *line);
    }
  }
}

// X-Failed-Recipients: a@b, c@d (Exim)
void read_failed_recipients(const MimePart& message, ReturnedMail& out) {
  for (const auto& field : message.header.fields) {
    if (!base::iequals(field.name, "X-Failed-Recipients")) continue;
    auto addresses = parse_address_list(field.raw_value.substr(0, 64 * 1024), true);
    if (!addresses) continue;
    for (const auto& address : *addresses) add_recipient(out, address.addr());
  }
}

bool looks_like_bounce(const MimePart& message, std::string_view lower_text) {
  if (message.header.find("X-Failed-Recipients")) return true;
  auto subject = base::ascii_lower(message.header_text("Subject", 500));
  auto from = base::ascii_lower(message.header_text("From", 1000));
  const bool subject_tells = has_any(subject, kBounceSubjects), sender_tells = has_any(from, kBounceSenders);
  const bool text_tells = has_any(lower_text.substr(0, 4096), kBounceTexts);
  return subject_tells + sender_tells + text_tells >= 2;
}

const MimePart* text_of(const MimePart& message) {
  const auto* part = find_report(message, "text/plain");
  return part ? part : find_report(message, "text/html");
}

// Where no enhanced code stands.
char class_by_reply(std::string_view diagnostic) {
  return find_reply_code(diagnostic) / 100 == 4 ? '4' : '5';
}

}  // namespace

std::string find_status(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && (is_digit(text[i - 1]) || text[i - 1] == '.')) continue;
    if (auto n = status_length(text.substr(i))) return std::string(text.substr(i, n));
  }
  return {};
}

int find_reply_code(std::string_view text) {
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    const bool begins = i == 0 || !(is_digit(text[i - 1]) || text[i - 1] == '.');
    const bool ends = i + 3 == text.size() || text[i + 3] == ' ' || text[i + 3] == '-';
    if (begins && ends && (text[i] == '4' || text[i] == '5') && is_digit(text[i + 1]) && text[i + 1] <= '5' &&
        is_digit(text[i + 2]))
      return (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
  }
  return 0;
}

bool guess_bounce(const MimePart& message, ReturnedMail& out) {
  const auto* part = text_of(message);
  auto text = part ? part->text(kMaxText) : std::string();
  auto lower = base::ascii_lower(text);
  if (!looks_like_bounce(message, lower)) return false;
  read_recipients(text, out);
  read_failed_recipients(message, out);
  const bool delayed = has_any(std::string_view(lower).substr(0, 4096), kDelays);
  for (auto& recipient : out.recipients) {
    recipient.action = delayed ? DsnAction::delayed : DsnAction::failed;
    recipient.status = find_status(recipient.diagnostic);
    if (recipient.status.empty())
      recipient.status = std::string(1, delayed ? '4' : class_by_reply(recipient.diagnostic)) + ".0.0";
  }
  return true;
}

std::string_view out_of_text(const MimePart& message, std::string& kept) {
  const auto* part = text_of(message);
  if (!part) return {};
  kept = part->text(kMaxText);
  Lines lines(kept);
  while (auto line = lines.next()) {
    if (!is_quote_mark(*line)) continue;
    auto rest = lines.rest();
    return rest.substr(std::min(rest.find_first_not_of("\n "), rest.size()));
  }
  return {};
}

bool subject_tells_auto_reply(std::string_view subject) {
  auto lower = base::ascii_lower(base::trim(subject).substr(0, 100));
  return has_any(lower, kAutoSubjects);
}

bool subject_tells_challenge(std::string_view subject) {
  return has_any(base::ascii_lower(subject), kChallengeSubjects);
}

}  // namespace mail
