// The snapshot of identities: per scope an immutable map from name to identity, swapped by the writer before
// its write returns (ARCHITECTURE 3.6). Of two racing writers the one with the higher generation wins,
// whoever comes last; what was removed leaves a tombstone while writes are under way, so that an older write
// does not bring it back. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ses/domain_index.h"
#include "ses/identity.h"

namespace ses {

class IdentityView {
 public:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Entry {
    IdentityPtr identity;  // null: a tombstone
    std::int64_t generation = 0;
  };
  using Names = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  using NamesPtr = std::shared_ptr<const Names>;

  // Marks a write as under way as long as it lives.
  class Writing {
   public:
    explicit Writing(IdentityView& view) : view_(view) { view_.begin(); }
    ~Writing() { view_.end(); }
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    IdentityView& view_;
  };

  void fill(std::vector<Identity> identities);  // at start
  NamesPtr names(const Scope& scope) const;     // never null
  std::vector<NamesPtr> scopes() const;
  std::vector<Scope> owners(std::string_view domain) const;  // as DomainIndex
  // Somebody's verified domain or below one, or a custom MAIL FROM of a verified identity.
  bool is_somebodys(std::string_view domain) const;
  void publish(const Scope& scope, const std::string& name, IdentityPtr identity, std::int64_t generation);

  static IdentityPtr find(const Names& names, std::string_view name);

 private:
  void begin();
  void end();

  mutable std::mutex mutex_;
  std::unordered_map<Scope, NamesPtr> scopes_;
  DomainIndex domains_;  // of those identities
  std::size_t writing_ = 0;
  std::vector<Scope> tombstones_;  // scopes that hold some
};

}  // namespace ses
