#include "ses/recipe.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/encoding.h"

namespace ses {
namespace {

// Fields as `LENGTH:octets`, numbers as `N;`.
class Packer {
 public:
  explicit Packer(std::size_t room = 0) { out_.reserve(room); }
  void number(std::uint64_t n) { out_ += std::to_string(n) + ";"; }
  void text(std::string_view t) {
    out_ += std::to_string(t.size());
    out_ += ':';
    out_ += t;
  }
  void maybe(const std::optional<std::string>& t) {
    number(t ? 1 : 0);
    if (t) text(*t);
  }
  void texts(const std::vector<std::string>& list) {
    number(list.size());
    for (const auto& t : list) text(t);
  }
  void pairs(const HeaderList& list) {
    number(list.size());
    for (const auto& [name, value] : list) {
      text(name);
      text(value);
    }
  }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}

  std::uint64_t number(char end = ';') {
    std::uint64_t n = 0;
    auto [at, error] = std::from_chars(in_.data(), in_.data() + in_.size(), n);
    auto length = static_cast<std::size_t>(at - in_.data());
    if (error != std::errc() || length >= in_.size() || in_[length] != end) spoilt();
    in_.remove_prefix(length + 1);
    return n;
  }
  std::string text() {
    auto length = number(':');
    if (length > in_.size()) spoilt();
    std::string out(in_.substr(0, length));
    in_.remove_prefix(length);
    return out;
  }
  std::optional<std::string> maybe() {
    if (number() == 0) return std::nullopt;
    return text();
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (auto n = number(); n > 0; --n) out.push_back(text());
    return out;
  }
  HeaderList pairs() {
    HeaderList out;
    for (auto n = number(); n > 0; --n) {
      auto name = text();
      auto value = text();
      out.emplace_back(std::move(name), std::move(value));
    }
    return out;
  }

 private:
  [[noreturn]] static void spoilt() { throw std::runtime_error("the stored recipe of a message is spoilt"); }
  std::string_view in_;
};

void pack_attachment(Packer& p, const mail::Attachment& a) {
  p.text(a.bytes);
  p.text(a.file_name);
  p.number(static_cast<std::uint64_t>(a.disposition));
  p.text(a.content_id);
  p.text(a.description);
  p.number(a.transfer_encoding ? 1 + static_cast<std::uint64_t>(*a.transfer_encoding) : 0);
  p.text(a.content_type);
}

mail::Attachment unpack_attachment(Unpacker& u) {
  mail::Attachment a;
  a.bytes = u.text();
  a.file_name = u.text();
  a.disposition = static_cast<mail::Attachment::Disposition>(u.number());
  a.content_id = u.text();
  a.description = u.text();
  if (auto encoding = u.number()) a.transfer_encoding = static_cast<mail::Attachment::Encoding>(encoding - 1);
  a.content_type = u.text();
  return a;
}

}  // namespace

std::string pack(const Recipe& r) {
  std::size_t attached = 0;
  for (const auto& a : r.attachments) attached += a.bytes.size();
  Packer p(attached ? attached + r.data.size() + (64u << 10) : 0);  // so that what is large is copied once
  p.number(static_cast<std::uint64_t>(r.version));
  p.text(r.template_name);
  p.maybe(r.source.subject);
  p.maybe(r.source.text);
  p.maybe(r.source.html);
  p.text(r.from);
  p.texts(r.reply_to);
  p.pairs(r.headers);
  p.number(r.attachments.size());
  for (const auto& a : r.attachments) pack_attachment(p, a);
  p.text(r.data);
  p.number(r.size_limit);
  return std::move(p).take();
}

Recipe unpack_recipe(std::string_view packed) {
  Unpacker u(packed);
  Recipe r;
  r.version = static_cast<std::int64_t>(u.number());
  r.template_name = u.text();
  r.source.subject = u.maybe();
  r.source.text = u.maybe();
  r.source.html = u.maybe();
  r.from = u.text();
  r.reply_to = u.texts();
  r.headers = u.pairs();
  for (auto n = u.number(); n > 0; --n) r.attachments.push_back(unpack_attachment(u));
  r.data = u.text();
  r.size_limit = u.number();
  return r;
}

std::string pack(const RecipeOwn& o) {
  Packer p;
  p.texts(o.to);
  p.texts(o.cc);
  p.text(o.data);
  p.pairs(o.headers);
  p.texts(o.remove);
  p.pairs(o.add);
  p.text(o.feedback_a);
  p.text(o.feedback_b);
  p.text(o.unsubscribe_link);
  return std::move(p).take();
}

RecipeOwn unpack_own(std::string_view packed) {
  Unpacker u(packed);
  RecipeOwn o;
  o.to = u.texts();
  o.cc = u.texts();
  o.data = u.text();
  o.headers = u.pairs();
  o.remove = u.texts();
  o.add = u.pairs();
  o.feedback_a = u.text();
  o.feedback_b = u.text();
  o.unsubscribe_link = u.text();
  return o;
}

HeaderList merged_headers(const HeaderList& shared, const HeaderList& own) {
  HeaderList out = shared;
  for (const auto& header : own) {
    auto same = std::find_if(out.begin(), out.end(),
                             [&](const auto& h) { return base::iequals(h.first, header.first); });
    if (same != out.end())
      *same = header;
    else
      out.push_back(header);
  }
  return out;
}

}  // namespace ses
