// The inside of Identities, shared by the .cc files of identity.h only.
#pragma once

#include <mutex>

#include "ses/dkim_keys.h"
#include "ses/identity.h"
#include "ses/identity_view.h"

namespace ses {

struct Identities::Impl {
  Impl(store::Store& s, const Keyring& k, const Settings& c, const base::Clock& t, base::Random& r)
      : store(s), keyring(k), settings(c), clock(t), random(r) {}

  store::Store& store;
  const Keyring& keyring;
  const Settings& settings;
  const base::Clock& clock;
  base::Random& random;

  IdentityView view;
  KeyMaker maker;
  std::string link_secret;
  std::mutex mutex;
  DkimKeyPtr service_key;
  std::vector<std::function<void()>> listeners;

  // What a transaction makes of an identity's row.
  struct Outcome {
    enum What { keep, save, erase } what = keep;
    Identity identity;
  };
  // Given the row as it stands, if there is one; a Fault leaves it so.
  using Decide = std::function<Outcome(store::Db& db, const std::optional<Identity>& current)>;
  struct Changed {
    Outcome::What what = Outcome::keep;
    IdentityPtr identity;  // as it stands now; what it was before an erase; null if there is and was none
  };
  // Runs `decide` in a transaction and swaps the snapshot before it returns.
  base::Task<Changed> change(Scope scope, std::string name, Decide decide);

  // The same for what only sets something on the identity named: Fault invalid_parameter with the text
  // `missing` where there is none.
  base::Task<void> edit(Scope scope, std::string name, std::string missing,
                        std::function<void(Identity&)> edit);
  // Fault if certificates are associated with it: it cannot be deleted then (SES §8.6).
  static void refuse_with_certificates(store::Db& db, const Identity& identity);

  IdentityPtr find(const Scope& scope, std::string_view name) const {
    return IdentityView::find(*view.names(scope), name);
  }
  // A new identity; Fault limit_exceeded if the scope is full.
  Identity fresh(store::Db& db, const Scope& scope, const std::string& name) const;
  // Puts verification on its way, from the beginning.
  void start(Identity& identity) const;
  void start_dkim(DkimState& dkim) const;
  static void use_next_key(DkimState& dkim);  // if there is one
  void set_easy_dkim(Identity& identity, DkimKeyPtr key) const;
  void set_byodkim(Identity& identity, DkimKeyPtr key, const std::string& selector) const;
  bool instant() const { return settings.verify == VerifyMode::instant; }
  // Where all is verified at once nothing was published; only links come to an end there (SES §14).
  bool is_looked_at(const Identity& identity) const {
    return !instant() || identity.kind == IdentityKind::address;
  }
  void announce();
};

// Fault configuration_set_not_found; none is always there.
void check_default_set(store::Db& db, const Scope& scope, const std::optional<std::string>& set);
[[noreturn]] void no_such_identity(const std::string& name);  // "Email identity X does not exist."

}  // namespace ses
