#include "aws/sigv4_canonical.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/encoding.h"

namespace aws {
namespace {

bool unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void append_encoded(std::string& out, unsigned char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (unreserved(c)) {
    out += static_cast<char>(c);
    return;
  }
  out += '%';
  out += kDigits[c >> 4];
  out += kDigits[c & 15];
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes (a '+' is a blank, a broken escape stays) and encodes again in one go.
std::string encoded_again(std::string_view raw) {
  std::string out;
  out.reserve(raw.size() + 8);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%' && i + 2 < raw.size()) {
      int high = hex_value(raw[i + 1]), low = hex_value(raw[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high << 4 | low);
        i += 2;
      }
    }
    append_encoded(out, static_cast<unsigned char>(c));
  }
  return out;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Trimmed, each run of blanks one space.
void append_collapsed(std::string& out, std::string_view value) {
  value = base::trim(value);
  bool blank = false;
  for (char c : value) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
}

std::vector<std::string_view> path_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    auto segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  return kept;
}

}  // namespace

Target split_target(std::string_view target) {
  auto mark = target.find('?');
  if (mark == target.npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::string_view header_value(const SignedRequest& request, std::string_view lower_name) {
  for (const auto& [name, value] : request.headers) {
    if (name.size() == lower_name.size() && base::iequals(name, lower_name)) return value;
  }
  return {};
}

std::string canonical_path(std::string_view raw_path) {
  if (raw_path.size() <= 1) return "/";
  auto segments = path_segments(raw_path);
  std::string out;
  out.reserve(raw_path.size() + 16);
  for (auto segment : segments) {
    out += '/';
    for (char c : segment) append_encoded(out, static_cast<unsigned char>(c));
  }
  if (out.empty() || raw_path.back() == '/') out += '/';
  return out;
}

QueryPairs query_pairs(std::string_view raw_query) {
  QueryPairs pairs;
  while (!raw_query.empty()) {
    auto end = std::min(raw_query.find('&'), raw_query.size());
    auto piece = raw_query.substr(0, end);
    raw_query.remove_prefix(std::min(end + 1, raw_query.size()));
    if (piece.empty()) continue;
    auto equals = std::min(piece.find('='), piece.size());
    auto value = piece.substr(std::min(equals + 1, piece.size()));
    pairs.emplace_back(encoded_again(piece.substr(0, equals)), encoded_again(value));
  }
  return pairs;
}

std::string canonical_query(std::string_view raw_query, bool leave_out_signature) {
  if (raw_query.empty()) return {};
  auto pairs = query_pairs(raw_query);
  std::ranges::sort(pairs);
  std::string out;
  out.reserve(raw_query.size() + 16);
  for (const auto& [name, value] : pairs) {
    if (leave_out_signature && name == "X-Amz-Signature") continue;
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

bool append_canonical_header(std::string& out, const SignedRequest& request, std::string_view lower_name) {
  bool found = false;
  for (const auto& [name, value] : request.headers) {
    if (name.size() != lower_name.size() || !base::iequals(name, lower_name)) continue;
    if (found) {
      out += ',';
    } else {
      out += lower_name;
      out += ':';
    }
    append_collapsed(out, value);
    found = true;
  }
  if (found) out += '\n';
  return found;
}

std::string join_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string scope_of(const SignatureClaim& claim) {
  return claim.date + '/' + claim.region + '/' + claim.service + '/' + claim.terminator;
}

std::string string_to_sign(const SignatureClaim& claim, const Digest& canonical_request) {
  std::string out = "AWS4-HMAC-SHA256\n";
  out.reserve(160);
  out += claim.timestamp;
  out += '\n';
  out += scope_of(claim);
  out += '\n';
  append_hex(out, canonical_request);
  return out;
}

Digest derive_key(std::string_view secret, std::string_view date, std::string_view region,
                  std::string_view service, std::string_view terminator) {
  std::string first = "AWS4";
  first += secret;
  auto key = hmac(first, date);
  OPENSSL_cleanse(first.data(), first.size());
  for (auto part : {region, service, terminator}) key = hmac(as_text(key), part);
  return key;
}

}  // namespace aws
