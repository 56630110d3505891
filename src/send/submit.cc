// submit(): every check of a send in SES's order (SES §5), then one commit, then delivery.
#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/log.h"
#include "compose/fixup.h"
#include "mail/content_type.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/fixup.h"
#include "mail/message_id.h"
#include "mail/tags.h"
#include "send/addresses.h"
#include "send/authorize.h"
#include "send/senders.h"
#include "send/service.h"
#include "send/steps.h"
#include "ses/simulator_address.h"

namespace send {
namespace {

using base::Fault;
using base::FaultKind;

// Building and fixing up more than this would hold up a loop.
constexpr std::size_t kHeavyContent = 512 << 10;

void check_message_tags(const std::vector<ses::Tag>& tags) {
  if (tags.size() > base::limits::kMaxTags)
    throw Fault(FaultKind::invalid_parameter, "Message tag count exceeds 50.");
  for (const auto& tag : tags)
    if (auto fault = mail::check_tag(tag.name, tag.value)) throw Fault(FaultKind::invalid_parameter, *fault);
}

// The room for tenants is not built yet, so there are none.
void check_tenant(const Submission& s) {
  if (s.tenant && !s.tenant->empty())
    throw Fault(FaultKind::not_found,
                "Tenant " + *s.tenant + " for AwsAccountId " + s.caller.scope.account.str() + " not found.");
}

// Nor is the room for endpoints of several regions (SES §24.9); the text follows that of tenants (?).
void check_endpoint(const Submission& s) {
  if (s.endpoint && !s.endpoint->empty())
    throw Fault(FaultKind::not_found, "Multi-region endpoint " + *s.endpoint + " for AwsAccountId " +
                                          s.caller.scope.account.str() + " not found.");
}

// The control headers of raw mail stand in for parameters the call does not give (SES §6.1, §5.3, §11.4).
void apply_control_headers(Submission& s, const mail::ControlHeaders& control) {
  if (!s.configuration_set) s.configuration_set = control.configuration_set;
  if (!s.source_arn) s.source_arn = control.source_arn;
  if (!s.from_arn) s.from_arn = control.from_arn;
  if (!s.return_path_arn) s.return_path_arn = control.return_path_arn;
  if (!s.tenant) s.tenant = control.tenant;
  if (!s.endpoint) s.endpoint = control.endpoint_id;
  if (!s.contact_list && control.list_management_options) {
    auto options = mail::parse_list_management_options(*control.list_management_options);
    s.contact_list = options ? options->contact_list : *control.list_management_options;
    if (options && !options->topic.empty()) s.topic = options->topic;
  }
  if (s.tags.empty() && control.message_tags) {
    auto tags = mail::parse_tags_header(*control.message_tags);
    if (!tags) throw Fault(FaultKind::invalid_parameter, tags.error());
    for (auto& [name, value] : *tags) s.tags.push_back({std::move(name), std::move(value)});
    check_message_tags(s.tags);
  }
}

void check_size(const Submission& s, std::size_t size) {
  auto limit = s.door == Door::v1 ? base::limits::kMessageBytesV1 : base::limits::kMessageBytesV2;
  if (size <= limit) return;
  if (s.door == Door::smtp) throw Fault(FaultKind::request_too_large, "Message is too long.");
  throw Fault(FaultKind::invalid_parameter, "Message length is more than " + std::to_string(limit) +
                                                " bytes long: '" + std::to_string(size) + "'.");
}

std::string build(const Service& service, Submission& s) {
  auto& simple = std::get<mail::SimpleMail>(s.content);
  simple.from = s.from.value_or("");
  if (s.destination) {
    simple.to = s.destination->to;
    simple.cc = s.destination->cc;
  }
  simple.reply_to = s.reply_to;
  auto built = mail::build(simple, service.random, service.clock.now());
  if (!built) throw Fault(FaultKind::invalid_parameter, built.error());
  return std::move(*built);
}

std::string tag_value(const std::vector<ses::Tag>& tags, std::string_view name) {
  for (const auto& tag : tags)
    if (tag.name == name) return tag.value;
  return {};
}

mail::Fixup fixup_for(const Service& service, const Submission& s, const ses::Mail& mail,
                      const mail::MessageFacts& facts) {
  auto a = tag_value(s.tags, mail::kFeedbackTagA), b = tag_value(s.tags, mail::kFeedbackTagB);
  auto f = compose::fixup_for(service.settings, service.identities.link_secret(), mail, {a, b});
  if (!facts.from && s.from) f.from = mail::header_address(*s.from);
  return f;
}

std::vector<ses::Recipient> envelope_recipients(const Addresses& a) {
  std::vector<ses::Recipient> out;
  for (const auto* group : {&a.to, &a.cc, &a.bcc}) {
    for (const auto& box : *group) {
      auto domain = mail::ascii_domain(box.domain);
      auto address = box.local + "@" + (domain ? *domain : box.domain);
      // Named twice, a recipient gets one mail.
      bool twice = std::any_of(out.begin(), out.end(),
                               [&](const auto& r) { return mail::same_address(r.address, address); });
      if (twice) continue;
      out.push_back(
          {static_cast<int>(out.size()), address, base::ascii_lower(domain ? *domain : box.domain), 0});
    }
  }
  return out;
}

std::string signer_name(const Submission& s, const ses::Identity& signer) {
  return signer.scope == s.caller.scope ? signer.name : ses::identity_arn(signer.scope, signer.name);
}

std::vector<std::string> shown(const std::vector<mail::Mailbox>& boxes) {
  std::vector<std::string> out;
  for (const auto& box : boxes) out.push_back(mail::display_form(box));
  return out;
}

ses::MailMeta describe(const Submission& s, const Addresses& a, const mail::MessageFacts& facts,
                       const ses::SenderMatch& match, const Effective& effective) {
  ses::MailMeta m;
  m.source = s.from ? *s.from : mail::display_form(a.from.front());
  const auto& feedback = a.return_path ? *a.return_path : a.source ? *a.source : a.from.front();
  if (!s.null_sender) m.return_path = feedback.addr();
  m.operation = s.operation;
  if (match.identity) m.source_arn = ses::identity_arn(match.identity->scope, match.identity->name);
  m.subject = mail::decode_words(facts.subject.value_or(""));
  m.configuration_set = effective.configuration_set;
  m.request_id = s.caller.request_id;
  m.caller_arn = s.caller.principal_arn;
  m.caller_name = s.caller.principal_name;
  m.source_ip = s.caller.source_ip;
  m.tls_version = s.caller.tls_version;
  m.user_agent = s.caller.user_agent;
  m.to = shown(a.to);
  m.cc = shown(a.cc);
  m.bcc = shown(a.bcc);
  m.reply_to = shown(a.reply_to);
  m.tags = s.tags;
  m.tracking = s.tracking;
  m.headers = facts.headers;
  m.headers_truncated = facts.headers_truncated;
  return m;
}

// SES §12.3: the message as it leaves, but for its signature.
void fix_up(const Service& service, const Submission& s, const mail::MessageFacts& facts, std::string content,
            Prepared& p) {
  auto fixup = fixup_for(service, s, p.mail, facts);
  if (p.list) {
    fixup.remove = p.list->remove;
    fixup.add = p.list->add;
  }
  auto fixed = mail::fix_up_in_place(std::move(content), fixup);
  if (!fixed) throw Fault(FaultKind::invalid_parameter, fixed.error());
  p.mail.size = fixed->message.size();
  p.mail.content = std::make_shared<const std::string>(std::move(fixed->message));
}

}  // namespace

void check_account(const Service& service, const Submission& s) {
  if (s.door == Door::system) return;
  auto account = service.accounts.settings(s.caller.scope);
  if (account.paused())  // SES §5.6, §4: paused by the operator, or shut down
    throw Fault(
        account.enforcement == ses::Enforcement::shutdown ? FaultKind::account_suspended
                                                          : FaultKind::message_rejected,
        "Sending paused for this account. For more information, please check the inbox of the email address "
        "associated with your AWS account.");
  if (!account.sending_enabled) throw Fault(FaultKind::account_paused, "Account sending is disabled.");
}

Prepared prepare(const Service& service, Submission& s) {
  check_account(service, s);
  check_message_tags(s.tags);
  check_tenant(s);
  check_endpoint(s);

  // A bounce goes to whoever wrote, and its sender was looked at (send_bounce.cc).
  bool utf8 = service.settings.smtputf8 || s.door == Door::system || s.null_sender;
  auto* raw = std::get_if<RawContent>(&s.content);
  mail::MessageFacts facts;
  if (raw) {
    auto inspected = mail::inspect(raw->data);
    if (!inspected) throw Fault(FaultKind::invalid_parameter, inspected.error());
    facts = std::move(*inspected);
    apply_control_headers(s, facts.control);
    check_tenant(s);
    check_endpoint(s);
  }
  auto addresses = parse_addresses(s, raw ? &facts : nullptr, utf8);
  check_counts(addresses);
  Prepared p;
  p.effective = configure(service, s, addresses);
  check_lengths(addresses);
  auto* templated = std::get_if<TemplateContent>(&s.content);
  if (templated) check_template(service, s);
  p.mail.scope = s.caller.scope;
  p.mail.accepted = service.clock.now();
  p.mail.id = ses::MessageId(mail::make_message_id(s.caller.scope.region.str(), p.mail.accepted,
                                                   service.random, service.identities.link_secret()));
  p.list = plan_list(service, s, addresses, p.mail.id, facts.has_dkim_signature);
  Senders senders;
  if (s.door != Door::system) {
    senders = find_senders(service, s, addresses);
    authorize(service, s, addresses, senders, p.effective);
  } else if (s.signed_by_sender && !addresses.from.empty()) {
    auto match = service.identities.match_sender(s.caller.scope, addresses.from.front().addr());
    if (match) senders.from = *match;
  }
  const auto& match = senders.from;
  auto sender_domain = s.null_sender ? std::string() : mail_from_domain(service, s, match);

  if (p.list) put_unsubscribe_link(s, *p.list);
  if (templated) {
    facts = template_facts(s);
  } else if (raw) {
    // SES §5.2, §5.4
    if (auto fault = mail::check_content(raw->data)) throw Fault(FaultKind::invalid_parameter, *fault);
  } else {
    s.content = RawContent{build(service, s)};  // the parts it was built of go
    raw = std::get_if<RawContent>(&s.content);
    auto inspected = mail::inspect(raw->data);
    if (!inspected) throw Fault(FaultKind::invalid_parameter, inspected.error());
    facts = std::move(*inspected);
  }
  if (raw) check_size(s, raw->data.size());

  p.mail.expires = p.mail.accepted + service.settings.lifetime;
  if (p.effective.max_delivery)
    p.mail.expires = std::min(p.mail.expires, p.mail.accepted + *p.effective.max_delivery);
  p.recipients = envelope_recipients(addresses);
  p.simulated =
      static_cast<std::size_t>(std::count_if(p.recipients.begin(), p.recipients.end(), [&](const auto& r) {
        return ses::is_simulator_address(r.address, service.settings.service_domain);
      }));
  p.meta = describe(s, addresses, facts, match, p.effective);
  if (!s.received.empty())  // SES §12.3
    p.meta.headers.emplace(p.meta.headers.begin(), "Received",
                           s.received + "; " + base::rfc5322_date(p.mail.accepted) + " (UTC)");
  if (match.signer) p.mail.signer = signer_name(s, *match.signer);
  if (!s.null_sender) p.mail.sender = mail::envelope_sender(p.mail.id.str(), sender_domain);
  bool utf8_address = std::any_of(p.recipients.begin(), p.recipients.end(),
                                  [](const auto& r) { return !base::is_ascii(r.address); });
  if (facts.eight_bit) p.mail.flags |= ses::kEightBit;
  if (utf8_address || (facts.eight_bit_header && service.settings.smtputf8)) p.mail.flags |= ses::kSmtpUtf8;
  if (s.door == Door::system) p.mail.flags |= ses::kSystem;
  if (p.effective.tls_required) p.mail.flags |= ses::kTlsRequired;
  if (p.effective.max_delivery && *p.effective.max_delivery < service.settings.lifetime)
    p.mail.flags |= ses::kCutShort;
  if (s.in_transaction) p.in_transaction.push_back(s.in_transaction);
  if (templated)
    fill_recipe(service, s, p);
  else
    fix_up(service, s, facts, std::move(raw->data), p);
  return p;
}

namespace {

std::vector<ses::Recipient> to_send(const Prepared& p) {
  std::vector<ses::Recipient> out;
  for (const auto& r : p.recipients)
    if (r.state == ses::RecipientState::pending) out.push_back(r);
  return out;
}

std::size_t content_size(const Submission& s) {
  if (const auto* raw = std::get_if<RawContent>(&s.content)) return raw->data.size();
  if (const auto* t = std::get_if<TemplateContent>(&s.content)) {
    std::size_t size = 0;
    for (const auto& attachment : t->attachments) size += attachment.bytes.size();
    return size;
  }
  const auto& simple = std::get<mail::SimpleMail>(s.content);
  std::size_t size =
      (simple.text ? simple.text->data.size() : 0) + (simple.html ? simple.html->data.size() : 0);
  for (const auto& attachment : simple.attachments) size += attachment.bytes.size();
  return size;
}

base::Task<std::optional<ses::MessageId>> answered_before(Service& service, ses::Caller caller) {
  if (caller.invocation_id.empty()) co_return std::nullopt;
  auto* messages = &service.messages;
  auto now = service.clock.now();
  auto look = [messages, caller, now](store::Db& db) { return messages->find_retried(db, caller, now); };
  co_return co_await service.store.read_value(std::move(look));
}

// Stores it, unless the same call was accepted before: then the answer is the id it got then.
base::Task<ses::MessageId> commit(Service& service, std::shared_ptr<const Submission> s,
                                  std::shared_ptr<const Prepared> p, std::string body_file) {
  auto* held = &service;
  auto work = [held, s, p, body_file](store::Db& db) -> ses::MessageId {
    auto& messages = held->messages;
    if (auto before = messages.find_retried(db, s->caller, p->mail.accepted)) return *before;
    messages.insert(db, p->mail, p->meta, p->recipients, body_file, {}, p->events);
    messages.remember_call(db, s->caller, p->mail.id, p->mail.accepted);
    if (s->door != Door::system)
      held->accounts.record_accepted(db, p->mail.scope, p->mail.accepted,
                                     p->recipients.size() - p->simulated);
    for (const auto& work : p->in_transaction) work(db);
    return p->mail.id;
  };
  co_return co_await service.store.write_value(std::move(work));
}

// A full disk or a full queue: nothing was accepted, and the client may come again.
[[noreturn]] void refuse_for_now(const std::exception& e) {
  base::log_error("a message could not be stored: {}", e.what());
  throw Fault(FaultKind::unavailable, "The service cannot store the message now. Try again later.");
}

base::Task<ses::MessageId> store_message(Service& service, std::shared_ptr<const Submission> s,
                                         std::shared_ptr<const Prepared> p) {
  std::string body_file;
  std::exception_ptr error;
  try {
    if (p->mail.content->size() > store::kInlineBody && service.messages.stores_content(p->recipients)) {
      auto* messages = &service.messages;
      auto put = [messages, p] { return messages->put_large_body(p->mail); };
      body_file = co_await service.heavy.run_value(std::move(put));
    }
    auto id = co_await commit(service, s, p, body_file);
    if (id != p->mail.id) service.messages.drop_large_body(body_file);
    co_return id;
  } catch (...) {
    error = std::current_exception();
  }
  service.messages.drop_large_body(body_file);
  rethrow_store_error(error);
}

}  // namespace

void rethrow_store_error(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const store::DiskFull& e) {
    refuse_for_now(e);
  } catch (const store::Overloaded& e) {
    refuse_for_now(e);
  }
}

base::Task<ses::MessageId> submit(Service& service, Submission submission) {
  auto s = std::make_shared<Submission>(std::move(submission));
  co_await find_template(service, *s);
  Prepared ready;
  std::exception_ptr refused;
  try {
    if (content_size(*s) > kHeavyContent) {
      auto* held = &service;
      auto work = [held, s] {
        auto p = prepare(*held, *s);
        screen(*held, *s, p);
        return p;
      };
      ready = co_await service.heavy.run_value(std::move(work));
    } else {
      ready = prepare(service, *s);
      screen(service, *s, ready);
    }
  } catch (...) {
    refused = std::current_exception();
  }
  if (refused) {
    auto refusing = rethrow_refusal(service, refused);
    co_await refusing;
  }
  s->content = RawContent{};  // the prepared mail has its own
  if (s->door != Door::system) {
    co_await hold_opted_out(service, *s, ready);
    co_await hold_suppressed(service, *s, ready);
  }
  ready.mail.seq = service.messages.next_seq();
  auto p = std::make_shared<const Prepared>(std::move(ready));

  bool counted = s->door != Door::system;
  const auto& scope = p->mail.scope;
  std::exception_ptr over_quota;
  try {
    if (counted) service.accounts.reserve(scope, p->recipients.size(), p->simulated);
  } catch (...) {
    over_quota = std::current_exception();
  }
  if (over_quota) {
    auto before = co_await answered_before(service, s->caller);
    if (before) co_return *before;
    std::rethrow_exception(over_quota);
  }

  std::exception_ptr error;
  ses::MessageId id;
  try {
    id = co_await store_message(service, s, p);
  } catch (...) {
    error = std::current_exception();
  }
  bool accepted = !error && id == p->mail.id;
  if (counted && !accepted) service.accounts.release(scope, p->recipients.size(), p->simulated);
  if (error) std::rethrow_exception(error);
  if (accepted) service.dispatcher.accept(p->mail, to_send(*p));
  co_return id;
}

}  // namespace send
