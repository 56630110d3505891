// Texts of bounces that no rule fits: HTML, and prose that names its recipient somewhere.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/returned_text.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMostFound = 20, kMaxWords = 1000, kMaxAddress = 320;

// Tags that end a line, and what stands for a character.
constexpr std::array<std::string_view, 7> kBreaks = {"br", "/p", "/div", "/tr", "/li", "/h1", "/h2"};
constexpr std::array<std::pair<std::string_view, char>, 6> kEntities = {
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&#64;", '@'}, {"&nbsp;", ' '}}};

bool ends_line(std::string_view tag) {
  const auto name = base::ascii_lower(tag.substr(0, tag.find_first_of(" \t\n/>", 1)));
  return std::find(kBreaks.begin(), kBreaks.end(), name) != kBreaks.end();
}

bool in_local(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0 ||
         std::string_view(".!#$%&*+/?^_`{|}~-").find(c) != npos;
}
bool in_domain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0 || c == '.' || c == '-';
}

// The address around the '@' there; empty if it is none.
std::string address_around(std::string_view text, std::size_t sign) {
  auto begin = sign, end = sign + 1;
  while (begin > 0 && sign - begin < kMaxAddress && in_local(text[begin - 1])) --begin;
  while (end < text.size() && end - sign < kMaxAddress && in_domain(text[end])) ++end;
  while (end > sign + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  auto mailbox = parse_mailbox(text.substr(begin, end - begin), true);
  return mailbox ? mailbox->addr() : std::string();
}

}  // namespace

std::string text_of_html(std::string_view html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      const auto end = html.find('>', at);
      if (end == npos) break;
      if (ends_line(html.substr(at + 1, end - at - 1))) out += '\n';
      at = end + 1;
      continue;
    }
    const auto rest = html.substr(at);
    const auto* entity = std::find_if(kEntities.begin(), kEntities.end(),
                                      [&](const auto& e) { return rest.starts_with(e.first); });
    const bool known = entity != kEntities.end();
    out += known ? entity->second : html[at];
    at += known ? entity->first.size() : 1;
  }
  return out;
}

std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> out;
  for (auto at = text.find('@'); at != npos && out.size() < kMostFound; at = text.find('@', at + 1)) {
    auto address = address_around(text, at);
    if (!address.empty() && std::find(out.begin(), out.end(), address) == out.end())
      out.push_back(std::move(address));
  }
  return out;
}

std::string in_one_line(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kMaxWords)) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 127;
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

}  // namespace mail
