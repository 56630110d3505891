#include "api/gateway.h"

#include <algorithm>

#include "api/attempt.h"
#include "api/authorizer.h"
#include "api/operations.h"
#include "base/encoding.h"
#include "base/fault.h"

namespace api {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::string_view kDefaultRegion = "us-east-1";

bool is_account_id(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

aws::WireRequest wire_of(net::HttpRequest& http) {
  aws::WireRequest wire;
  wire.method = std::move(http.method);
  wire.target = std::move(http.target);
  wire.headers = std::move(http.headers);
  wire.body = std::move(http.body);
  return wire;
}

net::HttpResponse http_of(aws::WireResponse wire) {
  net::HttpResponse http;
  http.status = wire.status;
  http.headers = std::move(wire.headers);
  http.body = std::move(wire.body);
  return http;
}

}  // namespace

Gateway::Gateway(send::Service& service, const aws::Registry<Context>& registry, GatewayOptions options)
    : service_(service),
      registry_(registry),
      options_(options),
      rate_(service.clock, options.management_rate) {}

bool Gateway::serves(const net::HttpRequest& request) { return aws::is_api_path(request.path()); }

base::Task<net::HttpResponse> Gateway::handle(net::HttpRequest request) {
  auto endpoint = request.peer;
  auto tls_version = request.tls_version;
  auto wire = wire_of(request);
  auto located = aws::locate(wire);
  auto request_id = base::uuid4(service_.random);
  std::optional<Context> context;
  std::exception_ptr refused;
  Attempt attempt(service_, endpoint.address);
  try {
    auto caller = authenticate(wire, located, attempt);
    caller.source_ip = endpoint.address;
    caller.tls_version = tls_version;
    caller.user_agent = wire.header("User-Agent");
    caller.request_id = request_id;
    caller.invocation_id = wire.header("amz-sdk-invocation-id");
    // Whoever may call may be told to call less: before anything is read or decided (SES §2.1).
    bool ses = located.api == aws::Api::ses || located.api == aws::Api::sesv2;
    if (ses && located.operation && registry_.find(*located.operation))
      rate_.take(caller.scope, located.operation->name);
    context.emplace(Context{service_, std::move(caller)});
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    auto refusal = http_of(aws::encode_exception(located.api, refused, request_id));
    auto record = record_of(wire, located);
    record.request_id = request_id;
    auto noting = attempt.failed(refused, std::move(record), &refusal);
    co_await noting;
    co_return refusal;
  }
  auto answer = co_await aws::dispatch(registry_, *context, located, wire, request_id);
  co_return http_of(std::move(answer));
}

namespace {

// IAM is global, and so is STS to who does not ask for a regional one: clients sign for us-east-1 then.
std::vector<std::string> regions_of(aws::Api api, std::vector<std::string> regions) {
  const bool global = api == aws::Api::iam || api == aws::Api::sts;
  if (global && !regions.empty()) regions.emplace_back(kDefaultRegion);
  return regions;
}

}  // namespace

// Who signed the request. Dev mode looks at the signature only of keys that were made here (ARCHITECTURE §5).
ses::Caller Gateway::authenticate(const aws::WireRequest& wire, const aws::Located& located,
                                  Attempt& attempt) {
  auto wording = located.api == aws::Api::sesv2 ? aws::Wording::v2 : aws::Wording::v1;
  aws::SignedRequest request{wire.method, wire.target, wire.headers, wire.body};
  auto claim = aws::parse_authorization(request, wording);
  if (!claim) {
    bool absent = claim.error().kind() == FaultKind::missing_authentication_token;
    if (options_.strict_auth || !absent || is_of_web_page(wire)) throw claim.error();
    return lenient_caller("", std::string(kDefaultRegion));
  }
  const bool lenient = !options_.strict_auth && !is_of_web_page(wire);
  auto credentials = find_credentials(*claim, lenient, attempt);
  if (!credentials) return lenient_caller(claim->access_key_id, claim->region);

  const auto* signing_name = &aws::service(located.api).signing_name;
  const auto regions = regions_of(located.api, service_.settings.regions);
  aws::ExpectedScope scope{*signing_name, regions};
  auto fault = aws::verify(*claim, request, credentials->secret, scope, base::SystemClock::real_now(), keys_);
  if (fault) throw *fault;
  attempt.succeeded();
  service_.principals.note_use(credentials->used, *signing_name, claim->region);
  return std::move(credentials->caller);
}

// Those the claim names: a key that was made here, or a session by its token. nullopt where dev mode lets a
// stranger in.
std::optional<Gateway::Credentials> Gateway::find_credentials(const aws::SignatureClaim& claim, bool lenient,
                                                              Attempt& attempt) {
  if (claim.access_key_id.starts_with("ASIA") && claim.security_token)
    return find_session(claim, lenient, attempt);
  const auto key = service_.principals.find_key(claim.access_key_id);
  if (!key && lenient) return std::nullopt;
  const bool looked_at = attempt.begin(claim.access_key_id, key);
  if (!key || !key->active || claim.security_token)
    throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
  if (!looked_at) throw aws::wrong_signature();
  return Credentials{key->secret, key->id, ses::Principals::caller_of(*key, ses::Region(claim.region))};
}

std::optional<Gateway::Credentials> Gateway::find_session(const aws::SignatureClaim& claim, bool lenient,
                                                          Attempt& attempt) {
  ses::SessionPtr session;
  try {
    session = service_.principals.open_session(claim.access_key_id, *claim.security_token);
  } catch (const Fault& fault) {
    // A stranger's temporary credentials are as good as any in dev mode; our own that expired are not.
    if (lenient && fault.kind() != FaultKind::expired_token) return std::nullopt;
    attempt.begin(claim.access_key_id, nullptr);
    throw;
  }
  if (!attempt.begin(claim.access_key_id, nullptr)) throw aws::wrong_signature();
  return Credentials{session->claims.secret, session->claims.principal,
                     service_.principals.caller_of(session, ses::Region(claim.region))};
}

ses::Caller Gateway::lenient_caller(const std::string& key_id, const std::string& region) const {
  ses::Caller caller;
  ses::AccountId account(is_account_id(key_id) ? key_id : service_.settings.dev_account);
  // Nobody checked it: it goes into ARNs, host names and headers.
  caller.scope = {account, ses::Region(aws::is_region_name(region) ? region : std::string(kDefaultRegion))};
  caller.principal_arn = "arn:aws:iam::" + account.str() + ":root";
  caller.principal_name = "root";
  caller.access_key_id = key_id;
  caller.as_root = true;
  return caller;
}

const aws::Registry<Context>& registry() {
  static const auto all = [] {
    aws::Registry<Context> r;
    r.set_authorizer(&authorize);
    register_send_v1(r);
    register_send_v2(r);
    register_contacts_v2(r);
    register_identities_v1(r);
    register_identities_v2(r);
    register_bounce_v1(r);
    register_configuration_sets_v1(r);
    register_configuration_sets_v2(r);
    register_identity_settings_v1(r);
    register_identity_settings_v2(r);
    register_identity_policies_v1(r);
    register_tags_v2(r);
    register_custom_verification_v1(r);
    register_custom_verification_v2(r);
    register_account_v1(r);
    register_account_v2(r);
    register_templates_v1(r);
    register_templates_v2(r);
    register_suppression_v2(r);
    register_account_features_v2(r);
    register_iam_account(r);
    register_iam_details(r);
    register_iam_entities(r);
    register_iam_policies(r);
    register_iam_simulate(r);
    register_sts(r);
    register_receipt_v1(r);
    return r;
  }();
  return all;
}

}  // namespace api
