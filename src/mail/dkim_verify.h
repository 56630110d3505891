// DKIM verification (RFC 6376 §6, RFC 8301, RFC 8463). In two steps, so that the work over a large message
// can be done on another thread than the waiting for DNS: read_signatures() parses and hashes, each canonical
// body once whatever the number of signatures; verify_dkim() fetches the keys and checks. Work is bounded by
// DkimLimits. Pure but for what it asks; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "mail/dkim_public_key.h"
#include "mail/look_up.h"

namespace mail {

// RFC 8601 §2.7.1, without "policy".
enum class DkimResult { none, pass, fail, neutral, temperror, permerror };
std::string_view name_of(DkimResult result);

// All but `problem` is as strangers wrote it, printable ASCII without blanks.
struct DkimVerdict {
  DkimResult result = DkimResult::permerror;
  std::string domain;     // d=, lower case; empty where the signature cannot be read
  std::string selector;   // s=
  std::string identity;   // i=, or "@" and the domain: header.i
  std::string algorithm;  // a=
  std::string signature;  // b= without blanks; its first octets are header.b
  std::string problem;    // for people, why it did not pass
  bool testing = false;   // the key is in test mode (t=y)
  bool partial = false;   // l= left some of the body unsigned
};

// A signature as far as the message alone tells.
struct DkimSignature {
  DkimVerdict verdict;   // final unless `pending`
  bool pending = false;  // the key decides
  DkimKey::Algorithm kind = DkimKey::Algorithm::rsa_sha256;
  std::array<unsigned char, 32> digest{};
  std::string bytes;  // b= decoded

  std::string key_name() const;  // SELECTOR._domainkey.DOMAIN
};

struct DkimLimits {
  std::size_t signatures = 10;   // the topmost; others are not looked at
  std::size_t names = 500;       // in h=
  std::size_t field = 32 << 10;  // octets of a DKIM-Signature header
};

// The signatures in the order they stand. Nothing of `message` is kept. `now` decides about x= and t=.
std::vector<DkimSignature> read_signatures(std::string_view message, base::WallTime now,
                                           DkimLimits limits = {});

// The verdict once the key's name was looked up; `keys` may be null.
DkimVerdict finish(const DkimSignature& signature, const LookUpAnswer& answer, DkimKeyCache* keys = nullptr);

// All of them, one question a key name. `look_up` and `keys` must outlive the task.
base::Task<std::vector<DkimVerdict>> verify_dkim(std::vector<DkimSignature> signatures, LookUp& look_up,
                                                 DkimKeyCache* keys = nullptr);

}  // namespace mail
