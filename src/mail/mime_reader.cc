#include "mail/mime_reader.h"

#include <algorithm>

#include "base/encoding.h"
#include "mail/charset.h"

namespace mail {
namespace {

constexpr std::size_t kMaxBoundary = 256;  // RFC 2046 §5.1.1 allows 70
constexpr std::size_t kMaxContentType = 16 * 1024;

enum class LineKind { other, delimiter, closing };

// RFC 2046 §5.1.1
LineKind kind_of(std::string_view line, std::string_view boundary) {
  if (!line.starts_with("--") || !line.substr(2).starts_with(boundary)) return LineKind::other;
  auto rest = base::trim(line.substr(2 + boundary.size()));
  if (rest.empty()) return LineKind::delimiter;
  return rest == "--" ? LineKind::closing : LineKind::other;
}

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
                                              std::size_t most) {
  std::vector<std::string_view> bodies;
  if (boundary.empty() || boundary.size() > kMaxBoundary) return bodies;
  std::size_t begin = std::string_view::npos;  // of the body that is open
  for (std::size_t at = 0; at < body.size() && bodies.size() < most;) {
    auto feed = body.find('\n', at);
    auto next = feed == std::string_view::npos ? body.size() : feed + 1;
    auto kind = kind_of(body.substr(at, next - at), boundary);
    if (kind != LineKind::other) {
      if (begin != std::string_view::npos)
        bodies.push_back(without_last_break(body.substr(begin, at - begin)));
      if (kind == LineKind::closing) return bodies;
      begin = next;
    }
    at = next;
  }
  if (begin < body.size() && bodies.size() < most) bodies.push_back(body.substr(begin));
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
