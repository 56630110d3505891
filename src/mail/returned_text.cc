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
constexpr std::size_t kMaxAddress = 320;

// All in lower case.
constexpr std::array<std::string_view, 28> kBounceSubjects = {
    "undeliver",
    "failure notice",
    "delivery failed",
    "delivery failure",
    "delivery status",
    "returned mail",
    "mail delivery fail",
    "could not be delivered",
    "delivery notification",
    "nondeliverable",
    "delivery problem",
    "unzustellbar",
    "warning: message",
    "warning: could not send",
    "unable to deliver",
    "system bounce",
    "nicht zugestellt",
    "failure delivery",
    "mail failed",
    "mail failure",
    "not delivered",
    "non-delivery",
    "during delivery",
    "delivery warning",
    "non remis",
    "permanent delivery",
    "\xe9\x80\x80\xe4\xbf\xa1",                                                                   // Chinese
    "\xd0\xbd\xd0\xb5\xd0\xb4\xd0\xbe\xd1\x81\xd1\x82\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb5\xd0\xbd"};  // Russian
constexpr std::string_view kDaemon = "mailer-daemon";  // writes nothing else
constexpr std::array<std::string_view, 5> kBounceSenders = {"postmaster", "mail-daemon", "mailerdaemon",
                                                            "mailer_daemon", "mdaemon"};
constexpr std::array<std::string_view, 9> kBounceTexts = {
    "this is an automatically generated delivery status notification",
    "this is the qmail-send program",
    "this message was created automatically by mail delivery software",
    "this message was created automatically by the mail system",
    "the following recipient(s) could not be reached",
    "did not reach some or all of the intended recipients",
    "the following addresses had permanent fatal errors",
    "this is the mail system at host",
    "this is a permanent error; i've given up"};
constexpr std::array<std::string_view, 16> kDelays = {"has not yet been delivered",
                                                      "will retry for",
                                                      "has been postponed",
                                                      "attempts will continue",
                                                      "has not been delivered yet",
                                                      "will be retried",
                                                      "will continue to try",
                                                      "will keep trying",
                                                      "warning: message still undelivered",
                                                      "no action is required on your part",
                                                      "this is a warning message only",
                                                      "do not need to resend",
                                                      "do not need to re-send",
                                                      "has been delayed",
                                                      "is delayed for",
                                                      "transient non-fatal errors"};
constexpr std::array<std::string_view, 6> kDelaySubjects = {
    "(delay)",          "delivery warning",       "still being retried", "status notification: warning",
    "warning: message", "warning: could not send"};
constexpr std::array<std::string_view, 5> kSuccesses = {
    "had successful delivery notifications", "has been successfully delivered", "was successfully delivered",
    "was delivered successfully", "been successfully relayed"};
constexpr std::array<std::string_view, 5> kSuccessSubjects = {
    "(success)", "(relay)", "return receipt", "successful mail delivery", "status notification: success"};
// Lines that begin so.
constexpr std::array<std::string_view, 6> kQuoteLines = {
    "below is a copy of",     "here is a copy of",           "original message follows",
    "message headers follow", "a copy of the original mess", "your message reads"};
constexpr std::array<std::string_view, 8> kQuoteMarks = {
    "copy", "original", "header", "returned", "unsent", "forwarded", "undelivered", "body of the message"};
constexpr std::array<std::string_view, 28> kAutoSubjects = {
    "out of office",
    "out of the office",
    "automatic reply",
    "automatische antwort",
    "autoreply",
    "auto-reply",
    "auto reply",
    "autoresponse",
    "auto response",
    "abwesenheit",
    "away from my mail",
    "absence du bureau",
    "respuesta autom",
    "vacation reply",
    "r\xc3\xa9ponse automatique",
    "risposta automatica",
    "automatisch antwoord",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "resposta autom",
    "odpowied\xc5\xba automatyczna",
    "\xd0\x90\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82",  // Russian
    "\xd0\x90\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbc\xd0\xb0\xd1\x82\xd0\xb8\xd1\x87\xd0\xb5\xd1\x81\xd0\xba\xd0\xb8"
    "\xd0\xb9 "
    "\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82",
    "\xe8\x87\xaa\xe5\x8b\x95\xe5\xbf\x9c\xe7\xad\x94",  // Japanese
    "\xe8\x87\xaa\xe5\x8b\x95\xe8\xbf\x94\xe4\xbf\xa1",
    "\xe8\x87\xaa\xe5\x8a\xa8\xe5\x9b\x9e\xe5\xa4\x8d",  // Chinese
    "\xe8\x87\xaa\xe5\x8a\xa8\xe7\xad\x94\xe5\xa4\x8d"};
constexpr std::array<std::string_view, 6> kChallengeSubjects = {
    "please confirm your message",        "confirm your email to", "verify your email to",
    "your message requires verification", "spam arrest",           "awaiting your verification"};

bool has_any(std::string_view lower_text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto w) { return lower_text.find(w) != npos; });
}

std::string address_in(std::string_view text) {
  auto mailbox = parse_mailbox(without_brackets(text.substr(0, kMaxAddress)), true);
  return mailbox ? mailbox->addr() : std::string();
}

// "(ultimately generated from a@b)", "generated by a@b": a line of Exim's. Else empty.
std::string generated_from(std::string_view line) {
  line = base::trim(line);
  for (std::string_view words : {"generated from ", "generated by ", "expanded from: "}) {
    const auto at = line.find(words);
    if (at == npos || (at > 0 && !line.starts_with('('))) continue;
    const auto rest = line.substr(at + words.size());
    return address_in(rest.substr(0, rest.find_first_of(") ")));
  }
  return {};
}

// What a line begins with: "<a@b>:", "a@b", "\"a@b\":", "a@b on 1/2/2003 ...", "<a@b> (expanded from
// <c@d>):".
struct Leading {
  std::string address, original;
  std::string_view rest;  // what follows
};

// "(expanded from <c@d>): ..." is Postfix's; taken from the front.
std::string take_expanded(std::string_view& rest) {
  constexpr std::string_view kWords = "(expanded from ";
  const auto text = base::trim(rest);
  const auto end = text.find(')');
  if (!text.starts_with(kWords) || end == npos) return {};
  rest = text.substr(end + 1);
  return address_in(text.substr(kWords.size(), end - kWords.size()));
}

std::optional<Leading> leading_address(std::string_view line) {
  auto text = base::trim(line);
  const bool wrapped = text.starts_with('<') || text.starts_with('"');
  auto end = wrapped ? text.find(text[0] == '<' ? '>' : '"', 1)
                     : std::min(text.find_first_of(" \t:,;"), text.size());
  if (end == npos || end > kMaxAddress) return std::nullopt;
  Leading out;
  auto address = wrapped ? text.substr(1, end - 1) : text.substr(0, end);
  out.rest = text.substr(std::min(wrapped ? end + 1 : end, text.size()));
  if (address.find('@') == npos) return std::nullopt;
  out.original = take_expanded(out.rest);
  const auto follows = base::trim(out.rest);
  const bool exchange = !wrapped && follows.starts_with("on "), dots = wrapped && follows.starts_with("...");
  if (!follows.empty() && !out.rest.starts_with(':') && !exchange && !dots) return std::nullopt;
  out.rest = exchange ? std::string_view{}
                      : base::trim(follows.substr(std::min(follows.find_first_not_of(":."), follows.size())));
  out.address = address_in(address);
  return out.address.empty() ? std::nullopt : std::optional(std::move(out));
}

// "--- Below this line is a copy of the message.": from here on it is quoted.
bool is_quote_mark(std::string_view line) {
  line = line.substr(std::min(line.find_first_not_of(" |"), line.size())).substr(0, 200);
  const auto lower = base::ascii_lower(line);
  if (lower.starts_with("---")) return has_any(lower, kQuoteMarks);
  return std::any_of(kQuoteLines.begin(), kQuoteLines.end(), [&](auto w) { return lower.starts_with(w); });
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
  for (char c : line) diagnostic += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
}

ReturnedRecipient* find_recipient(ReturnedMail& out, std::string_view address) {
  auto same = [&](const ReturnedRecipient& r) { return same_address(r.address, address); };
  auto at = std::find_if(out.recipients.begin(), out.recipients.end(), same);
  return at == out.recipients.end() ? nullptr : &*at;
}

void add_recipient(ReturnedMail& out, std::string address) {
  if (find_recipient(out, address) || out.recipients.size() == kMaxRecipients) return;
  out.recipients.emplace_back().address = std::move(address);
}

void read_recipients(std::string_view text, ReturnedMail& out) {
  Lines lines(text);
  ReturnedRecipient* open = nullptr;  // the lines that follow are about it
  while (auto line = lines.next()) {
    if (auto leading = leading_address(*line)) {
      add_recipient(out, leading->address);
      open = find_recipient(out, leading->address);
      if (!open) continue;
      if (open->original.empty()) open->original = std::move(leading->original);
      add_line(open->diagnostic, leading->rest);
    } else if (base::trim(*line).empty()) {
      open = nullptr;
    } else if (open) {
      if (open->original.empty()) open->original = generated_from(*line);
      add_line(open->diagnostic, *line);
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

// A postmaster can be out of office, too, and the mail be about bounces.
bool begins_as_auto_reply(std::string_view lower_subject) {
  const auto text = base::trim(lower_subject);
  return std::any_of(kAutoSubjects.begin(), kAutoSubjects.end(),
                     [&](auto words) { return text.starts_with(words); });
}

bool looks_like_bounce(const MimePart& message, std::string_view lower_subject, std::string_view lower_text) {
  if (message.header.find("X-Failed-Recipients")) return true;
  if (begins_as_auto_reply(lower_subject)) return false;
  const auto from = base::ascii_lower(message.header_text("From", 1000));
  if (from.find(kDaemon) != npos) return true;
  return has_any(lower_subject, kBounceSubjects) + has_any(from, kBounceSenders) +
             has_any(lower_text, kBounceTexts) >=
         2;
}

const MimePart* text_of(const MimePart& message) {
  const auto* part = find_report(message, "text/plain");
  return part ? part : find_report(message, "text/html");
}

// The text before the mail that is quoted in it.
std::string own_text(const MimePart& message) {
  const auto* part = text_of(message);
  auto text = part ? part->text(kMaxText) : std::string();
  if (part && part->type.is("text/html")) text = text_of_html(text);
  std::string out;
  Lines lines(text);
  for (auto line = lines.next(); line && !is_quote_mark(*line); line = lines.next()) (out += *line) += '\n';
  return out;
}

// The beginning in lower case. What it says of the mail's subject is the mail's.
std::string begin_of(std::string_view text) {
  std::string out;
  Lines lines(text.substr(0, 4096));
  while (auto line = lines.next())
    if (auto lower = base::ascii_lower(*line); !base::trim(lower).starts_with("subject:"))
      (out += lower) += '\n';
  return out;
}

// Where no line is about a recipient, some sentence names it.
void read_prose(std::string_view text, ReturnedMail& out) {
  if (out.recipients.empty())
    for (auto& address : addresses_in(text)) {
      add_recipient(out, std::move(address));
      out.recipients.back().guessed = true;
    }
  const bool guessed = !out.recipients.empty() && out.recipients.front().guessed;
  if (!guessed && out.recipients.size() != 1) return;
  for (auto& recipient : out.recipients)
    if (recipient.diagnostic.empty()) recipient.words = in_one_line(text);
}

DsnAction action_told(std::string_view lower_subject, std::string_view lower_text) {
  if (has_any(lower_subject, kDelaySubjects) || has_any(lower_text, kDelays)) return DsnAction::delayed;
  if (has_any(lower_subject, kSuccessSubjects) || has_any(lower_text, kSuccesses))
    return DsnAction::delivered;
  return DsnAction::failed;
}

}  // namespace

bool guess_bounce(const MimePart& message, ReturnedMail& out) {
  const auto subject = base::ascii_lower(message.header_text("Subject", 500));
  if (!looks_like_bounce(message, subject, begin_of(own_text(message)))) return false;
  read_text(message, out);
  return true;
}

void read_text(const MimePart& message, ReturnedMail& out) {
  const auto text = own_text(message), begin = begin_of(text);
  const auto subject = base::ascii_lower(message.header_text("Subject", 500));
  read_recipients(text, out);
  read_failed_recipients(message, out);
  read_prose(text, out);
  const auto action = action_told(subject, begin);
  for (auto& recipient : out.recipients) {
    recipient.action = action;
    recipient.status = find_status(recipient.diagnostic);
    recipient.status_told = !recipient.status.empty();
    if (!recipient.status_told) recipient.status = made_status(recipient);
  }
}

void add_words(const MimePart& message, ReturnedMail& out) {
  ReturnedMail told;
  read_recipients(own_text(message), told);
  for (auto& recipient : out.recipients) {
    auto* more = find_recipient(told, recipient.address);
    if (!more) continue;
    recipient.words = more->diagnostic;
    if (recipient.original.empty()) recipient.original = more->original;
  }
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
