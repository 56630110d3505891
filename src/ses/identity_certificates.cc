// Which certificate signs (S/MIME) for which sender of an identity (SES §24.13). What is kept is the
// association; the certificate itself lives with its issuer.
#include "base/fault.h"
#include "ses/identity_impl.h"
#include "ses/identity_name.h"
#include "ses/identity_rows.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;
using Request = Identities::CertificateRequest;

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

IdentityPtr require_identity(IdentityPtr identity, const std::string& name) {
  if (!identity) no_such_identity(name);
  return identity;
}

// The sender in its normal form: the identity itself, or an address inside the domain.
std::string sender_of(const Identity& identity, const Request& request) {
  bool given = request.sender && !request.sender->empty();
  if (identity.kind == IdentityKind::address && !given) return identity.name;
  if (!given) refuse("FromAddress is required when EmailIdentity is a domain.");
  auto normal = normal_address(*request.sender, true);
  if (!normal) refuse("FromAddress <" + *request.sender + "> is not a valid email address.");
  auto domain = domain_of(*normal);
  bool inside = identity.kind == IdentityKind::address
                    ? *normal == identity.name
                    : domain == identity.name || domain.ends_with("." + identity.name);
  if (inside) return *normal;
  if (identity.kind == IdentityKind::address)  // (?) for the words
    refuse("FromAddress <" + *request.sender + "> is not the email identity <" + identity.name + ">.");
  refuse("FromAddress <" + *request.sender + "> does not belong to the domain identity <" + identity.name +
         ">.");
}

}  // namespace

void Identities::Impl::refuse_with_certificates(store::Db& db, const Identity& identity) {
  auto q = db.query(
      "SELECT 1 FROM identity_certificate "
      "WHERE account = :account AND region = :region AND identity = :identity LIMIT 1");
  q.text(":account", identity.scope.account.str())
      .text(":region", identity.scope.region.str())
      .text(":identity", identity.name);
  if (!q.next()) return;
  refuse("Cannot delete <" + identity_arn(identity.scope, identity.name) +
         "> because it has certificates associated with it. Disassociate all certificates and try again.");
}

base::Task<void> Identities::associate_certificate(Caller caller, CertificateRequest request) {
  auto* impl = impl_.get();
  auto identity = require_identity(find(caller.scope, request.identity), request.identity);
  auto sender = sender_of(*identity, request);
  std::function<void(store::Db&)> work = [impl, identity, sender, request](store::Db& db) {
    const auto& scope = identity->scope;
    if (!identity_rows::find(db, impl->keyring, scope, identity->name)) no_such_identity(request.identity);
    db.query(
          "INSERT INTO identity_certificate (account, region, identity, sender, arn) "
          "VALUES (:account, :region, :identity, :sender, :arn) "
          "ON CONFLICT (account, region, identity, sender) DO NOTHING")
        .text(":account", scope.account.str())
        .text(":region", scope.region.str())
        .text(":identity", identity->name)
        .text(":sender", sender)
        .text(":arn", request.arn)
        .run();
    if (db.changes() == 0)
      throw Fault(FaultKind::already_exists, "A certificate is already associated with sender <" + sender +
                                                 "> on identity <" + identity->name + ">.");
  };
  co_await impl->store.write(std::move(work));
}

base::Task<void> Identities::disassociate_certificate(Caller caller, CertificateRequest request) {
  auto identity = require_identity(find(caller.scope, request.identity), request.identity);
  auto sender = sender_of(*identity, request);
  std::function<void(store::Db&)> work = [identity, sender](store::Db& db) {
    db.query(
          "DELETE FROM identity_certificate WHERE account = :account AND region = :region "
          "AND identity = :identity AND sender = :sender")
        .text(":account", identity->scope.account.str())
        .text(":region", identity->scope.region.str())
        .text(":identity", identity->name)
        .text(":sender", sender)
        .run();
  };
  co_await impl_->store.write(std::move(work));
}

base::Task<std::vector<Identities::Certificate>> Identities::certificates(Scope scope, std::string name) {
  auto identity = require_identity(find(scope, name), name);
  auto work = [identity](store::Db& db) {
    auto q = db.query(
        "SELECT sender, arn FROM identity_certificate "
        "WHERE account = :account AND region = :region AND identity = :identity ORDER BY sender");
    q.text(":account", identity->scope.account.str())
        .text(":region", identity->scope.region.str())
        .text(":identity", identity->name);
    std::vector<Certificate> out;
    while (q.next()) out.push_back({q.get_string(0), q.get_string(1)});
    return out;
  };
  co_return co_await impl_->store.read_value(std::move(work));
}

}  // namespace ses
