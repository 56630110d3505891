// Outcome: what bounces and complaints are worth, whether the far end told them at once or they came back
// later: the events (SES §18), what counts in the statistics, and the addresses for the suppression list.
// Making it is pure but for the feedback ids.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "deliver/classify.h"
#include "events/event.h"
#include "ses/account.h"
#include "ses/message.h"
#include "ses/suppression.h"

namespace deliver {

// An address that bounced hard or complained, for those who keep count of them.
struct Feedback {
  std::string address, feedback_id;
  bool complaint = false;  // else a hard bounce
};

struct Outcome {
  std::vector<ses::EventRecord> events;
  std::vector<Feedback> feedback;                // of real mail: nothing of the simulator's
  std::size_t hard_bounces = 0, complaints = 0;  // recipients that count in the statistics
};

// Recipients with the same fate, in the order in which the fates first came up.
template <class Key, class Item>
struct Groups {
  std::vector<std::pair<Key, std::vector<Item>>> all;
  void add(Key key, Item item) {
    auto it = std::find_if(all.begin(), all.end(), [&](const auto& g) { return g.first == key; });
    if (it == all.end()) it = all.emplace(all.end(), std::move(key), std::vector<Item>{});
    it->second.push_back(std::move(item));
  }
};
using Bounced = Groups<BounceName, events::BouncedRecipient>;

struct OutcomeSource {
  std::string region;
  base::WallTime now;
  std::string remote_mta_ip, reporting_mta;  // as in events; either may be empty
  bool counts = true;                        // in statistics and suppression
};
void add_bounces(Outcome& out, Bounced bounced, const OutcomeSource& source, base::Random& random);
// They are away: an event that counts nowhere (SES §18.2, §21).
void add_auto_replies(Outcome& out, const std::vector<std::string>& addresses, const OutcomeSource& source,
                      base::Random& random);
// Time and feedback id are put in.
void add_complaint(Outcome& out, events::Complaint complaint, const OutcomeSource& source,
                   base::Random& random);

struct Ledger {  // where outcomes are counted
  ses::Accounts& accounts;
  ses::SuppressionList& suppression;
};
// In the outcome's transaction. `flags` are the mail's: they say what suppresses (SES §16).
void count_and_suppress(const Ledger& ledger, store::Db& db, const ses::Scope& scope,
                        const ses::MessageId& id, std::int64_t flags, const Outcome& outcome,
                        base::WallTime now);

}  // namespace deliver
