#include "api/request_names.h"

#include <gtest/gtest.h>

#include "aws/protocol.h"

namespace api {
namespace {

const ses::Scope kScope{ses::AccountId("123456789012"), ses::Region("us-east-1")};

RequestNames read(const std::string& method, const std::string& target, const std::string& body) {
  aws::WireRequest request{method, target, {}, body};
  auto located = aws::locate(request);
  if (!located.operation) throw std::runtime_error("no operation at " + target);
  auto input = located.operation->make_input();
  aws::decode_request(located, request, input.get());
  const auto* permission = aws::find_permission(located.api, located.operation->name);
  return names_of(*located.operation, *permission, input.get(), kScope);
}

std::string shown(const RequestNames& names) {
  std::string out;
  for (const auto& r : names.resources) {
    std::string_view arn = r.arn;
    constexpr std::string_view kHead = "arn:aws:ses:us-east-1:123456789012:";
    if (arn.starts_with(kHead)) arn.remove_prefix(kHead.size());
    out += (out.empty() ? "" : " ") + std::string(arn);
  }
  return out;
}

TEST(RequestNames, Resources) {
  struct Case {
    const char *method, *target, *body, *resources;
  };
  const Case cases[] = {
      {"GET", "/v2/email/account", "", ""},
      {"GET", "/v2/email/identities/Example.COM", "", "identity/example.com"},
      {"POST", "/v2/email/identities", R"({"EmailIdentity":"Bob@Example.com"})", "identity/Bob@example.com"},
      {"POST", "/v2/email/identities", R"({"EmailIdentity":"no name"})", "identity/no name"},
      {"POST", "/v2/email/identities", "{}", ""},
      {"PUT", "/v2/email/identities/a.example/configuration-set", R"({"ConfigurationSetName":"s"})",
       "identity/a.example configuration-set/s"},
      // The set is no resource of this one.
      {"POST", "/v2/email/identities", R"({"EmailIdentity":"a.example","ConfigurationSetName":"s"})",
       "identity/a.example"},
      {"POST", "/v2/email/configuration-sets",
       R"({"ConfigurationSetName":"s","DeliveryOptions":{"SendingPoolName":"p"}})",
       "configuration-set/s dedicated-ip-pool/p"},
      {"PUT", "/v2/email/configuration-sets/s/delivery-options", R"({"SendingPoolName":"p"})",
       "configuration-set/s dedicated-ip-pool/p"},
      {"PUT", "/v2/email/configuration-sets/s/archiving-options",
       R"({"ArchiveArn":"arn:aws:ses:us-east-1:123456789012:mailmanager-archive/a-1"})",
       "configuration-set/s mailmanager-archive/a-1"},
      {"GET", "/v2/email/templates/t", "", "template/t"},
      {"GET", "/v2/email/custom-verification-email-templates/t", "", "custom-verification-email-template/t"},
      {"GET", "/v2/email/contact-lists/l/contacts/a%40b.example", "", "contact-list/l"},
      {"GET", "/v2/email/import-jobs/j-1", "", "import-job/j-1"},
      {"GET", "/v2/email/export-jobs/j-1", "", "export-job/j-1"},
      {"PUT", "/v2/email/suppression/addresses", R"({"EmailAddress":"a@b.example","Reason":"BOUNCE"})", ""},
      {"GET", "/v2/email/tags?ResourceArn=arn%3Aaws%3Ases%3Aeu-west-1%3A999999999999%3Acontact-list%2Fl", "",
       "arn:aws:ses:eu-west-1:999999999999:contact-list/l"},
      {"GET", "/v2/email/tags?ResourceArn=nonsense", "", ""},
      {"GET", "/v2/email/tags?ResourceArn=arn%3Aaws%3Ases%3Aus-east-1%3A123456789012%3Aimport-job%2Fj", "",
       ""},
      {"POST", "/v2/email/tenants", R"({"TenantName":"t"})", "tenant/t/*"},
      {"POST", "/v2/email/tenants/resources",
       R"({"TenantName":"t","ResourceArn":"arn:aws:ses:us-east-1:123456789012:template/x"})",
       "tenant/t/* template/x"},
      {"POST", "/v2/email/metrics/batch",
       R"({"Queries":[{"Dimensions":{"EMAIL_IDENTITY":"a.example"}},)"
       R"({"Dimensions":{"CONFIGURATION_SET":"s","ISP":"x"}},{"Dimensions":{"EMAIL_IDENTITY":"a.example"}}]})",
       "identity/a.example configuration-set/s"},
      {"POST", "/v2/email/vdm/recommendations",
       R"({"Filter":{"RESOURCE_ARN":"arn:aws:ses:us-east-1:123456789012:identity/a.example"}})",
       "identity/a.example"},
      {"GET", "/v2/email/deliverability-dashboard/statistics-report/A.example?StartDate=1&EndDate=2", "",
       "identity/a.example"},
      // No operation of v1 has any.
      {"POST", "/", "Action=DeleteTemplate&Version=2010-12-01&TemplateName=t", ""},
      {"POST", "/", "Action=DeleteIdentity&Version=2010-12-01&Identity=a.example", ""},
  };
  for (const auto& c : cases)
    EXPECT_EQ(shown(read(c.method, c.target, c.body)), c.resources) << c.method << " " << c.target << c.body;
}

TEST(RequestNames, WhoseItIs) {
  auto other = read(
      "GET", "/v2/email/tags?ResourceArn=arn%3Aaws%3Ases%3Aus-east-1%3A999999999999%3Atemplate%2Fa%2Fb", "");
  ASSERT_EQ(other.resources.size(), 1u);
  EXPECT_EQ(other.resources[0].kind, "template");
  EXPECT_EQ(other.resources[0].account, "999999999999");
  EXPECT_EQ(other.resources[0].name, "a/b");
}

TEST(RequestNames, Tags) {
  auto made = read("POST", "/v2/email/contact-lists",
                   R"({"ContactListName":"l","Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":""}]})");
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(made.tags, (Pairs{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(made.tag_keys, (std::vector<std::string>{"a", "b"}));
  // One that lacks its value is refused later; none counts here.
  auto broken = read("POST", "/v2/email/contact-lists", R"({"ContactListName":"l","Tags":[{"Key":"a"}]})");
  EXPECT_TRUE(broken.tags.empty());
  auto gone = read("DELETE",
                   "/v2/email/tags?ResourceArn=arn%3Aaws%3Ases%3Aus-east-1%3A123456789012%3Atemplate%2Fx"
                   "&TagKeys=a&TagKeys=b",
                   "");
  EXPECT_TRUE(gone.tags.empty());
  EXPECT_EQ(gone.tag_keys, (std::vector<std::string>{"a", "b"}));
}

TEST(RequestNames, Senders) {
  auto report = read("POST", "/v2/email/deliverability-dashboard/test",
                     R"({"FromEmailAddress":"bob@a.example","Content":{}})");
  EXPECT_EQ(report.sender, "bob@a.example");
  EXPECT_EQ(shown(report), "");
  EXPECT_EQ(read("POST", "/", "Action=SendBounce&Version=2010-12-01&BounceSender=bob@a.example").sender,
            "bob@a.example");
  // The template is what is checked here, not who sends it.
  EXPECT_EQ(read("POST", "/v2/email/custom-verification-email-templates",
                 R"({"TemplateName":"t","FromEmailAddress":"bob@a.example"})")
                .sender,
            "");
}

TEST(RequestNames, RolesAndSources) {
  auto v2 = read("POST", "/v2/email/configuration-sets/s/event-destinations",
                 R"({"EventDestinationName":"d","EventDestination":{"KinesisFirehoseDestination":)"
                 R"({"IamRoleArn":"arn:aws:iam::123456789012:role/r","DeliveryStreamArn":"x"}}})");
  EXPECT_EQ(v2.roles, std::vector<std::string>{"arn:aws:iam::123456789012:role/r"});
  auto v1 = read("POST", "/",
                 "Action=CreateConfigurationSetEventDestination&Version=2010-12-01&ConfigurationSetName=s"
                 "&EventDestination.KinesisFirehoseDestination.IAMRoleARN=arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(v1.roles, std::vector<std::string>{"arn:aws:iam::123456789012:role/r"});
  EXPECT_EQ(
      read("POST", "/v2/email/export-jobs", R"({"ExportDataSource":{"MetricsDataSource":{}}})").export_source,
      "METRICS_DATA");
  EXPECT_EQ(
      read("POST", "/v2/email/list-export-jobs", R"({"ExportSourceType":"MESSAGE_INSIGHTS"})").export_source,
      "MESSAGE_INSIGHTS");
}

}  // namespace
}  // namespace api
