// Service: what a request needs to do its work, put together once by sesame/ and alive as long as the
// process. The doors (api, submission, links, console) hold a reference. Submission: a send in the one form
// that every door makes of it; submit(): the one way in (ARCHITECTURE §1).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/heavy_pool.h"
#include "base/random.h"
#include "base/task.h"
#include "deliver/dispatcher.h"
#include "mail/mime_builder.h"
#include "net/dns.h"
#include "ses/account.h"
#include "ses/account_features.h"
#include "ses/audit.h"
#include "ses/configuration_set.h"
#include "ses/contact.h"
#include "ses/contact_list.h"
#include "ses/custom_verification.h"
#include "ses/identity.h"
#include "ses/keyring.h"
#include "ses/login_throttle.h"
#include "ses/message.h"
#include "ses/principal.h"
#include "ses/receipt.h"
#include "ses/received.h"
#include "ses/recipe.h"
#include "ses/settings.h"
#include "ses/suppression.h"
#include "ses/template.h"
#include "ses/types.h"
#include "store/store.h"

namespace send {

struct Service {
  const ses::Settings& settings;
  store::Store& store;
  base::Clock& clock;
  base::Random& random;
  base::HeavyPool& heavy;
  ses::Keyring& keyring;
  ses::Principals& principals;
  ses::Accounts& accounts;
  ses::AccountFeatures& account_features;
  ses::Identities& identities;
  ses::ConfigurationSets& configuration_sets;
  ses::ContactLists& contact_lists;
  ses::Contacts& contacts;
  ses::SuppressionList& suppression;
  ses::Messages& messages;
  ses::Templates& templates;
  ses::CustomVerifications& custom_verifications;
  ses::Receipt& receipt;
  ses::Received& received;
  deliver::Dispatcher& dispatcher;
  ses::Audit& audit;
  ses::LoginThrottle& throttle;
  net::Resolver& fresh_dns;  // without a cache, for those who look by hand
};

enum class Door { v1, v2, smtp, system };

struct RawContent {
  std::string data;
};

struct TemplateContent {
  std::string name;            // of a stored template; empty: `source` is an inline one
  ses::TemplateSource source;  // inline: simple substitution only
  std::string data;            // the text of a JSON object; empty: none
  ses::HeaderList headers;
  std::vector<mail::Attachment> attachments;

  ses::TemplatePtr found;  // what was meant; submit() and submit_bulk() see to it
  // An entry of a bulk call: the recipe it shares with the others, and what is its own.
  std::shared_ptr<const std::string> recipe;
  std::string own_data;
  ses::HeaderList own_headers;
  bool not_rendered = false;  // not to be tried at the call, whatever the settings say
};

// The lists of a call; nullopt: not given, so a raw message's headers are asked.
struct Destination {
  std::vector<std::string> to, cc, bcc;
};

struct Submission {
  Door door = Door::v2;
  std::string operation;  // "SendEmail", "SendRawEmail", "SendSmtpEmail"
  ses::Caller caller;

  // The sender as the call names it: Source, FromEmailAddress, MAIL FROM. Raw content may do without.
  std::optional<std::string> from;
  std::optional<std::string> return_path;
  std::vector<std::string> reply_to;
  std::optional<Destination> destination;
  std::variant<mail::SimpleMail, RawContent, TemplateContent> content;

  std::vector<ses::Tag> tags;
  std::optional<std::string> configuration_set;
  std::optional<std::string> source_arn, from_arn, return_path_arn;
  std::optional<std::string> tenant, contact_list, topic;
  ses::TrackingOverrides tracking;
  std::optional<std::string> endpoint;  // of several regions, by its id
  // Of a bulk call: all its recipients, for IAM, which is asked once for the call; its entries stand as
  // authorized then.
  std::shared_ptr<const std::vector<std::string>> audience;
  bool authorized = false;
  bool null_sender = false;       // system mail and bounces only
  bool signed_by_sender = false;  // system mail: by the key of From's identity, not the service's
  // Of mail taken by SMTP: its Received line but for the date, which events show and which does not leave.
  std::string received;
  // Runs in the transaction that accepts the message, and may run twice (store.h).
  std::function<void(store::Db&)> in_transaction;
};

// Checks in SES's order, stores durably, hands to delivery, answers the id. Throws base::Fault.
base::Task<ses::MessageId> submit(Service& service, Submission submission);

}  // namespace send
