// DMARC (RFC 7489): the policy that the domain of the From header publishes, and whether SPF or DKIM speak
// for that domain. A coroutine that asks DNS through LookUp. Pure but for what it asks; the thread is the
// caller's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "mail/dkim_verify.h"
#include "mail/look_up.h"
#include "mail/spf.h"

namespace mail {

enum class DmarcResult { none, pass, fail, temperror, permerror };
enum class DmarcPolicy { none, quarantine, reject };
std::string_view name_of(DmarcResult result);
std::string_view name_of(DmarcPolicy policy);

struct DmarcRecord {
  DmarcPolicy policy = DmarcPolicy::none;            // p=
  DmarcPolicy subdomain_policy = DmarcPolicy::none;  // sp=, or p=
  bool strict_dkim = false, strict_spf = false;      // adkim=, aspf=
  int percent = 100;                                 // pct=
};
// nullopt: no DMARC record, or one that §6.6.3 wants ignored (no valid p= and no rua=).
std::optional<DmarcRecord> parse_dmarc_record(std::string_view txt);

// The one domain of the From header, in lower case ASCII; the fault says why there is not exactly one
// (§6.6.1: no From, several From fields, addresses of several domains).
base::Result<std::string, std::string> dmarc_from_domain(std::string_view message);

struct DmarcOutcome {
  DmarcResult result = DmarcResult::none;
  std::string from_domain;            // header.from; empty after permerror
  std::optional<DmarcPolicy> policy;  // what the domain asks for in case of failure, if it has a record
  int percent = 100;                  // of the failing mail that it asks it for
  bool spf_aligned = false, dkim_aligned = false;
  std::string problem;
};

// `from` as dmarc_from_domain() answers. `look_up` must outlive the task.
base::Task<DmarcOutcome> check_dmarc(base::Result<std::string, std::string> from, SpfOutcome spf,
                                     std::vector<DkimVerdict> dkim, LookUp& look_up);

}  // namespace mail
