#include "mail/dkim_verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>

#include "base/encoding.h"
#include "mail/dkim_canonical.h"
#include "mail/domain.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/tag_list.h"

namespace mail {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::array<std::string_view, 6> kNames = {"none",    "pass",      "fail",
                                                    "neutral", "temperror", "permerror"};
// A signer's clock may be wrong; more than this is no signature of today.
constexpr std::chrono::hours kClockSkew{24};

// A signature that was read, and where the hashes it needs come from.
struct Reading {
  DkimSignature out;
  const HeaderField* field = nullptr;
  std::size_t b_begin = 0, b_end = 0;  // the value of b= in raw_value
  Canonicalization header = Canonicalization::simple, body = Canonicalization::simple;
  std::optional<std::uint64_t> length;  // l=
  std::vector<std::string> names;       // h=
  std::string body_hash;
};

void decide(Reading& reading, DkimResult result, std::string problem) {
  reading.out.pending = false;
  reading.out.verdict.result = result;
  reading.out.verdict.problem = std::move(problem);
}
void refuse(Reading& reading, std::string problem) {
  decide(reading, DkimResult::permerror, std::move(problem));
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() > 18) return std::nullopt;
  return value;
}

std::optional<Canonicalization> canonicalization(std::string_view name) {
  if (name == "simple") return Canonicalization::simple;
  if (name == "relaxed") return Canonicalization::relaxed;
  return std::nullopt;
}

// §3.5, c=
bool read_canonicalizations(Reading& reading, std::string_view value) {
  auto slash = value.find('/');
  auto header = canonicalization(value.substr(0, slash));
  auto body = slash == npos ? Canonicalization::simple : canonicalization(value.substr(slash + 1));
  if (!header || !body) return false;
  reading.header = *header;
  reading.body = *body;
  return true;
}

// A tag without its blanks; "" if there is more than printable ASCII in it.
std::string word_of(const TagList& tags, std::string_view name) {
  auto word = without_blanks(tags.value(name));
  const bool fine = std::all_of(word.begin(), word.end(), [](char c) { return c > 32 && c < 127; });
  return fine ? word : std::string();
}

// d=, s=, i=: who says to have signed. Answers whether they can be read.
bool read_signer(Reading& reading, const TagList& tags) {
  auto& verdict = reading.out.verdict;
  verdict.domain = base::ascii_lower(word_of(tags, "d"));
  verdict.selector = word_of(tags, "s");
  verdict.identity = tags.find("i") ? word_of(tags, "i") : "@" + verdict.domain;
  verdict.algorithm = word_of(tags, "a");
  verdict.signature = word_of(tags, "b");
  if (verdict.domain.find('.') == npos || !is_look_up_name(reading.out.key_name())) {
    verdict.domain.clear();
    verdict.selector.clear();
    verdict.identity.clear();
    refuse(reading, "d= or s= is no name");
    return false;
  }
  if (verdict.identity.find('@') == npos || !is_at_or_below(domain_of(verdict.identity), verdict.domain)) {
    verdict.identity = "@" + verdict.domain;
    refuse(reading, "i= is not in d=");
    return false;
  }
  return true;
}

// Whether what signed is something that is verified here.
bool read_methods(Reading& reading, const TagList& tags) {
  const auto& algorithm = reading.out.verdict.algorithm;
  if (tags.value("v") != "1") {
    decide(reading, DkimResult::neutral, "v= is not 1");
  } else if (algorithm == "rsa-sha1") {
    refuse(reading, "rsa-sha1 is not accepted");  // RFC 8301 §3.1
  } else if (algorithm != "rsa-sha256" && algorithm != "ed25519-sha256") {
    decide(reading, DkimResult::neutral, "a= is unknown");
  } else if (!read_canonicalizations(reading, tags.value("c", "simple/simple"))) {
    decide(reading, DkimResult::neutral, "c= is unknown");
  } else if (tags.find("q") && without_blanks(tags.value("q")).find("dns/txt") == std::string::npos) {
    decide(reading, DkimResult::neutral, "q= is unknown");
  } else {
    reading.out.kind =
        algorithm == "rsa-sha256" ? DkimKey::Algorithm::rsa_sha256 : DkimKey::Algorithm::ed25519_sha256;
    return true;
  }
  return false;
}

// t=, x=
bool read_times(Reading& reading, const TagList& tags, base::WallTime now) {
  auto signed_at = number(tags.value("t", "0")), expires = number(tags.value("x", "0"));
  if (!signed_at || !expires) {
    refuse(reading, "t= or x= is no time");
    return false;
  }
  auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(base::to_millis(now) / 1000, 0));
  if (tags.find("x") && tags.find("t") && *expires <= *signed_at) {
    refuse(reading, "x= is not after t=");
  } else if (tags.find("x") && *expires < seconds) {
    decide(reading, DkimResult::fail, "the signature expired");
  } else if (*signed_at > seconds + static_cast<std::uint64_t>(std::chrono::seconds(kClockSkew).count())) {
    decide(reading, DkimResult::neutral, "the signature is of the future");
  } else {
    return true;
  }
  return false;
}

bool read_names(Reading& reading, std::string_view value, std::size_t most) {
  bool has_from = false;
  for (auto name : base::split(value, ':')) {
    if (reading.names.size() == most) return false;
    reading.names.push_back(base::ascii_lower(base::trim(name)));
    has_from = has_from || reading.names.back() == "from";
  }
  return has_from;
}

void read_tags(Reading& reading, const TagList& tags, base::WallTime now, const DkimLimits& limits) {
  for (auto name : {"v", "a", "b", "bh", "d", "h", "s"})
    if (!tags.find(name)) return refuse(reading, fmt::format("{}= is missing", name));
  if (!read_signer(reading, tags) || !read_methods(reading, tags) || !read_times(reading, tags, now)) return;
  if (!read_names(reading, tags.value("h"), limits.names))
    return refuse(reading, "h= does not name From, or too much");
  auto bytes = base::base64_decode(tags.value("b"), true), hash = base::base64_decode(tags.value("bh"), true);
  if (!bytes || bytes->empty() || !hash || hash->size() != 32)
    return refuse(reading, "b= or bh= cannot be read");
  if (tags.find("l") && !(reading.length = number(tags.value("l"))))
    return refuse(reading, "l= is no length");
  reading.out.bytes = std::move(*bytes);
  reading.body_hash = std::move(*hash);
  reading.b_begin = tags.find("b")->begin;
  reading.b_end = tags.find("b")->end;
  reading.out.pending = true;
}

// A body under one canonicalisation: its hash after each of the lengths asked for, in one pass.
class BodyHash {
 public:
  void want(std::optional<std::uint64_t> length) {
    if (length) cuts_[*length] = std::nullopt;
  }
  void run(std::string_view body, Canonicalization how) {
    next_ = cuts_.begin();
    canonical_body(body, how, *this);
    take_cuts();
    whole_ = hasher_.finish();
  }
  // For canonical_body().
  void add(std::string_view piece) {
    while (next_ != cuts_.end() && next_->first - size_ < piece.size()) {
      auto part = static_cast<std::size_t>(next_->first - size_);
      hasher_.add(piece.substr(0, part));
      size_ += part;
      piece.remove_prefix(part);
      take_cuts();
    }
    hasher_.add(piece);
    size_ += piece.size();
  }
  // nullopt: the body is shorter than that.
  std::optional<DkimHash> after(std::optional<std::uint64_t> length) const {
    return length ? cuts_.at(*length) : whole_;
  }
  std::uint64_t size() const { return size_; }

 private:
  void take_cuts() {
    for (; next_ != cuts_.end() && next_->first == size_; ++next_) next_->second = hasher_.so_far();
  }

  DkimHasher hasher_;
  std::uint64_t size_ = 0;
  std::map<std::uint64_t, std::optional<DkimHash>> cuts_;
  decltype(cuts_)::iterator next_;
  std::optional<DkimHash> whole_;
};

void check_bodies(std::vector<Reading>& readings, std::string_view body) {
  for (auto how : {Canonicalization::simple, Canonicalization::relaxed}) {
    BodyHash hash;
    bool any = false;
    for (const auto& reading : readings) {
      if (!reading.out.pending || reading.body != how) continue;
      hash.want(reading.length);
      any = true;
    }
    if (!any) continue;
    hash.run(body, how);
    for (auto& reading : readings) {
      if (!reading.out.pending || reading.body != how) continue;
      auto found = hash.after(reading.length);
      if (!found) {
        decide(reading, DkimResult::fail, "the body is shorter than l=");
      } else if (!std::equal(found->begin(), found->end(),
                             reinterpret_cast<const unsigned char*>(reading.body_hash.data()))) {
        decide(reading, DkimResult::fail, "the body was changed");
      }
      reading.out.verdict.partial = reading.length && *reading.length < hash.size();
    }
  }
}

// The fields by name, for signatures that take them from the bottom up (§5.4.2).
using FieldIndex = std::map<std::string, std::vector<const HeaderField*>, std::less<>>;

FieldIndex index_of(const MessageView& view) {
  FieldIndex index;
  for (const auto& field : view.fields) index[base::ascii_lower(field.name)].push_back(&field);
  return index;
}

// §3.7
void hash_headers(Reading& reading, const FieldIndex& index) {
  std::map<std::string_view, std::size_t> taken;
  std::string canonical;
  for (const auto& name : reading.names) {
    auto at = index.find(name);
    if (at == index.end()) continue;
    const auto& fields = at->second;
    auto& count = taken[name];
    if (count < fields.size() && fields[fields.size() - 1 - count] == reading.field) ++count;
    if (count == fields.size()) continue;  // named once more than there are: none may be added
    canonicalize_header(fields[fields.size() - ++count]->whole, reading.header, canonical);
  }
  // Its own header comes last, b= empty and without the last line break.
  const auto& field = *reading.field;
  auto value_at = static_cast<std::size_t>(field.raw_value.data() - field.whole.data());
  std::string own(field.whole.substr(0, value_at + reading.b_begin));
  own += field.raw_value.substr(reading.b_end);
  canonicalize_header(own + "\r\n", reading.header, canonical);
  canonical.resize(canonical.size() - 2);
  DkimHasher hasher;
  hasher.add(canonical);
  reading.out.digest = hasher.finish();
}

// What the key says of a signature that waits for it.
DkimVerdict check(const DkimSignature& signature, const DkimPublicKey& key) {
  auto verdict = signature.verdict;
  verdict.testing = key.testing();
  verdict.result = DkimResult::permerror;
  if (key.algorithm() != signature.kind) {
    verdict.problem = "the key is of another kind than the signature";
  } else if (key.strict() && !base::iequals(domain_of(verdict.identity), verdict.domain)) {
    verdict.problem = "the key does not allow i= in a subdomain";
  } else if (key.verify(signature.digest, signature.bytes)) {
    verdict.result = DkimResult::pass;
  } else {
    verdict.result = DkimResult::fail;
    verdict.problem = "the signature does not fit";
  }
  return verdict;
}

}  // namespace

std::string_view name_of(DkimResult result) { return kNames[static_cast<std::size_t>(result)]; }

std::string DkimSignature::key_name() const {
  return fmt::format("{}._domainkey.{}", verdict.selector, verdict.domain);
}

std::vector<DkimSignature> read_signatures(std::string_view message, base::WallTime now, DkimLimits limits) {
  auto view = split_part(message);
  std::vector<Reading> readings;
  for (const auto& field : view.fields) {
    if (readings.size() == limits.signatures) break;
    if (!base::iequals(field.name, "DKIM-Signature")) continue;
    auto& reading = readings.emplace_back();
    reading.field = &field;
    auto tags = field.whole.size() <= limits.field ? TagList::parse(field.raw_value) : std::nullopt;
    if (tags) {
      read_tags(reading, *tags, now, limits);
    } else {
      refuse(reading, "the signature cannot be read");
    }
  }
  std::vector<DkimSignature> out;
  if (readings.empty()) return out;
  check_bodies(readings, view.body(message));
  auto index = index_of(view);
  for (auto& reading : readings) {
    if (reading.out.pending) hash_headers(reading, index);
    out.push_back(std::move(reading.out));
  }
  return out;
}

DkimVerdict finish(const DkimSignature& signature, const LookUpAnswer& answer, DkimKeyCache* keys) {
  auto verdict = signature.verdict;
  if (!signature.pending) return verdict;
  if (answer.status == LookUpAnswer::failed) {
    verdict.result = DkimResult::temperror;
    verdict.problem = "DNS did not answer for the key";
    return verdict;
  }
  verdict.result = DkimResult::permerror;
  verdict.problem = "there is no key";
  auto text = std::find_if(answer.values.begin(), answer.values.end(), DkimPublicKey::is_key);
  if (text == answer.values.end()) return verdict;
  auto key = keys ? keys->get(*text) : DkimPublicKey::parse(*text);
  if (key) return check(signature, **key);
  verdict.problem = key.error();
  return verdict;
}

base::Task<std::vector<DkimVerdict>> verify_dkim(std::vector<DkimSignature> signatures, LookUp& look_up,
                                                 DkimKeyCache* keys) {
  std::vector<DkimVerdict> verdicts;
  std::map<std::string, LookUpAnswer> answers;
  for (const auto& signature : signatures) {
    if (!signature.pending) {
      verdicts.push_back(signature.verdict);
      continue;
    }
    auto name = signature.key_name();
    if (!answers.contains(name)) {
      auto answer = co_await look_up.ask(name, LookUpType::txt);
      answers.emplace(name, std::move(answer));
    }
    verdicts.push_back(finish(signature, answers.at(name), keys));
  }
  co_return verdicts;
}

}  // namespace mail
