// Intake: who takes a mail that comes in, and storing it for them (SES §22.1): the receipt rules, and we
// ourselves at addresses of our own (own_address.h). Any loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "receive/pipeline.h"
#include "send/service.h"

namespace receive {

inline constexpr std::size_t kMostOctets = 40u << 20;  // of a mail (SES §22.1)

struct Envelope {
  std::string sender;  // bare; empty: the null sender
  std::vector<std::string> recipients;
  std::string source_ip, helo, tls_version;
  bool all_or_none = false;  // where one of the recipients is not taken any more, none is
};

enum class Welcome {
  taken,
  unknown,    // nobody receives mail for the address
  blocked,    // an IP filter keeps the client out
  needs_tls,  // a rule for the address takes no mail in plain
};

class Intake {
 public:
  // Both outlive it.
  Intake(send::Service& service, Pipeline& pipeline) : service_(service), pipeline_(pipeline) {}

  // For one recipient, as the rules are now. Mail to our own addresses is taken from everybody.
  Welcome welcome(std::string_view address, const std::string& source_ip, bool tls) const;
  // It is read by the service itself (own_address.h), and kept once for each such recipient.
  bool is_own(std::string_view address) const;
  // Durable when it answers: one row for each scope that takes a recipient and for each address of our own,
  // in one commit. The ids, in the order of the scopes, those for our own addresses behind them; none if
  // nobody takes it any more, or not all of `all_or_none`. Throws what the store throws.
  base::Task<std::vector<std::string>> store(Envelope envelope, std::string content);

 private:
  ses::ReceivedMail mail_of(const Envelope& envelope, std::shared_ptr<const std::string> body,
                            std::vector<std::string> recipients) const;
  struct Share {
    ses::ReceiptSetupPtr setup;
    std::vector<std::string> recipients;
  };
  struct Shares {
    std::map<ses::Scope, Share> scopes;
    std::vector<std::pair<std::string, ses::ReceivedKind>> own;
    bool all = true;  // everybody is in one
  };
  Shares shares_of(const Envelope& envelope) const;
  void add_own(const Envelope& envelope, const Shares& shares, const std::shared_ptr<const std::string>& body,
               std::vector<ses::ReceivedMail>& mails) const;

  send::Service& service_;
  Pipeline& pipeline_;
};

}  // namespace receive
