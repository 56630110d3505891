// Signer: threads that make DKIM signatures, in batches of whatever waits (ARCHITECTURE 3.9). They run at a
// lower priority than the loops, so that accepting mail goes before sending it. Any thread; coroutines resume
// on theirs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/task.h"
#include "mail/dkim.h"

namespace compose {

class Signer {
 public:
  explicit Signer(std::size_t threads);
  ~Signer();  // finishes what waits

  // The finished DKIM-Signature header, folded, with CRLF.
  base::Task<std::string> sign(mail::DkimDigest digest);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace compose
