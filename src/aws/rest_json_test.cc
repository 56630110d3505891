#include "aws/rest_json.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "model/sesv2_types.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

template <class T>
T read(std::string body) {
  return decode_json<T>(body);
}

template <class T>
std::string refusal(std::string body) {
  try {
    decode_json<T>(body);
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.v2_type(), "SerializationException");
    return fault.has_message() ? fault.message() : "null";
  }
  return "nothing was refused";
}

using Send = sesv2::SendEmailRequest;

TEST(RestJson, DecodesNestedStructsListsMapsAndBlobs) {
  auto request = read<Send>(R"({"FromEmailAddress":"a@x.y","Destination":{"ToAddresses":["b@x.y","c@x.y"]},
    "Content":{"Raw":{"Data":"+/8="}},"EmailTags":[{"Name":"n","Value":"\u00e9\ud83d\ude00"}],"Unknown":{"x":[1]}})");
  EXPECT_EQ(request.from_email_address, "a@x.y");
  EXPECT_EQ(request.destination->to_addresses, (std::vector<std::string>{"b@x.y", "c@x.y"}));
  EXPECT_EQ(request.content->raw->data->bytes, "\xfb\xff");
  EXPECT_EQ((*request.email_tags)[0].value, "\xc3\xa9\xf0\x9f\x98\x80");
  auto filter = read<sesv2::ListTenantsRequest>(R"({"Filter":{"SENDING_STATUS":"ENABLED"},"PageSize":10})");
  EXPECT_EQ(filter.filter->at("SENDING_STATUS"), "ENABLED");
  EXPECT_EQ(filter.page_size, 10);
}

TEST(RestJson, NullsAreAbsent) {
  auto request = read<Send>(R"({"FromEmailAddress":null,"Destination":null,"EmailTags":null})");
  EXPECT_FALSE(request.from_email_address);
  EXPECT_FALSE(request.destination);
  EXPECT_EQ(read<Send>(R"({"Destination":{"ToAddresses":["a",null]}})").destination->to_addresses->size(),
            1u);
  EXPECT_FALSE(read<Send>("").content);
}

TEST(RestJson, CoercionTexts) {
  EXPECT_EQ(refusal<Send>(R"({"FromEmailAddress":5})"), "NUMBER_VALUE can not be converted to a String");
  EXPECT_EQ(refusal<Send>(R"({"FromEmailAddress":true})"), "TRUE_VALUE can not be converted to a String");
  EXPECT_EQ(refusal<Send>(R"({"FromEmailAddress":[]})"), "Start of list found where not expected");
  EXPECT_EQ(refusal<Send>(R"({"FromEmailAddress":{}})"),
            "Start of structure or map found where not expected.");
  EXPECT_EQ(refusal<Send>(R"({"EmailTags":"x"})"), "Expected list or null");
  EXPECT_EQ(refusal<Send>(R"({"Destination":"x"})"), "Expected null");
  EXPECT_EQ(refusal<Send>(R"({"Destination":[]})"), "Start of list found where not expected");
  EXPECT_EQ(refusal<Send>(R"({"Content":{"Raw":{"Data":"*"}}})"), "null");
  EXPECT_EQ(refusal<Send>(" "), "null");
  EXPECT_EQ(refusal<Send>("{"), "null");
  EXPECT_EQ(refusal<Send>("[]"), "Start of list found where not expected");
  EXPECT_EQ(refusal<Send>(std::string(100, '[') + std::string(100, ']')), "null");
  EXPECT_EQ(refusal<Send>("{\"FromEmailAddress\":\"\xff\"}"), "null");
}

using Sending = sesv2::PutConfigurationSetSendingOptionsRequest;

TEST(RestJson, BooleanCoercion) {
  for (const char* yes : {"true", "\"TRUE\"", "\"yes\"", "\"y\"", "\"T\"", "\"1\""})
    EXPECT_EQ(read<Sending>("{\"SendingEnabled\":" + std::string(yes) + "}").sending_enabled, true) << yes;
  for (const char* no : {"false", "\"False\"", "\"no\"", "\"N\"", "\"f\"", "\"0\""})
    EXPECT_EQ(read<Sending>("{\"SendingEnabled\":" + std::string(no) + "}").sending_enabled, false) << no;
  EXPECT_EQ(refusal<Sending>(R"({"SendingEnabled":1})"), "NUMBER_VALUE can not be converted to a Boolean");
  EXPECT_EQ(refusal<Sending>(R"({"SendingEnabled":"on"})"),
            "STRING_VALUE can not be converted to an Boolean");
  EXPECT_EQ(refusal<Sending>(R"({"SendingEnabled":null})"), "null");
  EXPECT_EQ(refusal<Sending>(R"({"SendingEnabled":[]})"), "Start of list found where not expected");
}

TEST(RestJson, NumbersAndTimes) {
  using Job = sesv2::BatchGetMetricDataRequest;
  auto job = read<Job>(R"({"Queries":[{"StartDate":1700000000.123,"EndDate":"2020-04-10T21:03:05Z"}]})");
  EXPECT_EQ(base::to_millis(*(*job.queries)[0].start_date), 1700000000123);
  EXPECT_EQ(base::iso8601(*(*job.queries)[0].end_date), "2020-04-10T21:03:05.000Z");
  EXPECT_EQ(refusal<Job>(R"({"Queries":[{"StartDate":1e300}]})"), "null");
  using List = sesv2::ListTenantsRequest;
  EXPECT_EQ(read<List>(R"({"PageSize":7.0})").page_size, 7);
  EXPECT_EQ(refusal<List>(R"({"PageSize":7.5})"), "NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(refusal<List>(R"({"PageSize":18446744073709551615})"),
            "NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(refusal<List>(R"({"PageSize":"7"})"), "STRING_VALUE can not be converted to an Integer");
}

Route routed(std::string_view method, std::string_view path) {
  auto found = route(method, path);
  if (!found) ADD_FAILURE() << method << " " << path;
  return found ? *found : Route{};
}

template <class T>
T request(std::string_view method, std::string_view path, std::string_view query, std::string body = "") {
  Route found = routed(method, path);
  T input;
  decode_json_request(found, Form(query), body, &input);
  return input;
}

TEST(RestJson, Routes) {
  EXPECT_EQ(routed("POST", "/v2/email/outbound-emails").operation->name, "SendEmail");
  EXPECT_EQ(routed("POST", "/v2/email/tenants/get").operation->name, "GetTenant");
  EXPECT_EQ(routed("GET", "/v2/email/insights/x").operation->name, "GetMessageInsights");
  EXPECT_EQ(routed("GET", "/v2/email/insights/x/").operation->name, "GetMessageInsights");
  EXPECT_EQ(routed("POST", "/v2/email/outbound-emails/").operation->name, "SendEmail");
  EXPECT_EQ(routed("GET", "/v2/email/identities").operation->name, "ListEmailIdentities");
  EXPECT_TRUE(routed("GET", "/v2/email/identities").alternate);
  EXPECT_FALSE(routed("POST", "/v2/email/list-identities").alternate);
  EXPECT_EQ(routed("PUT", "/v1/email/identities/x/dkim/signing").operation->name,
            "PutEmailIdentityDkimSigningAttributes");
  EXPECT_FALSE(route("PATCH", "/v2/email/outbound-emails"));
  EXPECT_FALSE(route("GET", "/v2/email/identities//policies"));
  EXPECT_FALSE(route("GET", "/v2/email/nothing"));
  EXPECT_FALSE(route("GET", "/" + std::string(1000, '/')));
  EXPECT_FALSE(route("GET", ""));
}

TEST(RestJson, EveryOperationIsFoundByItsOwnTemplate) {
  for (const OperationInfo& operation : service(Api::sesv2).operations) {
    auto check = [&](const Binding& binding) {
      std::string path(binding.path);
      for (char& c : path) c = c == '{' || c == '}' ? 'x' : c;
      EXPECT_EQ(routed(binding.method, path).operation->name, operation.name) << path;
    };
    check(operation.binding);
    for (const Binding& binding : operation.alternates) check(binding);
  }
}

TEST(RestJson, LabelsAreDecodedOnce) {
  EXPECT_EQ(request<sesv2::GetEmailIdentityRequest>("GET", "/v2/email/identities/user%40example.com", "")
                .email_identity,
            "user@example.com");
  auto contact =
      request<sesv2::GetContactRequest>("GET", "/v2/email/contact-lists/L%20a/contacts/a%2Bb%40x.y", "");
  EXPECT_EQ(contact.contact_list_name, "L a");
  EXPECT_EQ(contact.email_address, "a+b@x.y");
  EXPECT_EQ(
      request<sesv2::GetEmailIdentityRequest>("GET", "/v2/email/identities/a%2540+b", "").email_identity,
      "a%40+b");
  EXPECT_EQ(request<sesv2::GetReputationEntityRequest>(
                "GET", "/v2/email/reputation/entities/RESOURCE/arn%3Aaws%3Ases%2Ftenant", "")
                .reputation_entity_reference,
            "arn:aws:ses/tenant");
}

TEST(RestJson, QueryMembers) {
  using List = sesv2::ListSuppressedDestinationsRequest;
  auto list = request<List>("GET", "/v2/email/suppression/addresses",
                            "Reason=BOUNCE&Reason=COMPLAINT&StartDate=2020-04-10T21%3A03%3A05Z&PageSize=3");
  EXPECT_EQ(list.reasons, (std::vector<std::string>{"BOUNCE", "COMPLAINT"}));
  EXPECT_EQ(base::iso8601(*list.start_date), "2020-04-10T21:03:05.000Z");
  EXPECT_EQ(list.page_size, 3);
  EXPECT_FALSE(request<List>("GET", "/v2/email/suppression/addresses", "PageSize=").page_size);
  EXPECT_EQ(base::to_millis(
                *request<List>("GET", "/v2/email/suppression/addresses", "EndDate=1700000000.5").end_date),
            1700000000500);
  try {
    request<List>("GET", "/v2/email/suppression/addresses", "PageSize=abc");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.message(), "'abc' can not be converted to Integer");
  }
  EXPECT_EQ(
      request<sesv2::UntagResourceRequest>("DELETE", "/v2/email/tags", "ResourceArn=a&TagKeys=x&TagKeys=y")
          .tag_keys->size(),
      2u);
}

TEST(RestJson, OlderBindingsTakeBodyMembersFromTheQuery) {
  auto list =
      request<sesv2::ListEmailIdentitiesRequest>("GET", "/v2/email/identities", "PageSize=5&NextToken=t");
  EXPECT_EQ(list.page_size, 5);
  EXPECT_EQ(list.next_token, "t");
  auto contacts = request<sesv2::ListContactsRequest>(
      "GET", "/v2/email/contact-lists/L/contacts", "PageSize=5", R"({"Filter":{"FilteredStatus":"OPT_IN"}})");
  EXPECT_EQ(contacts.page_size, 5);
  EXPECT_EQ(contacts.filter->filtered_status, "OPT_IN");
  EXPECT_FALSE(request<sesv2::ListEmailIdentitiesRequest>("POST", "/v2/email/list-identities", "PageSize=5")
                   .page_size);
  // A label is never read from the body.
  EXPECT_EQ(request<sesv2::CreateContactRequest>("POST", "/v2/email/contact-lists/L/contacts", "",
                                                 R"({"ContactListName":"M","EmailAddress":"e"})")
                .contact_list_name,
            "L");
}

TEST(RestJson, LargeBlobsAreDecodedWhereTheyStand) {
  std::string bytes;
  for (int i = 0; i < 400000; ++i) bytes += static_cast<char>(i * 7);
  std::string data = base::base64_encode(bytes);
  for (std::string body : {
           R"({"Content":{"Raw":{"Data":")" + data + R"("}},"FromEmailAddress":"a@x.y"})",
           R"({"Unknown":")" + data + R"(","Content":{"Raw":{"Data":")" + data +
               R"("}},"FromEmailAddress":"a@x.y"})",
           "{\"X\":\"\x7f\",\"Content\":{\"Raw\":{\"Data\":\"" + data +
               "\"}},\"FromEmailAddress\":\"a@x.y\"}",
       }) {
    auto request = read<Send>(body);
    EXPECT_TRUE(request.content->raw->data->bytes == bytes);
    EXPECT_EQ(request.from_email_address, "a@x.y");
    Send in_place;
    decode_json(describe(&in_place), std::move(body), &in_place);
    EXPECT_TRUE(in_place.content->raw->data->bytes == bytes);
    EXPECT_EQ(in_place.from_email_address, "a@x.y");
  }
  std::string whole = R"({"Content":{"Raw":{"Data":")" + data + R"("}},"FromEmailAddress":"a@x.y"})";
  const auto* place = whole.data();
  Send taken;
  decode_json(describe(&taken), std::move(whole), &taken);
  EXPECT_EQ(static_cast<const void*>(taken.content->raw->data->bytes.data()), place);
  // A long string that only looks like base64 stays what it is.
  std::string text(300000, 'x');
  auto simple = read<Send>(R"({"Content":{"Simple":{"Subject":{"Data":")" + text + R"("}}}})");
  EXPECT_TRUE(simple.content->simple->subject->data == text);
  EXPECT_EQ(refusal<Send>(R"({"Content":{"Raw":{"Data":")" + data), "null");
}

TEST(RestJson, Encodes) {
  sesv2::GetSuppressedDestinationResponse found;
  auto& entry = found.suppressed_destination.emplace();
  entry.email_address = "a\"\\\n\x01";
  entry.last_update_time = base::from_millis(1700000000120);
  EXPECT_EQ(encode_json(found),
            "{\"SuppressedDestination\":{\"EmailAddress\":\"a\\\"\\\\\\n\\u0001\","
            "\"LastUpdateTime\":1700000000.12}}");
  EXPECT_EQ(encode_json(sesv2::TagResourceResponse{}), "{}");
  sesv2::SendQuota quota;
  quota.max24_hour_send = 200;
  EXPECT_EQ(encode_json(quota), R"({"Max24HourSend":200.0})");
  sesv2::MetricDataResult result;
  result.timestamps.emplace({base::from_millis(0), base::from_millis(-1500)});
  result.values.emplace();
  EXPECT_EQ(encode_json(result), R"({"Timestamps":[0,-1.5],"Values":[]})");
  sesv2::GetEmailIdentityPoliciesResponse policies;
  policies.policies.emplace()["p"] = "{}";
  EXPECT_EQ(encode_json(policies), R"({"Policies":{"p":"{}"}})");
  sesv2::RawMessage raw;
  raw.data = Blob("\xfb\xff");
  EXPECT_EQ(encode_json(raw), R"({"Data":"+/8="})");
}

TEST(RestJson, EncodesErrors) {
  EXPECT_EQ(encode_json_error(Fault(FaultKind::not_found, "It's <gone>")), R"({"message":"It's <gone>"})");
  EXPECT_EQ(encode_json_error(Fault::without_message(FaultKind::serialization)), R"({"message":null})");
  EXPECT_EQ(encode_json_error(Fault(FaultKind::access_denied, "no")), R"({"Message":"no"})");
}

}  // namespace
}  // namespace aws
