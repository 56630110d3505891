#include "mail/mime_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "base/encoding.h"
#include "mail/address.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "mail/transfer_encoding.h"

namespace mail {
namespace {

constexpr std::size_t kMaxFileName = 255;  // UTF-16 units (SES §5.2)

constexpr std::size_t kMaxHeader = 996;  // name and value (SES §5.2)

// What a mail has of the service or of other members of the call: nobody gives it as a header (SES §6.2;
// which names SES refuses, and how, is not known).
bool is_own_header(std::string_view name) {
  constexpr std::string_view kOwn[] = {
      "From",        "To",          "Cc",         "Bcc",         "Reply-To",
      "Subject",     "Date",        "Message-ID", "Return-Path", "DKIM-Signature",
      "Feedback-ID", "MIME-Version"};
  constexpr std::string_view kContent = "Content-";
  auto same = [&](std::string_view own) { return base::iequals(own, name); };
  return std::any_of(std::begin(kOwn), std::end(kOwn), same) ||
         base::iequals(name.substr(0, kContent.size()), kContent);
}

// A request that cannot be built; ends build() only.
struct Unbuildable {
  std::string text;
};

// A body text ready to be written: its octets, the charset's name, what they hold.
struct Text {
  std::string_view given;
  std::optional<std::string> converted;  // in its place, when a charset was applied
  std::string charset = "UTF-8";
  TextFacts facts;
  bool ascii_ends = true;  // false where line ends are not the octets CR LF (UTF-16), so only base64 holds it

  std::string_view bytes() const { return converted ? std::string_view(*converted) : given; }
};

// Line ends become CRLF before the charset is applied, since they may not be one octet each in it.
std::optional<std::string> convert(std::string_view utf8, const std::string& charset) {
  std::string lines;
  lines.reserve(utf8.size());
  append_crlf(utf8, lines);
  return from_utf8(lines, charset);
}

Text prepare_text(const Content& content) {
  Text text;
  text.given = content.data;
  if (!content.charset.empty()) text.charset = content.charset;
  if (!is_known_charset(text.charset))
    throw Unbuildable{fmt::format("Unsupported charset '{}'.", repair_utf8(text.charset.substr(0, 100)))};
  text.facts = look_at(content.data);
  bool same = is_utf8_charset(text.charset) || (is_ascii_charset(text.charset) && text.facts.eight_bit == 0);
  if (!same && !is_ascii_charset(text.charset)) text.converted = convert(content.data, text.charset);
  if (text.converted) {
    text.ascii_ends = from_utf8("\r\n", text.charset) == "\r\n";
    text.facts = look_at(*text.converted);
    return text;
  }
  if (!same) text.charset = "UTF-8";  // the text does not fit the charset asked for
  if (text.facts.eight_bit > 0 && !base::is_utf8(content.data)) {
    text.converted = repair_utf8(content.data);
    text.facts = look_at(*text.converted);
  }
  return text;
}

class Builder {
 public:
  Builder(const SimpleMail& mail, base::Random& random, base::WallTime now)
      : mail_(mail), random_(random), now_(now) {}

  std::string run() {
    if (mail_.text) text_ = prepare_text(*mail_.text);
    if (mail_.html) html_ = prepare_text(*mail_.html);
    for (const auto& a : mail_.attachments) check(a);
    out_.reserve(estimate());
    headers();
    out_ += "MIME-Version: 1.0\r\n";
    mixed();
    return std::move(out_);
  }

 private:
  std::size_t estimate() const {
    std::size_t n = 2048;
    for (const auto* t : {&text_, &html_})
      n += t->bytes().size() + t->bytes().size() / 16 + t->facts.eight_bit * 2 + 512;
    for (const auto& a : mail_.attachments) n += a.bytes.size() / 54 * 78 + 4 * a.file_name.size() + 1024;
    for (const auto& [name, value] : mail_.headers) n += name.size() + 2 * value.size() + 8;
    return n + 64 * (mail_.to.size() + mail_.cc.size() + mail_.reply_to.size());
  }

  static void check(const Attachment& a) {
    if (a.file_name.empty() || base::utf16_length(a.file_name) > kMaxFileName ||
        blocked_extension(a.file_name))
      throw Unbuildable{fmt::format("Illegal filename '{}'.", repair_utf8(a.file_name))};
    if (a.content_type.empty()) return;
    bool safe =
        is_safe_value(a.content_type) && base::is_ascii(a.content_type) && a.content_type.size() <= 500;
    auto parsed = parse_content_type(a.content_type);
    if (!safe || !parsed || parsed->is("multipart/"))
      throw Unbuildable{
          fmt::format("Illegal content type '{}'.", repair_utf8(a.content_type.substr(0, 500)))};
    if (!is_safe_value(a.content_id)) throw Unbuildable{"Illegal header 'Content-ID'."};
  }

  // SES §12.4: From, To, Cc, Reply-To, Subject, the caller's own, then MIME-Version.
  void headers() {
    if (!mail_.from.empty()) address_header("From", {&mail_.from, 1});
    address_header("To", mail_.to);
    address_header("Cc", mail_.cc);
    address_header("Reply-To", mail_.reply_to);
    const auto& charset = mail_.subject.charset;
    if (!charset.empty() && !is_known_charset(charset))
      throw Unbuildable{fmt::format("Unsupported charset '{}'.", charset)};
    out_ += fold_header("Subject", encode_words(mail_.subject.data, charset.empty() ? "UTF-8" : charset));
    for (const auto& [name, value] : mail_.headers) {
      if (!is_header_name(name) || !is_safe_value(value) || is_own_header(name))
        throw Unbuildable{fmt::format("Illegal header '{}'.", repair_utf8(name))};
      if (name.size() + value.size() > kMaxHeader)
        throw Unbuildable{fmt::format("Header '{}' is longer than {} characters.", name, kMaxHeader)};
      out_ += fold_header(name, base::is_ascii(value) ? value : encode_words(value));
    }
  }

  void address_header(std::string_view name, std::span<const std::string> addresses) {
    if (addresses.empty()) return;
    std::string value;
    for (const auto& address : addresses) {
      if (!value.empty()) value += ", ";
      value += header_address(address);
    }
    out_ += fold_header(name, value);
  }

  bool has(Attachment::Disposition d) const {
    return std::any_of(mail_.attachments.begin(), mail_.attachments.end(),
                       [&](const auto& a) { return a.disposition == d; });
  }

  // Each level writes its Content-Type header and body, or leaves both to the level inside it.
  void mixed() {
    if (!has(Attachment::Disposition::attachment)) return related();
    auto boundary = open("mixed");
    part(boundary);
    related();
    attachments(boundary, Attachment::Disposition::attachment);
    close(boundary);
  }

  void related() {
    if (!has(Attachment::Disposition::inline_)) return alternative();
    auto boundary = open("related");
    part(boundary);
    alternative();
    attachments(boundary, Attachment::Disposition::inline_);
    close(boundary);
  }

  void alternative() {
    if (!mail_.html) return text_part(text_, "plain");
    if (!mail_.text) return text_part(html_, "html");
    auto boundary = open("alternative");
    part(boundary);
    text_part(text_, "plain");
    part(boundary);
    text_part(html_, "html");
    close(boundary);
  }

  std::string open(std::string_view subtype) {
    auto draw = random_.u64();
    auto boundary =
        fmt::format("----=_Part_{}_{}.{}", draw % 1000000, (draw >> 20) & 0xffffffffu, base::to_millis(now_));
    // The blank before the fold makes two when unfolded, as SES's own headers show in events.
    fmt::format_to(std::back_inserter(out_), "Content-Type: multipart/{}; \r\n\tboundary=\"{}\"\r\n\r\n",
                   subtype, boundary);
    return boundary;
  }
  void part(const std::string& boundary) { out_.append("--").append(boundary).append("\r\n"); }
  void close(const std::string& boundary) { out_.append("--").append(boundary).append("--\r\n"); }

  void end_line() {
    if (!out_.ends_with("\r\n")) out_ += "\r\n";
  }

  void text_part(const Text& text, std::string_view subtype) {
    out_.append("Content-Type: text/").append(subtype).append("; charset=").append(text.charset);
    out_ += "\r\nContent-Transfer-Encoding: ";
    const auto& f = text.facts;
    if (f.is_7bit() && text.ascii_ends) {
      out_ += "7bit\r\n\r\n";
      append_lines(text, [this](std::string_view lines) { out_ += lines; });
    } else if (f.nul || !text.ascii_ends || f.eight_bit > text.bytes().size() / 3) {
      // Text that is mostly not ASCII is shorter so.
      out_ += "base64\r\n\r\n";
      append_lines(text, [this](std::string_view lines) { append_base64(lines, out_); });
    } else {
      out_ += "quoted-printable\r\n\r\n";
      append_quoted_printable(text.bytes(), false, out_);
    }
    end_line();
  }

  template <class Append>
  static void append_lines(const Text& text, Append append) {
    if (text.facts.has_clean_ends() || !text.ascii_ends) return append(text.bytes());
    std::string lines;
    lines.reserve(text.bytes().size() * 33 / 32 + 64);
    append_crlf(text.bytes(), lines);
    append(lines);
  }

  void attachments(const std::string& boundary, Attachment::Disposition disposition) {
    for (const auto& a : mail_.attachments)
      if (a.disposition == disposition) {
        part(boundary);
        attachment(a);
      }
  }

  static Attachment::Encoding encoding_of(const Attachment& a) {
    using enum Attachment::Encoding;
    if (!a.transfer_encoding) return base64;
    // 7bit keeps neither octets above 127 nor long lines nor bare line ends.
    if (*a.transfer_encoding != seven_bit) return *a.transfer_encoding;
    auto facts = look_at(a.bytes);
    return facts.is_7bit() && facts.has_clean_ends() ? seven_bit : base64;
  }

  void attachment(const Attachment& a) {
    std::string type = a.content_type.empty() ? std::string(guess_content_type(a.file_name)) : a.content_type;
    out_ += fold_header("Content-Type", type + legacy_name(a));
    bool is_inline = a.disposition == Attachment::Disposition::inline_;
    auto encoding = encoding_of(a);
    out_ += "Content-Transfer-Encoding: ";
    out_ += encoding == Attachment::Encoding::base64      ? "base64\r\n"
            : encoding == Attachment::Encoding::seven_bit ? "7bit\r\n"
                                                          : "quoted-printable\r\n";
    out_ +=
        fold_header("Content-Disposition", (is_inline ? "inline" : "attachment") + file_name(a.file_name));
    if (!a.content_id.empty()) {
      std::string_view id = base::trim(a.content_id);
      if (id.starts_with('<')) id.remove_prefix(1);
      if (id.ends_with('>')) id.remove_suffix(1);
      out_ += fold_header("Content-ID", fmt::format("<{}>", id));
    }
    if (!a.description.empty()) out_ += fold_header("Content-Description", encode_words(a.description));
    out_ += "\r\n";
    switch (encoding) {
      case Attachment::Encoding::base64:
        append_base64(a.bytes, out_);
        break;
      case Attachment::Encoding::quoted_printable:
        append_quoted_printable(a.bytes, true, out_);
        break;
      case Attachment::Encoding::seven_bit:
        out_ += a.bytes;
        break;
    }
    // This line break belongs to the delimiter (RFC 2046 §5.1.1), so one that ends the octets is not used for
    // it.
    if (encoding == Attachment::Encoding::base64)
      end_line();
    else
      out_ += "\r\n";
  }

  static std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<unsigned char>(c) < 32 || c == 127 ? '_' : c;
    }
    return out + "\"";
  }

  // name= for readers that look there; an encoded word in quotes is what they understand.
  static std::string legacy_name(const Attachment& a) {
    if (a.content_type.find("name=") != std::string::npos) return {};
    if (base::is_ascii(a.file_name)) return "; name=" + quoted(a.file_name);
    return "; name=\"" + encode_words(a.file_name) + "\"";
  }

  // RFC 2231 where the name is not ASCII, in sections where it is long.
  static std::string file_name(std::string_view name) {
    constexpr std::size_t kSection = 60;
    if (base::is_ascii(name)) return "; filename=" + quoted(name);
    auto coded = "UTF-8''" + base::percent_encode(repair_utf8(name));
    if (coded.size() <= kSection) return "; filename*=" + coded;
    std::string out;
    for (std::size_t i = 0, n = 0; i < coded.size(); ++n) {
      auto length = std::min(kSection, coded.size() - i);
      // An escape is not split.
      while (i + length < coded.size() && (coded[i + length - 1] == '%' || coded[i + length - 2] == '%'))
        --length;
      out += fmt::format("; filename*{}*={}", n, coded.substr(i, length));
      i += length;
    }
    return out;
  }

  const SimpleMail& mail_;
  base::Random& random_;
  base::WallTime now_;
  Text text_, html_;
  std::string out_;
};

std::string one_line(std::string_view text) {
  auto out = repair_utf8(base::trim(text));
  for (char& c : out)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  return out;
}

}  // namespace

base::Result<std::string, std::string> build(const SimpleMail& mail, base::Random& random,
                                             base::WallTime now) {
  try {
    return Builder(mail, random, now).run();
  } catch (Unbuildable& reason) {
    return base::Failure{std::move(reason.text)};
  }
}

std::string header_address(std::string_view given) {
  if (base::is_ascii(given)) return is_safe_value(given) ? std::string(base::trim(given)) : one_line(given);
  auto mailbox = parse_mailbox(given, true);
  if (!mailbox) return one_line(given);
  auto domain = base::is_ascii(mailbox->domain) ? mailbox->domain
                                                : ascii_domain(mailbox->domain).value_or(mailbox->domain);
  auto bare = mailbox->local + "@" + domain;
  if (mailbox->raw_name.empty()) return bare;
  return encode_phrase(mailbox->display_name) + " <" + bare + ">";
}

}  // namespace mail
