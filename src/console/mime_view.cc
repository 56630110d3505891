#include "console/mime_view.h"

#include "base/encoding.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/header.h"
#include "mail/mime_reader.h"

namespace console {
namespace {

using mail::TransferEncoding;

constexpr std::size_t kMaxFileName = 255;

struct PartHeaders {
  mail::ContentType type{"text", "plain", {}};
  std::string disposition;  // lower case: "attachment", "inline", or empty
  std::string file_name, content_id;
  TransferEncoding encoding = TransferEncoding::none;
  std::string_view body;
};

// As programs and people have them, not as they travel.
std::string unix_lines(std::string text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    if (text[from] == '\r' && from + 1 < text.size() && text[from + 1] == '\n') continue;
    text[to++] = text[from];
  }
  text.resize(to);
  return text;
}

class Reader {
 public:
  explicit Reader(MimeView& view) : view_(view) {}

  void message(std::string_view raw) {
    auto split = mail::split_message(raw);
    if (!split.ok()) {
      view_.text = text_of(raw, TransferEncoding::none, "");
      return;
    }
    for (const auto& field : split->fields)
      view_.headers.emplace_back(mail::repair_utf8(field.name),
                                 mail::repair_utf8(mail::decode_words(mail::unfold(field.raw_value))));
    const auto headers = headers_of(*split, raw, false);
    part(headers, 0, false);
    // The end of the last line of a message without parts belongs to the message, not to its text.
    if (headers.type.is("multipart/") || headers.encoding == TransferEncoding::base64) return;
    for (auto* body : {&view_.text, &view_.html})
      if (*body && (*body)->ends_with('\n')) (*body)->pop_back();
  }

 private:
  static PartHeaders headers_of(const mail::MessageView& split, std::string_view raw, bool in_digest);
  void part(const PartHeaders& headers, std::size_t depth, bool alternative);
  void multipart(const PartHeaders& headers, std::size_t depth);
  void one_of(std::string_view raw, std::size_t depth, bool alternative, bool digest);
  void attach(const PartHeaders& headers);
  std::string text_of(std::string_view encoded, TransferEncoding encoding, std::string_view charset);

  MimeView& view_;
  std::size_t parts_ = 0;
};

PartHeaders Reader::headers_of(const mail::MessageView& split, std::string_view raw, bool in_digest) {
  PartHeaders out;
  out.body = split.body(raw);
  const auto value = [&split](std::string_view name) {
    const auto* field = split.find(name);
    return field ? mail::unfold(field->raw_value) : std::string();
  };
  const auto type = value("Content-Type"), disposition = value("Content-Disposition");
  if (!type.empty()) {
    auto parsed = mail::parse_content_type(type);
    out.type = parsed.ok() ? *parsed : mail::ContentType{"application", "octet-stream", {}};
  } else if (in_digest) {
    out.type = {"message", "rfc822", {}};  // RFC 2046 §5.1.5
  }
  if (!disposition.empty()) {
    auto parsed = mail::parse_disposition(disposition);
    if (parsed.ok()) out.disposition = parsed->type;
  }
  out.file_name = mail::part_file_name(disposition, type);
  out.encoding = mail::transfer_encoding_of(value("Content-Transfer-Encoding"));
  out.content_id = value("Content-ID");
  if (out.content_id.size() >= 2 && out.content_id.front() == '<' && out.content_id.back() == '>')
    out.content_id = out.content_id.substr(1, out.content_id.size() - 2);
  return out;
}

std::string Reader::text_of(std::string_view encoded, TransferEncoding encoding, std::string_view charset) {
  if (encoded.size() > kMaxShownText) {
    view_.truncated = true;
    encoded = encoded.substr(0, kMaxShownText);
  }
  auto bytes = unix_lines(mail::decode_transfer(encoded, encoding));
  if (charset.empty() || mail::is_utf8_charset(charset)) return mail::repair_utf8(bytes);
  auto converted = mail::to_utf8(bytes, charset);
  return converted ? std::move(*converted) : mail::repair_utf8(bytes);
}

void Reader::part(const PartHeaders& headers, std::size_t depth, bool alternative) {
  if (headers.type.is("multipart/") && depth < kMaxMimeDepth) return multipart(headers, depth);
  if (headers.type.is("multipart/")) view_.truncated = true;
  const bool shown = headers.disposition != "attachment" && (headers.file_name.empty() || alternative);
  auto& slot = headers.type.is("text/html") ? view_.html : view_.text;
  const bool readable = headers.type.is("text/html") || headers.type.is("text/plain");
  if (!shown || !readable || slot) return attach(headers);
  const auto* charset = headers.type.parameter("charset");
  slot = text_of(headers.body, headers.encoding, charset ? *charset : std::string());
}

void Reader::multipart(const PartHeaders& headers, std::size_t depth) {
  const auto* boundary = headers.type.parameter("boundary");
  const auto bodies = mail::split_multipart(headers.body, boundary ? *boundary : "", kMaxMimeParts + 1);
  if (bodies.empty()) return attach(headers);
  const bool alternative = headers.type.subtype == "alternative", digest = headers.type.subtype == "digest";
  for (auto body : bodies) {
    if (view_.truncated) return;
    one_of(body, depth + 1, alternative, digest);
  }
}

void Reader::one_of(std::string_view raw, std::size_t depth, bool alternative, bool digest) {
  if (++parts_ > kMaxMimeParts) {
    view_.truncated = true;
    return;
  }
  auto split = mail::split_message(raw);
  if (split.ok()) return part(headers_of(*split, raw, digest), depth, alternative);
  PartHeaders unreadable;
  unreadable.type = {"application", "octet-stream", {}};
  unreadable.body = raw;
  attach(unreadable);
}

std::string made_up_name(const mail::ContentType& type, std::size_t n) {
  std::string_view extension = "bin";
  if (type.is("text/plain")) extension = "txt";
  if (type.is("text/html")) extension = "html";
  if (type.is("text/calendar")) extension = "ics";
  if (type.is("message/rfc822")) extension = "eml";
  for (std::string_view image : {"png", "jpeg", "gif", "webp"})
    if (type.type == "image" && type.subtype == image) extension = image;
  return "part-" + std::to_string(n) + "." + std::string(extension);
}

void Reader::attach(const PartHeaders& headers) {
  AttachmentView out;
  out.content_type = headers.type.type + "/" + headers.type.subtype;
  out.file_name = headers.file_name.empty() ? made_up_name(headers.type, view_.attachments.size() + 1)
                                            : mail::repair_utf8(headers.file_name.substr(0, kMaxFileName));
  out.content_id = mail::repair_utf8(headers.content_id);
  out.is_inline = headers.disposition == "inline" || (headers.disposition.empty() && !out.content_id.empty());
  out.encoding = headers.encoding;
  out.encoded = headers.body;
  out.size = headers.encoding == TransferEncoding::none ? headers.body.size() : decode_attachment(out).size();
  view_.attachments.push_back(std::move(out));
}

}  // namespace

std::string_view MimeView::header(std::string_view name) const {
  for (const auto& [n, value] : headers)
    if (base::iequals(n, name)) return value;
  return {};
}

MimeView read_mime(std::string_view message) {
  MimeView view;
  Reader(view).message(message);
  return view;
}

std::string decode_attachment(const AttachmentView& attachment) {
  return mail::decode_transfer(attachment.encoded, attachment.encoding);
}

}  // namespace console
