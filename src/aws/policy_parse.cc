// A policy's JSON to its compiled form. The grammar is AWS's; what a document breaks is said in IAM's words,
// and where those say little, with the place. SES §9, §10.5.
#include <simdjson.h>

#include <algorithm>
#include <initializer_list>

#include "aws/policy_elements.h"
#include "base/encoding.h"
#include "base/fault.h"

namespace aws {
namespace {

namespace dom = simdjson::dom;
using Type = dom::element_type;

constexpr std::size_t kMaxNesting = 32;
constexpr std::size_t kMaxStatements = 512;
constexpr std::size_t kMaxListed = 2048;  // of one list

class Reader {
 public:
  explicit Reader(PolicyUse use) { policy_->use = use; }

  PolicyPtr document(std::string_view json) {
    // simdjson keeps the depth for the life of the parser.
    dom::parser parser;
    if (parser.allocate(std::max<std::size_t>(json.size(), 64), kMaxNesting)) throw std::bad_alloc();
    dom::element root;
    if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) invalid_json();
    auto members = object(root, "The document");
    known(members, {"Version", "Id", "Statement"}, "The document");
    version(members);
    if (auto id = member(members, "Id")) policy_->id = string(*id, "Id");
    statements(members);
    return policy_;
  }

 private:
  using Members = std::vector<std::pair<std::string_view, dom::element>>;

  bool is(PolicyUse use) const { return policy_->use == use; }

  [[noreturn]] void invalid_json() const {
    if (is(PolicyUse::identity)) syntax("The document is not valid JSON.");
    malformed("This policy contains invalid Json");
  }

  [[noreturn]] void syntax(const std::string& why) const {
    malformed((is(PolicyUse::trust) ? "Syntax error in policy. " : "Syntax errors in policy. ") + why);
  }

  Members object(dom::element element, const std::string& what) const {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) syntax(what + " must be an object.");
    Members members;
    for (auto field : object) members.emplace_back(field.key, field.value);
    std::vector<std::string_view> names;
    for (const auto& [name, value] : members) names.push_back(name);
    std::sort(names.begin(), names.end());
    auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) syntax(what + " has the member " + shown(*twice) + " twice.");
    return members;
  }

  static std::optional<dom::element> member(const Members& members, std::string_view name) {
    for (const auto& [known, value] : members)
      if (known == name) return value;
    return std::nullopt;
  }

  void known(const Members& members, std::initializer_list<std::string_view> names,
             const std::string& what) const {
    for (const auto& [name, value] : members)
      if (std::find(names.begin(), names.end(), name) == names.end())
        syntax(what + " has the unknown member " + shown(name) + ".");
  }

  std::string string(dom::element element, const std::string& what) const {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) syntax(what + " must be a string.");
    return std::string(text);
  }

  // The elements of a list, or the one that stands alone.
  std::vector<dom::element> listed(dom::element element, const std::string& what) const {
    dom::array array;
    if (element.get(array) != simdjson::SUCCESS) return {element};
    std::vector<dom::element> items;
    for (auto item : array) items.push_back(item);
    if (items.size() > kMaxListed) syntax(what + " has too many values.");
    return items;
  }

  std::vector<std::string> strings(dom::element element, const std::string& what) const {
    std::vector<std::string> out;
    for (auto item : listed(element, what)) out.push_back(string(item, what));
    return out;
  }

  void version(const Members& members) {
    auto element = member(members, "Version");
    if (!element) return;
    policy_->version = string(*element, "Version");
    bool good = policy_->version == "2012-10-17" || policy_->version == "2008-10-17";
    if (good || is(PolicyUse::resource)) return;  // SES §9: free text
    if (is(PolicyUse::trust)) malformed("The policy must contain a valid version string");
    syntax("Version must be 2012-10-17 or 2008-10-17.");
  }

  bool variables() const { return policy_->version == "2012-10-17"; }

  void statements(const Members& members) {
    auto element = member(members, "Statement");
    auto all = element ? listed(*element, "Statement") : std::vector<dom::element>{};
    if (all.empty()) {
      if (is(PolicyUse::trust)) malformed("Could not parse the policy: Statement is empty!");
      syntax("There must be at least one Statement.");
    }
    if (all.size() > kMaxStatements) syntax("There are too many statements.");
    for (auto item : all) {
      where_ = "Statement " + std::to_string(policy_->statements.size() + 1);
      policy_->statements.push_back(statement(item));
    }
    unique_sids();
  }

  void unique_sids() const {
    std::vector<std::string_view> sids;
    for (const auto& statement : policy_->statements)
      if (!statement.sid.empty()) sids.push_back(statement.sid);
    std::sort(sids.begin(), sids.end());
    if (std::adjacent_find(sids.begin(), sids.end()) == sids.end()) return;
    malformed(is(PolicyUse::trust) ? "The Statement Ids in the policy are not unique"
                                   : "Statement IDs (SID) in a single policy must be unique.");
  }

  Statement statement(dom::element element) const {
    auto members = object(element, where_);
    known(members,
          {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
           "Condition"},
          where_);
    Statement statement;
    if (auto sid = member(members, "Sid")) {
      statement.sid = string(*sid, where_ + ": Sid");
      check_sid(statement.sid, policy_->use);
    }
    statement.allow = effect(members);
    principal(members, statement);
    actions(members, statement);
    resources(members, statement);
    if (auto condition = member(members, "Condition")) conditions(*condition, statement);
    return statement;
  }

  bool effect(const Members& members) const {
    auto element = member(members, "Effect");
    if (!element) {
      if (is(PolicyUse::identity)) syntax(where_ + " has no Effect.");
      malformed("Missing required field Effect");
    }
    auto text = string(*element, where_ + ": Effect");
    if (text == "Allow" || text == "Deny") return text == "Allow";
    if (is(PolicyUse::identity)) syntax(where_ + ": Effect must be Allow or Deny.");
    malformed("Invalid effect: " + shown(text));
  }

  // `name` or, `negated`, Not`name`; nullopt where neither is there.
  std::optional<dom::element> either(const Members& members, const std::string& name, bool& negated) const {
    auto plain = member(members, name), opposite = member(members, "Not" + name);
    if (plain && opposite) syntax(where_ + " has both " + name + " and Not" + name + ".");
    negated = opposite.has_value();
    return plain ? plain : opposite;
  }

  void principal(const Members& members, Statement& statement) const {
    auto element = either(members, "Principal", statement.not_principal);
    if (is(PolicyUse::identity)) {
      if (element) malformed("Policy document should not specify a principal.");
      return;
    }
    if (is(PolicyUse::trust) && statement.not_principal)
      malformed(statement.allow ? "Allow with NotPrincipal is not allowed."
                                : "AssumeRole policy must not contain NotPrincipal field.");
    if (!element) malformed("Missing required field Principal");
    statement.principal = principals(*element);
  }

  Principals principals(dom::element element) const {
    Principals out;
    if (element.is_string()) {
      auto text = string(element, where_);
      if (text != "*") malformed("Invalid principal in policy: \"" + shown(text) + "\"");
      out.everyone = true;
      return out;
    }
    auto kinds = object(element, where_ + ": Principal");
    if (kinds.empty()) malformed("Missing required field Principal cannot be empty!");
    for (const auto& [kind, names] : kinds) {
      auto all = strings(names, where_ + ": Principal");
      if (all.empty()) malformed("Missing required field Principal cannot be empty!");
      for (const auto& name : all) add_principal(out, kind, name);
    }
    return out;
  }

  void actions(const Members& members, Statement& statement) const {
    auto element = either(members, "Action", statement.not_action);
    auto all = element ? strings(*element, where_ + ": Action") : std::vector<std::string>{};
    if (all.empty())
      malformed(is(PolicyUse::trust) ? "Missing required field Action"
                                     : "Policy statement must contain actions.");
    for (const auto& action : all) statement.actions.push_back(read_action(action, policy_->use));
  }

  void resources(const Members& members, Statement& statement) const {
    auto element = either(members, "Resource", statement.not_resource);
    if (is(PolicyUse::trust)) {
      if (element)
        malformed(statement.not_resource ? "AssumeRole policy must not contain resources."
                                         : "Has prohibited field Resource");
      return;
    }
    auto all = element ? strings(*element, where_ + ": Resource") : std::vector<std::string>{};
    if (all.empty()) malformed("Policy statement must contain resources.");
    for (const auto& resource : all) statement.resources.push_back(read_resource(resource, variables()));
  }

  void conditions(dom::element element, Statement& statement) const {
    for (const auto& [name, keys] : object(element, where_ + ": Condition")) {
      auto operation = read_operator(name);
      if (!operation) syntax(where_ + ": there is no condition operator " + shown(name) + ".");
      for (const auto& [key, values] : object(keys, where_ + ": Condition " + std::string(name)))
        statement.conditions.push_back(condition(*operation, name, key, values));
    }
  }

  Condition condition(const Operator& operation, std::string_view name, std::string_view key,
                      dom::element values) const {
    if (key.find(':') == std::string_view::npos && !is(PolicyUse::resource))
      malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    Condition out{operation, std::string(name), std::string(key), {}, {}};
    auto what = where_ + ": Condition " + out.name + " " + shown(key);
    for (auto item : listed(values, what)) {
      auto text = plain(item, what);
      auto value = read_condition_value(operation.comparison, text, variables());
      if (!value) syntax(what + " has a value that is not valid: " + shown(text));
      out.values.push_back(std::move(*value));
      out.written.push_back(std::move(text));
    }
    return out;
  }

  // A string, a number or a truth value, as text.
  std::string plain(dom::element element, const std::string& what) const {
    Type type = element.type();
    if (type == Type::STRING) return string(element, what);
    if (type == Type::ARRAY || type == Type::OBJECT || type == Type::NULL_VALUE)
      syntax(what + " must have a value or a list of values.");
    return simdjson::minify(element);
  }

  std::shared_ptr<Policy> policy_ = std::make_shared<Policy>();
  std::string where_;
};

}  // namespace

PolicyPtr parse_policy(std::string_view json, PolicyUse use, std::size_t max_bytes) {
  if (json.size() > max_bytes)
    malformed("Syntax errors in policy. The document is larger than " + std::to_string(max_bytes) +
              " bytes.");
  return Reader(use).document(json);
}

}  // namespace aws
