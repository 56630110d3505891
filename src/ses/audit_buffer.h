// AuditBuffer: decisions on their way to the store, in bounded memory. Denials that are equal but for their
// time and request id are one entry with a count; when there are too many different ones, those of a source,
// then of all sources, are one: detail goes, no denial does. Allows that find no room are counted. One thread
// at a time.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ses/audit.h"

namespace ses {

class AuditBuffer {
 public:
  explicit AuditBuffer(const AuditOptions& options) : options_(options) {}

  void add(AuditEntry entry);  // its time set
  // What is to be written now, oldest first; of folded sends only those whose minute is over, unless `all`.
  std::vector<AuditEntry> take(base::WallTime now, bool all);
  // What could not be written.
  void put_back(std::vector<AuditEntry> entries);

  std::size_t denials() const { return denials_.size(); }
  bool empty() const { return denials_.size() + allows_.size() + folded_.size() == 0 && dropped_.count == 0; }
  std::uint64_t dropped() const { return dropped_in_all_; }

 private:
  // Entries in the order they came, each found by what makes it equal to others.
  struct Entries {
    std::vector<AuditEntry> all;
    std::unordered_map<std::string, std::size_t> places;

    std::size_t size() const { return all.size(); }
    bool count_if_known(const std::string& key, const AuditEntry& entry);
    void add(std::string key, AuditEntry entry);
    void move_to(std::vector<AuditEntry>& out);
  };

  void add_denial(AuditEntry entry);
  void add_allow(AuditEntry entry);
  void fold_allow(AuditEntry entry);
  void end_minute();
  void drop(const AuditEntry& entry);

  AuditOptions options_;
  Entries denials_;
  std::vector<AuditEntry> allows_;
  Entries folded_;  // all of one minute
  std::int64_t minute_ = 0;
  AuditEntry dropped_{0, {}, {}, 0};
  std::uint64_t dropped_in_all_ = 0;
};

// Cut to what a row may cost, without bytes that would upset a terminal.
void normalise(AccessRecord& record);

}  // namespace ses
