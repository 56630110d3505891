#include "ses/dkim_keys.h"

#include "base/fault.h"
#include "base/random.h"

namespace ses {

using base::Fault;
using base::FaultKind;

base::Task<DkimKeyPtr> KeyMaker::rsa(int bits) {
  struct Count {
    std::atomic<std::size_t>& n;
    explicit Count(std::atomic<std::size_t>& counter) : n(counter) { ++n; }
    ~Count() { --n; }
  } count(waiting_);
  if (count.n > kMaxWaiting) throw Fault(FaultKind::unavailable, "Too many keys are being made. Try again.");
  std::function<DkimKeyPtr()> job = [bits] { return mail::DkimKey::generate_rsa(bits); };
  co_return co_await pool_.run_value(std::move(job));
}

std::vector<std::string> make_dkim_tokens(base::Random& random) {
  std::vector<std::string> tokens;
  while (tokens.size() < 3) tokens.push_back(random.text(32, base::kLowerAlnum));
  return tokens;
}

namespace {

[[noreturn]] void refuse(std::string text) { throw Fault(FaultKind::invalid_parameter, std::move(text)); }

DkimKeyPtr parse_key(std::string_view base64) {
  constexpr std::size_t kMaxKey = 20480;  // the model's limit, for doors that have no model
  if (base64.size() <= kMaxKey && base64.find('-') == std::string_view::npos) {
    auto key = mail::DkimKey::parse(base64);
    if (key && (*key)->algorithm() == mail::DkimKey::Algorithm::rsa_sha256 && (*key)->bits() >= 1024 &&
        (*key)->bits() <= 2048)
      return *key;
  }
  refuse(
      "The private key must be an RSA key of 1024 to 2048 bits, in base64 without header, footer and line "
      "breaks.");
}

// One label of a domain name.
void check_selector(std::string_view selector) {
  bool ok = !selector.empty() && selector.size() <= 63 && selector.front() != '-' && selector.back() != '-';
  for (char c : selector) ok = ok && (c == '-' || base::kAlnum.find(c) != std::string_view::npos);
  if (!ok) refuse("The selector " + std::string(selector) + " is invalid.");
}

}  // namespace

DkimKeyPtr read_byodkim(const std::optional<std::string>& selector,
                        const std::optional<std::string>& private_key, const std::optional<int>& easy_bits) {
  if (!selector || !private_key)
    refuse("DomainSigningSelector and DomainSigningPrivateKey must be given together.");
  if (easy_bits) refuse("NextSigningKeyLength must not be given together with DomainSigningPrivateKey.");
  check_selector(*selector);
  return parse_key(*private_key);
}

}  // namespace ses
