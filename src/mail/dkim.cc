#include "mail/dkim.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "mail/dkim_canonical.h"
#include "mail/header.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;

// The headers SES signs where present (SES §8.4), and what RFC 6376 §5.4.1 and RFC 8058 §4 want signed;
// sorted.
constexpr std::array<std::string_view, 24> kSigned = {"cc",
                                                      "content-description",
                                                      "content-id",
                                                      "content-transfer-encoding",
                                                      "content-type",
                                                      "date",
                                                      "feedback-id",
                                                      "from",
                                                      "in-reply-to",
                                                      "list-archive",
                                                      "list-help",
                                                      "list-id",
                                                      "list-owner",
                                                      "list-post",
                                                      "list-subscribe",
                                                      "list-unsubscribe",
                                                      "list-unsubscribe-post",
                                                      "message-id",
                                                      "mime-version",
                                                      "references",
                                                      "reply-to",
                                                      "sender",
                                                      "subject",
                                                      "to"};

struct StringSink {
  std::string& out;
  void add(std::string_view piece) { out += piece; }
};

std::string_view name_of(Canonicalization how) {
  return how == Canonicalization::simple ? "simple" : "relaxed";
}

std::string_view view_of(const DkimHash& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// h= list and the fields in the order a verifier will take them: of several of one name, the last comes first
// (RFC 6376 §5.4.2).
std::vector<const HeaderField*> signed_fields(const MessageView& view) {
  std::vector<const HeaderField*> fields;
  for (const auto& field : view.fields)
    if (dkim_signs(field.name)) fields.push_back(&field);
  auto ordered = fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::size_t before = 0, after = 0;
    for (std::size_t k = 0; k < fields.size(); ++k)
      if (k != i && base::iequals(fields[k]->name, fields[i]->name)) ++(k < i ? before : after);
    if (before + after == 0) continue;
    // The before-th of that name from the bottom.
    std::size_t skip = before;
    for (auto k = fields.size(); k-- > 0;)
      if (base::iequals(fields[k]->name, fields[i]->name) && skip-- == 0) {
        ordered[i] = fields[k];
        break;
      }
  }
  return ordered;
}

// "a:b:c" with folds so that lines stay short; blanks around ':' are allowed (RFC 6376 §3.5).
std::string folded_names(std::span<const HeaderField* const> fields) {
  std::string out = "h=";
  std::size_t column = 3;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto name = fields[i]->name;
    if (i > 0) out += ':';
    if (i > 0 && column + name.size() > 70) {
      out += "\r\n\t ";
      column = 2;
    }
    out += name;
    column += name.size() + 1;
  }
  return out;
}

}  // namespace

bool dkim_signs(std::string_view header_name) {
  if (header_name.size() > 40) return false;
  auto name = base::ascii_lower(header_name);
  return std::binary_search(kSigned.begin(), kSigned.end(), std::string_view(name));
}

void canonicalize_header(std::string_view field, Canonicalization how, std::string& out) {
  if (how == Canonicalization::simple) {
    out += field;
    return;
  }
  // RFC 6376 §3.4.2
  auto colon = field.find(':');
  auto name = field.substr(0, colon);
  while (!name.empty() && is_dkim_blank(name.back())) name.remove_suffix(1);
  for (char c : name) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  out += ':';
  bool pending = false, started = false;
  for (char c : colon == npos ? std::string_view{} : field.substr(colon + 1)) {
    if (c == '\r' || c == '\n') continue;
    if (is_dkim_blank(c)) {
      pending = true;
      continue;
    }
    if (pending && started) out += ' ';
    pending = false;
    started = true;
    out += c;
  }
  out += "\r\n";
}

std::string canonicalize_body(std::string_view body, Canonicalization how) {
  std::string out;
  out.reserve(body.size() + 2);
  StringSink sink{out};
  canonical_body(body, how, sink);
  return out;
}

std::vector<DkimDigest> prepare(std::string_view message, std::span<const DkimRequest> requests) {
  auto view = split_part(message);
  auto fields = signed_fields(view);
  auto names = folded_names(fields);
  std::map<Canonicalization, std::string> body_hashes;
  std::vector<DkimDigest> digests;
  digests.reserve(requests.size());
  for (const auto& r : requests) {
    auto& body_hash = body_hashes[r.body];
    if (body_hash.empty()) {
      DkimHasher hasher;
      canonical_body(view.body(message), r.body, hasher);
      body_hash = base::base64_encode(view_of(hasher.finish()));
    }
    auto seconds = base::to_millis(r.time) / 1000;
    auto algorithm = r.key->algorithm() == DkimKey::Algorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
    DkimDigest d;
    d.key = r.key;
    d.header = fmt::format(
        "DKIM-Signature: v=1; a={}; q=dns/txt; c={}/{};\r\n\ts={}; d={}; t={};\r\n\t{};\r\n\tbh={};\r\n\tb=",
        algorithm, name_of(r.header), name_of(r.body), r.selector, r.domain, seconds, names, body_hash);
    std::string canonical;
    canonical.reserve(view.body_offset + d.header.size());
    for (const auto* field : fields) canonicalize_header(field->whole, r.header, canonical);
    // The signature's own header comes last, with b= empty and without its line break (RFC 6376 §3.7).
    canonicalize_header(d.header + "\r\n", r.header, canonical);
    canonical.resize(canonical.size() - 2);
    DkimHasher hasher;
    hasher.add(canonical);
    d.digest = hasher.finish();
    digests.push_back(std::move(d));
  }
  return digests;
}

DkimDigest prepare(std::string_view message, const DkimRequest& request) {
  return std::move(prepare(message, std::span(&request, 1)).front());
}

std::vector<std::string> sign_batch(std::span<const DkimDigest> digests) {
  constexpr std::size_t kLine = 72;
  std::vector<std::string> out;
  out.reserve(digests.size());
  for (const auto& d : digests) {
    auto signature = base::base64_encode(d.key->sign_digest(d.digest));
    std::string header = d.header;
    header.reserve(header.size() + signature.size() + signature.size() / 24 + 8);
    // Blanks inside b= do not count, so it may be folded anywhere.
    for (std::size_t i = 0; i < signature.size(); i += kLine) {
      if (i > 0) header += "\r\n\t ";
      header.append(signature, i, kLine);
    }
    out.push_back(std::move(header += "\r\n"));
  }
  return out;
}

std::string sign(std::string_view message, const DkimRequest& request) {
  auto digest = prepare(message, request);
  return std::move(sign_batch(std::span(&digest, 1)).front());
}

}  // namespace mail
