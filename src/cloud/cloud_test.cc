#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/run_task.h"
#include "cloud/hooks.h"
#include "cloud/objects.h"

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
      {"a/b", "a/b"},   {"../a", "%2E./a"},           {"./a", "%2E/a"}, {"a//b", "a/%2F/b"}, {"/a", "%2F/a"},
      {"a b", "a%20b"}, {".sesame-1", "%2Esesame-1"}, {"", ""},
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
  } cases[] = {{200, true, false},  {204, true, false},  {301, false, false},
               {400, false, true},  {403, false, true},  {408, false, false},
               {429, false, false}, {500, false, false}, {503, false, false}};
  for (const auto& c : cases) {
    net::HttpAnswer answer;
    answer.status = c.status;
    auto outcome = outcome_of(answer);
    EXPECT_EQ(outcome.ok, c.ok) << c.status;
    EXPECT_EQ(outcome.permanent, c.permanent) << c.status;
  }
}

}  // namespace
}  // namespace cloud
