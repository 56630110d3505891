#include "api/iam_authorizer.h"

#include <algorithm>
#include <array>

#include "base/fault.h"
#include "ses/access.h"
#include "ses/iam_names.h"
#include "ses/principal.h"

namespace api {
namespace {

using base::Fault;
using base::FaultKind;
using Kind = ses::PrincipalKind;

// They need no right: AWS lets them be called even where a policy denies them.
constexpr std::array<std::string_view, 2> kFree = {"GetCallerIdentity", "GetSessionToken"};
// About the account as a whole.
constexpr std::array<std::string_view, 8> kOfAccount = {"ListUsers",
                                                        "ListGroups",
                                                        "ListRoles",
                                                        "ListPolicies",
                                                        "GetAccountSummary",
                                                        "GetAccountAuthorizationDetails",
                                                        "SimulateCustomPolicy",
                                                        "GetAccessKeyInfo"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Members of the input by name.
class Input {
 public:
  Input(const aws::StructInfo& info, const void* object) : info_(info), object_(object) {}

  const std::string* text(std::string_view name) const {
    const auto* m = member(name);
    if (!m || m->type->kind != aws::Kind::string) return nullptr;
    return static_cast<const std::string*>(aws::member_value(object_, *m));
  }
  std::string text_or(std::string_view name, std::string otherwise) const {
    const auto* found = text(name);
    return found ? *found : otherwise;
  }

  // Of a list of structures with Key and Value; of UntagX the keys alone.
  std::vector<ses::Tag> tags() const {
    std::vector<ses::Tag> out;
    each("Tags", [&](const aws::TypeInfo& type, const void* item) {
      Input tag(*type.structure, item);
      out.push_back({tag.text_or("Key", ""), tag.text_or("Value", "")});
    });
    return out;
  }
  std::vector<std::string> strings(std::string_view name) const {
    std::vector<std::string> out;
    each(name, [&](const aws::TypeInfo&, const void* item) {
      out.push_back(*static_cast<const std::string*>(item));
    });
    return out;
  }

 private:
  const aws::MemberInfo* member(std::string_view name) const {
    for (const auto& m : info_.members)
      if (m.name == name) return &m;
    return nullptr;
  }
  template <class F>
  void each(std::string_view name, F visit) const {
    const auto* m = member(name);
    const void* list = m && m->type->kind == aws::Kind::list ? aws::member_value(object_, *m) : nullptr;
    for (std::size_t i = 0, n = list ? m->type->list->size(list) : 0; i < n; ++i)
      visit(*m->type->element, m->type->list->at(list, i));
  }

  const aws::StructInfo& info_;
  const void* object_;
};

struct Target {
  std::string arn = "*";
  std::vector<ses::Tag> tags;
  std::string boundary;  // of a principal that is there
};

class Authorizer {
 public:
  Authorizer(Context& context, const aws::OperationInfo& operation, const void* input)
      : context_(context),
        operation_(operation),
        input_(*operation.input, input),
        subject_(context.service.principals.subject_of(context.caller)) {
    if (!subject_)
      throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
  }

  base::Task<void> run() {
    refuse_sessions();
    auto finding = target();
    auto found = co_await finding;
    for (auto& question : questions(found)) {
      auto asking = ask(std::move(question));
      co_await asking;
    }
  }

 private:
  struct Question {
    std::string action;
    Target target;
  };

  bool is_iam() const { return operation_.api == aws::Api::iam; }

  // Without a code of an MFA device, and there are none, credentials of GetSessionToken are nothing to IAM;
  // those of GetFederationToken are nothing to it ever.
  void refuse_sessions() const {
    bool weak =
        subject_->kind == ses::SubjectKind::user_session || subject_->kind == ses::SubjectKind::federated;
    if (is_iam() && weak && !subject_->mfa)
      throw Fault(FaultKind::unrecognized_client, "The security token included in the request is invalid.");
  }

  // All must be allowed. Who is renamed or moved is asked about under both ARNs, and making something with
  // tags is tagging, too.
  std::vector<Question> questions(const Target& found) const {
    std::vector<Question> out = {{(is_iam() ? "iam:" : "sts:") + std::string(operation_.name), found}};
    if (auto moved = renamed(found.arn); moved != found.arn) {
      out.push_back(out.front());
      out.back().target.arn = moved;
    }
    const bool makes = operation_.name.starts_with("Create") || operation_.name == "GetFederationToken";
    if (makes && !input_.tags().empty()) out.push_back({tagging(), found});
    return out;
  }

  std::string tagging() const {
    if (!is_iam()) return "sts:TagSession";
    return "iam:Tag" + std::string(operation_.name.substr(std::string_view("Create").size()));
  }

  // The ARN after the call; "arn:aws:iam::123456789012:user/path/bob".
  std::string renamed(const std::string& arn) const {
    const auto kind = arn.find('/'), name = arn.rfind('/');
    if (!operation_.name.starts_with("Update") || kind == std::string::npos) return arn;
    auto path = input_.text_or("NewPath", arn.substr(kind, name + 1 - kind));
    auto renamed_to = input_.text_or("NewGroupName", input_.text_or("NewUserName", arn.substr(name + 1)));
    return arn.substr(0, kind) + path + renamed_to;
  }

  base::Task<void> ask(Question question) {
    const bool iam = is_iam();
    const auto& action = question.action;
    const auto& found = question.target;
    aws::Decision decision;
    decision.effect = aws::AccessEffect::allowed;
    decision.layer = aws::PolicyLayer::root;
    if (!ses::unbounded(*subject_)) {
      auto keys = keys_of(found);
      decision = aws::decide(subject_->policies, {}, {action, found.arn, {}, subject_->requester, keys});
    }
    auto& audit = context_.service.audit;
    if (!decision.allowed() || audit.wants_allows())
      audit.record(
          ses::access_record(context_.caller, *subject_, iam ? "iam" : "sts", action, {found.arn}, decision));
    if (decision.allowed()) co_return;
    auto settling = audit.settle();
    co_await settling;
    throw Fault(FaultKind::access_denied, ses::call_denial(*subject_, action, found.arn, decision));
  }

  const ses::AccountId& account() const { return context_.caller.scope.account; }

  base::Task<Target> target() {
    Target out;
    if (is_one_of(kOfAccount, operation_.name)) co_return out;
    if (operation_.name == "GetFederationToken") {
      out.arn = "arn:aws:sts::" + account().str() + ":federated-user/" + input_.text_or("Name", "");
      co_return out;
    }
    if (const auto* source = input_.text("PolicySourceArn")) {
      out.arn = *source;
      co_return out;
    }
    // A group is what the membership of a user is about.
    for (auto [member, kind] : {std::pair{"GroupName", Kind::group}, {"RoleName", Kind::role}}) {
      if (!input_.text(member)) continue;
      auto finding = principal(kind, *input_.text(member));
      co_return co_await finding;
    }
    if (const auto* key = input_.text("AccessKeyId"); key && operation_.name == "GetAccessKeyLastUsed") {
      auto held = context_.service.principals.find_key(*key);
      auto finding = principal(Kind::user, held && held->account == account() ? held->user : "*");
      co_return co_await finding;
    }
    if (operation_.name == "CreatePolicy") {
      out.arn = "arn:aws:iam::" + account().str() + ":policy" + input_.text_or("Path", "/") +
                input_.text_or("PolicyName", "");
      co_return out;
    }
    const auto* user = input_.text("UserName");
    if (!user && input_.text("PolicyArn")) {
      out.arn = *input_.text("PolicyArn");
      co_return out;
    }
    // Without a name the caller itself is meant.
    auto finding = principal(Kind::user, user ? *user : subject_->name);
    co_return co_await finding;
  }

  // The ARN it has, or would have.
  base::Task<Target> principal(Kind kind, std::string name) {
    Target out;
    ses::Principal asked;
    asked.account = account();
    asked.kind = kind;
    asked.name = name;
    asked.path = operation_.name.starts_with("Create") ? input_.text_or("Path", "/") : "/";
    out.arn = ses::iam::arn_of(asked);
    try {
      auto getting = context_.service.principals.get(asked.named());
      auto held = co_await getting;
      out = {held.arn, held.tags, held.boundary};
    } catch (const Fault& fault) {
      // That it is not there is the operation's to say, once the caller may ask.
      if (fault.kind() != FaultKind::not_found) throw;
    }
    co_return out;
  }

  aws::ConditionContext keys_of(const Target& found) const {
    auto keys = ses::request_context(context_.caller, *subject_, context_.service.clock.now(), "");
    if (is_iam()) keys.set("aws:RequestedRegion", "us-east-1");  // whatever a client signed for: it is global
    for (const auto& tag : found.tags) {
      keys.set("aws:ResourceTag/" + tag.name, tag.value);
      keys.set("iam:ResourceTag/" + tag.name, tag.value);
    }
    auto tag_keys = input_.strings("TagKeys");
    for (const auto& tag : input_.tags()) {
      keys.set("aws:RequestTag/" + tag.name, tag.value);
      tag_keys.push_back(tag.name);
    }
    if (!tag_keys.empty()) keys.set("aws:TagKeys", tag_keys);
    if (const auto* arn = input_.text("PolicyArn")) keys.set("iam:PolicyARN", *arn);
    if (const auto* arn = input_.text("PermissionsBoundary"))
      keys.set("iam:PermissionsBoundary", *arn);
    else if (!found.boundary.empty())
      keys.set("iam:PermissionsBoundary", found.boundary);
    return keys;
  }

  Context& context_;
  const aws::OperationInfo& operation_;
  const Input input_;
  const ses::SubjectPtr subject_;
};

}  // namespace

base::Task<void> authorize_iam(Context& context, const aws::OperationInfo& operation, const void* input) {
  if (is_one_of(kFree, operation.name)) co_return;
  Authorizer authorizer(context, operation, input);
  auto running = authorizer.run();
  co_await running;
}

}  // namespace api
