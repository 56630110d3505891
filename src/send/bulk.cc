#include "send/bulk.h"

#include <array>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/log.h"
#include "mail/address.h"
#include "mail/bad_content.h"
#include "send/authorize.h"
#include "send/steps.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::size_t kMaxEntries = 50;
constexpr std::size_t kHeavyContent = 512 << 10;

struct StatusName {
  std::string_view v1, v2;
};
constexpr std::array<StatusName, 14> kNames = {{
    {"Success", "SUCCESS"},
    {"MessageRejected", "MESSAGE_REJECTED"},
    {"MailFromDomainNotVerified", "MAIL_FROM_DOMAIN_NOT_VERIFIED"},
    {"ConfigurationSetDoesNotExist", "CONFIGURATION_SET_NOT_FOUND"},
    {"TemplateDoesNotExist", "TEMPLATE_NOT_FOUND"},
    {"AccountSuspended", "ACCOUNT_SUSPENDED"},
    {"AccountThrottled", "ACCOUNT_THROTTLED"},
    {"AccountDailyQuotaExceeded", "ACCOUNT_DAILY_QUOTA_EXCEEDED"},
    {"InvalidSendingPoolName", "INVALID_SENDING_POOL_NAME"},
    {"AccountSendingPaused", "ACCOUNT_SENDING_PAUSED"},
    {"ConfigurationSetSendingPaused", "CONFIGURATION_SET_SENDING_PAUSED"},
    {"InvalidParameterValue", "INVALID_PARAMETER"},
    {"TransientFailure", "TRANSIENT_FAILURE"},
    {"Failed", "FAILED"},
}};

BulkStatus status_of(const Fault& fault) {
  switch (fault.kind()) {
    case FaultKind::message_rejected:
      return BulkStatus::message_rejected;
    case FaultKind::mail_from_not_verified:
      return BulkStatus::mail_from_domain_not_verified;
    case FaultKind::configuration_set_not_found:
      return BulkStatus::configuration_set_not_found;
    case FaultKind::template_not_found:
      return BulkStatus::template_not_found;
    case FaultKind::account_suspended:
      return BulkStatus::account_suspended;
    case FaultKind::throttling:
      return fault.message().starts_with("Daily") ? BulkStatus::account_daily_quota_exceeded
                                                  : BulkStatus::account_throttled;
    case FaultKind::account_paused:
      return BulkStatus::account_sending_paused;
    case FaultKind::configuration_set_paused:
      return BulkStatus::configuration_set_sending_paused;
    case FaultKind::invalid_parameter:
    case FaultKind::validation:
      return BulkStatus::invalid_parameter;
    default:
      return BulkStatus::failed;
  }
}

BulkResult refused(const Fault& fault) { return {status_of(fault), fault.message(), {}}; }

// SES §5.1: a malformed or over-long sender or return path fails the call, with a text of its own.
void check_sender(const std::optional<std::string>& address, bool utf8) {
  if (!address || address->empty()) return;
  auto box = mail::parse_mailbox(*address, utf8);
  if (!box || mail::address_length_fault(*box))
    throw Fault(FaultKind::invalid_parameter, "Invalid email address<" + *address + ">.");
}

// Bare; those that do not parse are their entries' faults.
std::shared_ptr<const std::vector<std::string>> audience_of(const std::vector<BulkEntry>& entries) {
  auto all = std::make_shared<std::vector<std::string>>();
  for (const auto& entry : entries)
    for (const auto* group : {&entry.destination.to, &entry.destination.cc, &entry.destination.bcc})
      for (const auto& text : *group)
        if (auto box = mail::parse_mailbox(text, true)) all->push_back(box->addr());
  return all;
}

// What is wrong with the call itself shows on a mail from the sender to the sender, which is not sent. The
// recipe that was made for it is that of the call.
Prepared check_call(const Service& service, Submission& common, const std::vector<BulkEntry>& entries) {
  Submission probe = common;
  probe.audience = audience_of(entries);
  probe.reply_to.clear();  // a bad one is each entry's fault
  probe.destination = Destination{{*common.from}, {}, {}};
  // Under --strict-templates the entries' own data counts, not the defaults alone.
  auto& content = std::get<TemplateContent>(probe.content);
  content.not_rendered = true;
  auto prepared = prepare(service, probe);
  std::get<TemplateContent>(common.content).found = content.found;
  common.authorized = true;
  return prepared;
}

// SES §5.3: by name, case-sensitive.
std::vector<ses::Tag> merged_tags(const std::vector<ses::Tag>& common, std::vector<ses::Tag> own) {
  std::vector<ses::Tag> out;
  for (const auto& tag : common) {
    bool replaced = false;
    for (const auto& o : own) replaced |= o.name == tag.name;
    if (!replaced) out.push_back(tag);
  }
  for (auto& tag : own) out.push_back(std::move(tag));
  return out;
}

Prepared prepare_entry(const Service& service, const Submission& common, BulkEntry& entry) {
  // SES §6.1: v1 wants data for each; `{}` means the defaults.
  if (common.door == Door::v1 && (!entry.data || entry.data->empty()))
    throw Fault(FaultKind::invalid_parameter, "The template data is invalid");
  Submission s = common;
  s.destination = std::move(entry.destination);
  s.tags = merged_tags(common.tags, std::move(entry.tags));
  auto& content = std::get<TemplateContent>(s.content);
  content.own_data = std::move(entry.data).value_or("");
  content.own_headers = std::move(entry.headers);
  return prepare(service, s);
}

// An accepted call: everything its transaction writes. Nothing of it changes once it is made.
struct Batch {
  ses::Caller caller;
  std::vector<Prepared> mails;
  std::vector<std::size_t> index;  // of the mail's entry
  std::vector<BulkResult> results;
  std::int64_t body = 0;
  std::size_t stored = 0;  // mails that keep their content
  std::string body_file;
  std::size_t recipients = 0, simulated = 0;
  base::WallTime at;
};

// The answer of a call, for a client that asks again: a line for each entry.
std::string answer_text(const std::vector<BulkResult>& results) {
  std::string out;
  for (const auto& r : results) {
    auto error = r.error;
    for (char& c : error)
      if (c == '\n' || c == '\t' || c == '\0') c = ' ';
    out += std::to_string(static_cast<int>(r.status)) + "\t" + r.id.str() + "\t" + error + "\n";
  }
  return out;
}

std::vector<BulkResult> read_answer(std::string_view text) {
  std::vector<BulkResult> out;
  for (auto line : base::split(text, '\n')) {
    auto parts = base::split(line, '\t');
    if (parts.size() != 3) continue;
    auto status = static_cast<std::size_t>(std::stoul(std::string(parts[0])));
    if (status >= kNames.size()) continue;
    out.push_back(
        {static_cast<BulkStatus>(status), std::string(parts[2]), ses::MessageId(std::string(parts[1]))});
  }
  return out;
}

base::Task<std::optional<ses::MessageId>> answered_before(Service& service, ses::Caller caller,
                                                          base::WallTime now) {
  if (caller.invocation_id.empty()) co_return std::nullopt;
  auto* messages = &service.messages;
  auto look = [messages, caller, now](store::Db& db) { return messages->find_retried(db, caller, now); };
  co_return co_await service.store.read_value(std::move(look));
}

std::optional<ses::MessageId> write_batch(Service& service, const Batch& b, const std::string& answer,
                                          store::Db& db) {
  auto& messages = service.messages;
  if (auto before = messages.find_retried(db, b.caller, b.at)) return before;
  if (b.stored) messages.insert_shared_body(db, b.body, b.stored, *b.mails.front().mail.content, b.body_file);
  for (const auto& p : b.mails) {
    messages.insert(db, p.mail, p.meta, p.recipients, {}, {}, p.events);
    for (const auto& work : p.in_transaction) work(db);
  }
  messages.remember_call(db, b.caller, ses::MessageId(answer), b.at);
  service.accounts.record_accepted(db, b.caller.scope, b.at, b.recipients - b.simulated);
  return std::nullopt;
}

// nullopt: stored. Else the answer this very call was given before.
base::Task<std::optional<ses::MessageId>> store_batch(Service& service, std::shared_ptr<Batch> batch) {
  std::exception_ptr error;
  std::optional<ses::MessageId> before;
  try {
    if (batch->stored && batch->mails.front().mail.content->size() > store::kInlineBody) {
      auto* messages = &service.messages;
      auto put = [messages, batch] { return messages->put_large_body(batch->mails.front().mail); };
      batch->body_file = co_await service.heavy.run_value(std::move(put));
    }
    auto* held = &service;
    auto answer = std::make_shared<const std::string>(answer_text(batch->results));
    auto work = [held, batch, answer](store::Db& db) { return write_batch(*held, *batch, *answer, db); };
    before = co_await service.store.write_value(std::move(work));
  } catch (...) {
    error = std::current_exception();
  }
  if (error || before) service.messages.drop_large_body(batch->body_file);
  if (error) rethrow_store_error(error);
  co_return before;
}

std::vector<ses::Recipient> to_send(const Prepared& p) {
  std::vector<ses::Recipient> out;
  for (const auto& r : p.recipients)
    if (r.state == ses::RecipientState::pending) out.push_back(r);
  return out;
}

// The mails of the entries that are good, the answers of those that are not.
Batch prepare_all(const Service& service, Submission& common, std::vector<BulkEntry>& entries) {
  auto probe = check_call(service, common, entries);
  const bool bad_content = mail::has_bad_content(*probe.mail.content);
  auto& content = std::get<TemplateContent>(common.content);
  content.recipe = common.reply_to.empty() ? probe.mail.content : recipe_of(common);
  // The recipe has them; the entries copy the rest.
  content.attachments.clear();
  content.headers.clear();
  content.data.clear();
  content.source = {};
  Batch b;
  b.caller = common.caller;
  b.at = service.clock.now();
  b.results.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    try {
      b.mails.push_back(prepare_entry(service, common, entries[i]));
      auto& entry = b.mails.back();
      if (bad_content || mail::has_bad_content(*entry.mail.own)) reject(service, entry);
      b.index.push_back(i);
    } catch (const Fault& fault) {
      b.results[i] = refused(fault);
    }
  }
  return b;
}

// Takes each entry's recipients from the quota and the rate; those that find no room drop out.
bool reserve(Service& service, Batch& b) {
  bool all = true;
  std::vector<Prepared> kept;
  std::vector<std::size_t> index;
  kept.reserve(b.mails.size());
  for (std::size_t i = 0; i < b.mails.size(); ++i) {
    auto at = b.index[i];
    try {
      service.accounts.reserve(b.caller.scope, b.mails[i].recipients.size(), b.mails[i].simulated);
    } catch (const Fault& fault) {
      b.results[at] = refused(fault);
      all = false;
      continue;
    }
    b.recipients += b.mails[i].recipients.size();
    b.simulated += b.mails[i].simulated;
    b.results[at] = {BulkStatus::success, {}, b.mails[i].mail.id};
    kept.push_back(std::move(b.mails[i]));
    index.push_back(at);
  }
  b.mails = std::move(kept);
  b.index = std::move(index);
  return all;
}

void number(Service& service, Batch& b) {
  b.body = service.messages.next_seq();  // below those of its messages
  for (auto& p : b.mails) {
    p.mail.seq = service.messages.next_seq();
    if (!service.messages.stores_content(p.recipients)) continue;
    p.mail.body = b.body;
    ++b.stored;
  }
}

std::size_t content_size(const Submission& s) {
  std::size_t size = 0;
  for (const auto& a : std::get<TemplateContent>(s.content).attachments) size += a.bytes.size();
  return size;
}

}  // namespace

std::string_view v1_name(BulkStatus status) { return kNames[static_cast<std::size_t>(status)].v1; }
std::string_view v2_name(BulkStatus status) { return kNames[static_cast<std::size_t>(status)].v2; }

base::Task<std::vector<BulkResult>> submit_bulk(Service& service, Submission submission,
                                                std::vector<BulkEntry> list) {
  if (list.empty() || list.size() > kMaxEntries)
    throw Fault(FaultKind::invalid_parameter, "A bulk call must have between 1 and 50 destinations.");
  if (!submission.from || submission.from->empty())
    throw Fault(FaultKind::invalid_parameter, "Source cannot be empty");
  check_sender(submission.from, service.settings.smtputf8);
  check_sender(submission.return_path, service.settings.smtputf8);
  auto common = std::make_shared<Submission>(std::move(submission));
  auto entries = std::make_shared<std::vector<BulkEntry>>(std::move(list));
  co_await find_template(service, *common);

  auto batch = std::make_shared<Batch>();
  std::exception_ptr refused;
  try {
    if (content_size(*common) > kHeavyContent) {
      auto* held = &service;
      auto work = [held, common, entries] { return prepare_all(*held, *common, *entries); };
      *batch = co_await service.heavy.run_value(std::move(work));
    } else {
      *batch = prepare_all(service, *common, *entries);
    }
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    auto refusing = rethrow_refusal(service, refused);
    co_await refusing;
  }
  for (auto& p : batch->mails) {
    co_await hold_opted_out(service, *common, p);
    co_await hold_suppressed(service, *common, p);
  }
  bool all = reserve(service, *batch);
  if (!all) {
    auto before = co_await answered_before(service, batch->caller, batch->at);
    if (before) {
      service.accounts.release(batch->caller.scope, batch->recipients, batch->simulated);
      co_return read_answer(before->str());
    }
  }
  if (batch->mails.empty()) co_return batch->results;
  number(service, *batch);

  std::exception_ptr error;
  std::optional<ses::MessageId> before;
  try {
    before = co_await store_batch(service, batch);
  } catch (...) {
    error = std::current_exception();
  }
  if (error || before) service.accounts.release(batch->caller.scope, batch->recipients, batch->simulated);
  if (error) std::rethrow_exception(error);
  if (before) co_return read_answer(before->str());
  for (const auto& p : batch->mails) service.dispatcher.accept(p.mail, to_send(p));
  co_return batch->results;
}

}  // namespace send
