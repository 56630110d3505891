// What the commands of `sesame iam` have in common: the table of them, and the reading of their words.
#include "console/operator_iam.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "base/encoding.h"
#include "console/operator_commands.h"
#include "ses/builtin_policies.h"

namespace console {
namespace {

std::array<std::span<const IamCommand>, 4> areas() {
  return {iam_entity_commands(), iam_policy_commands(), iam_managed_commands(), iam_key_commands()};
}

}  // namespace

const IamCommand* find_iam_command(const std::string& name) {
  for (const auto& area : areas())
    for (const auto& command : area)
      if (name == command.name) return &command;
  return nullptr;
}

std::string iam_help() {
  std::string out;
  for (const auto& area : areas()) {
    for (const auto& command : area) {
      out += fmt::format("  {:<34} {}", command.name, command.words);
      out += *command.help ? fmt::format("  ({})\n", command.help) : "\n";
    }
    out += "\n";
  }
  out += "A POLICY is an ARN or a name. Each takes --account ID where there are several.\n";
  return out;
}

base::Task<OperatorAnswer> after(base::Task<void> work, std::string text) {
  co_await work;
  co_return OperatorAnswer{true, std::move(text), "{\"done\":true}"};
}

base::Task<OperatorAnswer> after_delete(base::Task<void> work) {
  co_await work;
  co_return OperatorAnswer{true, "Deleted.", "{\"deleted\":true}"};
}

const std::string& IamCall::word(std::size_t n, const char* what) const { return need_word(line, n, what); }

ses::PrincipalName IamCall::name(ses::PrincipalKind kind) const {
  static constexpr const char* kWhat[] = {"The user's name", "The group's name", "The role's name"};
  return {account, kind, word(1, kWhat[static_cast<std::size_t>(kind)])};
}

std::string IamCall::policy_arn(std::size_t n) const {
  const auto& text = word(n, "The policy's ARN or name");
  if (text.starts_with("arn:")) return text;
  auto aws = "arn:aws:iam::aws:policy/" + text;
  if (ses::find_builtin_policy(aws)) return aws;
  return "arn:aws:iam::" + account.str() + ":policy/" + text;
}

std::string IamCall::document() const {
  const auto text = line.option("document");
  if (!text) throw std::invalid_argument("--file names the file of the policy.");
  return *text;
}

std::vector<ses::Tag> IamCall::tags() const {
  std::vector<ses::Tag> out;
  const auto text = line.option("tags");
  if (!text) return out;
  for (const auto part : base::split(*text, ',')) {
    const auto equals = part.find('=');
    if (equals == part.npos) throw std::invalid_argument("--tags takes name=value,name=value.");
    out.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
  }
  return out;
}

ses::PageRequest IamCall::page() const {
  ses::PageRequest wanted;
  wanted.path_prefix = line.option("path-prefix").value_or("");
  wanted.limit = ses::iam_limit::kMaxPage;
  return wanted;
}

std::chrono::seconds IamCall::seconds(const std::string& option, std::chrono::seconds otherwise) const {
  const auto text = line.option(option);
  if (!text) return otherwise;
  std::int64_t count = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), count);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size())
    throw std::invalid_argument("--" + option + " takes a number of seconds.");
  return std::chrono::seconds(count);
}

base::Task<OperatorAnswer> OperatorCommands::iam(CommandLine line) {
  const std::string name = line.words.empty() ? "help" : line.words[0];
  if (name == "help") co_return OperatorAnswer{true, iam_help(), ""};
  const auto* command = find_iam_command(name);
  if (!command)
    throw std::invalid_argument("There is no command iam " + name + "; `sesame iam help` lists them.");
  auto regions = service_.settings.regions;
  if (regions.empty()) regions = {default_region()};
  auto account = account_of(line);
  auto running = command->run(IamCall{service_, std::move(account), std::move(regions), std::move(line)});
  auto answer = co_await running;
  co_return answer;
}

}  // namespace console
