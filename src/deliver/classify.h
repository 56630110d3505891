// What a reply or a failure means for a recipient: delivered, tried again later, or bounced (RFC 5321 §4.2.1,
// RFC 3463). Pure.
#pragma once

#include <optional>
#include <string>

#include "smtp/client.h"

namespace deliver {

enum class Verdict { delivered, retry, bounce };

struct Classified {
  Verdict verdict = Verdict::retry;
  std::string status;      // RFC 3463: the remote's, or ours where it gave none
  std::string diagnostic;  // the remote's words as they came, or what the network did
};

Classified classify_reply(const smtp::Reply& reply, smtp::Phase phase);
// For all recipients of a session or transaction that failed.
Classified classify_failure(const smtp::Failure& failure);
// One recipient of a transaction: its own reply and the final one.
Classified classify_recipient(const smtp::TransactionResult& result, std::size_t recipient);

}  // namespace deliver
