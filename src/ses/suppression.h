// SuppressionList: the addresses of an account in a region that mail is kept from, each with its reason (SES
// §16). The entries are rows; in front of them stand fingerprints in memory, so that an address that is not
// on the list, as nearly all are, costs no SQL. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/fingerprints.h"
#include "ses/suppression_reasons.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct SuppressedAddress {
  std::string address;
  SuppressionReason reason = SuppressionReason::bounce;
  base::WallTime updated;
  std::string message_id, feedback_id;  // of the event it came from; empty if it was put
};

// The form in which an address is an entry's key: trimmed, the domain in lower case as ASCII, the local part
// as it is. An invalid_parameter Fault if it is no address.
std::string suppression_key(std::string_view address);

class SuppressionList {
 public:
  SuppressionList(store::Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}
  void load();  // at start, or after the rows were removed; waits on the calling thread

  base::Task<void> put(Scope scope, std::string address, SuppressionReason reason);
  base::Task<SuppressedAddress> get(Scope scope, std::string address);  // or the not_found Fault
  base::Task<void> remove(Scope scope, std::string address);            // or the not_found Fault

  struct Place {  // of an entry in the list: the oldest first
    base::WallTime updated;
    std::string address;
  };
  struct ListRequest {
    SuppressionReasons reasons{true, true};
    std::optional<base::WallTime> from = {}, before = {};  // before: not itself
    std::optional<Place> after = {};
    std::size_t at_most = 0;
  };
  base::Task<std::vector<SuppressedAddress>> list(Scope scope, ListRequest request);

  // False: surely not on the list. `key` is a suppression_key. Cheap.
  bool may_have(const Scope& scope, std::string_view key) const;
  // The entries among `keys`, in their order.
  base::Task<std::vector<SuppressedAddress>> find(Scope scope, std::vector<std::string> keys);
  std::optional<SuppressedAddress> find_now(store::Db& db, const Scope& scope, std::string_view key) const;

  // In the transaction of a hard bounce or a complaint. `address` is a recipient of a mail.
  void add(store::Db& db, const Scope& scope, std::string_view address, SuppressionReason reason,
           std::string_view message_id, std::string_view feedback_id, base::WallTime at);

  const Fingerprints& fingerprints() const { return fingerprints_; }

 private:
  void save(store::Db& db, const Scope& scope, const SuppressedAddress& entry);

  store::Store& store_;
  const base::Clock& clock_;
  Fingerprints fingerprints_;
};

}  // namespace ses
