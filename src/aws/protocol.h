// From an HTTP request to an answer, over plain strings: locate() says which operation of which service is
// meant, the caller authenticates, dispatch() decodes, authorises, checks constraints, runs the handler and
// encodes what comes, or the fault in the protocol's own form. Pure but for the handler; any thread. SES §3,
// §4.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/query.h"
#include "aws/registry.h"
#include "aws/rest_json.h"
#include "aws/validate.h"

namespace aws {

struct WireRequest {
  std::string method;
  std::string target;  // raw: path and query as they came
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::string_view path() const;
  std::string_view query() const;
  // Of the first header of this name (ASCII case-insensitive); empty where there is none.
  std::string_view header(std::string_view name) const;
};

struct WireResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Type, x-amzn-RequestId, …
  std::string body;
};

// What a request asks for. Where nothing is meant that exists, `operation` is null and `refusal` says why:
// the caller authenticates first and then answers encode_fault(api, *refusal, …).
struct Located {
  Api api = Api::ses;
  const OperationInfo* operation = nullptr;
  Route route;  // of v2
  Form form;    // of the others: query string and body; of v2: the query string
  std::optional<base::Fault> refusal;
};

// True where the path belongs to an AWS API: "/" or the v2 paths.
bool is_api_path(std::string_view path);
// Never throws a Fault; what is wrong stands in `refusal`.
Located locate(const WireRequest& request);
// The largest body this request may have (base::limits), known from method and target alone.
std::size_t body_limit(std::string_view method, std::string_view target);

// Uses up the body and the form: a large message must not lie here beside its decoded form.
void decode_request(Located& located, WireRequest& request, void* input);
WireResponse encode_result(const OperationInfo& operation, const void* output, std::string_view request_id);
// A Fault of kind `modelled` whose code ends in "Exception" goes out in v2 under that type.
WireResponse encode_fault(Api api, const base::Fault& fault, std::string_view request_id);
// For what a handler lets escape: InternalFailure, the defect logged.
WireResponse encode_exception(Api api, std::exception_ptr error, std::string_view request_id);

template <class Context>
base::Task<WireResponse> run_operation(const Registry<Context>* registry, Context* context, Located* located,
                                       WireRequest* request, std::string request_id) {
  const OperationInfo& operation = *located->operation;
  const auto* known = registry->find(operation);
  auto input = operation.make_input();
  decode_request(*located, *request, input.get());
  if (auto authorizer = registry->authorizer(); authorizer && !(known && known->access.in_handler)) {
    base::Task<void> authorize = authorizer(*context, operation, input.get());
    co_await authorize;
  }
  const auto& handler = registry->require(operation);
  if (!handler.operation->own_order) validate(*handler.operation->input, input.get());
  base::Task<Object> call = handler.call(*context, input.get());
  auto output = co_await call;
  co_return encode_result(*handler.operation, output.get(), request_id);
}

// The caller keeps registry, context, located and request alive until the task is done; what they hold of the
// body is used up. Faults become answers.
template <class Context>
base::Task<WireResponse> dispatch(const Registry<Context>& registry, Context& context, Located& located,
                                  WireRequest& request, std::string request_id) {
  if (located.refusal) co_return encode_fault(located.api, *located.refusal, request_id);
  std::exception_ptr error;
  try {
    base::Task<WireResponse> run = run_operation(&registry, &context, &located, &request, request_id);
    co_return co_await run;
  } catch (...) {
    error = std::current_exception();
  }
  co_return encode_exception(located.api, error, request_id);
}

}  // namespace aws
