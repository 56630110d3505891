// What a reply or a failure means for a recipient: delivered, tried again later, or bounced (RFC 5321 §4.2.1,
// RFC 3463). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "smtp/client.h"

namespace deliver {

enum class Verdict { delivered, retry, bounce };

struct Classified {
  Verdict verdict = Verdict::retry;
  std::string status;         // RFC 3463: the remote's, or ours where it gave none
  std::string diagnostic;     // the remote's words as they came, or what the network did
  bool from_remote = false;   // the diagnostic is a reply
  bool about_sender = false;  // the reply was to MAIL, so it says nothing about the recipient
  bool status_told = false;   // the status is the remote's, though its words may not hold it
};

Classified classify_reply(const smtp::Reply& reply, smtp::Phase phase);
// For all recipients of a session or transaction that failed.
Classified classify_failure(const smtp::Failure& failure);
// One recipient of a transaction: its own reply and the final one.
Classified classify_recipient(const smtp::TransactionResult& result, std::size_t recipient);

// How SES names a bounce (SES §18.2). Permanent is only what says that the address takes no mail: such
// addresses get onto the suppression list, and one that merely refused this mail, or us, must not.
struct BounceName {
  std::string_view type, sub_type;
  bool operator==(const BounceName&) const = default;
};
// Of a reply that refuses for good, or (`given_up`) of the last one before the attempts ended.
BounceName name_bounce(const Classified& last, bool given_up);
bool tells_cause(const Classified& last);  // status or words say more than that it failed
// The words say that it was the sender, or the client, that was refused: the recipient may be good.
bool blames_sender(std::string_view text);
std::string_view delay_type(const Classified& deferral);  // SES §18.2

// The diagnosticCode of an event: "smtp; " and the reply, or the line SES puts where there was none.
std::string event_diagnostic(const Classified& classified, std::string_view domain);

}  // namespace deliver
