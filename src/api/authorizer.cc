#include "api/authorizer.h"

#include "api/iam_authorizer.h"
#include "api/request_names.h"
#include "api/taggable.h"
#include "aws/permissions.h"
#include "base/fault.h"
#include "mail/address.h"
#include "ses/access.h"
#include "ses/identity_name.h"

namespace api {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::string_view kPassRole = "iam:PassRole";
constexpr std::string_view kService = "ses.amazonaws.com";  // takes on the roles it is handed

// One question of several that must all be answered with an allow.
struct Question {
  std::string action, resource;
  std::vector<ses::Tag> tags;  // of the resource
};

class Authorizer {
 public:
  Authorizer(Context& context, const aws::OperationInfo& operation, const void* input)
      : context_(context),
        operation_(operation),
        subject_(context.service.principals.subject_of(context.caller)) {
    if (!subject_)
      throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
    const auto* permission = aws::find_permission(operation.api, operation.name);
    if (!permission) return;
    names_ = names_of(operation, *permission, input, context.caller.scope);
    if (!names_.sender.empty()) add_sender(permission->has_key("ses:FromAddress"));
  }

  base::Task<void> run() {
    questions();
    // Root may do it: no resource policy of ours stands on anything but identities, for sends.
    if (ses::unbounded(*subject_)) {
      note({});
      co_return;
    }
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      auto looking = tags_of(questions_[i].resource);
      auto tags = co_await looking;
      questions_[i].tags = std::move(tags);
    }
    aws::Decision first;
    for (const auto& question : questions_) {
      auto decision = ask(question);
      if (!decision.allowed()) {
        auto refusing = refuse(&question, decision);
        co_await refusing;
      }
      if (&question == &questions_.front()) first = decision;
    }
    note(first);
  }

 private:
  // SES §10.2: its identity is that of the address where there is one, else that of its domain.
  void add_sender(bool is_key) {
    const auto& scope = context_.caller.scope;
    if (auto box = mail::parse_mailbox(names_.sender, true)) names_.sender = box->addr();
    auto match = context_.service.identities.match_sender(scope, names_.sender);
    std::string name = match ? match->identity->name : std::string(ses::domain_of(names_.sender));
    names_.resources.push_back(
        {"identity", ses::identity_arn(scope, name), scope.account.str(), std::move(name)});
    if (!is_key) names_.sender.clear();
  }

  void questions() {
    add_for_resources("ses:" + std::string(operation_.name));
    // SES §10.1: making something with tags is tagging, too.
    if (!names_.tags.empty() && operation_.name != "TagResource") add_for_resources("ses:TagResource");
    for (const auto& role : names_.roles) questions_.push_back({std::string(kPassRole), role, {}});
  }

  void add_for_resources(std::string action) {
    if (names_.resources.empty()) questions_.push_back({action, "*", {}});
    for (const auto& r : names_.resources) questions_.push_back({action, r.arn, {}});
  }

  base::Task<std::vector<ses::Tag>> tags_of(std::string arn) {
    for (const auto& r : names_.resources) {
      if (r.arn != arn || r.account != context_.caller.scope.account.str()) continue;
      auto looking = tags_of_resource(context_, r.kind, r.name);
      auto found = co_await looking;
      if (found) co_return std::move(*found);
    }
    co_return std::vector<ses::Tag>{};
  }

  // As of one's own account whatever the ARN says: that it is another's is the operation's to refuse.
  aws::Decision ask(const Question& q) {
    auto keys = context_of(q);
    return aws::decide(subject_->policies, {}, {q.action, q.resource, {}, subject_->requester, keys});
  }

  base::Task<void> refuse(const Question* q, aws::Decision decision) {
    auto& audit = context_.service.audit;
    audit.record(record(q->action, {q->resource}, decision));
    auto settling = audit.settle();
    co_await settling;
    throw Fault(FaultKind::access_denied, denial(*q, decision));
  }

  // One record of the call, with what allowed the first that was asked.
  void note(aws::Decision decision) {
    auto& audit = context_.service.audit;
    if (!audit.wants_allows()) return;
    decision.effect = aws::AccessEffect::allowed;
    std::vector<std::string> arns;
    for (const auto& q : questions_)
      if (q.action == questions_.front().action) arns.push_back(q.resource);
    audit.record(record(questions_.front().action, std::move(arns), decision));
  }

  ses::AccessRecord record(const std::string& action, std::vector<std::string> arns,
                           const aws::Decision& decision) const {
    auto api = operation_.api == aws::Api::ses ? "v1" : "v2";
    return ses::access_record(context_.caller, *subject_, api, action, std::move(arns), decision);
  }

  std::string denial(const Question& q, const aws::Decision& decision) const {
    if (operation_.name.starts_with("Send") && q.action != kPassRole)
      return ses::send_denial(*subject_, q.action, q.resource);
    bool shown = operation_.api != aws::Api::ses || q.action == kPassRole;
    return ses::call_denial(*subject_, q.action, shown ? q.resource : "", decision);
  }

  aws::ConditionContext context_of(const Question& q) {
    if (!keys_) keys_ = keys_of_call();
    auto keys = ses::with_resource_tags(*keys_, q.tags);
    if (q.action == kPassRole) keys.set("iam:PassedToService", std::string(kService));
    return keys;
  }

  aws::ConditionContext keys_of_call() const {
    auto version = operation_.api == aws::Api::ses ? "1" : "2";
    auto keys = ses::request_context(context_.caller, *subject_, context_.service.clock.now(), version);
    for (const auto& [key, value] : names_.tags) keys.set("aws:RequestTag/" + key, value);
    if (!names_.tag_keys.empty()) keys.set("aws:TagKeys", names_.tag_keys);
    if (!names_.sender.empty()) keys.set("ses:FromAddress", names_.sender);
    if (!names_.export_source.empty()) keys.set("ses:ExportSourceType", names_.export_source);
    return keys;
  }

  Context& context_;
  const aws::OperationInfo& operation_;
  ses::SubjectPtr subject_;
  RequestNames names_;
  std::vector<Question> questions_;
  std::optional<aws::ConditionContext> keys_;
};

}  // namespace

base::Task<void> authorize(Context& context, const aws::OperationInfo& operation, const void* input) {
  if (operation.api == aws::Api::iam || operation.api == aws::Api::sts) {
    auto asking = authorize_iam(context, operation, input);
    co_return co_await asking;
  }
  if (operation.api != aws::Api::ses && operation.api != aws::Api::sesv2) co_return;
  Authorizer authorizer(context, operation, input);
  auto running = authorizer.run();
  co_await running;
}

}  // namespace api
