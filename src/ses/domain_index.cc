#include "ses/domain_index.h"

namespace ses {
namespace {

// Calls `visit` with the domain and each above it, until it says false.
template <class Visit>
void upwards(std::string_view domain, Visit visit) {
  while (!domain.empty() && visit(domain)) {
    const auto dot = domain.find('.');
    domain = dot == std::string_view::npos ? std::string_view() : domain.substr(dot + 1);
  }
}

}  // namespace

void DomainIndex::add(const Identity& identity) {
  if (!identity.verified()) return;
  if (identity.kind == IdentityKind::domain) verified_[identity.name].insert(identity.scope);
  if (!identity.mail_from.domain.empty()) ++mail_from_[identity.mail_from.domain];
}

void DomainIndex::remove(const Identity& identity) {
  if (!identity.verified()) return;
  if (auto at = verified_.find(identity.name);
      identity.kind == IdentityKind::domain && at != verified_.end()) {
    at->second.erase(identity.scope);
    if (at->second.empty()) verified_.erase(at);
  }
  if (auto at = mail_from_.find(identity.mail_from.domain); at != mail_from_.end())
    if (--at->second == 0) mail_from_.erase(at);
}

void DomainIndex::clear() {
  verified_.clear();
  mail_from_.clear();
}

std::vector<Scope> DomainIndex::owners(std::string_view domain) const {
  std::set<Scope> out;
  upwards(domain, [&](std::string_view at) {
    if (const auto found = verified_.find(at); found != verified_.end())
      out.insert(found->second.begin(), found->second.end());
    return true;
  });
  return {out.begin(), out.end()};
}

bool DomainIndex::has_owner(std::string_view domain) const {
  bool found = false;
  upwards(domain, [&](std::string_view at) { return !(found = verified_.contains(at)); });
  return found;
}

}  // namespace ses
