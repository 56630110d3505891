// AWS Signature Version 4: who a request claims to come from, whether its signature is right, and making one;
// also the SMTP password that is derived from a secret the same way. Pure; any thread. Faults are values, in
// the words of AWS's front end. Time is always the real time, never dev mode's clock. SES §2, §2.1, §11.2.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/fault.h"
#include "base/result.h"

namespace aws {

using HeaderPair = std::pair<std::string, std::string>;

// A request as it stands on the wire; views that must outlive the call.
struct SignedRequest {
  std::string_view method;
  std::string_view target;  // raw: path and query, not decoded
  std::span<const HeaderPair> headers;
  std::string_view body;
};

// The two front ends word a missing token differently.
enum class Wording { v1, v2 };

// What a request says about its signature. Nothing of it is true before verify() agrees.
struct SignatureClaim {
  enum class Form { header, query };
  Form form = Form::header;
  std::string access_key_id;
  std::string date;  // of the credential scope, yyyymmdd
  std::string region;
  std::string service;
  std::string terminator;
  std::vector<std::string> signed_headers;  // lower case, sorted, each once
  std::string signature;
  std::optional<std::string> security_token;
  std::string timestamp;  // yyyymmddThhmmssZ
  base::WallTime time;
  std::chrono::seconds expires{0};  // of the query form
};

// Reads the Authorization header, or the X-Amz-* parameters of a presigned URL. Faults:
// missing_authentication_token, incomplete_signature, unrecognized_client (signature versions before 4).
base::Result<SignatureClaim, base::Fault> parse_authorization(const SignedRequest& request, Wording wording);

// The day's signing keys, so that a request costs one HMAC instead of five. Bounded: one entry a slot, a new
// one pushes the old one out. An entry answers only for the very secret it was made from. Any thread.
class SigningKeyCache {
 public:
  using Key = std::array<unsigned char, 32>;

  SigningKeyCache() : SigningKeyCache(1024) {}
  explicit SigningKeyCache(std::size_t slots);
  ~SigningKeyCache();

  Key get(std::string_view secret, const SignatureClaim& claim);

 private:
  struct Slot;
  static constexpr std::size_t kLocks = 16;
  std::vector<Slot> slots_;
  std::array<std::mutex, kLocks> locks_;
};

bool is_region_name(std::string_view region);  // letters, digits and hyphens: safe in names and headers

// What the credential scope has to say. No regions: any that is well-formed.
struct ExpectedScope {
  std::string_view service;
  std::span<const std::string> regions;
};

inline constexpr std::chrono::minutes kAllowedSkew{15};
inline constexpr std::chrono::seconds kMaxExpires{604800};

// nullopt when the signature is right, in time and in scope; else signature_mismatch.
std::optional<base::Fault> verify(const SignatureClaim& claim, const SignedRequest& request,
                                  std::string_view secret, const ExpectedScope& expected,
                                  base::WallTime real_now, SigningKeyCache& keys);

base::Fault wrong_signature();  // what verify() says of a signature that is just wrong

struct Credentials {
  std::string access_key_id;
  std::string secret;
  std::optional<std::string> session_token;
};

// The headers to add to `request` (X-Amz-Date, X-Amz-Security-Token, Authorization). It must have its Host;
// Host, Content-Type, Content-MD5 and all x-amz-* and amz-sdk-* headers are signed.
std::vector<HeaderPair> sign(const SignedRequest& request, const Credentials& credentials,
                             std::string_view region, std::string_view service, base::WallTime time);
// The target of a presigned URL; of the headers only Host is signed.
std::string presign(const SignedRequest& request, const Credentials& credentials, std::string_view region,
                    std::string_view service, base::WallTime time, std::chrono::seconds expires);

// SES §11.2: the SMTP password of a secret in a region.
std::string smtp_password(std::string_view secret, std::string_view region);
// The form of before 2019, which has no region and is refused with words of its own; true where `password` is
// that of `secret`.
std::string legacy_smtp_password(std::string_view secret);
bool is_legacy_smtp_password(std::string_view password, std::string_view secret);

}  // namespace aws
