#include "mail/mime_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/encoding.h"
#include "mail/charset.h"

namespace mail {
namespace {

constexpr std::size_t kMaxBoundary = 256;  // RFC 2046 §5.1.1 allows 70
constexpr std::size_t kMaxContentType = 16 * 1024;

struct Delimiter {
  std::size_t at, next;  // where the line begins, where the next one does
  bool closing;
};

// Looks for "\n--boundary"; a body may also begin with the delimiter.
class Scanner {
 public:
  Scanner(std::string_view body, std::string_view boundary, Delimiters how)
      : body_(body), mark_("\n--" + std::string(boundary)), how_(how) {}

  std::optional<Delimiter> next() {
    while (auto at = candidate()) {
      auto after = *at + mark_.size() - 1;
      auto line_end = body_.find('\n', after);
      from_ = std::min(line_end, body_.size());
      auto next = std::min(from_ + 1, body_.size());
      auto rest = body_.substr(after, next - after);
      const bool closing = rest.starts_with("--");
      if (how_ == Delimiters::exact && !base::trim(closing ? rest.substr(2) : rest).empty()) continue;
      return Delimiter{*at, next, closing};
    }
    return std::nullopt;
  }

 private:
  std::optional<std::size_t> candidate() {
    if (!begun_) {
      begun_ = true;
      if (body_.starts_with(std::string_view(mark_).substr(1))) return 0;
    }
    if (from_ >= body_.size()) return std::nullopt;
    // Unlike std::string_view::find it is linear whatever is looked for.
    const void* found = memmem(body_.data() + from_, body_.size() - from_, mark_.data(), mark_.size());
    if (!found) return std::nullopt;
    return static_cast<std::size_t>(static_cast<const char*>(found) - body_.data()) + 1;
  }

  std::string_view body_;
  std::string mark_;
  Delimiters how_;
  std::size_t from_ = 0;
  bool begun_ = false;
};

std::string_view without_last_break(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

class Reader {
 public:
  explicit Reader(MimeLimits limits) : limits_(limits) {}

  MimePart read(std::string_view raw, std::size_t depth, bool in_digest) {
    ++count_;
    MimePart part;
    part.whole = raw;
    part.header = split_part(raw);
    part.body = part.header.body(raw);
    auto value = [&](std::string_view name) {
      const auto* field = part.header.find(name);
      return field ? field->raw_value.substr(0, kMaxContentType) : std::string_view{};
    };
    part.encoding = transfer_encoding_of(value("Content-Transfer-Encoding"));
    if (in_digest) part.type = {"message", "rfc822", {}};  // RFC 2046 §5.1.5
    if (auto type = value("Content-Type"); !type.empty()) {
      auto parsed = parse_content_type(type);
      part.type = parsed ? std::move(*parsed) : read_content_type(type);
    }
    if (depth < limits_.depth) descend(part, depth + 1);
    return part;
  }

 private:
  void descend(MimePart& part, std::size_t depth) {
    if (part.type.is("multipart/")) {
      auto* boundary = part.type.parameter("boundary");
      const bool digest = part.type.subtype == "digest";
      for (auto body : split_multipart(part.body, boundary ? *boundary : "", limits_.parts)) {
        if (count_ >= limits_.parts) return;
        part.parts.push_back(read(body, depth, digest));
      }
    } else if (part.type.is("message/rfc822") && part.encoding == TransferEncoding::none &&
               count_ < limits_.parts) {
      part.parts.push_back(read(part.body, depth, false));
    }
  }

  MimeLimits limits_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string_view> split_multipart(std::string_view body, std::string_view boundary,
                                              std::size_t most, Delimiters how) {
  std::vector<std::string_view> bodies;
  if (boundary.empty() || boundary.size() > kMaxBoundary) return bodies;
  Scanner scanner(body, boundary, how);
  auto open = scanner.next();
  while (open && !open->closing && open->next < body.size() && bodies.size() < most) {
    auto end = scanner.next();
    bodies.push_back(end ? without_last_break(body.substr(open->next, end->at - open->next))
                         : body.substr(open->next));
    open = end;
  }
  return bodies;
}

MimePart read_parts(std::string_view message, MimeLimits limits) {
  return Reader(limits).read(message.substr(0, limits.octets), 0, false);
}

const MimePart* MimePart::find(std::string_view media_type) const {
  if (type.is(media_type) || (media_type == "message/" && type.type == "message")) return this;
  for (const auto& part : parts)
    if (const auto* found = part.find(media_type)) return found;
  return nullptr;
}

std::string MimePart::header_text(std::string_view name, std::size_t most) const {
  const auto* field = header.find(name);
  if (!field) return {};
  return repair_utf8(decode_words(unfold(field->raw_value.substr(0, most))));
}

std::string MimePart::bytes(std::size_t most) const {
  return decode_transfer(body.substr(0, most), encoding);
}

std::string MimePart::text(std::size_t most) const {
  auto decoded = bytes(most);
  std::erase(decoded, '\r');
  const auto* charset = type.parameter("charset");
  if (!charset || is_utf8_charset(*charset)) return repair_utf8(decoded);
  auto converted = to_utf8(decoded, *charset);
  return converted ? repair_utf8(*converted) : repair_utf8(decoded);
}

}  // namespace mail
