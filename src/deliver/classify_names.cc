// From a classified outcome to the words of SES's events. The enhanced status decides where it is specific;
// the words of the reply where it is not. Rules are tried in order.
#include <algorithm>
#include <initializer_list>

#include "base/encoding.h"
#include "deliver/classify.h"

namespace deliver {
namespace {

enum class Cause {
  unknown,
  no_mailbox,
  refused,
  full,
  too_large,
  attachment,
  spam,
  content,
  ip,
  policy,
  server
};

bool has_any(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto word) { return text.find(word) != std::string::npos; });
}

// "5.2.2" -> "2.2"
std::string_view detail_of(std::string_view status) { return status.size() > 2 ? status.substr(2) : ""; }

// RFC 3463 §3. What is not listed says too little by itself.
Cause cause_of_status(std::string_view detail) {
  if (detail == "1.1" || detail == "1.6") return Cause::no_mailbox;
  if (detail == "1.2" || detail == "1.10" || detail == "2.1") return Cause::refused;
  if (detail == "2.2") return Cause::full;
  if (detail == "2.3" || detail == "3.4") return Cause::too_large;
  if (detail.starts_with("6.")) return Cause::content;
  return Cause::unknown;
}

Cause cause_of_text(const std::string& text) {
  if (has_any(text, {"attachment", "file type", "executable", "virus", "malware"})) return Cause::attachment;
  if (has_any(text, {"mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded",
                     "exceeded storage", "out of storage", "insufficient storage", "over the quota",
                     "mailbox quota", "mailbox limit", "storage limit", "disk quota", "exceeding their quota",
                     "quota violation", "folder is full"}))
    return Cause::full;
  if (has_any(text, {"message too large", "message too big", "size exceeds", "exceeds size", "message size",
                     "too large", "too big"}))
    return Cause::too_large;
  if (has_any(text, {"blocklist", "blacklist", "block list", "black list", "blocked using", "spamhaus", "rbl",
                     "dnsbl", "reputation", "ip address", "client host", "rate limit", "rate-limit",
                     "too many connections", "unusual rate"}))
    return Cause::ip;
  if (has_any(text, {"spam", "unsolicited", "bulk mail"})) return Cause::spam;
  if (has_any(text, {"content", "phish", "dmarc", "not rfc"})) return Cause::content;
  if (has_any(text, {"user unknown", "unknown user", "no such user", "no such recipient", "no mailbox",
                     "does not exist", "doesn't exist", "mailbox not found", "invalid recipient",
                     "recipient not found", "unknown recipient", "recipient unknown", "doesn't have a",
                     "user not found", "user not known", "addressee unknown", "invalid mailbox"}))
    return Cause::no_mailbox;
  if (has_any(text,
              {"recipient address rejected", "relay", "no longer accepts", "unrouteable", "account disabled",
               "account is disabled", "account has been disabled", "account inactive", "deactivated"}))
    return Cause::refused;
  if (has_any(text, {"policy", "prohibit", "not authorized", "denied", "greylist", "graylist", "greylisted"}))
    return Cause::policy;
  return Cause::unknown;
}

Cause cause_of(const Classified& c) {
  auto detail = detail_of(c.status);
  auto text = base::ascii_lower(c.diagnostic);
  auto by_status = cause_of_status(detail);
  // The code may be ours (RFC 5321 names one per phase); then only the words count.
  bool given = c.from_remote && (c.status_told || text.find(c.status) != std::string::npos);
  if (!given && c.from_remote) by_status = Cause::unknown;
  if (by_status == Cause::content && cause_of_text(text) == Cause::attachment) return Cause::attachment;
  if (by_status != Cause::unknown) return by_status;
  auto by_text = c.from_remote ? cause_of_text(text) : Cause::unknown;
  if (by_text != Cause::unknown) return by_text;
  if ((given || !c.from_remote) && detail.starts_with("7.")) return Cause::policy;
  if (given && detail.starts_with("3.")) return Cause::server;
  return Cause::unknown;
}

BounceName transient(Cause cause) {
  switch (cause) {
    case Cause::full:
      return {"Transient", "MailboxFull"};
    case Cause::too_large:
      return {"Transient", "MessageTooLarge"};
    case Cause::attachment:
      return {"Transient", "AttachmentRejected"};
    case Cause::spam:
    case Cause::content:
      return {"Transient", "ContentRejected"};
    default:
      return {"Transient", "General"};
  }
}

}  // namespace

BounceName name_bounce(const Classified& last, bool given_up) {
  auto cause = cause_of(last);
  if (given_up) return transient(cause);
  auto detail = detail_of(last.status);
  // RFC 3463 §3.2: 1.7 and 1.8 are faults of the sender's address; §3.6: 5.3 are too many recipients.
  if (last.about_sender || detail == "1.7" || detail == "1.8" || detail == "5.3")
    return {"Transient", "General"};
  const bool about_mailbox = cause == Cause::no_mailbox || cause == Cause::unknown ||
                             cause == Cause::refused || cause == Cause::server;
  if (!about_mailbox) return transient(cause);
  if (blames_sender(last.diagnostic)) return {"Transient", "General"};
  return {"Permanent", cause == Cause::no_mailbox ? "NoEmail" : "General"};
}

bool blames_sender(std::string_view text) {
  return has_any(base::ascii_lower(text),
                 {// Our own words and others' (Postfix, Exim, qmail) for where in the dialogue it was.
                  "in reply to mail from", "in reply to helo", "in reply to ehlo", "after mail from",
                  "after pipelined mail from", "after helo", "after ehlo", "after initial connection",
                  "sender was rejected", "greeting failed", "my name was rejected", "refused to talk to me",
                  // Of the remote.
                  "sender address rejected", "sender rejected", "sender denied", "sender verify failed"});
}

bool tells_cause(const Classified& last) { return cause_of(last) != Cause::unknown; }

std::string_view delay_type(const Classified& d) {
  if (!d.from_remote) {
    if (d.status == "4.3.0") return "InternalFailure";
    return d.status.starts_with("4.4.") ? "TransientCommunicationFailure" : "General";
  }
  switch (cause_of(d)) {
    case Cause::full:
      return "MailboxFull";
    case Cause::spam:
      return "SpamDetected";
    case Cause::ip:
      return "IPFailure";
    case Cause::server:
      return "RecipientServerError";
    case Cause::unknown:
      break;
    default:
      return "General";
  }
  if (d.status.starts_with("4.3.")) return "RecipientServerError";
  if (d.status.starts_with("4.4.")) return "TransientCommunicationFailure";
  return "General";
}

std::string event_diagnostic(const Classified& c, std::string_view domain) {
  if (c.from_remote) return "smtp; " + c.diagnostic;
  std::string line = c.status.starts_with("5") ? "smtp; 550 " : "smtp; 421 ";
  line += c.status + " ";
  if (c.status == "4.4.1") return line + "Unable to connect to remote host";
  if (c.status == "4.4.3") return line + "Unable to lookup DNS for " + std::string(domain);
  return line + c.diagnostic;
}

}  // namespace deliver
