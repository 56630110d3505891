#include "aws/policy_elements.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"

namespace aws {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kMaxShown = 512;  // octets of the document that a reason repeats

bool holds_only(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return base::kAlnum.find(c) != npos || more.find(c) != npos; });
}

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == npos;
}

// Its variables replaced by a letter: the colons in them do not part an ARN.
std::string without_variables(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto end = text.substr(at, 2) == "${" ? text.find('}', at) : npos;
    out += end == npos ? text[at] : 'v';
    if (end != npos) at = end;
  }
  return out;
}

bool is_partition(std::string_view text) {
  return text == "aws" || (text.starts_with("aws-") && holds_only(text, "-"));
}

// As IAM reads it: fewer than six parts will do, unless one of those that are there is empty.
void check_resource_arn(std::string_view source) {
  auto plain = without_variables(source);
  auto parts = base::split(plain, ':');
  if (parts.size() < 2 || parts[0] != "arn")
    malformed("Resource " + shown(source) + " must be in ARN format or \"*\".");
  if (!is_partition(parts[1]))
    malformed("Partition \"" + shown(parts[1]) + "\" is not valid for resource \"" + shown(source) + "\".");
  if (parts.size() < 3 || parts[2].find_first_of("*?") != npos)
    malformed("Resource vendor must be fully qualified and cannot contain regexes.");
  if (parts[2].empty() || (parts.size() < 6 && plain.find("::") != npos))
    malformed("The policy failed legacy parsing");
  if (parts[2] == "iam" && parts.size() > 3 && !parts[3].empty())
    malformed("IAM resource " + shown(source) + " cannot contain region information.");
}

[[noreturn]] void bad_principal(std::string_view kind, std::string_view name) {
  malformed("Invalid principal in policy: \"" + shown(kind) + "\":\"" + shown(name) + "\"");
}

// Of an account, a user, a role or one of their sessions; '*' may not stand for a part of it.
bool is_principal_arn(std::string_view text) {
  auto parts = base::split(text, ':');
  if (parts.size() != 6 || parts[0] != "arn" || !is_partition(parts[1]) || !parts[3].empty() ||
      !is_account(parts[4]) || text.find_first_of("*?") != npos)
    return false;
  auto has_name = [&](std::string_view kind) {
    return parts[5].starts_with(kind) && parts[5].size() > kind.size();
  };
  if (parts[2] == "sts") return has_name("assumed-role/") || has_name("federated-user/");
  return parts[2] == "iam" && (parts[5] == "root" || has_name("user/") || has_name("role/"));
}

void add_aws_principal(Principals& principals, std::string_view name) {
  if (name == "*") {
    principals.everyone = true;
  } else if (is_account(name)) {
    principals.accounts.emplace_back(name);
  } else if (!is_principal_arn(name)) {
    bad_principal("AWS", name);
  } else if (name.ends_with(":root")) {
    principals.accounts.emplace_back(base::split(name, ':')[4]);
  } else {
    principals.names.emplace_back(name);
  }
}

}  // namespace

void malformed(std::string text) {
  throw base::Fault::with_code(base::FaultKind::invalid_parameter, "MalformedPolicyDocument",
                               std::move(text));
}

std::string shown(std::string_view text) {
  if (text.size() <= kMaxShown) return std::string(text);
  auto end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

void check_sid(std::string_view sid, PolicyUse use) {
  if (use == PolicyUse::identity && !holds_only(sid, ""))
    malformed(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
        "[0-9A-Za-z]*");
}

ActionPattern read_action(std::string_view text, PolicyUse use) {
  ActionPattern pattern{std::string(text), Glob(mark_wildcards(base::ascii_lower(text)))};
  if (use == PolicyUse::trust && !pattern.glob.marked().starts_with("sts:"))
    malformed("AssumeRole policy may only specify STS AssumeRole actions.");
  if (text == "*") return pattern;
  auto parts = base::split(text, ':');
  if (parts.size() < 2)
    malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  if (parts.size() > 2) malformed("Actions/Condition can contain only one colon.");
  if (parts[0] != "*" && (parts[0].empty() || !holds_only(parts[0], "-.")))
    malformed("Vendor " + shown(parts[0]) + " is not valid");
  return pattern;
}

PolicyText read_resource(std::string_view text, bool variables) {
  if (text != "*") check_resource_arn(text);
  auto pattern = PolicyText::make(text, PolicyText::Compare::pattern, variables);
  if (!pattern) malformed("Resource " + shown(text) + " has a policy variable that is not well formed.");
  return std::move(*pattern);
}

void add_principal(Principals& principals, std::string_view kind, std::string_view name) {
  if (kind == "AWS") return add_aws_principal(principals, name);
  bool wild = name.find_first_of("*?") != npos;
  if (kind == "Service") {
    if (wild || name.find('.') == npos) bad_principal(kind, name);
    principals.services.emplace_back(name);
  } else if (kind == "Federated" || kind == "CanonicalUser") {
    if (wild || name.empty()) bad_principal(kind, name);
    principals.names.emplace_back(name);
  } else {
    bad_principal(kind, name);
  }
}

}  // namespace aws
