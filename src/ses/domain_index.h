// DomainIndex: whose a domain is: the scopes that have it, or one above it, as a verified identity, and the
// domains that are somebody's custom MAIL FROM. So a mail that comes in finds who takes it without asking
// every account. Kept by IdentityView with its snapshot, under its lock.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ses/identity.h"

namespace ses {

class DomainIndex {
 public:
  void add(const Identity& identity);
  void remove(const Identity& identity);  // that was added
  void clear();

  // `domain` in lower case. Each scope once, in their order.
  std::vector<Scope> owners(std::string_view domain) const;
  bool has_owner(std::string_view domain) const;
  bool is_mail_from(std::string_view domain) const { return mail_from_.contains(domain); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class T>
  using ByDomain = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  ByDomain<std::set<Scope>> verified_;
  ByDomain<std::size_t> mail_from_;  // of how many verified identities
};

}  // namespace ses
