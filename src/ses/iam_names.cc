#include "ses/iam_names.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/encoding.h"

namespace ses::iam {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // RFC 4648 §6
constexpr std::string_view kSecretAlphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
constexpr std::string_view kNameOthers = "_+=,.@-";
constexpr std::string_view kTagOthers = " _.:/=+-@";
constexpr std::size_t kKeyIdText = 16, kKeyIdBytes = 10;
constexpr std::size_t kMaxPath = 512;

struct KindNames {
  std::string_view word, title, id_prefix, member;
  std::size_t max_name;
};
constexpr KindNames kKinds[] = {{"user", "User", "AIDA", "userName", 64},
                                {"group", "Group", "AGPA", "groupName", 128},
                                {"role", "Role", "AROA", "roleName", 64}};
const KindNames& names_of(PrincipalKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

bool only_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return base::kAlnum.find(c) != std::string_view::npos || others.find(c) != std::string_view::npos;
  });
}

void check_word(std::string_view member, const std::string& name, std::size_t min, std::size_t max) {
  const auto refuse = [&](const std::string& why) {
    throw validation_error("1 validation error detected: Value '" + name + "' at '" + std::string(member) +
                           "' failed to satisfy constraint: " + why);
  };
  if (name.size() < min) refuse("Member must have length greater than or equal to " + std::to_string(min));
  if (name.size() > max) refuse("Member must have length less than or equal to " + std::to_string(max));
  if (!only_of(name, kNameOthers))
    throw validation_error("The specified value for " + std::string(member) +
                           " is invalid. It must contain only alphanumeric characters and/or the following: "
                           "+=,.@_-");
}

// Letters, digits and blanks beyond ASCII are let pass.
bool is_tag_text(std::string_view text) {
  std::string ascii;
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x80) ascii += c;
  return base::is_utf8(text) && only_of(ascii, kTagOthers);
}

std::string base32(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += kIdAlphabet[held >> (bits - 5) & 31];
  }
  return out;
}

}  // namespace

std::string_view word_of(PrincipalKind kind) { return names_of(kind).word; }
std::string_view title_of(PrincipalKind kind) { return names_of(kind).title; }

std::string arn_of(const Principal& p) {
  return "arn:aws:iam::" + p.account.str() + ":" + std::string(word_of(p.kind)) + p.path + p.name;
}
std::string arn_of(const ManagedPolicy& policy) {
  const auto owner = policy.account.empty() ? std::string("aws") : policy.account.str();
  return "arn:aws:iam::" + owner + ":policy" + policy.path + policy.name;
}
std::string root_arn(const AccountId& account) { return "arn:aws:iam::" + account.str() + ":root"; }

AccountId account_of_arn(const std::string& arn) {
  const auto parts = base::split(arn, ':');
  if (parts.size() < 6 || parts[0] != "arn") return {};
  const auto account = parts[4];
  if (account.size() != 12 || account.find_first_not_of("0123456789") != account.npos) return {};
  return AccountId(std::string(account));
}

std::string fresh_id(PrincipalKind kind, base::Random& random) {
  return std::string(names_of(kind).id_prefix) + random.text(17, base::kUpperAlnum);
}
std::string fresh_policy_id(base::Random& random) { return "ANPA" + random.text(17, base::kUpperAlnum); }

// 80 bits: a one, the account's number in 40, and 39 that are drawn.
std::string fresh_key_id(std::string_view prefix, const AccountId& account, base::Random& random) {
  std::uint64_t number = 0;
  std::from_chars(account.str().data(), account.str().data() + account.str().size(), number);
  auto bytes = random.bytes(kKeyIdBytes);
  const std::uint64_t head =
      std::uint64_t{1} << 47 | (number & 0xffffffffff) << 7 | (static_cast<unsigned char>(bytes[5]) & 0x7f);
  for (int i = 0; i < 6; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(head >> (40 - 8 * i));
  return std::string(prefix) + base32(bytes);
}

AccountId account_of_key_id(std::string_view id) {
  if (id.size() != 4 + kKeyIdText || (!id.starts_with("AKIA") && !id.starts_with("ASIA"))) return {};
  std::uint64_t head = 0;  // the first ten characters hold 50 bits
  for (char c : id.substr(4, 10)) {
    const auto at = kIdAlphabet.find(c);
    if (at == std::string_view::npos) return {};
    head = head << 5 | at;
  }
  const auto number = std::to_string(head >> 9 & 0xffffffffff);
  if (number.size() > 12) return {};
  return AccountId(std::string(12 - number.size(), '0') + number);
}

std::string fresh_secret(base::Random& random) { return random.text(40, kSecretAlphabet); }

void check_name(PrincipalKind kind, const std::string& name) {
  check_word(names_of(kind).member, name, 1, names_of(kind).max_name);
}
void check_policy_name(const std::string& name) { check_word("policyName", name, 1, 128); }
void check_session_name(const std::string& name) { check_word("roleSessionName", name, 2, 64); }

void check_path(const std::string& path) {
  const bool framed = !path.empty() && path.front() == '/' && path.back() == '/' && path.size() <= kMaxPath;
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!framed || !plain || path.find("//") != path.npos)
    throw validation_error(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
        "characters and/or / characters.");
}

void check_tags(const std::vector<Tag>& tags) {
  if (tags.size() > iam_limit::kTags)
    throw limit_exceeded("The number of tags has reached the maximum limit.");
  std::set<std::string> keys;
  for (const auto& tag : tags) {
    if (tag.name.empty() || base::utf16_length(tag.name) > 128 || base::utf16_length(tag.value) > 256)
      throw invalid_input("Tag keys have 1 to 128 characters and tag values at most 256.");
    if (!is_tag_text(tag.name) || !is_tag_text(tag.value))
      throw invalid_input("Tag keys and values take letters, digits, white space and _.:/=+-@ only.");
    const auto lower = base::ascii_lower(tag.name);
    if (lower.starts_with("aws:")) throw invalid_input("Tag keys must not start with aws:.");
    if (!keys.insert(lower).second)
      throw invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
}

std::size_t size_of(std::string_view document) {
  return static_cast<std::size_t>(std::count_if(document.begin(), document.end(), [](char c) {
    return std::string_view(" \t\r\n").find(c) == std::string_view::npos;
  }));
}

std::string version_name(int number) { return "v" + std::to_string(number); }
int version_number(const std::string& name) {
  int number = 0;
  if (name.size() < 2 || name.size() > 9 || name[0] != 'v' || name[1] == '0') return 0;
  const auto* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + 1, end, number);
  return read.ec == std::errc() && read.ptr == end && number > 0 ? number : 0;
}

Fault no_such_entity(std::string text) {
  return Fault::with_code(FaultKind::not_found, "NoSuchEntity", std::move(text));
}
Fault no_such(const PrincipalName& name) {
  return no_such_entity("The " + std::string(word_of(name.kind)) + " with name " + name.name +
                        " cannot be found.");
}
Fault no_such_policy(const std::string& arn) { return no_such_entity("Policy " + arn + " was not found."); }
Fault not_attachable(const std::string& arn) {
  return no_such_entity("Policy " + arn + " does not exist or is not attachable.");
}
Fault no_such_key(const std::string& id) {
  return no_such_entity("The Access Key with id " + id + " cannot be found.");
}
Fault already_exists(std::string text) {
  return Fault::with_code(FaultKind::already_exists, "EntityAlreadyExists", std::move(text));
}
Fault delete_conflict(std::string text) {
  return Fault::with_code(FaultKind::conflict, "DeleteConflict", std::move(text));
}
Fault limit_exceeded(std::string text) {
  return Fault::with_code(FaultKind::limit_exceeded, "LimitExceeded", std::move(text));
}
Fault over_quota(std::string_view quota, std::int64_t limit) {
  return limit_exceeded("Cannot exceed quota for " + std::string(quota) + ": " + std::to_string(limit));
}
Fault invalid_input(std::string text) {
  return Fault::with_code(FaultKind::invalid_parameter, "InvalidInput", std::move(text));
}
Fault malformed_policy(std::string text) {
  return Fault::with_code(FaultKind::invalid_parameter, "MalformedPolicyDocument", std::move(text));
}
Fault validation_error(std::string text) { return Fault(FaultKind::validation, std::move(text)); }

}  // namespace ses::iam
