#include "send/system_mailer.h"

#include "base/fault.h"
#include "base/log.h"

namespace send {
namespace {
constexpr std::chrono::milliseconds kEvery{1000};
constexpr std::size_t kAtOnce = 100;
}  // namespace

void SystemMailer::start() {
  loop_.post([this] { base::spawn(run()); });
}

base::Task<void> SystemMailer::run() {
  while (!stopping_) {
    std::string trouble;
    try {
      co_await drain();
    } catch (const std::exception& e) {
      trouble = e.what();
    }
    if (!trouble.empty()) base::log_error("system mail waits: {}", trouble);
    co_await loop_.sleep_for(kEvery);
  }
}

base::Task<void> SystemMailer::drain() {
  auto take = [](store::Db& db) { return ses::take_system_mail(db, kAtOnce); };
  auto mails = co_await service_.store.read_value(std::move(take));
  for (auto& mail : mails) {
    std::string refused;
    auto id = mail.id;
    try {
      co_await send_one(std::move(mail));
    } catch (const base::Fault& fault) {
      if (fault.kind() == base::FaultKind::unavailable) throw;
      refused = fault.message();
    }
    if (refused.empty()) continue;
    // It can never be sent (an address that does not parse, say): it must not block what comes after.
    base::log_error("a system mail was dropped: {}", refused);
    std::function<void(store::Db&)> drop = [id](store::Db& db) { ses::remove_system_mail(db, id); };
    co_await service_.store.write(std::move(drop));
  }
}

base::Task<void> SystemMailer::send_one(ses::SystemMail mail) {
  Submission s;
  s.door = Door::system;
  s.operation = "SystemMail";
  s.caller.scope = mail.scope;
  s.caller.principal_name = "system";
  s.from = mail.from;
  s.null_sender = mail.null_sender;
  s.destination = Destination{{mail.to}, {}, {}};
  mail::SimpleMail content;
  content.subject = {mail.subject, "UTF-8"};
  content.text = mail::Content{mail.text, "UTF-8"};
  if (!mail.html.empty()) content.html = mail::Content{mail.html, "UTF-8"};
  content.headers = {{"Auto-Submitted", "auto-generated"}};  // RFC 3834 §5
  s.content = std::move(content);
  auto id = mail.id;
  s.in_transaction = [id](store::Db& db) { ses::remove_system_mail(db, id); };
  co_await submit(service_, std::move(s));
}

}  // namespace send
