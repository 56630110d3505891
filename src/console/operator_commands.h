// What the operator can ask of the running server: trace, queue, iam, account, dns, health, stop. Run on any
// thread that has an executor. Secrets are told once, in the answer to the command that makes them, and never
// logged.
#pragma once

#include <functional>
#include <string>

#include "base/task.h"
#include "console/command_line.h"
#include "console/operator.h"
#include "send/service.h"

namespace console {

class OperatorCommands {
 public:
  OperatorCommands(send::Service& service, std::function<void()> stop)
      : service_(service), stop_(std::move(stop)) {}

  // Refusals come as answers that are not ok.
  base::Task<OperatorAnswer> run(OperatorRequest request);

 private:
  base::Task<OperatorAnswer> dispatch(OperatorRequest request);
  base::Task<OperatorAnswer> trace(CommandLine line);
  base::Task<OperatorAnswer> trace_received(std::string id);  // operator_received.cc
  base::Task<OperatorAnswer> received(CommandLine line);
  base::Task<OperatorAnswer> queue();
  base::Task<OperatorAnswer> account(CommandLine line);  // operator_account.cc
  OperatorAnswer health() const;

  base::Task<OperatorAnswer> dns(CommandLine line);  // operator_dns.cc
  base::Task<OperatorAnswer> dns_service();
  base::Task<OperatorAnswer> audit(CommandLine line);  // operator_audit.cc

  base::Task<OperatorAnswer> iam(CommandLine line);  // operator_iam.cc

  ses::AccountId account_of(const CommandLine& line) const;
  std::string default_region() const;

  send::Service& service_;
  const std::function<void()> stop_;
};

// The word at that place, or std::invalid_argument that says what is missing.
const std::string& need_word(const CommandLine& line, std::size_t n, const char* what);
// std::invalid_argument for options that are not among those.
void allow_options(const CommandLine& line, std::initializer_list<const char*> allowed);
// The value of --name, from 1 to `most`, or std::invalid_argument.
std::int64_t whole_number(const std::string& name, const std::string& text, std::int64_t most);

}  // namespace console
