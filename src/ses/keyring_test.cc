#include "ses/keyring.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/encoding.h"

namespace ses {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

class KeyringTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "keyring-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/master.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string content() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& text) {
    std::ofstream(path_, std::ios::trunc) << text;
    ::chmod(path_.c_str(), 0600);
  }

  std::string folder_, path_;
};

TEST_F(KeyringTest, OpensWhatItSealed) {
  auto keyring = Keyring::ephemeral();
  for (std::string plain : {"", "secret", "\0\xff"}) {
    auto sealed = keyring.seal(plain, "access-key:AKIA");
    EXPECT_EQ(keyring.open(sealed, "access-key:AKIA"), plain);
  }
  std::string large(100000, 'x');
  EXPECT_EQ(keyring.open(keyring.seal(large, "c"), "c"), large);
}

TEST_F(KeyringTest, NothingOfThePlainTextShowsAndNoTwoAreAlike) {
  auto keyring = Keyring::ephemeral();
  auto one = keyring.seal("a long enough secret", "c"), two = keyring.seal("a long enough secret", "c");
  EXPECT_NE(one, two);
  EXPECT_THAT(one, Not(HasSubstr("secret")));
}

TEST_F(KeyringTest, AnyChangeIsSeen) {
  auto keyring = Keyring::ephemeral();
  const auto sealed = keyring.seal("secret", "access-key:AKIA1");
  EXPECT_EQ(keyring.open(sealed, "access-key:AKIA2"), std::nullopt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(keyring.open(changed, "access-key:AKIA1"), std::nullopt) << i;
    EXPECT_EQ(keyring.open(sealed.substr(0, i), "access-key:AKIA1"), std::nullopt) << i;
  }
  EXPECT_EQ(keyring.open(sealed + "x", "access-key:AKIA1"), std::nullopt);
  EXPECT_EQ(Keyring::ephemeral().open(sealed, "access-key:AKIA1"), std::nullopt);
}

TEST_F(KeyringTest, TheFileIsPrivateAndKeepsTheKey) {
  auto sealed = Keyring::create(path_).seal("secret", "c");
  struct stat facts {};
  ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(base::base64_decode(base::trim(content()))->size(), 32u);
  EXPECT_EQ(Keyring::open(path_).open(sealed, "c"), "secret");
  EXPECT_THAT([&] { Keyring::create(path_); }, ThrowsMessage<KeyringError>(HasSubstr("File exists")));
}

TEST_F(KeyringTest, AFileThatOthersMayReadIsRefused) {
  Keyring::create(path_);
  for (mode_t mode : {0640, 0604, 0620, 0610}) {
    ::chmod(path_.c_str(), mode);
    EXPECT_THAT([&] { Keyring::open(path_); }, ThrowsMessage<KeyringError>(HasSubstr("mode 0600")));
  }
}

TEST_F(KeyringTest, AFileWithoutGoodKeysIsRefused) {
  EXPECT_THROW(Keyring::open(path_), KeyringError);
  EXPECT_THROW(Keyring::open(folder_), KeyringError);
  for (const char* text : {"", "\n\n", "# only a remark\n", "c2hvcnQ=\n", "not base64 !\n"}) {
    write(text);
    EXPECT_THROW(Keyring::open(path_), KeyringError) << text;
  }
}

TEST_F(KeyringTest, AnOlderKeyStillOpens) {
  auto old = Keyring::create(path_);
  auto sealed = old.seal("secret", "c");
  auto old_line = content();
  std::filesystem::remove(path_);
  Keyring::create(path_);
  auto new_line = content();
  EXPECT_EQ(Keyring::open(path_).open(sealed, "c"), std::nullopt);
  write(new_line + "# before\n" + old_line);
  auto both = Keyring::open(path_);
  EXPECT_EQ(both.open(sealed, "c"), "secret");
  EXPECT_EQ(old.open(both.seal("later", "c"), "c"), std::nullopt);
}

TEST(WipeTest, LeavesAnEmptyText) {
  std::string secret = "secret";
  wipe(secret);
  EXPECT_EQ(secret, "");
}

}  // namespace
}  // namespace ses
