// A policy that takes notes, for tests and fuzzing only.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "smtp/server.h"

namespace smtp::testing {

struct Notes {
  std::vector<std::string> events;  // "mail a@b", "rcpt c@d", "hello me", "auth user", "tls", "reset"
  std::vector<std::string> messages;
  std::map<std::string, Reply> replies;  // by event, where other than yes
  MailParameters parameters;
};

class NotingPolicy final : public Policy {
 public:
  explicit NotingPolicy(std::shared_ptr<Notes> notes) : notes_(std::move(notes)) {}

  std::string greeting() override { return "mail.example ESMTP test"; }
  std::string host_name() override { return "mail.example"; }
  base::Task<Reply> authenticate(std::string user, std::string password) override {
    note("auth " + user);
    if (password == "throw") throw std::runtime_error("credential store is gone");
    if (password != "secret") co_return Reply(535, "Authentication Credentials Invalid");
    co_return Reply(235, "Authentication successful.");
  }
  base::Task<Reply> mail_from(std::string address, MailParameters parameters) override {
    notes_->parameters = parameters;
    co_return note("mail " + address);
  }
  base::Task<Reply> rcpt_to(std::string address) override { co_return note("rcpt " + address); }
  base::Task<Reply> message(std::string data) override {
    notes_->messages.push_back(std::move(data));
    co_return note("message");
  }
  Reply too_large() override { return Reply(552, "Message is too long."); }
  void reset() override { notes_->events.emplace_back("reset"); }
  void hello(std::string name, bool extended) override { note((extended ? "ehlo " : "helo ") + name); }
  void tls_started(const net::TlsInfo& info) override { note("tls " + info.version); }

 private:
  Reply note(std::string event) {
    const auto found = notes_->replies.find(event);
    notes_->events.push_back(std::move(event));
    return found == notes_->replies.end() ? Reply(250, "Ok") : found->second;
  }
  std::shared_ptr<Notes> notes_;
};

}  // namespace smtp::testing
