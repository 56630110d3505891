#include "mail/header.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bitset>

#include "base/encoding.h"
#include "mail/charset.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;

// SES §5.4 [DG header-fields], sorted by their lower-case form.
constexpr std::array<std::string_view, 59> kSingleHeaders = {"Accept-Language",
                                                             "acceptLanguage",
                                                             "Archived-At",
                                                             "Auto-Submitted",
                                                             "Bounces-to",
                                                             "Comments",
                                                             "Content-Alternative",
                                                             "Content-Base",
                                                             "Content-Class",
                                                             "Content-Description",
                                                             "Content-Disposition",
                                                             "Content-Duration",
                                                             "Content-ID",
                                                             "Content-Language",
                                                             "Content-Length",
                                                             "Content-Location",
                                                             "Content-MD5",
                                                             "Content-Transfer-Encoding",
                                                             "Content-Type",
                                                             "Date",
                                                             "Delivered-To",
                                                             "Disposition-Notification-Options",
                                                             "Disposition-Notification-To",
                                                             "DKIM-Signature",
                                                             "DomainKey-Signature",
                                                             "Errors-To",
                                                             "From",
                                                             "Importance",
                                                             "In-Reply-To",
                                                             "Keywords",
                                                             "List-Archive",
                                                             "List-Help",
                                                             "List-Id",
                                                             "List-Owner",
                                                             "List-Post",
                                                             "List-Subscribe",
                                                             "List-Unsubscribe",
                                                             "Message-Context",
                                                             "Message-ID",
                                                             "MIME-Version",
                                                             "Organization",
                                                             "Original-From",
                                                             "Original-Message-ID",
                                                             "Original-Recipient",
                                                             "Original-Subject",
                                                             "Precedence",
                                                             "Priority",
                                                             "References",
                                                             "Reply-To",
                                                             "Return-Path",
                                                             "Return-Receipt-To",
                                                             "Sender",
                                                             "Sensitivity",
                                                             "Solicitation",
                                                             "Subject",
                                                             "Thread-Index",
                                                             "Thread-Topic",
                                                             "User-Agent",
                                                             "VBR-Info"};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int compare_names(std::string_view a, std::string_view b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return lower(a[i]) < lower(b[i]) ? -1 : 1;
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

// Its index in kSingleHeaders, or the size.
std::size_t single_index(std::string_view name) {
  auto* end = kSingleHeaders.end();
  auto* at = std::lower_bound(kSingleHeaders.begin(), end, name,
                              [](auto a, auto b) { return compare_names(a, b) < 0; });
  if (at == end || compare_names(*at, name) != 0) return kSingleHeaders.size();
  return static_cast<std::size_t>(at - kSingleHeaders.begin());
}

bool is_name_char(char c) {
  auto u = static_cast<unsigned char>(c);
  return u > 32 && u < 127 && c != ':';
}

// A name for a fault text: short, printable.
std::string shown(std::string_view name) {
  auto text = repair_utf8(name.substr(0, 100));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = '?';
  return text;
}

struct Line {
  std::string_view content;  // without the line break and any CR before it
  std::size_t next;          // where the next line begins
};

Line line_at(std::string_view raw, std::size_t pos) {
  auto feed = raw.find('\n', pos);
  auto end = feed == npos ? raw.size() : feed;
  auto next = feed == npos ? raw.size() : feed + 1;
  while (feed != npos && end > pos && raw[end - 1] == '\r') --end;
  return {raw.substr(pos, end - pos), next};
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

class Splitter {
 public:
  Splitter(std::string_view raw, bool strict) : raw_(raw), strict_(strict) {}

  // nullopt, or the fault.
  std::optional<std::string> run(MessageView& view) {
    std::size_t pos = raw_.starts_with("From ") ? line_at(raw_, 0).next : 0;
    std::size_t first = pos;
    while (pos < raw_.size()) {
      auto line = line_at(raw_, pos);
      if (line.content.empty()) {
        view.body_offset = line.next;
        return std::nullopt;
      }
      if (line.next - first > kMaxHeaderBytes || view.fields.size() >= kMaxHeaderFields) {
        view.body_offset = pos;
        return "Header section too long.";
      }
      if (is_blank(line.content[0]) && !view.fields.empty()) {
        extend(view.fields.back(), line);
      } else if (auto fault = field(view, pos, line)) {
        if (fault->empty()) {  // no header section at all
          view.body_offset = 0;
          return std::nullopt;
        }
        if (strict_) return fault;
      }
      pos = line.next;
    }
    view.body_offset = raw_.size();
    return std::nullopt;
  }

 private:
  void extend(HeaderField& field, const Line& line) {
    auto begin = static_cast<std::size_t>(field.raw_value.data() - raw_.data());
    auto end = static_cast<std::size_t>(line.content.data() + line.content.size() - raw_.data());
    field.raw_value = raw_.substr(begin, end - begin);
    auto whole = static_cast<std::size_t>(field.whole.data() - raw_.data());
    field.whole = raw_.substr(whole, line.next - whole);
  }

  std::optional<std::string> field(MessageView& view, std::size_t pos, const Line& line) {
    auto colon = line.content.find(':');
    if (colon == npos) {
      // A text whose first line is no header is a body without headers (SES §18.1).
      if (view.fields.empty() && !is_blank(line.content[0])) return "";
      return "Empty header names are illegal.";
    }
    auto name = line.content.substr(0, colon);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);  // RFC 5322 §4.5 obs-optional
    if (name.empty() || is_blank(name[0])) return "Empty header names are illegal.";
    if (!std::all_of(name.begin(), name.end(), is_name_char))
      return fmt::format("Illegal header '{}'.", shown(name));
    view.fields.push_back({name, line.content.substr(colon + 1), raw_.substr(pos, line.next - pos)});
    return std::nullopt;
  }

  std::string_view raw_;
  bool strict_;
};

}  // namespace

const HeaderField* MessageView::find(std::string_view name) const {
  for (const auto& field : fields)
    if (base::iequals(field.name, name)) return &field;
  return nullptr;
}

base::Result<MessageView, std::string> split_message(std::string_view raw) {
  MessageView view;
  if (auto fault = Splitter(raw, true).run(view)) return base::Failure{*fault};
  return view;
}

MessageView split_part(std::string_view raw) {
  MessageView view;
  Splitter(raw, false).run(view);
  return view;
}

bool is_single_header(std::string_view name) { return single_index(name) < kSingleHeaders.size(); }

std::optional<std::string> check_single_headers(std::span<const HeaderField> fields) {
  std::bitset<kSingleHeaders.size()> seen;
  for (const auto& field : fields) {
    auto i = single_index(field.name);
    if (i == kSingleHeaders.size()) continue;
    if (seen[i]) return fmt::format("Duplicate header '{}'.", kSingleHeaders[i]);
    seen.set(i);
  }
  return std::nullopt;
}

std::string unfold(std::string_view raw_value) {
  std::string out;
  raw_value = base::trim(raw_value);
  out.reserve(raw_value.size());
  for (std::size_t i = 0; i < raw_value.size(); ++i) {
    char c = raw_value[i];
    if (c == '\r' || c == '\n') {
      while (i + 1 < raw_value.size() && std::string_view("\r\n\t ").find(raw_value[i + 1]) != npos) ++i;
      c = ' ';
    }
    out += c == '\0' ? ' ' : c;
  }
  return out;
}

bool is_safe_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == npos;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= 998 && std::all_of(name.begin(), name.end(), is_name_char);
}

bool is_reserved_header(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kReserved = {
      "message-id", "date", "return-path", "dkim-signature", "from",         "to",
      "cc",         "bcc",  "subject",     "reply-to",       "mime-version", "sender"};
  if (name.size() > 8 && base::iequals(name.substr(0, 8), "content-")) return true;
  return std::any_of(kReserved.begin(), kReserved.end(), [&](auto r) { return base::iequals(r, name); });
}

std::string fold_header(std::string_view name, std::string_view value) {
  constexpr std::size_t kWidth = 76;
  std::string out;
  out.reserve(name.size() + value.size() + 16 + value.size() / 32);
  auto put = [&](std::string_view text) {
    for (char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  };
  put(name);
  out += ": ";
  std::size_t column = out.size();
  for (std::size_t i = 0; i < value.size();) {
    // A piece: blanks, then what is not blank. It moves to the next line as a whole, with its last blank.
    auto word = value.find_first_not_of(" \t\r\n", i);
    if (word == npos) break;  // blanks at the end carry nothing
    auto end = value.find_first_of(" \t\r\n", word);
    if (end == npos) end = value.size();
    if (i == 0) i = word;  // and so do those at the start
    bool fold = word > i && column + (end - i) > kWidth;
    if (fold) {
      put(value.substr(i, word - i - 1));
      out += "\r\n";
      i = word - 1;
      column = 0;
    }
    put(value.substr(i, end - i));
    column += end - i;
    i = end;
  }
  return out += "\r\n";
}

}  // namespace mail
