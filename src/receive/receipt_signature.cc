#include "receive/receipt_signature.h"

#include <array>

#include "base/encoding.h"
#include "mail/header.h"

namespace receive {
namespace {

// In the order of h=, as real mails have it; X-SES-RECEIPT comes last.
constexpr std::array<std::string_view, 9> kSigned = {
    "From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"};

// RFC 6376 §5.4.2: of several of one name the last is signed.
const mail::HeaderField* last_of(const mail::MessageView& view, std::string_view name) {
  const mail::HeaderField* found = nullptr;
  for (const auto& field : view.fields)
    if (base::iequals(field.name, name)) found = &field;
  return found;
}

}  // namespace

mail::DkimDigest receipt_digest(std::string_view content, std::string_view receipt,
                                const mail::DkimRequest& request) {
  const auto view = mail::split_part(content);
  std::string names, canonical;
  for (auto name : kSigned) {
    names += std::string(name) + ":";
    if (const auto* field = last_of(view, name))
      mail::canonicalize_header(field->whole, request.header, canonical);
  }
  mail::canonicalize_header(receipt, request.header, canonical);
  const auto body = base::sha256(mail::canonicalize_body(view.body(content), request.body));
  const auto tags = " a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=" + request.selector +
                    "; d=" + request.domain + "; t=" + std::to_string(base::to_millis(request.time) / 1000) +
                    "; v=1; bh=" + base::base64_encode(body) + ";\r\n h=" + names + "X-SES-RECEIPT; b=";
  mail::canonicalize_header("DKIM-Signature:" + tags + "\r\n", request.header, canonical);
  canonical.resize(canonical.size() - 2);  // without its line break (RFC 6376 §3.7)
  mail::DkimDigest digest{request.key, "X-SES-DKIM-SIGNATURE:" + tags, {}};
  const auto hash = base::sha256(canonical);
  std::copy(hash.begin(), hash.end(), digest.digest.begin());
  return digest;
}

}  // namespace receive
