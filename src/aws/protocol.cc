#include "aws/protocol.h"

#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/log.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::array kQueryApis = {Api::ses, Api::iam, Api::sts, Api::sns};

bool is_form(std::string_view content_type) {
  if (content_type.empty()) return true;
  std::string_view type = base::trim(content_type.substr(0, content_type.find(';')));
  return base::iequals(type, "application/x-www-form-urlencoded");
}

bool is_v2_path(std::string_view path) {
  return path.starts_with("/v2/email/") || path == "/v2/email" || path.starts_with("/v1/email/");
}

void locate_v2(const WireRequest& request, Located& found) {
  found.api = Api::sesv2;
  if (auto at = route(request.method, request.path())) {
    found.operation = at->operation;
    found.route = std::move(*at);
  } else {
    found.refusal = Fault::without_message(FaultKind::unknown_operation);
  }
}

// The service by Version; without one by who knows the action, SES first.
void locate_query(Located& found) {
  const std::string* version = found.form.find("Version");
  const std::string* action = found.form.find("Action");
  bool known_version = !version;
  if (version) {
    for (Api api : kQueryApis) {
      if (service(api).version != *version) continue;
      found.api = api;
      known_version = true;
    }
  }
  if (!action || action->empty()) {
    found.refusal = Fault(FaultKind::missing_action, "Request is missing Action");
    return;
  }
  if (version && known_version) found.operation = find_operation(found.api, *action);
  for (std::size_t i = 0; !version && !found.operation && i < kQueryApis.size(); ++i)
    if ((found.operation = find_operation(kQueryApis[i], *action))) found.api = kQueryApis[i];
  if (found.operation) return;
  std::string asked(version ? *version : service(found.api).version);
  found.refusal =
      Fault(FaultKind::invalid_action, "Could not find operation " + *action + " for version " + asked);
}

struct V2Spelling {
  std::string_view type;
  int status;
};

// A fault of kind `modelled` names its v2 type as its code: one of the model, or another 400.
V2Spelling v2_spelling(const Fault& fault) {
  if (fault.kind() == FaultKind::modelled && fault.v1_code().ends_with("Exception")) {
    const ErrorInfo* error = find_error(Api::sesv2, fault.v1_code());
    return {fault.v1_code(), error ? error->status : 400};
  }
  return {fault.v2_type(), fault.v2_status()};
}

WireResponse answer(int status, std::string_view type, std::string_view request_id, std::string body) {
  WireResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", type);
  response.headers.emplace_back("x-amzn-RequestId", request_id);
  response.body = std::move(body);
  return response;
}

}  // namespace

std::string_view WireRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view WireRequest::query() const {
  std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::string_view WireRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (base::iequals(key, name)) return value;
  return {};
}

bool is_api_path(std::string_view path) { return path == "/" || path.empty() || is_v2_path(path); }

Located locate(const WireRequest& request) {
  Located found;
  bool v2 = is_v2_path(request.path());
  if (v2) found.api = Api::sesv2;
  try {
    found.form.add(request.query());
    if (v2) {
      locate_v2(request, found);
      return found;
    }
    if (request.method != "GET" && request.method != "POST") {
      found.refusal = Fault(FaultKind::invalid_action, "The HTTP method is not supported.");
      return found;
    }
    if (request.method == "POST" && is_form(request.header("Content-Type"))) found.form.add(request.body);
    locate_query(found);
  } catch (const Fault& fault) {
    found.refusal = fault;
  }
  return found;
}

std::size_t body_limit(std::string_view method, std::string_view target) {
  std::string_view path = target.substr(0, target.find('?'));
  if (!is_v2_path(path)) return base::limits::kHttpBodyV1;
  auto found = route(method, path);
  if (!found) return base::limits::kHttpBodyOther;
  std::string_view name = found->operation->name;
  if (name == "SendEmail" || name == "SendBulkEmail") return base::limits::kHttpBodyV2Send;
  // 10 MB of HTML (SES §14).
  if (name.ends_with("CustomVerificationEmailTemplate")) return base::limits::kHttpBodyV1;
  return base::limits::kHttpBodyOther;
}

void decode_request(Located& located, WireRequest& request, void* input) {
  std::string body = std::exchange(request.body, {});
  if (located.api == Api::sesv2)
    return decode_json_request(located.route, located.form, std::move(body), input);
  body = {};  // the form has it
  decode_form(located.form, *located.operation->input, input);
  located.form = {};
}

WireResponse encode_result(const OperationInfo& operation, const void* output, std::string_view request_id) {
  if (operation.api != Api::sesv2)
    return answer(200, "text/xml", request_id, encode_xml_result(operation, output, request_id));
  std::string body;
  body.reserve(256);
  append_json(body, *operation.output, output);
  return answer(200, "application/json", request_id, std::move(body));
}

WireResponse encode_fault(Api api, const base::Fault& fault, std::string_view request_id) {
  if (api != Api::sesv2) {
    int status = xml_error_status(api, fault);
    return answer(status, "text/xml", request_id, encode_xml_error(api, fault, status, request_id));
  }
  V2Spelling v2 = v2_spelling(fault);
  bool bare = fault.kind() == FaultKind::modelled && fault.message().empty();  // SES §25.3: no body at all
  WireResponse response =
      answer(v2.status, "application/json", request_id, bare ? std::string() : encode_json_error(fault));
  response.headers.emplace_back("x-amzn-ErrorType", v2.type);
  return response;
}

WireResponse encode_exception(Api api, std::exception_ptr error, std::string_view request_id) {
  try {
    std::rethrow_exception(error);
  } catch (const Fault& fault) {
    return encode_fault(api, fault, request_id);
  } catch (const std::exception& defect) {
    base::log_error("request {}: {}", request_id, defect.what());
  } catch (...) {
    base::log_error("request {}: an exception of no known type", request_id);
  }
  return encode_fault(api, Fault(FaultKind::internal, "An internal failure has occurred."), request_id);
}

}  // namespace aws
