// Temporary credentials: made, and opened again when they come back.
#include <algorithm>

#include "base/encoding.h"
#include "ses/principal_impl.h"
#include "ses/session_token.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kMostSessions = 4096;
constexpr std::size_t kSessionPolicy = 2048, kSessionPolicies = 10;
constexpr std::chrono::seconds kShortest{900}, kLongest{129600}, kLongestOfRoot{3600};

Fault bad_token() {
  return Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
}

Fault packed_too_large(std::size_t size, std::size_t most) {
  return Fault::with_code(FaultKind::invalid_parameter, "PackedPolicyTooLarge",
                          "Packed policy consumes " + std::to_string(size * 100 / most) +
                              "% of allotted space, please use smaller policy.");
}

void check_policies(const Principals::SessionRequest& request, PolicyCache& cache,
                    const PrincipalView& view) {
  if (request.policy) {
    cache.parse(*request.policy, aws::PolicyUse::identity);
    if (request.policy->size() > kSessionPolicy)
      throw packed_too_large(request.policy->size(), kSessionPolicy);
  }
  if (request.policy_arns.size() > kSessionPolicies)
    throw iam::validation_error("At most 10 managed policies can be session policies.");
  for (const auto& arn : request.policy_arns)
    if (!view.policy(request.account, arn))
      throw iam::validation_error("Policy " + arn + " does not exist or is not attachable.");
}

void check_tags_of(const Principals::SessionRequest& request) {
  iam::check_tags(request.tags);
  for (const auto& key : request.transitive_tags)
    if (std::none_of(request.tags.begin(), request.tags.end(),
                     [&](const Tag& tag) { return base::iequals(tag.name, key); }))
      throw Fault(FaultKind::invalid_parameter,
                  "The specified transitive tag key must be included in the requested tags.");
}

std::chrono::seconds duration_of(const Principals::SessionRequest& request, const PrincipalNode* node) {
  if (request.duration < kShortest || request.duration > kLongest)
    throw iam::validation_error("DurationSeconds must be between 900 and 129600.");
  if (request.kind == SubjectKind::role_session && node && request.duration > node->facts.max_session)
    throw iam::validation_error(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return request.principal.empty() ? std::min(request.duration, kLongestOfRoot) : request.duration;
}

}  // namespace

std::optional<Principals::AssumableRole> Principals::find_role(const std::string& arn) const {
  const auto names = impl_->view.nodes.names(iam_scope(iam::account_of_arn(arn)));
  for (const auto& [id, entry] : *names) {
    const auto* node = entry.item ? entry.item->principal.get() : nullptr;
    if (node && node->facts.kind == PrincipalKind::role && node->facts.arn == arn)
      return AssumableRole{node->facts, node->trust};
  }
  return std::nullopt;
}

Principals::MintedSession Principals::mint_session(const SessionRequest& request) const {
  if (request.kind != SubjectKind::user_session) iam::check_session_name(request.name);
  check_policies(request, impl_->policies, impl_->view);
  check_tags_of(request);
  const auto node = impl_->view.find(request.account, request.principal);
  SessionClaims claims;
  claims.account = request.account;
  claims.kind = request.kind;
  claims.access_key_id = iam::fresh_key_id("ASIA", request.account, impl_->random);
  claims.secret = iam::fresh_secret(impl_->random);
  claims.principal = request.principal;
  claims.name = request.name;
  claims.source_identity = request.source_identity;
  claims.issued = impl_->clock.now();
  claims.expires = claims.issued + duration_of(request, node.get());
  claims.mfa = request.mfa;
  claims.policy = request.policy;
  claims.policy_arns = request.policy_arns;
  claims.tags = request.tags;
  claims.transitive_tags = request.transitive_tags;
  MintedSession minted{claims.access_key_id, claims.secret, seal_session(impl_->keyring, claims),
                       claims.expires, nullptr};
  if (minted.token.size() > kMaxSessionToken) throw packed_too_large(minted.token.size(), kMaxSessionToken);
  Session session{std::move(claims), nullptr};
  if (request.policy) session.policy = impl_->policies.parse(*request.policy, aws::PolicyUse::identity);
  minted.subject = impl_->view.subject(session);
  if (!minted.subject) throw bad_token();  // the role or user is gone
  return minted;
}

SessionPtr Principals::Impl::known_session(const std::string& hash, std::string_view token) const {
  // A change of the master key makes tokens void that are known already.
  const auto head = base::base64_decode(token.substr(0, 8));
  if (!head || !keyring.knows(*head)) return nullptr;
  std::lock_guard lock(sessions_mutex);
  const auto found = sessions.find(hash);
  return found == sessions.end() ? nullptr : found->second;
}

SessionPtr Principals::Impl::read_session(std::string_view token) const {
  auto hash = base::sha256(token);
  if (auto known = known_session(hash, token)) return known;
  auto claims = open_session_token(keyring, token);
  if (!claims) return nullptr;
  auto session = std::make_shared<Session>();
  session->claims = *std::move(claims);
  if (session->claims.policy)
    session->policy = policies.stored(*session->claims.policy, aws::PolicyUse::identity);
  std::lock_guard lock(sessions_mutex);
  if (sessions.size() >= kMostSessions) sessions.clear();
  sessions[std::move(hash)] = session;
  return session;
}

SessionPtr Principals::open_session(std::string_view access_key_id, std::string_view token) const {
  auto session = impl_->read_session(token);
  if (!session || session->claims.access_key_id != access_key_id) throw bad_token();
  if (impl_->clock.now() >= session->claims.expires)
    throw Fault(FaultKind::expired_token, "The security token included in the request is expired");
  if (!impl_->view.subject(*session)) throw bad_token();
  return session;
}

Caller Principals::caller_of(const SessionPtr& session, Region region) const {
  Caller caller;
  caller.scope = {session->claims.account, std::move(region)};
  caller.access_key_id = session->claims.access_key_id;
  caller.session = session;
  if (const auto subject = impl_->view.subject(*session)) {
    caller.principal_arn = subject->requester.arn;
    caller.principal_name = subject->name;
  }
  return caller;
}

}  // namespace ses
