#include "deliver/classify.h"

namespace deliver {
namespace {

std::string default_status(const smtp::Reply& reply, smtp::Phase phase) {
  std::string first = reply.permanent() ? "5" : reply.transient() ? "4" : "2";
  switch (phase) {
    case smtp::Phase::rcpt:
      return first + ".1.1";
    case smtp::Phase::connect:
    case smtp::Phase::greeting:
    case smtp::Phase::ehlo:
      return first + ".3.2";
    case smtp::Phase::auth:
    case smtp::Phase::starttls:
      return first + ".7.0";
    default:
      return first + ".0.0";
  }
}

}  // namespace

Classified classify_reply(const smtp::Reply& reply, smtp::Phase phase) {
  Classified c;
  c.diagnostic = reply.text();
  c.from_remote = true;
  c.about_sender = phase == smtp::Phase::mail;
  c.status = reply.enhanced_status();
  if (c.status.empty()) c.status = default_status(reply, phase);

  if (reply.code >= 200 && reply.code < 300) {
    c.verdict = Verdict::delivered;
  } else if (reply.permanent()) {
    c.verdict = Verdict::bounce;
    // RFC 5321 §4.5.3.1.10: 552 to RCPT means "too many recipients" and is to be treated as 452.
    if (phase == smtp::Phase::rcpt && reply.code == 552) c.verdict = Verdict::retry;
    // Before MAIL it is about us or the host, not the mail: another host or another time may do.
    bool about_the_session = phase == smtp::Phase::connect || phase == smtp::Phase::greeting ||
                             phase == smtp::Phase::ehlo || phase == smtp::Phase::auth;
    if (about_the_session) c.verdict = Verdict::retry;
  }
  return c;
}

Classified classify_failure(const smtp::Failure& failure) {
  if (failure.reply) return classify_reply(*failure.reply, failure.phase);
  Classified c;
  if (failure.tls_not_offered) {
    c.status = "4.7.10";  // RFC 5248: encryption needed
    c.diagnostic = failure.detail;
    return c;
  }
  c.status = failure.phase == smtp::Phase::connect ? "4.4.1" : "4.4.2";
  c.diagnostic = failure.detail.empty() ? "connection failed" : failure.detail;
  return c;
}

Classified classify_recipient(const smtp::TransactionResult& result, std::size_t recipient) {
  const auto* own = recipient < result.recipients.size() ? &result.recipients[recipient] : nullptr;
  if (own && own->code >= 400) return classify_reply(*own, smtp::Phase::rcpt);
  // A final answer counts for every recipient that was taken; a failure only where there is none.
  if (result.final_reply) return classify_reply(*result.final_reply, smtp::Phase::dot);
  if (result.failure) return classify_failure(*result.failure);
  Classified c;
  c.status = "4.4.2";
  c.diagnostic = "no answer from the remote server";
  return c;
}

}  // namespace deliver
