#include "receive/intake.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "receive/own_address.h"
#include "ses/receipt_match.h"

namespace receive {
namespace {

constexpr std::size_t kOwnHead = 16 << 10;  // is shown, and of no other use

template <class Test>
bool any_rule(const ses::ReceiptSetup& setup, std::string_view address, Test test) {
  const auto* set = setup.active_set();
  return set && std::any_of(set->rules.begin(), set->rules.end(), [&](const auto& rule) {
           return rule.enabled && test(rule) && ses::rule_matches(rule, address);
         });
}

// By the rules of one that owns the domain of the address.
Welcome welcome_by(const ses::ReceiptSetup& setup, std::string_view address, const std::string& source_ip,
                   bool tls) {
  if (!any_rule(setup, address, [](const auto&) { return true; })) return Welcome::unknown;
  if (ses::filter_verdict(setup.filters, source_ip) == ses::FilterVerdict::blocked) return Welcome::blocked;
  const bool plain_refused = !tls && any_rule(setup, address, [](const auto& r) { return r.tls_required; });
  return plain_refused ? Welcome::needs_tls : Welcome::taken;
}

// Of the message or list that it is about; empty where that is not known.
ses::Scope scope_of_own(const send::Service& service, store::Db& db, const ses::ReceivedMail& mail) {
  const auto& address = mail.recipients.front();
  if (const auto mailbox = unsubscribe_mailbox(service, address)) {
    const auto list = service.contact_lists.find(mailbox->list);
    return list ? list->scope : ses::Scope{};
  }
  const auto sent = service.messages.find_sent(db, returned_message(service, address));
  return sent ? sent->scope : ses::Scope{};
}

std::vector<ses::ReceiptRule> plan_of(const ses::ReceiptSetup& setup,
                                      const std::vector<std::string>& recipients) {
  std::vector<ses::ReceiptRule> out;
  for (const auto& rule : setup.active_set()->rules) {
    const bool wanted = rule.enabled && std::any_of(recipients.begin(), recipients.end(), [&](const auto& r) {
                          return ses::rule_matches(rule, r);
                        });
    if (wanted) out.push_back(rule);
  }
  return out;
}

}  // namespace

Welcome Intake::welcome(std::string_view address, const std::string& source_ip, bool tls) const {
  if (own_kind(service_, address)) return Welcome::taken;
  auto best = Welcome::unknown;
  for (const auto& setup : service_.receipt.receiving_for(address)) {
    const auto answer = welcome_by(*setup, address, source_ip, tls);
    if (answer == Welcome::taken) return answer;
    if (answer != Welcome::unknown) best = answer;
  }
  return best;
}

bool Intake::is_own(std::string_view address) const { return own_kind(service_, address).has_value(); }

ses::ReceivedMail Intake::mail_of(const Envelope& envelope, std::shared_ptr<const std::string> body,
                                  std::vector<std::string> recipients) const {
  ses::ReceivedMail mail;
  mail.id = ses::make_received_id(service_.random);
  mail.received = service_.clock.now();
  mail.progress.due = mail.received;
  mail.sender = envelope.sender;
  mail.recipients = std::move(recipients);
  mail.source_ip = envelope.source_ip;
  mail.helo = envelope.helo;
  mail.tls_version = envelope.tls_version;
  mail.size = body->size();
  mail.head = ses::head_of(*body);
  mail.content = std::move(body);
  return mail;
}

// Who gets it, as all is now: one copy for each address, however often and in whatever case it is named.
Intake::Shares Intake::shares_of(const Envelope& envelope) const {
  Shares out;
  const bool tls = !envelope.tls_version.empty();
  std::set<std::string> seen;
  for (const auto& recipient : envelope.recipients) {
    if (!seen.insert(base::ascii_lower(recipient)).second) continue;
    if (const auto kind = own_kind(service_, recipient)) {
      out.own.emplace_back(recipient, *kind);
      continue;
    }
    bool taken = false;
    for (auto& setup : service_.receipt.receiving_for(recipient)) {
      const auto known = out.scopes.find(setup->scope);
      if (known != out.scopes.end()) setup = known->second.setup;  // one set of rules for the whole mail
      if (welcome_by(*setup, recipient, envelope.source_ip, tls) != Welcome::taken) continue;
      taken = true;
      auto& share = out.scopes[setup->scope];
      share.setup = setup;
      share.recipients.push_back(recipient);
    }
    out.all = out.all && taken;
  }
  return out;
}

void Intake::add_own(const Envelope& envelope, const Shares& shares,
                     const std::shared_ptr<const std::string>& body,
                     std::vector<ses::ReceivedMail>& mails) const {
  std::shared_ptr<const std::string> start;
  for (const auto& [recipient, kind] : shares.own) {
    if (!start)
      start = body->size() <= kReadOfOwn ? body
                                         : std::make_shared<const std::string>(body->substr(0, kReadOfOwn));
    auto mail = mail_of(envelope, start, {recipient});
    mail.kind = kind;
    mail.size = body->size();
    mail.head.resize(std::min(mail.head.size(), kOwnHead));
    mails.push_back(std::move(mail));
  }
}

base::Task<std::vector<std::string>> Intake::store(Envelope envelope, std::string content) {
  auto mails = std::make_shared<std::vector<ses::ReceivedMail>>();
  const auto shares = shares_of(envelope);
  if (envelope.all_or_none && !shares.all) co_return std::vector<std::string>{};
  const auto body = std::make_shared<const std::string>(std::move(content));
  for (const auto& [scope, share] : shares.scopes) {
    auto mail = mail_of(envelope, body, share.recipients);
    mail.scope = scope;
    mail.plan = plan_of(*share.setup, mail.recipients);
    mails->push_back(std::move(mail));
  }
  add_own(envelope, shares, body, *mails);
  std::vector<std::string> ids;
  if (mails->empty()) co_return ids;

  auto* received = &service_.received;
  auto files = std::make_shared<std::vector<std::string>>(mails->size());
  std::exception_ptr error;
  try {
    if (body->size() > store::kInlineBody) {
      std::function<void()> put = [received, mails, files] {
        for (std::size_t i = 0; i < mails->size(); ++i) (*files)[i] = received->put_large_body((*mails)[i]);
      };
      auto putting = service_.heavy.run(std::move(put));
      co_await putting;
    }
    const auto* service = &service_;
    auto insert = [received, service, mails, files](store::Db& db) {
      std::vector<std::int64_t> seqs;
      for (std::size_t i = 0; i < mails->size(); ++i) {
        auto& mail = (*mails)[i];
        if (mail.kind != ses::ReceivedKind::mail) mail.scope = scope_of_own(*service, db, mail);
        seqs.push_back(received->insert(db, mail, (*files)[i]));
      }
      return seqs;
    };
    auto writing = service_.store.write_value(std::move(insert));
    const auto seqs = co_await writing;
    for (std::size_t i = 0; i < mails->size(); ++i) (*mails)[i].seq = seqs[i];
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    for (const auto& file : *files) received->drop_large_body(file);
    std::rethrow_exception(error);
  }
  for (auto& mail : *mails) {
    ids.push_back(mail.id);
    pipeline_.take(std::move(mail));
  }
  co_return ids;
}

}  // namespace receive
