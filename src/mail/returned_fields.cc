// Fields of reports, and the original mail in them.
#include <algorithm>
#include <cctype>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/returned_mail.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMaxQuoted = 64 * 1024;

// Valid UTF-8 without control characters, at most so many octets.
std::string tame(std::string text, std::size_t most) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  text = repair_utf8(text);
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  text.resize(most);
  return text;
}

std::string_view without_line(std::string_view text) {
  return text.substr(std::min(text.find('\n'), text.size()));
}

bool begins_field(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  auto name = line.substr(0, line.find(':'));
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  return name.size() < line.size() && is_header_name(name);
}

}  // namespace

std::vector<MessageView> field_groups(std::string_view text, std::size_t most) {
  std::vector<MessageView> groups;
  while (groups.size() < most) {
    auto start = text.find_first_not_of("\r\n");
    if (start == npos) break;
    text.remove_prefix(start);
    auto group = begins_field(text) ? split_part(text) : MessageView{};
    if (group.body_offset == 0) {
      text = without_line(text);
      continue;
    }
    text.remove_prefix(group.body_offset);
    groups.push_back(std::move(group));
  }
  return groups;
}

std::string field_text(const MessageView& group, std::string_view name, std::size_t most) {
  const auto* field = group.find(name);
  if (!field) return {};
  return tame(decode_words(unfold(field->raw_value.substr(0, 4 * most))), most);
}

bool has_type(std::string_view value) {
  auto semicolon = value.find(';');
  if (semicolon == npos) return false;
  auto type = base::trim(value.substr(0, semicolon));
  return !type.empty() && std::isalpha(static_cast<unsigned char>(type[0])) &&
         std::all_of(type.begin(), type.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; });
}

std::string typed_value(std::string_view value) {
  return without_brackets(has_type(value) ? value.substr(value.find(';') + 1) : value);
}

std::string without_brackets(std::string_view value) {
  value = base::trim(value);
  if (value.size() > 1 && value.front() == '<' && value.back() == '>')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

const MimePart* find_report(const MimePart& message, std::string_view media_type) {
  if (message.type.is(media_type)) return &message;
  if (!message.type.is("multipart/")) return nullptr;
  for (const auto& part : message.parts)
    if (const auto* found = find_report(part, media_type)) return found;
  return nullptr;
}

std::string outlook_recipient(const MimePart& message) {
  const auto* part = find_original(message);
  if (!part) return {};
  const auto text = part->bytes(kMaxQuoted);
  return without_brackets(field_text(split_part(text), "X-HmXmrOriginalRecipient", 340));
}

const MimePart* find_original(const MimePart& message) {
  for (const auto& part : message.parts) {
    if (part.type.is("message/rfc822") || part.type.is("text/rfc822-headers") ||
        part.type.is("text/rfc822-header") || part.type.is("message/global") ||
        part.type.is("message/global-headers"))
      return &part;
    if (!part.type.is("multipart/")) continue;
    if (const auto* found = find_original(part)) return found;
  }
  return nullptr;
}

}  // namespace mail
