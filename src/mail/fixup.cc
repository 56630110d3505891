#include "mail/fixup.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kWireLine = kMaxLine - 2;  // without CRLF
constexpr std::string_view kControlPrefix = "X-SES-";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

void set_first(std::optional<std::string>& slot, std::string_view raw_value) {
  if (!slot) slot = unfold(raw_value);
}

using Slot = std::optional<std::string> MessageFacts::*;
constexpr std::array<std::pair<std::string_view, Slot>, 10> kFacts = {
    {{"From", &MessageFacts::from},
     {"To", &MessageFacts::to},
     {"Cc", &MessageFacts::cc},
     {"Bcc", &MessageFacts::bcc},
     {"Reply-To", &MessageFacts::reply_to},
     {"Sender", &MessageFacts::sender},
     {"Return-Path", &MessageFacts::return_path},
     {"Subject", &MessageFacts::subject},
     {"Date", &MessageFacts::date},
     {"Message-ID", &MessageFacts::message_id}}};

using ControlSlot = std::optional<std::string> ControlHeaders::*;
constexpr std::array<std::pair<std::string_view, ControlSlot>, 8> kControls = {
    {{"X-SES-CONFIGURATION-SET", &ControlHeaders::configuration_set},
     {"X-SES-MESSAGE-TAGS", &ControlHeaders::message_tags},
     {"X-SES-SOURCE-ARN", &ControlHeaders::source_arn},
     {"X-SES-FROM-ARN", &ControlHeaders::from_arn},
     {"X-SES-RETURN-PATH-ARN", &ControlHeaders::return_path_arn},
     {"X-SES-LIST-MANAGEMENT-OPTIONS", &ControlHeaders::list_management_options},
     {"X-SES-TENANT", &ControlHeaders::tenant},
     {"X-SES-ENDPOINT-ID", &ControlHeaders::endpoint_id}}};

bool has_control_prefix(std::string_view name) {
  return name.size() > kControlPrefix.size() &&
         base::iequals(name.substr(0, kControlPrefix.size()), kControlPrefix);
}

// To, Cc and Bcc may occur more than once; their addresses add up, as one list.
void add_list(std::optional<std::string>& slot, std::string_view raw_value) {
  auto value = unfold(raw_value);
  if (!slot)
    slot = std::move(value);
  else if (!value.empty())
    *slot += (slot->empty() ? "" : ", ") + value;
}

void note(MessageFacts& facts, const HeaderField& field) {
  if (has_control_prefix(field.name)) {
    for (auto [name, slot] : kControls) {
      if (!base::iequals(name, field.name)) continue;
      if (slot == &ControlHeaders::message_tags)
        add_list(facts.control.*slot, field.raw_value);
      else
        set_first(facts.control.*slot, field.raw_value);
    }
    return;
  }
  for (auto [name, slot] : kFacts) {
    if (!base::iequals(name, field.name)) continue;
    bool list = slot == &MessageFacts::to || slot == &MessageFacts::cc || slot == &MessageFacts::bcc;
    if (list)
      add_list(facts.*slot, field.raw_value);
    else
      set_first(facts.*slot, field.raw_value);
    return;
  }
  if (base::iequals(field.name, "DKIM-Signature")) facts.has_dkim_signature = true;
}

void note_for_events(MessageFacts& facts, std::span<const HeaderField> fields) {
  std::size_t total = 0;
  for (const auto& field : fields) {
    if (total + field.name.size() > kEventHeaderBytes) {
      facts.headers_truncated = true;
      return;
    }
    auto value = repair_utf8(unfold(field.raw_value));
    total += field.name.size() + value.size();
    if (total > kEventHeaderBytes) {
      facts.headers_truncated = true;
      return;
    }
    facts.headers.emplace_back(field.name, std::move(value));
  }
}

MessageFacts gather(const MessageView& view, std::string_view raw) {
  MessageFacts facts;
  facts.header_count = view.fields.size();
  for (const auto& field : view.fields) note(facts, field);
  note_for_events(facts, view.fields);
  facts.eight_bit_header = count_eight_bit(raw.substr(0, view.body_offset)) > 0;
  facts.eight_bit = facts.eight_bit_header || count_eight_bit(raw.substr(view.body_offset)) > 0;
  return facts;
}

base::Result<MessageView, std::string> checked(std::string_view raw) {
  auto view = split_message(raw);
  if (!view) return view;
  if (auto fault = check_single_headers(view->fields)) return base::Failure{*fault};
  return view;
}

// Where a line of more than kWireLine octets is broken: not inside a UTF-8 character.
std::size_t break_point(std::string_view line) {
  std::size_t at = kWireLine;
  while (at > kWireLine - 3 && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80) --at;
  return at;
}

class Lines {
 public:
  Lines(std::string& out, std::size_t& longest, bool break_long)
      : out_(out), longest_(longest), break_long_(break_long) {}

  // Line by line, ends made CRLF, the last one too.
  void body(std::string_view text) {
    const char* p = text.data();
    const char* end = p + text.size();
    while (p < end) {
      auto left = static_cast<std::size_t>(end - p);
      const char* feed = static_cast<const char*>(std::memchr(p, '\n', left));
      const char* stop = feed ? feed : end;
      const char* next = feed ? feed + 1 : end;
      // The CR of a CRLF, or a bare one, which ends a line of its own.
      auto* cr = static_cast<const char*>(std::memchr(p, '\r', static_cast<std::size_t>(stop - p)));
      if (cr) {
        stop = cr;
        if (cr + 1 != feed) next = cr + 1;
      }
      line({p, static_cast<std::size_t>(stop - p)});
      p = next;
    }
  }

  void header(std::string_view name, std::string_view raw_value) {
    auto start = out_.size();
    out_.append(name).append(1, ':');
    while (!raw_value.empty()) {
      auto feed = raw_value.find('\n');
      auto content = raw_value.substr(0, feed);
      raw_value = feed == npos ? std::string_view{} : raw_value.substr(feed + 1);
      // A continuation of blanks only would end the header section for some readers.
      bool empty =
          std::all_of(content.begin(), content.end(), [](char c) { return is_blank(c) || c == '\r'; });
      if (empty && start == std::string::npos) continue;
      if (start == std::string::npos) out_ += "\r\n";
      header_line(content, start == std::string::npos ? 0 : name.size() + 1);
      start = std::string::npos;
    }
    out_ += "\r\n";
  }

 private:
  void line(std::string_view text) {
    longest_ = std::max(longest_, text.size() + 2);
    if (break_long_) {
      while (text.size() > kWireLine) {
        auto at = break_point(text);
        out_.append(text.substr(0, at)).append("\r\n");
        text.remove_prefix(at);
      }
    }
    out_.append(text).append("\r\n");
  }

  // A physical line of a header: no CR or NUL stays in it; folded at a blank where it is too long.
  void header_line(std::string_view text, std::size_t column) {
    longest_ = std::max(longest_, text.size() + column + 2);
    while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    while (break_long_ && column + text.size() > kWireLine) {
      auto blank = text.substr(0, kWireLine - std::min(column, kWireLine)).find_last_of(" \t");
      auto first = text.find_first_not_of(" \t");
      if (blank == npos || first == npos || blank <= first) break;
      put(text.substr(0, blank));
      out_ += "\r\n";
      text.remove_prefix(blank);
      column = 0;
    }
    put(text);
  }

  void put(std::string_view text) {
    auto from = out_.size();
    out_.append(text);
    if (text.find_first_of(std::string_view("\r\0", 2)) == npos) return;
    for (auto i = from; i < out_.size(); ++i)
      if (out_[i] == '\r' || out_[i] == '\0') out_[i] = ' ';
  }

  std::string& out_;
  std::size_t& longest_;
  bool break_long_;
};

bool replaced(std::string_view name, const Fixup& fixup) {
  if (is_removed_header(name)) return true;
  if (!fixup.message_id_header.empty() && base::iequals(name, "Message-ID")) return true;
  if (!fixup.date.empty() && base::iequals(name, "Date")) return true;
  if (!fixup.feedback_id.empty() && base::iequals(name, "Feedback-ID")) return true;
  if (fixup.from && base::iequals(name, "From")) return true;
  return std::any_of(fixup.remove.begin(), fixup.remove.end(),
                     [&](const auto& r) { return base::iequals(r, name); });
}

std::size_t room(std::string_view raw, const MessageView& view, const Fixup& fixup) {
  auto body = raw.size() - view.body_offset;
  // Bare line ends add an octet each; a clean body needs none of it.
  std::size_t n = raw.size() + body / 64 + view.fields.size() + 512;
  for (const auto& [name, value] : fixup.add) n += name.size() + value.size() * 2 + 8;
  return n;
}

}  // namespace

bool is_removed_header(std::string_view name) {
  if (base::iequals(name, "Bcc") || base::iequals(name, "Return-Path")) return true;
  if (!has_control_prefix(name)) return false;
  return std::any_of(kControls.begin(), kControls.end(),
                     [&](const auto& c) { return base::iequals(c.first, name); });
}

base::Result<MessageFacts, std::string> inspect(std::string_view raw) {
  auto view = checked(raw);
  if (!view) return base::Failure{view.error()};
  auto facts = gather(*view, raw);
  std::size_t begin = 0;
  while (begin < raw.size()) {
    auto feed = raw.find('\n', begin);
    auto end = feed == npos ? raw.size() : feed;
    auto length = end - begin - (end > begin && raw[end - 1] == '\r' ? 1 : 0);
    facts.longest_line = std::max(facts.longest_line, length + 2);
    begin = end + 1;
  }
  return facts;
}

namespace {

// The header section with the empty line behind it.
void write_head(const MessageView& view, const Fixup& fixup, Lines& lines, std::string& out) {
  if (fixup.from) out += fold_header("From", *fixup.from);
  for (const auto& field : view.fields)
    if (!replaced(field.name, fixup)) lines.header(field.name, field.raw_value);
  for (const auto& [name, value] : fixup.add) out += fold_header(name, value);
  if (!fixup.date.empty()) out += fold_header("Date", fixup.date);
  if (!fixup.message_id_header.empty()) out += fold_header("Message-ID", fixup.message_id_header);
  if (!fixup.feedback_id.empty()) out += fold_header("Feedback-ID", fixup.feedback_id);
  out += "\r\n";
}

// Lines::body() would write it as it is.
bool stays(const TextFacts& body, std::string_view text, const Fixup& fixup) {
  if (!body.has_clean_ends() || !(text.empty() || text.ends_with("\r\n"))) return false;
  return !fixup.break_long_lines || body.longest_line <= kWireLine;
}

}  // namespace

base::Result<FixedMessage, std::string> fix_up(std::string_view raw, const Fixup& fixup) {
  auto view = checked(raw);
  if (!view) return base::Failure{view.error()};
  FixedMessage fixed;
  fixed.facts = gather(*view, raw);
  auto& out = fixed.message;
  out.reserve(room(raw, *view, fixup));
  Lines lines(out, fixed.facts.longest_line, fixup.break_long_lines);
  write_head(*view, fixup, lines, out);
  fixed.body_offset = out.size();
  lines.body(raw.substr(view->body_offset));
  return fixed;
}

base::Result<FixedMessage, std::string> fix_up_in_place(std::string raw, const Fixup& fixup) {
  auto view = checked(raw);
  if (!view) return base::Failure{view.error()};
  auto text = view->body(raw);
  auto body = look_at(text);
  if (!stays(body, text, fixup)) return fix_up(raw, fixup);
  FixedMessage fixed;
  fixed.facts = gather(*view, raw);
  std::string head;
  head.reserve(room(std::string_view(raw).substr(0, view->body_offset), *view, fixup));
  Lines lines(head, fixed.facts.longest_line, fixup.break_long_lines);
  write_head(*view, fixup, lines, head);
  if (!text.empty()) fixed.facts.longest_line = std::max(fixed.facts.longest_line, body.longest_line + 2);
  fixed.body_offset = head.size();
  raw.replace(0, view->body_offset, head);
  fixed.message = std::move(raw);
  return fixed;
}

std::optional<ListManagementOptions> parse_list_management_options(std::string_view value) {
  ListManagementOptions options;
  bool first = true;
  for (auto piece : base::split(value, ';')) {
    piece = base::trim(piece);
    auto equals = piece.find('=');
    auto key = equals == npos ? std::string_view{} : base::trim(piece.substr(0, equals));
    auto text = equals == npos ? piece : base::trim(piece.substr(equals + 1));
    if (first) {
      // The bare name; some senders write contactListName=NAME.
      if (!key.empty() && !base::iequals(key, "contactListName")) return std::nullopt;
      options.contact_list = text;
    } else if (base::iequals(key, "topic") || base::iequals(key, "topicName")) {
      options.topic = text;
    } else if (!piece.empty()) {
      return std::nullopt;
    }
    first = false;
  }
  if (options.contact_list.empty()) return std::nullopt;
  return options;
}

}  // namespace mail
