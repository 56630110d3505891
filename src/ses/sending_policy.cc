#include "ses/sending_policy.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "aws/policy_match.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/random.h"
#include "ses/identity_name.h"

namespace ses {
namespace {

namespace json = boost::json;
using base::Fault;
using base::FaultKind;

// SES §9 gives the code; the words are ours (?).
[[noreturn]] void refuse(const std::string& why) {
  throw Fault::with_code(FaultKind::invalid_parameter, "InvalidPolicy", "Invalid policy: " + why);
}

constexpr std::array<std::string_view, 5> kActions = {"sendemail", "sendrawemail", "sendtemplatedemail",
                                                      "sendbulktemplatedemail", "sendbulkemail"};

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// A string, or a list of strings that is not empty.
std::vector<std::string> strings(const json::value& value, const std::string& what) {
  std::vector<std::string> out;
  if (value.is_string()) {
    out.emplace_back(view(value.get_string()));
  } else if (value.is_array()) {
    for (const auto& item : value.get_array()) {
      if (!item.is_string()) refuse(what + " must be a string or a list of strings.");
      out.emplace_back(view(item.get_string()));
    }
  }
  if (out.empty()) refuse(what + " must be a string or a list of strings.");
  return out;
}

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Account id, or the ARN of a root, a user or a role.
bool is_aws_principal(const std::string& text) {
  if (text == "*" || is_account(text)) return true;
  auto parts = base::split(text, ':');
  if (parts.size() != 6 || parts[0] != "arn" || !parts[1].starts_with("aws")) return false;
  if ((parts[2] != "iam" && parts[2] != "sts") || !parts[3].empty() || !is_account(parts[4])) return false;
  return parts[5] == "root" || parts[5].starts_with("user/") || parts[5].starts_with("role/") ||
         parts[5].starts_with("assumed-role/") || parts[5].starts_with("federated-user/");
}

void check_principal(const json::value& principal) {
  if (principal.is_string() && view(principal.get_string()) == "*") return;
  if (!principal.is_object() || principal.get_object().empty())
    refuse("Principal must be \"*\" or name AWS or Service.");
  for (const auto& [key, value] : principal.get_object()) {
    std::string kind(std::string_view(key.data(), key.size()));
    if (kind != "AWS" && kind != "Service") refuse("Principal " + kind + " is not supported.");
    for (const auto& name : strings(value, "Principal " + kind)) {
      bool good = kind == "AWS" ? is_aws_principal(name) : name.find('.') != std::string::npos;
      if (!good) refuse("Principal " + name + " is not valid.");
    }
  }
}

bool is_sending_action(std::string_view lower) {
  auto pattern = aws::mark_wildcards(lower);
  return std::any_of(kActions.begin(), kActions.end(),
                     [&](auto known) { return aws::pattern_matches(pattern, known); });
}

void check_action(const json::value& action) {
  for (const auto& name : strings(action, "Action")) {
    auto lower = base::ascii_lower(name);
    bool good = lower.starts_with("ses:") && is_sending_action(std::string_view(lower).substr(4));
    if (!good) refuse("Action " + name + " is not supported.");
  }
}

// SES §9: exactly one, the ARN of this identity.
void check_resource(const json::value& resource, const Scope& scope, const std::string& identity) {
  auto names = strings(resource, "Resource");
  if (names.size() != 1) refuse("A statement must have exactly one Resource.");
  auto parts = base::split(names[0], ':');
  constexpr std::string_view kKind = "identity/";
  bool good = parts.size() >= 6 && parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "ses" &&
              parts[3] == scope.region.str() && parts[4] == scope.account.str() &&
              parts[5].starts_with(kKind);
  if (good) {  // the name may hold colons
    auto begin = static_cast<std::size_t>(parts[5].data() - names[0].data()) + kKind.size();
    good = normal_name(std::string_view(names[0]).substr(begin)) == identity;
  }
  if (!good) refuse("Resource " + names[0] + " is not the ARN of the identity.");
}

void check_condition(const json::value& condition) {
  if (!condition.is_object()) refuse("Condition must be an object.");
  for (const auto& [operation, keys] : condition.get_object()) {
    if (!keys.is_object()) refuse("Each operator of a Condition must hold an object.");
    for (const auto& [key, value] : keys.get_object())
      if (value.is_object() || value.is_null()) refuse("A condition's value must be a value or a list.");
  }
}

void check_statement(const json::value& value, const Scope& scope, const std::string& identity) {
  if (!value.is_object()) refuse("A statement must be an object.");
  const auto& statement = value.get_object();
  for (const auto& [key, member] : statement) {
    std::string_view name(key.data(), key.size());
    constexpr std::array<std::string_view, 6> kKnown = {"Sid",    "Effect",   "Principal",
                                                        "Action", "Resource", "Condition"};
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
      refuse("A statement must not have " + std::string(name) + ".");
  }
  auto need = [&](const char* name) -> const json::value& {
    const auto* member = statement.if_contains(name);
    if (!member) refuse(std::string("A statement must have ") + name + ".");
    return *member;
  };
  const auto& effect = need("Effect");
  if (!effect.is_string() || (effect.get_string() != "Allow" && effect.get_string() != "Deny"))
    refuse("Effect must be Allow or Deny.");
  check_principal(need("Principal"));
  check_action(need("Action"));
  check_resource(need("Resource"), scope, identity);
  if (const auto* condition = statement.if_contains("Condition")) check_condition(*condition);
}

bool is_known_version(const json::value* version) {
  if (!version || !version->is_string()) return false;
  auto text = view(version->get_string());
  return text == "2012-10-17" || text == "2008-10-17";
}

// The text for the policy engine: the name of the identity in the form in which it is asked for, and a
// version it knows, for SES takes any (SES §9).
std::string engine_text(json::value document, const Scope& scope, const std::string& identity) {
  auto& object = document.as_object();
  if (!is_known_version(object.if_contains("Version"))) object["Version"] = "2008-10-17";
  auto name = [&](json::value& statement) {
    statement.as_object()["Resource"] = json::string_view(identity_arn(scope, identity));
  };
  auto& statements = object["Statement"];
  if (statements.is_array()) {
    for (auto& statement : statements.get_array()) name(statement);
  } else {
    name(statements);
  }
  return json::serialize(document);
}

aws::PolicyPtr compile(const std::string& text, const Scope& scope, const std::string& identity) {
  // Names of the identity may be longer here than they were written.
  constexpr std::size_t kEngineBytes = 16 * kMaxPolicyBytes;
  auto document = json::parse(json::string_view(text.data(), text.size()));
  return aws::parse_policy(engine_text(std::move(document), scope, identity), aws::PolicyUse::resource,
                           kEngineBytes);
}

constexpr std::string_view kDenyAll =
    R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}})";

}  // namespace

void check_policy_name(std::string_view name) {
  auto good = [](char c) { return c == '-' || c == '_' || base::kAlnum.find(c) != std::string_view::npos; };
  if (!std::all_of(name.begin(), name.end(), good))
    throw Fault(FaultKind::invalid_parameter,
                "PolicyName is invalid. Policy names must only include alpha-numeric characters, dashes, and "
                "underscores.");
}

std::string compact_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      out += c;
      if (c == '\\' && i + 1 < text.size()) out += text[++i];
      if (c == '"') quoted = false;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      out += c;
      quoted = c == '"';
    }
  }
  return out;
}

std::string checked_policy(std::string_view text, const Scope& scope, const std::string& identity) {
  auto compact = compact_json(text);
  if (compact.size() > kMaxPolicyBytes) refuse("The text must not be larger than 4096 bytes.");
  json::error_code error;
  auto document = json::parse(json::string_view(compact.data(), compact.size()), error);
  if (error || !document.is_object()) refuse("The text is not a JSON object.");
  const auto& object = document.get_object();
  const auto* statements = object.if_contains("Statement");
  if (!statements || (statements->is_array() && statements->get_array().empty()))
    refuse("There must be at least one statement.");
  if (statements->is_array()) {
    for (const auto& statement : statements->get_array()) check_statement(statement, scope, identity);
  } else {
    check_statement(*statements, scope, identity);
  }
  try {
    // As it is written first: what stands twice in it is lost in the text for the engine.
    if (is_known_version(object.if_contains("Version")))
      aws::parse_policy(compact, aws::PolicyUse::resource, kMaxPolicyBytes);
    compile(compact, scope, identity);
  } catch (const Fault& fault) {
    refuse(fault.message());
  }
  return compact;
}

std::vector<aws::AttachedPolicy> compiled_policies(const Identity& identity) {
  std::vector<aws::AttachedPolicy> out;
  for (const auto& [name, text] : identity.policies) {
    aws::PolicyPtr policy;
    try {
      policy = compile(text, identity.scope, identity.name);
    } catch (const std::exception& e) {
      base::log_error("policy {} of {} cannot be read and denies all: {}", name, identity.name, e.what());
      policy = aws::parse_policy(kDenyAll, aws::PolicyUse::resource);
    }
    out.push_back({std::move(policy), "identity/" + identity.name + "/" + name});
  }
  return out;
}

}  // namespace ses
