// `sesame iam …`: the operator's commands over IAM, one table an area. A command is a name, the words it
// takes, a line of help and what it does; the client sends a policy's text as --document in place of --file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/task.h"
#include "console/command_line.h"
#include "console/operator.h"
#include "console/operator_iam_help.h"
#include "send/service.h"

namespace console {

struct IamCall {
  send::Service& service;
  ses::AccountId account;
  std::vector<std::string> regions;  // configured; at least one
  CommandLine line;                  // line.words[0] is the command's name

  ses::Principals& iam() { return service.principals; }
  const std::string& word(std::size_t n, const char* what) const;
  ses::PrincipalName name(ses::PrincipalKind kind) const;  // the first word
  // An ARN, or the name of a policy of AWS's or of the account's own.
  std::string policy_arn(std::size_t n) const;
  std::string document() const;
  std::vector<ses::Tag> tags() const;  // --tags name=value,name=value
  ses::PageRequest page() const;       // --path-prefix; everything in one page after the other
  std::chrono::seconds seconds(const std::string& option, std::chrono::seconds otherwise) const;
};

struct IamCommand {
  const char* name;
  const char* words;
  const char* help;
  base::Task<OperatorAnswer> (*run)(IamCall call);
};

std::span<const IamCommand> iam_entity_commands();   // operator_iam_entities.cc: users, groups, roles, tags
std::span<const IamCommand> iam_policy_commands();   // operator_iam_policies.cc: inline, attached, boundaries
std::span<const IamCommand> iam_managed_commands();  // operator_iam_managed.cc
std::span<const IamCommand> iam_key_commands();      // operator_iam_keys.cc: keys, SMTP, the master key

const IamCommand* find_iam_command(const std::string& name);

// Does the work, and then says so: "Attached.", {"done":true}, or for programs that a thing is deleted.
base::Task<OperatorAnswer> after(base::Task<void> work, std::string text);
base::Task<OperatorAnswer> after_delete(base::Task<void> work);

// A list for people, a line an item, and for programs under `name`.
template <class T>
OperatorAnswer listed(const char* name, const std::vector<T>& items, std::string (*line)(const T&),
                      void (*write)(base::JsonWriter&, const T&)) {
  OperatorAnswer answer;
  base::JsonWriter json;
  json.object().key(name).array();
  for (const auto& item : items) {
    answer.text += line(item) + "\n";
    json.object();
    write(json, item);
    json.end();
  }
  json.end().end();
  answer.json = std::move(json).text();
  return answer;
}

// The same of all pages of a list; `Ask` answers the Task of one page.
template <class T, class Ask>
base::Task<OperatorAnswer> list_pages(const char* name, ses::PageRequest wanted, Ask ask,
                                      std::string (*line)(const T&),
                                      void (*write)(base::JsonWriter&, const T&)) {
  std::vector<T> all;
  do {
    auto reading = ask(wanted);
    auto page = co_await reading;
    for (auto& item : page.items) all.push_back(std::move(item));
    wanted.after = std::move(page.next);
  } while (!wanted.after.empty());
  co_return listed(name, all, line, write);
}

// One thing, for people and for programs.
template <class T>
OperatorAnswer told(std::string text, const T& item, void (*write)(base::JsonWriter&, const T&)) {
  base::JsonWriter json;
  json.object();
  write(json, item);
  json.end();
  return {true, std::move(text), std::move(json).text()};
}

}  // namespace console
