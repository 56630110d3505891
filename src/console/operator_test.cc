// The operator's line protocol, and the socket with its client over a temporary folder.
#include "console/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "console/operator_client.h"
#include "console/operator_iam.h"
#include "console/unix_socket.h"

namespace console {
namespace {

using testing::ElementsAre;

TEST(OperatorProtocol, Requests) {
  const auto request = parse_request(request_line({"iam", {"create-user", "b\"ob"}}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->command, "iam");
  EXPECT_THAT(request->args, ElementsAre("create-user", "b\"ob"));
  EXPECT_TRUE(parse_request(R"({"command":"queue"})"));
  for (const char* bad : {"", "queue", "[]", R"({"command":1})", R"({"command":"x","args":"y"})"})
    EXPECT_FALSE(parse_request(bad)) << bad;
}

TEST(OperatorProtocol, Answers) {
  const auto answer = parse_answer(answer_line({true, "line\nline", R"({"a":[1,{"b":2}]})"}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "line\nline");
  EXPECT_EQ(answer->json, R"({"a":[1,{"b":2}]})");
  EXPECT_EQ(answer_line({true, "t", "{\n\"a\": \"\\n\"}"}),
            "{\"ok\":true,\"text\":\"t\",\"json\":{ \"a\": \"\\n\"}}\n");
  const auto refused = parse_answer(answer_line({false, "no", ""}));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->ok);
  EXPECT_EQ(refused->text, "no");
  EXPECT_FALSE(parse_answer("{}"));
}

TEST(OperatorClient, AFileIsSentAsItsText) {
  const auto path = (std::filesystem::temp_directory_path() / "operator-test-policy.json").string();
  std::ofstream(path) << "{\"a\": 1}\n";
  EXPECT_THAT(with_documents({"put-user-policy", "bob", "x", "--file", path}),
              ElementsAre("put-user-policy", "bob", "x", "--document", "{\"a\": 1}\n"));
  EXPECT_THAT(with_documents({"x", "--file=" + path}), ElementsAre("x", "--document", "{\"a\": 1}\n"));
  EXPECT_THAT(with_documents({"x", "--file"}), ElementsAre("x", "--file"));
  EXPECT_THROW(with_documents({"x", "--file", path + ".none"}), std::runtime_error);
  std::ofstream(path) << std::string(200000, ' ');
  EXPECT_THROW(with_documents({"x", "--file", path}), std::runtime_error);
  std::filesystem::remove(path);
}

TEST(OperatorIam, EachCommandIsThereOnce) {
  std::set<std::string> names;
  for (const auto& area :
       {iam_entity_commands(), iam_policy_commands(), iam_managed_commands(), iam_key_commands()})
    for (const auto& command : area) {
      EXPECT_TRUE(names.insert(command.name).second) << command.name;
      EXPECT_EQ(find_iam_command(command.name), &command);
      EXPECT_NE(iam_help().find(std::string("  ") + command.name + " "), std::string::npos) << command.name;
    }
  EXPECT_EQ(find_iam_command("nonsense"), nullptr);
}

base::Task<OperatorAnswer> echo(OperatorRequest request) {
  if (request.command == "throw") throw std::runtime_error("thrown");
  std::string all = request.command;
  for (const auto& arg : request.args) all += " " + arg;
  co_return OperatorAnswer{request.command != "refuse", all,
                           "{\"n\":" + std::to_string(request.args.size()) + "}"};
}

class SocketTest : public testing::Test {
 protected:
  void SetUp() override {
    // Longer than an address of a Unix socket has room for.
    auto pattern = (std::filesystem::temp_directory_path() / "sesame-operator-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    top = pattern;
    folder = top + "/" + std::string(120, 'x');
    std::filesystem::create_directory(folder);
  }
  void TearDown() override { std::filesystem::remove_all(top); }

  int ask(const std::string& command, const std::vector<std::string>& words, bool json) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = ask_operator(folder, command, words, json);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return code;
  }

  std::string top, folder, out, err;
};

TEST_F(SocketTest, AsksAndAnswers) {
  OperatorSocket socket(folder + "/sesame.sock", echo);
  struct stat info {};
  ASSERT_EQ(::stat((folder + "/sesame.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(ask("trace", {"an id"}, false), 0);
  EXPECT_EQ(out, "trace an id\n");
  EXPECT_EQ(ask("trace", {"an id"}, true), 0);
  EXPECT_EQ(out, "{\"n\":1}\n");
  EXPECT_EQ(ask("trace", {"a\tb\x1b[2J\x7f\xc2\x9b\xc3\xbc"}, false), 0);
  EXPECT_EQ(out, "trace a\tb?[2J??\xc3\xbc\n");
  EXPECT_EQ(ask("refuse", {}, false), 1);
  EXPECT_EQ(err, "sesame: refuse\n");
  EXPECT_EQ(ask("throw", {}, false), 1);
  EXPECT_THAT(err, testing::EndsWith("sesame: thrown\n"));  // the server's log goes to the same place here
}

TEST_F(SocketTest, OutlivesNonsense) {
  OperatorSocket socket(folder + "/sesame.sock", echo);
  {
    const auto client = connect_unix(folder + "/sesame.sock");
    write_all(client.get(), std::string(200000, 'x'), std::chrono::seconds(1));
  }
  {
    const auto client = connect_unix(folder + "/sesame.sock");
    write_all(client.get(), "nonsense\n", std::chrono::seconds(1));
    EXPECT_EQ(read_line(client.get(), 1000, std::chrono::seconds(5)),
              R"({"ok":false,"error":"This is no request."})");
  }
  EXPECT_EQ(ask("queue", {}, false), 0);
}

TEST_F(SocketTest, TellsThatNobodyIsThere) {
  EXPECT_EQ(ask("queue", {}, false), 3);
  { OperatorSocket socket(folder + "/sesame.sock", echo); }
  EXPECT_FALSE(std::filesystem::exists(folder + "/sesame.sock"));
  // What a killed server left behind is replaced.
  { const auto left = listen_unix(folder + "/sesame.sock"); }
  EXPECT_EQ(ask("queue", {}, false), 3);
  OperatorSocket socket(folder + "/sesame.sock", echo);
  EXPECT_EQ(ask("queue", {}, false), 0);
}

}  // namespace
}  // namespace console
