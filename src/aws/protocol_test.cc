#include "aws/protocol.h"

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "model/iam_types.h"
#include "model/ses_types.h"
#include "model/sesv2_types.h"
#include "model/sns_types.h"
#include "model/sts_types.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

struct Context {
  std::vector<std::string> seen;
};
using Table = Registry<Context>;

base::Task<sesv2::SendEmailResponse> send(Context& context, sesv2::SendEmailRequest request) {
  context.seen.push_back("send " + request.from_email_address.value_or("nobody"));
  sesv2::SendEmailResponse response;
  response.message_id = "m-1";
  co_return response;
}
base::Task<ses::DeleteIdentityResponse> remove(Context&, ses::DeleteIdentityRequest request) {
  if (*request.identity == "crash") throw std::runtime_error("a defect");
  if (*request.identity == "locked")
    throw Fault::with_code(FaultKind::modelled, "CannotDelete", "no").with("Name", "n");
  co_return ses::DeleteIdentityResponse{};
}
base::Task<sesv2::UntagResourceResponse> untag(Context&, sesv2::UntagResourceRequest) {
  throw Fault::with_code(FaultKind::modelled, "ValidationException", "");
  co_return sesv2::UntagResourceResponse{};
}
base::Task<sesv2::GetAccountResponse> account(Context&, sesv2::GetAccountRequest) {
  throw Fault::with_code(FaultKind::modelled, "InternalServiceErrorException", "broken");
  co_return sesv2::GetAccountResponse{};
}
base::Task<void> authorize(Context& context, const OperationInfo& operation, const void*) {
  context.seen.push_back("authorize " + std::string(operation.name));
  if (operation.name == "UntagResource") throw Fault(FaultKind::access_denied, "User: x");
  co_return;
}

Table table() {
  Table registry;
  registry.register_operation<sesv2::SendEmailRequest, sesv2::SendEmailResponse>(Api::sesv2, "SendEmail",
                                                                                 &send, {.in_handler = true});
  registry.register_operation<ses::DeleteIdentityRequest, ses::DeleteIdentityResponse>(
      Api::ses, "DeleteIdentity", &remove);
  registry.register_operation<sesv2::UntagResourceRequest, sesv2::UntagResourceResponse>(
      Api::sesv2, "UntagResource", &untag);
  registry.register_operation<sesv2::GetAccountRequest, sesv2::GetAccountResponse>(Api::sesv2, "GetAccount",
                                                                                   &account);
  return registry;
}

WireRequest http(std::string method, std::string target, std::string body = "") {
  return {std::move(method), std::move(target), {}, std::move(body)};
}

WireResponse run(const Table& registry, Context& context, WireRequest request) {
  Located located = locate(request);
  return base::run_task(dispatch(registry, context, located, request, "id-1"));
}
WireResponse run(const WireRequest& request) {
  Context context;
  Table registry = table();
  return run(registry, context, request);
}
std::string header(const WireResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

TEST(Protocol, TellsServicesApart) {
  struct {
    const char* form;
    Api api;
    const char* operation;
  } cases[] = {
      {"Action=SendEmail&Version=2010-12-01", Api::ses, "SendEmail"},
      {"Action=SendEmail", Api::ses, "SendEmail"},
      {"Action=CreateUser&Version=2010-05-08", Api::iam, "CreateUser"},
      {"Action=CreateUser", Api::iam, "CreateUser"},
      {"Action=GetCallerIdentity&Version=2011-06-15", Api::sts, "GetCallerIdentity"},
      {"Action=CreateTopic&Version=2010-03-31", Api::sns, "CreateTopic"},
  };
  for (const auto& c : cases) {
    for (const WireRequest& request : {http("POST", "/", c.form), http("GET", "/?" + std::string(c.form))}) {
      Located found = locate(request);
      ASSERT_TRUE(found.operation) << c.form;
      EXPECT_EQ(found.operation->name, c.operation);
      EXPECT_EQ(found.api, c.api);
      EXPECT_FALSE(found.refusal);
    }
  }
}

TEST(Protocol, UnknownActions) {
  auto refusal = [](const WireRequest& request) { return *locate(request).refusal; };
  EXPECT_EQ(refusal(http("POST", "/", "Action=Nope&Version=2010-12-01")).message(),
            "Could not find operation Nope for version 2010-12-01");
  EXPECT_EQ(refusal(http("POST", "/", "Action=CreateUser&Version=2010-12-01")).v1_code(), "InvalidAction");
  EXPECT_EQ(refusal(http("POST", "/", "Action=SendEmail&Version=1")).v1_code(), "InvalidAction");
  EXPECT_EQ(refusal(http("POST", "/", "")).v1_code(), "MissingAction");
  WireRequest json = http("POST", "/", "Action=SendEmail");
  json.headers.emplace_back("content-type", "application/json");
  EXPECT_EQ(refusal(json).v1_code(), "MissingAction");
  json.headers[0].second = "application/x-www-form-urlencoded; charset=utf-8";
  EXPECT_FALSE(locate(json).refusal);
  WireResponse response = run(http("GET", "/v2/email/nothing"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "UnknownOperationException");
}

TEST(Protocol, RunsAHandler) {
  Context context;
  Table registry = table();
  registry.set_authorizer(&authorize);
  WireResponse response =
      run(registry, context,
          http("POST", "/v2/email/outbound-emails", R"({"FromEmailAddress":"a@x.y","Content":{}})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"MessageId":"m-1"})");
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(header(response, "x-amzn-RequestId"), "id-1");
  response = run(registry, context, http("POST", "/", "Action=DeleteIdentity&Identity=a"));
  EXPECT_EQ(header(response, "Content-Type"), "text/xml");
  EXPECT_EQ(context.seen, (std::vector<std::string>{"send a@x.y", "authorize DeleteIdentity"}));
}

TEST(Protocol, OrderIsDecodeAuthorizeValidate) {
  Context context;
  Table registry = table();
  registry.set_authorizer(&authorize);
  WireResponse denied = run(registry, context, http("DELETE", "/v2/email/tags"));
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.body, R"({"Message":"User: x"})");
  EXPECT_EQ(run(registry, context, http("POST", "/v2/email/outbound-emails", "{")).body,
            R"({"message":null})");
  EXPECT_EQ(run(registry, context, http("POST", "/v2/email/outbound-emails", "{}")).status, 400);
  EXPECT_EQ(context.seen, std::vector<std::string>{"authorize UntagResource"});
  context.seen.clear();
  EXPECT_EQ(run(registry, context, http("GET", "/v2/email/dedicated-ip-pools")).status, 501);
  EXPECT_EQ(context.seen, std::vector<std::string>{"authorize ListDedicatedIpPools"});
}

TEST(Protocol, FaultsInEachForm) {
  WireResponse missing = run(http("POST", "/", "Action=DeleteIdentity"));
  EXPECT_EQ(missing.status, 400);
  EXPECT_NE(missing.body.find("<Code>ValidationError</Code>"), std::string::npos);
  WireResponse locked = run(http("POST", "/", "Action=DeleteIdentity&Identity=locked"));
  EXPECT_NE(locked.body.find("<Code>CannotDelete</Code><Message>no</Message><Name>n</Name>"),
            std::string::npos);
  WireResponse crash = run(http("POST", "/", "Action=DeleteIdentity&Identity=crash"));
  EXPECT_EQ(crash.status, 500);
  EXPECT_NE(crash.body.find("<Type>Receiver</Type><Code>InternalFailure</Code>"), std::string::npos);
  EXPECT_EQ(crash.body.find("a defect"), std::string::npos);
  WireResponse bare = run(http("DELETE", "/v2/email/tags?ResourceArn=x"));
  EXPECT_EQ(bare.status, 400);
  EXPECT_EQ(bare.body, "");
  EXPECT_EQ(header(bare, "x-amzn-ErrorType"), "ValidationException");
  WireResponse broken = run(http("GET", "/v2/email/account"));
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(header(broken, "x-amzn-ErrorType"), "InternalServiceErrorException");
}

TEST(Protocol, WhatIsNotBuiltSaysSo) {
  WireResponse response = run(http("GET", "/v2/email/identities"));
  EXPECT_EQ(response.status, 501);
  EXPECT_EQ(
      response.body,
      R"({"message":"Operation ListEmailIdentities of SES v2 is not built yet in this version of Sesame."})");
  EXPECT_EQ(run(http("POST", "/", "Action=GetSendQuota")).status, 501);
}

TEST(Protocol, Coverage) {
  Coverage v2 = table().coverage(Api::sesv2);
  EXPECT_EQ(v2.built, 3u);
  EXPECT_EQ(v2.total, 116u);
  EXPECT_EQ(v2.missing.size(), 113u);
  EXPECT_EQ(table().coverage(Api::ses).total, 71u);
}

TEST(Protocol, RefusesAHandlerOfAnotherShape) {
  Table registry;
  auto wrong = [&] {
    registry.register_operation<sesv2::UntagResourceRequest, sesv2::UntagResourceResponse>(
        Api::sesv2, "TagResource", &untag);
  };
  EXPECT_THROW(wrong(), std::logic_error);
}

TEST(Protocol, BodyLimits) {
  EXPECT_GT(body_limit("POST", "/v2/email/outbound-emails"), 50u << 20);
  EXPECT_EQ(body_limit("POST", "/v2/email/tags"), 1u << 20);
  EXPECT_GT(body_limit("POST", "/"), 40u << 20);
}

}  // namespace
}  // namespace aws
