// The canonical body of DKIM (RFC 6376 §3.4) as pieces into a sink, and SHA-256 over such pieces: what
// signing and verifying share. For .cc files of this room.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "mail/dkim.h"

namespace mail {

using DkimHash = std::array<unsigned char, 32>;

inline const EVP_MD* dkim_sha256() {
  static const EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

inline bool is_dkim_blank(char c) { return c == ' ' || c == '\t'; }

// SHA-256 over pieces; small ones are gathered first.
class DkimHasher {
 public:
  DkimHasher() : ctx_(EVP_MD_CTX_new()) {
    if (!ctx_ || EVP_DigestInit_ex(ctx_.get(), dkim_sha256(), nullptr) != 1)
      throw std::runtime_error("no SHA-256");
  }
  void add(std::string_view piece) {
    if (piece.empty()) return;  // may have no address, which memcpy does not take
    if (piece.size() > sizeof buffer_ - used_) flush();
    if (piece.size() > sizeof buffer_) {
      EVP_DigestUpdate(ctx_.get(), piece.data(), piece.size());
    } else {
      std::memcpy(buffer_ + used_, piece.data(), piece.size());
      used_ += piece.size();
    }
  }
  // What it would be if nothing more came.
  DkimHash so_far() {
    flush();
    DkimHash out{};
    std::unique_ptr<EVP_MD_CTX, FreeMd> copy(EVP_MD_CTX_new());
    if (!copy || EVP_MD_CTX_copy_ex(copy.get(), ctx_.get()) != 1) throw std::runtime_error("no SHA-256");
    EVP_DigestFinal_ex(copy.get(), out.data(), nullptr);
    return out;
  }
  DkimHash finish() {
    flush();
    DkimHash out{};
    EVP_DigestFinal_ex(ctx_.get(), out.data(), nullptr);
    return out;
  }

 private:
  struct FreeMd {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  void flush() {
    if (used_) EVP_DigestUpdate(ctx_.get(), buffer_, used_);
    used_ = 0;
  }

  std::unique_ptr<EVP_MD_CTX, FreeMd> ctx_;
  char buffer_[8192];
  std::size_t used_ = 0;
};

// RFC 6376 §3.4.3: trailing empty lines go; an empty body is one CRLF.
template <class Sink>
void simple_body(std::string_view body, Sink& sink) {
  while (body.ends_with("\r\n\r\n")) body.remove_suffix(2);
  if (body == "\r\n") body = {};
  sink.add(body);
  if (!body.ends_with("\r\n")) sink.add("\r\n");
}

// A line of §3.4.4 without blanks at its end: runs of blanks become one. A single blank needs no cut.
template <class Sink>
void relaxed_line(std::string_view line, Sink& sink) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!is_dkim_blank(line[i])) continue;
    if (line[i] == ' ' && !is_dkim_blank(line[i + 1])) continue;
    sink.add(line.substr(start, i - start));
    sink.add(" ");
    while (is_dkim_blank(line[i + 1])) ++i;
    start = i + 1;
  }
  sink.add(line.substr(start));
}

// RFC 6376 §3.4.4: an empty body stays empty.
template <class Sink>
void relaxed_body(std::string_view body, Sink& sink) {
  std::size_t empty_lines = 0;
  while (!body.empty()) {
    auto end = body.find("\r\n");
    auto line = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 2);
    while (!line.empty() && is_dkim_blank(line.back())) line.remove_suffix(1);
    if (line.empty()) {
      ++empty_lines;
      continue;
    }
    for (; empty_lines > 0; --empty_lines) sink.add("\r\n");
    relaxed_line(line, sink);
    sink.add("\r\n");
  }
}

template <class Sink>
void canonical_body(std::string_view body, Canonicalization how, Sink& sink) {
  how == Canonicalization::simple ? simple_body(body, sink) : relaxed_body(body, sink);
}

}  // namespace mail
