// File names: the blocked extensions, the walk over the parts of a raw message, and types by extension.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/mime_reader.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr int kMaxDepth = 20;
constexpr std::size_t kMaxParts = 10000;

// SES §5.2; data/blocked_extensions.txt carries source and date.
constexpr std::array<std::string_view, 90> kBlocked = {
    "ade",     "adp",  "app",     "asp",    "bas",    "bat",  "cer",  "chm", "cmd",      "com", "cpl", "crt",
    "csh",     "der",  "exe",     "fxp",    "gadget", "hlp",  "hta",  "inf", "ins",      "isp", "its", "js",
    "jse",     "ksh",  "lib",     "lnk",    "mad",    "maf",  "mag",  "mam", "maq",      "mar", "mas", "mat",
    "mau",     "mav",  "maw",     "mda",    "mdb",    "mde",  "mdt",  "mdw", "mdz",      "msc", "msh", "msh1",
    "msh1xml", "msh2", "msh2xml", "mshxml", "msi",    "msp",  "mst",  "ops", "pcd",      "pif", "plg", "prf",
    "prg",     "ps1",  "ps1xml",  "ps2",    "ps2xml", "psc1", "psc2", "reg", "scf",      "scr", "sct", "shb",
    "shs",     "sys",  "tmp",     "url",    "vb",     "vbe",  "vbs",  "vps", "vsmacros", "vss", "vst", "vsw",
    "vxd",     "ws",   "wsc",     "wsf",    "wsh",    "xnk"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 47> kTypes = {{
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eml", "message/rfc822"},
    {"epub", "application/epub+zip"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"heic", "image/heic"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ico", "image/vnd.microsoft.icon"},
    {"ics", "text/calendar"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"json", "application/json"},
    {"log", "text/plain"},
    {"m4a", "audio/mp4"},
    {"md", "text/markdown"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ogg", "audio/ogg"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"wav", "audio/wav"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"zip", "application/zip"},
}};

// In lower case, without the dot; "" if there is none.
std::string extension(std::string_view file_name) {
  // Windows drops blanks and dots at the end of a name: "x.exe. " runs.
  while (!file_name.empty() &&
         (file_name.back() == '.' || static_cast<unsigned char>(file_name.back()) <= ' '))
    file_name.remove_suffix(1);
  auto dot = file_name.rfind('.');
  if (dot == npos || file_name.size() - dot > 32) return {};
  return base::ascii_lower(file_name.substr(dot + 1));
}

std::string_view value_of(const MessageView& view, std::string_view name) {
  auto* field = view.find(name);
  return field ? field->raw_value : std::string_view{};
}

// Visits every part of a message, in order; the visitor answers false to stop.
template <class Visit>
class Walk {
 public:
  explicit Walk(Visit visit) : visit_(std::move(visit)) {}

  bool part(std::string_view text, int depth) {
    if (++parts_ > kMaxParts) return false;
    auto view = split_part(text);
    if (!visit_(view)) return false;
    if (depth >= kMaxDepth) return true;
    auto type = read_content_type(value_of(view, "Content-Type"));
    if (type.is("message/rfc822")) return part(view.body(text), depth + 1);
    if (!type.is("multipart/")) return true;
    auto* boundary = type.parameter("boundary");
    for (auto body :
         split_multipart(view.body(text), boundary ? *boundary : "", kMaxParts, Delimiters::beginning))
      if (!part(body, depth + 1)) return false;
    return true;
  }

 private:
  Visit visit_;
  std::size_t parts_ = 0;
};

template <class Visit>
void walk(std::string_view message, Visit visit) {
  Walk<Visit>(std::move(visit)).part(message, 0);
}

}  // namespace

std::span<const std::string_view> blocked_extensions() { return kBlocked; }

std::optional<std::string_view> blocked_extension(std::string_view file_name) {
  auto ext = extension(file_name);
  auto at = std::lower_bound(kBlocked.begin(), kBlocked.end(), std::string_view(ext));
  if (at == kBlocked.end() || *at != ext) return std::nullopt;
  return *at;
}

std::string_view guess_content_type(std::string_view file_name) {
  auto ext = extension(file_name);
  auto at = std::lower_bound(kTypes.begin(), kTypes.end(), std::string_view(ext),
                             [](const auto& entry, std::string_view e) { return entry.first < e; });
  return at != kTypes.end() && at->first == ext ? at->second : "application/octet-stream";
}

std::vector<std::string> attachment_names(std::string_view message, std::size_t limit) {
  std::vector<std::string> names;
  walk(message, [&](const MessageView& view) {
    auto name = part_file_name(value_of(view, "Content-Disposition"), value_of(view, "Content-Type"));
    if (!name.empty()) names.push_back(std::move(name));
    return names.size() < limit;
  });
  return names;
}

std::optional<std::string> check_content(std::string_view message) {
  std::optional<std::string> fault;
  bool part = false;  // of the parts only the names matter
  walk(message, [&](const MessageView& view) {
    auto* type = view.find("Content-Type");
    if (type && !std::exchange(part, true)) {
      auto parsed = parse_content_type(type->raw_value);
      if (!parsed) fault = parsed.error();
    }
    if (fault) return false;
    auto name =
        part_file_name(value_of(view, "Content-Disposition"), type ? type->raw_value : std::string_view{});
    if (blocked_extension(name)) fault = fmt::format("Illegal filename '{}'.", name);
    return !fault;
  });
  return fault;
}

}  // namespace mail
