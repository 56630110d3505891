// DKIM keys of identities: making RSA pairs off the loops, the tokens of Easy DKIM, and reading the caller's
// own key (BYODKIM). SES §8.3, §8.4.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/heavy_pool.h"
#include "base/random.h"
#include "base/task.h"
#include "mail/dkim.h"

namespace ses {

using DkimKeyPtr = std::shared_ptr<const mail::DkimKey>;

// Makes RSA keys on a thread of its own, one after the other. Any thread may ask; it resumes on its own
// executor. Fault unavailable if more than kMaxWaiting wait.
class KeyMaker {
 public:
  static constexpr std::size_t kMaxWaiting = 256;

  base::Task<DkimKeyPtr> rsa(int bits);

 private:
  base::HeavyPool pool_{1};
  std::atomic<std::size_t> waiting_{0};
};

std::vector<std::string> make_dkim_tokens(base::Random& random);  // three of 32 lower-case letters and digits

// The caller's own key: RSA of 1024 to 2048 bits, base64 of its DER. Fault invalid_parameter if key or
// selector is missing or bad, or if a key length is asked for beside it.
DkimKeyPtr read_byodkim(const std::optional<std::string>& selector,
                        const std::optional<std::string>& private_key, const std::optional<int>& easy_bits);

}  // namespace ses
