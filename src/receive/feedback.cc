#include "receive/feedback.h"

#include <algorithm>

#include "base/json.h"
#include "deliver/outcome.h"
#include "receive/feedback_mail.h"
#include "receive/feedback_verdict.h"
#include "receive/own_address.h"
#include "receive/told.h"

namespace receive {
namespace {

constexpr std::size_t kReadHere = 32 << 10;  // larger ones would hold up the loop
constexpr std::chrono::hours kPatience{4};   // with a recipient whose attempts are not over
constexpr base::Millis kFirstPause{1000}, kLongestPause{600000};

// A bounce can be here before the answer of the attempt that caused it is written down.
base::Millis pause_behind(std::int64_t attempts) {
  return std::min(kLongestPause, kFirstPause * (1 << std::min<std::int64_t>(attempts, 10)));
}

void write_field(base::JsonWriter& w, std::string_view name, std::string_view value) {
  if (!value.empty()) w.field(name, value);
}

std::string trace_json(const FeedbackMail& heard, const ses::ReceivedMail& mail,
                       const FeedbackVerdict& verdict) {
  base::JsonWriter w;
  w.object().field("kind", name_of(heard.returned.kind)).field("receivedId", mail.id);
  w.field("from", mail.sender.empty() ? heard.from : mail.sender).field("sourceIp", mail.source_ip);
  write_field(w, "reportingMta", heard.returned.reporting_mta);
  if (heard.report) write_field(w, "feedbackType", heard.report->feedback_type);
  w.key("recipients").array();
  for (const auto& line : verdict.lines) {
    w.object().field("recipient", line.recipient).field("result", line.result);
    write_field(w, "action", line.action);
    write_field(w, "status", line.status);
    write_field(w, "diagnostic", line.diagnostic);
    w.end();
  }
  w.end();
  if (verdict.strangers > 0) w.field("strangers", verdict.strangers);
  w.end();
  return std::move(w).text();
}

class Clerk {
 public:
  Clerk(send::Service& service, std::chrono::hours life, const ses::ReceivedMail& mail,
        const FeedbackMail& heard)
      : service_(service), life_(life), mail_(mail), heard_(heard), message_(message()) {}

  // In the transaction, which saves it; may run twice.
  ses::ReceivedProgress put_down(store::Db& db) const {
    auto progress = mail_.progress;
    const auto now = service_.clock.now();
    auto told = apply(db, now);
    if (told) {
      told->message = message_;
      finish(progress, now, *told);
    } else {
      progress.due = now + pause_behind(progress.attempts++);
    }
    return progress;
  }

 private:
  std::string message() const {
    auto id = returned_message(service_, mail_.recipients.front());
    return id.empty() ? message_meant(heard_, service_.identities.link_secret()) : id;
  }

  // nullopt: it is too early to tell.
  std::optional<Told> apply(store::Db& db, base::WallTime now) const {
    if (!mail_.content) return ignored("Its content is gone.");
    if (message_.empty()) return ignored("It is no complaint about a message from here.");
    const auto sent = service_.messages.find_sent(db, message_);
    if (!sent) return ignored("The message is not known any more.");
    if (mail_.received - sent->accepted > life_) return ignored("The message left too long ago.");
    const bool wait = now - mail_.received < kPatience;
    const auto verdict = weigh(heard_, *sent, now, wait, service_.random);
    if (verdict.early) return std::nullopt;
    Told told{verdict.result(), "", "", trace_json(heard_, mail_, verdict)};
    if (told.result == "ignored") {
      told.why = "It names no recipient of the message.";
      return told;
    }
    service_.messages.record_feedback(db, sent->seq, verdict.changed, {{now, "returned", told.feedback}},
                                      verdict.outcome.events);
    deliver::count_and_suppress({service_.accounts, service_.suppression}, db, sent->scope, sent->id,
                                sent->flags, verdict.outcome, now);
    return told;
  }

  send::Service& service_;
  const std::chrono::hours life_;
  const ses::ReceivedMail& mail_;
  const FeedbackMail& heard_;
  const std::string message_;
};

}  // namespace

base::Task<void> take_feedback(send::Service& service, std::chrono::hours life, ses::ReceivedMail& mail) {
  FeedbackMail heard;
  if (mail.content && mail.content->size() > kReadHere) {
    auto read = [content = mail.content] { return read_feedback_mail(*content); };
    auto reading = service.heavy.run_value(std::move(read));
    heard = co_await reading;
  } else if (mail.content) {
    heard = read_feedback_mail(*mail.content);
  }
  const Clerk clerk(service, life, mail, heard);
  ses::Received::Work work = [&clerk](store::Db& db) { return clerk.put_down(db); };
  auto writing = service.received.put_down(mail, std::move(work));
  auto progress = co_await writing;
  mail.progress = std::move(progress);
}

}  // namespace receive
