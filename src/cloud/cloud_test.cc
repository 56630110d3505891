#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/run_task.h"
#include "cloud/hooks.h"
#include "cloud/objects.h"
#include "net/run_on.h"

namespace cloud {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    auto pattern = (fs::temp_directory_path() / "sesame-cloud-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string read(const std::string& name) const {
    std::ifstream file(path + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string path;
};

std::shared_ptr<const std::string> bytes(const char* text) {
  return std::make_shared<const std::string>(text);
}

TEST(FolderStore, ObjectsAreFiles) {
  Folder folder;
  auto store = make_folder_store(folder.path, false, true);
  EXPECT_EQ(base::run_task(store->look_at("", "mail", {})), ObjectStore::BucketState::missing);
  EXPECT_FALSE(base::run_task(store->put({"", "mail", "a", bytes("x")})).ok);
  fs::create_directory(folder.path + "/mail");
  EXPECT_EQ(base::run_task(store->look_at("", "mail", {})), ObjectStore::BucketState::ready);
  EXPECT_TRUE(base::run_task(store->put({"", "mail", "in/a", bytes("first")})).ok);
  EXPECT_TRUE(base::run_task(store->put({"", "mail", "in/a", bytes("second")})).ok);
  EXPECT_EQ(folder.read("mail/in/a"), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path + "/mail/in"), fs::directory_iterator()), 1);
}

// What a process left behind that was killed while it wrote: it gets no name, is in nobody's way and goes.
TEST(FolderStore, WhatIsNotWholeDoesNotStay) {
  Folder folder;
  const auto left = folder.path + "/mail/.sesame-unfinished/";
  fs::create_directories(left);
  for (const char* name : {"old", "new"}) std::ofstream(left + name) << "half";
  fs::last_write_time(left + "old", fs::file_time_type::clock::now() - std::chrono::hours(2));
  auto store = make_folder_store(folder.path, false, true);
  EXPECT_FALSE(fs::exists(left + "old"));
  EXPECT_TRUE(fs::exists(left + "new")) << "another process may be writing it";
  for (const char* key : {"a", "in/b"})
    EXPECT_TRUE(base::run_task(store->put({"", "mail", key, bytes("x")})).ok);
  EXPECT_EQ(std::distance(fs::directory_iterator(left), fs::directory_iterator()), 1);
  // The names of unfinished files were made of the process's number, and a container's server always has one.
  for (int n = 0; n < 9; ++n)
    std::ofstream(folder.path + "/mail/.sesame-" + std::to_string(::getpid()) + "-" + std::to_string(n))
        << "half";
  EXPECT_TRUE(
      base::run_task(make_folder_store(folder.path, false, false)->put({"", "mail", "c", bytes("x")})).ok);
}

TEST(FolderStore, NothingLeadsOutOfTheFolder) {
  Folder folder;
  auto store = make_folder_store(folder.path, true, false);
  for (const char* key : {"../x", "a/../../x", "/etc/x", "./x", "a\\b", ".sesame-1"})
    EXPECT_TRUE(base::run_task(store->put({"", "bucket", key, bytes("x")})).ok) << key;
  for (const auto& entry : fs::directory_iterator(folder.path)) EXPECT_EQ(entry.path().filename(), "bucket");
  for (const char* bucket : {"..", "a/b", "", "a", "Up", ".ab"})
    EXPECT_FALSE(base::run_task(store->put({"", bucket, "k", bytes("x")})).ok) << bucket;
  EXPECT_FALSE(base::run_task(store->put({"", "bucket", std::string(300, 'x'), bytes("x")})).ok);
}

TEST(KeyPath, SegmentsStayBelow) {
  struct Case {
    const char* key;
    const char* path;
  } cases[] = {
      {"a/b", "a/b"},
      {"../a", "%2E./a"},
      {"./a", "%2E/a"},
      {"a//b", "a/%2F/b"},
      {"/a", "%2F/a"},
      {"a b", "a%20b"},
      {".sesame-1", "%2Esesame-1"},
      {".sesame-unfinished/a", "%2Esesame-unfinished/a"},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(key_path(c.key), c.path) << c.key;
}

TEST(AssumedRoles, AreReadAndKeptForAWhile) {
  EXPECT_TRUE(assume_role_form({"arn:aws:iam::1:role/a&b", "123456789012"})
                  .ends_with("&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%26b&ExternalId=123456789012"));
  const auto read = read_assumed_role(
      "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>"
      "<SecretAccessKey>s+/=</SecretAccessKey>\n<SessionToken> t </SessionToken></Credentials>");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->access_key_id + " " + read->secret + " " + *read->session_token, "ASIA1 s+/= t");
  for (const char* bad :
       {"", "<AccessKeyId>a</AccessKeyId>", "<AccessKeyId>a<SecretAccessKey>b<SessionToken>c"})
    EXPECT_FALSE(read_assumed_role(bad)) << bad;

  AssumedRoles roles;
  const Role role{"r", "1"};
  const auto now = base::from_millis(1700000000000);
  EXPECT_FALSE(roles.find(role, now));
  roles.keep(role, *read, now);
  EXPECT_TRUE(roles.find(role, now + std::chrono::minutes(49)));
  EXPECT_FALSE(roles.find({"other", "1"}, now));
  EXPECT_FALSE(roles.find({"r", "2"}, now));
  EXPECT_FALSE(roles.find(role, now + std::chrono::minutes(50)));
  for (int i = 0; i < 3000; ++i) roles.keep({std::to_string(i), "1"}, *read, now);
  EXPECT_TRUE(roles.find({"2999", "1"}, now));
}

TEST(Arn, SaysItsRegion) {
  EXPECT_EQ(region_of_arn("arn:aws:sns:eu-west-1:123456789012:topic"), "eu-west-1");
  EXPECT_EQ(region_of_arn("topic"), "");
}

TEST(Status, SaysWhetherToAskAgain) {
  struct Case {
    int status;
    bool ok, permanent;
    const char* body = "";
  } cases[] = {{200, true, false},
               {204, true, false},
               {301, false, false},
               {400, false, true, "<Error><Code>InvalidParameter</Code></Error>"},
               {400, false, false, "<Error><Code>Throttling</Code></Error>"},
               {400, false, false, "<Error><Code>ExpiredToken</Code></Error>"},
               {400, false, false, "<Error><Code>RequestTimeout</Code></Error>"},
               {400, false, false, "<Error><Code>KMSAccessDenied</Code></Error>"},
               {401, false, false},
               {403, false, false, "<Error><Code>SignatureDoesNotMatch</Code></Error>"},
               {404, false, false, "<Error><Code>NoSuchBucket</Code></Error>"},
               {408, false, false},
               {413, false, true},
               {429, false, false},
               {500, false, false},
               {503, false, false}};
  for (const auto& c : cases) {
    net::HttpAnswer answer;
    answer.status = c.status;
    answer.body = c.body;
    auto outcome = outcome_of(answer);
    EXPECT_EQ(outcome.ok, c.ok) << c.status << c.body;
    EXPECT_EQ(outcome.permanent, c.permanent) << c.status << c.body;
  }
}

TEST(Status, AFunctionMayFailWithin200) {
  net::HttpAnswer answer;
  answer.status = 200;
  answer.headers = {{"X-Amz-Function-Error", "Unhandled"}};
  answer.body = R"({"errorMessage":"boom"})";
  auto outcome = outcome_of(answer);
  EXPECT_FALSE(outcome.ok);
  EXPECT_FALSE(outcome.permanent);
  EXPECT_EQ(outcome.text, R"(the function failed: Unhandled {"errorMessage":"boom"})");
}

TEST(AwsClient, ReachesAmazonByAPrivateAddressToo) {
  net::LoopPool pool{1};
  net::TableResolver dns;
  dns.add("sns.us-east-1.amazonaws.com", net::DnsType::a, {"127.0.0.1"});
  dns.add("sns.cn-north-1.amazonaws.com.cn", net::DnsType::a, {"127.0.0.1"});
  net::TlsClientContext tls{"", true};
  net::HttpClient http{dns, tls};
  AwsClient client{http, {std::nullopt, aws::Credentials{"id", "secret", std::nullopt}}};
  for (const char* region : {"us-east-1", "cn-north-1"}) {
    auto outcome = net::run_on(pool.at(0), [&] {
      return client.call({"sns", region, "POST", "/", {}, nullptr});
    });
    EXPECT_FALSE(outcome.ok || outcome.permanent);
    EXPECT_TRUE(outcome.text.starts_with("connect: ") || outcome.text.starts_with("TLS: ")) << outcome.text;
  }
}

// Callers give the region in an ARN, and it becomes part of a host's name.
TEST(AwsClient, GoesToRegionsOnly) {
  net::TableResolver dns;
  net::TlsClientContext tls{"", true};
  net::HttpClient http{dns, tls};
  AwsClient client{http, {std::nullopt, aws::Credentials{"id", "secret", std::nullopt}}};
  const std::vector<std::string> regions = {
      "",   "evil.example/",        "evil.example#",     "evil.example", "a b",
      "US", std::string("x\0y", 3), std::string(60, 'x')};
  for (const auto& region : regions) {
    auto outcome = base::run_task(client.call({"sns", region, "POST", "/", {}, nullptr}));
    EXPECT_EQ(outcome.text, "the ARN names no region") << region;
    EXPECT_TRUE(outcome.permanent);
  }
}

}  // namespace
}  // namespace cloud
