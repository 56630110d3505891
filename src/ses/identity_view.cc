#include "ses/identity_view.h"

namespace ses {

void IdentityView::fill(std::vector<Identity> identities) {
  std::unordered_map<Scope, std::shared_ptr<Names>> made;
  for (auto& identity : identities) {
    auto& names = made[identity.scope];
    if (!names) names = std::make_shared<Names>();
    auto held = std::make_shared<const Identity>(std::move(identity));
    (*names)[held->name] = {held, held->generation};
  }
  std::lock_guard lock(mutex_);
  scopes_.clear();
  domains_.clear();
  for (auto& [scope, names] : made) {
    for (const auto& [name, entry] : *names) domains_.add(*entry.identity);
    scopes_[scope] = std::move(names);
  }
}

IdentityView::NamesPtr IdentityView::names(const Scope& scope) const {
  static const NamesPtr none = std::make_shared<const Names>();
  std::lock_guard lock(mutex_);
  auto found = scopes_.find(scope);
  return found == scopes_.end() ? none : found->second;
}

std::vector<IdentityView::NamesPtr> IdentityView::scopes() const {
  std::lock_guard lock(mutex_);
  std::vector<NamesPtr> out;
  for (const auto& [scope, names] : scopes_) out.push_back(names);
  return out;
}

std::vector<Scope> IdentityView::owners(std::string_view domain) const {
  std::lock_guard lock(mutex_);
  return domains_.owners(domain);
}

bool IdentityView::is_somebodys(std::string_view domain) const {
  std::lock_guard lock(mutex_);
  return domains_.has_owner(domain) || domains_.is_mail_from(domain);
}

void IdentityView::publish(const Scope& scope, const std::string& name, IdentityPtr identity,
                           std::int64_t generation) {
  std::lock_guard lock(mutex_);
  auto& held = scopes_[scope];
  auto copy = held ? std::make_shared<Names>(*held) : std::make_shared<Names>();
  auto& entry = (*copy)[name];
  if (entry.generation >= generation) return;
  if (!identity) tombstones_.push_back(scope);
  if (entry.identity) domains_.remove(*entry.identity);
  if (identity) domains_.add(*identity);
  entry = {std::move(identity), generation};
  held = std::move(copy);
}

IdentityPtr IdentityView::find(const Names& names, std::string_view name) {
  auto found = names.find(name);
  return found == names.end() ? nullptr : found->second.identity;
}

void IdentityView::begin() {
  std::lock_guard lock(mutex_);
  ++writing_;
}

void IdentityView::end() {
  std::lock_guard lock(mutex_);
  if (--writing_ > 0) return;
  for (const auto& scope : tombstones_) {
    auto& held = scopes_[scope];
    auto copy = std::make_shared<Names>(*held);
    std::erase_if(*copy, [](const auto& item) { return !item.second.identity; });
    held = std::move(copy);
  }
  tombstones_.clear();
}

}  // namespace ses
