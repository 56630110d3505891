#include "aws/query.h"

#include <gtest/gtest.h>

#include "model/ses_types.h"
#include "model/sns_types.h"

namespace aws {
namespace {

using base::Fault;
using base::FaultKind;

template <class T>
T read(std::string_view form) {
  return decode_form<T>(Form(form));
}

template <class T>
Fault refused(std::string_view form) {
  try {
    read<T>(form);
  } catch (const Fault& fault) {
    return fault;
  }
  return Fault(FaultKind::internal, "nothing was refused");
}

std::string answer(const char* operation, const auto& output) {
  return encode_xml_result(*find_operation(Api::ses, operation), &output, "id-1");
}

TEST(Query, DecodesNestedStructsAndLists) {
  auto request = read<ses::SendEmailRequest>(
      "Action=SendEmail&Source=a%2Bb%40x.y&Message.Subject.Data=one+two%20three&Message.Body.Text.Data=%C3%A9"
      "&Destination.ToAddresses.member.1=one%40x.y&Destination.ToAddresses.member.2=two%40x.y"
      "&Destination.CcAddresses.1=three%40x.y&Tags.member.1.Name=n&Tags.member.1.Value=v");
  EXPECT_EQ(request.source, "a+b@x.y");
  EXPECT_EQ(request.message->subject->data, "one two three");
  EXPECT_EQ(request.message->body->text->data, "\xc3\xa9");
  EXPECT_EQ(request.destination->to_addresses, (std::vector<std::string>{"one@x.y", "two@x.y"}));
  EXPECT_EQ(request.destination->cc_addresses, std::vector<std::string>{"three@x.y"});
  EXPECT_FALSE(request.destination->bcc_addresses);
  ASSERT_EQ(request.tags->size(), 1u);
  EXPECT_EQ((*request.tags)[0].name, "n");
}

TEST(Query, OrdersMoreThanNineElements) {
  std::string form;
  for (int i = 12; i >= 1; --i) form += "&Identities.member." + std::to_string(i) + "=i" + std::to_string(i);
  auto request = read<ses::GetIdentityDkimAttributesRequest>(form);
  ASSERT_EQ(request.identities->size(), 12u);
  EXPECT_EQ((*request.identities)[1], "i2");
  EXPECT_EQ((*request.identities)[11], "i12");
}

TEST(Query, EmptyParameters) {
  EXPECT_EQ(read<ses::GetIdentityDkimAttributesRequest>("Identities=").identities,
            std::vector<std::string>{});
  EXPECT_EQ(read<ses::DeleteIdentityRequest>("Identity=").identity, "");
  EXPECT_EQ(read<ses::DeleteIdentityRequest>("Identity").identity, "");
  EXPECT_FALSE(read<ses::DeleteIdentityRequest>("Unknown=1&&").identity);
}

TEST(Query, FirstOfEqualNamesCounts) {
  EXPECT_EQ(read<ses::DeleteIdentityRequest>("Identity=a&Identity=b").identity, "a");
}

TEST(Query, Scalars) {
  EXPECT_EQ(read<ses::ListTemplatesRequest>("MaxItems=-3").max_items, -3);
  EXPECT_EQ(read<ses::SetIdentityDkimEnabledRequest>("DkimEnabled=true").dkim_enabled, true);
  EXPECT_EQ(read<ses::SetIdentityDkimEnabledRequest>("DkimEnabled=False").dkim_enabled, false);
  EXPECT_EQ(read<ses::SendRawEmailRequest>("RawMessage.Data=%2B%2F8%3D").raw_message->data->bytes,
            "\xfb\xff");
  auto bounce = read<ses::SendBounceRequest>("MessageDsn.ArrivalDate=2016-07-15T16:25:59.607Z");
  EXPECT_EQ(base::iso8601(*bounce.message_dsn->arrival_date), "2016-07-15T16:25:59.607Z");
}

TEST(Query, RefusesWhatDoesNotDecode) {
  Fault number = refused<ses::ListTemplatesRequest>("MaxItems=x");
  EXPECT_EQ(number.v1_code(), "MalformedInput");
  EXPECT_FALSE(number.has_message());
  EXPECT_EQ(refused<ses::ListTemplatesRequest>("MaxItems=").message(), "missing value for decimal type");
  EXPECT_EQ(refused<ses::ListTemplatesRequest>("MaxItems=99999999999999999999").v1_code(), "MalformedInput");
  EXPECT_EQ(refused<ses::SetIdentityDkimEnabledRequest>("DkimEnabled=maybe").v1_code(),
            "InvalidParameterValue");
  EXPECT_EQ(refused<ses::SendRawEmailRequest>("RawMessage.Data=*").v1_code(), "MalformedInput");
  EXPECT_EQ(refused<ses::SendBounceRequest>("MessageDsn.ArrivalDate=today").message(),
            "timestamp must follow ISO8601");
  EXPECT_EQ(refused<ses::DeleteIdentityRequest>("Identity.Name=x").v1_code(), "MalformedInput");
  EXPECT_EQ(refused<ses::DeleteIdentityRequest>("Identity=%FF").v1_code(), "MalformedInput");
  for (const char* gap : {"Identities.member.2=x", "Identities.member.0=x",
                          "Identities.member.1=x&Identities.member.4000000000=y"})
    EXPECT_EQ(refused<ses::GetIdentityDkimAttributesRequest>(gap).v1_code(), "MalformedInput") << gap;
}

TEST(Query, CapsTheForm) {
  EXPECT_THROW(Form(std::string(600, 'a') + "=1"), Fault);
  EXPECT_THROW(Form("a" + std::string(60, '.') + "=1"), Fault);
  std::string many;
  for (std::size_t i = 0; i <= Form::kMaxPairs; ++i) many += "a=1&";
  EXPECT_THROW(Form{many}, Fault);
}

TEST(Query, MapsWithNamesOfTheirOwn) {
  auto request = read<sns::PublishInput>(
      "MessageAttributes.entry.1.Name=k&MessageAttributes.entry.1.Value.DataType=String"
      "&MessageAttributes.entry.1.Value.StringValue=v");
  EXPECT_EQ(request.message_attributes->at("k").string_value, "v");
}

TEST(Query, EncodesResults) {
  ses::SendEmailResponse sent;
  sent.message_id = "<a&'\">";
  EXPECT_EQ(
      answer("SendEmail", sent),
      "<SendEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><SendEmailResult><MessageId>"
      "&lt;a&amp;&apos;&quot;&gt;</MessageId></SendEmailResult><ResponseMetadata><RequestId>id-1</RequestId>"
      "</ResponseMetadata></SendEmailResponse>");
  EXPECT_EQ(
      answer("DeleteIdentity", ses::DeleteIdentityResponse{}),
      "<DeleteIdentityResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><DeleteIdentityResult/>"
      "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DeleteIdentityResponse>");
  EXPECT_EQ(answer("VerifyEmailAddress", ses::VerifyEmailAddressResponse{}),
            "<VerifyEmailAddressResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">"
            "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></VerifyEmailAddressResponse>");
}

std::string inside(const std::string& xml, std::string_view tag) {
  auto from = xml.find("<" + std::string(tag) + ">") + tag.size() + 2;
  return xml.substr(from, xml.find("</" + std::string(tag) + ">") - from);
}

TEST(Query, EncodesListsMapsTimesAndDoubles) {
  ses::GetSendQuotaResponse quota;
  quota.max24_hour_send = 200;
  quota.max_send_rate = 1.5;
  quota.sent_last24_hours = 1e-7;
  EXPECT_EQ(inside(answer("GetSendQuota", quota), "GetSendQuotaResult"),
            "<Max24HourSend>200.0</Max24HourSend><MaxSendRate>1.5</MaxSendRate>"
            "<SentLast24Hours>1e-07</SentLast24Hours>");
  ses::ListIdentitiesResponse none;
  none.identities.emplace();
  EXPECT_EQ(inside(answer("ListIdentities", none), "ListIdentitiesResult"), "<Identities/>");
  none.identities->assign({"a", "b"});
  EXPECT_EQ(inside(answer("ListIdentities", none), "ListIdentitiesResult"),
            "<Identities><member>a</member><member>b</member></Identities>");
  ses::GetIdentityPoliciesResponse policies;
  policies.policies.emplace()["p"] = "{}";
  EXPECT_EQ(inside(answer("GetIdentityPolicies", policies), "Policies"),
            "<entry><key>p</key><value>{}</value></entry>");
  ses::GetSendStatisticsResponse points;
  points.send_data_points.emplace(2);
  (*points.send_data_points)[0].timestamp = base::from_millis(1468448580000);
  (*points.send_data_points)[1].timestamp = base::from_millis(1468448580607);
  EXPECT_EQ(inside(answer("GetSendStatistics", points), "SendDataPoints"),
            "<member><Timestamp>2016-07-13T22:23:00Z</Timestamp></member>"
            "<member><Timestamp>2016-07-13T22:23:00.607Z</Timestamp></member>");
}

TEST(Query, EncodesErrors) {
  Fault fault = Fault(FaultKind::configuration_set_not_found, "Configuration set <N> doesn't exist.")
                    .with("ConfigurationSetName", "N");
  EXPECT_EQ(
      encode_xml_error(Api::ses, fault, 400, "id-1"),
      "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>Sender</Type>"
      "<Code>ConfigurationSetDoesNotExist</Code><Message>Configuration set &lt;N&gt; doesn&apos;t "
      "exist.</Message><ConfigurationSetName>N</ConfigurationSetName></Error><RequestId>id-1</RequestId>"
      "</ErrorResponse>");
  EXPECT_EQ(xml_error_status(Api::iam, Fault::with_code(FaultKind::modelled, "NoSuchEntity", "")), 404);
  EXPECT_EQ(xml_error_status(Api::ses, Fault(FaultKind::internal, "")), 500);
}

TEST(Query, DoubleTexts) {
  for (auto [value, text] : std::initializer_list<std::pair<double, const char*>>{
           {200, "200.0"}, {0, "0.0"}, {0.25, "0.25"}, {50000, "50000.0"}, {-3.5, "-3.5"}, {1e20, "1e+20"}})
    EXPECT_EQ(double_text(value), text);
}

TEST(Query, ControlCharactersDoNotBreakTheXml) {
  std::string out;
  append_xml_text(out, std::string_view("a\x01\r\n\t", 5));
  EXPECT_EQ(out, "a\xef\xbf\xbd&#xD;\n\t");
}

}  // namespace
}  // namespace aws
