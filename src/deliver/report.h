// Report: what came of an attempt, and its writing down: recipients' states, the trace, the events, the
// statistics, in one transaction (ARCHITECTURE §1).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "deliver/classify.h"
#include "deliver/dispatcher.h"
#include "deliver/job.h"

namespace deliver {

struct Attempt {  // how it was tried, for the trace
  std::string site, host, address;
  net::TlsInfo tls;   // version empty: plain
  std::string phase;  // where it failed, if it did
  std::chrono::milliseconds took{0};
  bool in_doubt = false;
  std::string remote_ip, local_ip;  // the ends of the connection, where there was one
};

// What a simulated recipient does with the mail it got.
enum class Aftermath { none, auto_reply, complaint };

struct Report {
  Attempt attempt;
  std::vector<Classified> recipients;  // by index in the job
  bool captured = false;
  std::optional<compose::RenderFailure> unmade;  // nothing was sent, nothing will be
  bool simulated = false;                        // by the mailbox simulator: counts in no statistics
  std::vector<Aftermath> aftermath;              // by index, when simulated
};

// Writes it, waiting out a full disk or a full queue (the mail is gone already; what is lost by a crash
// meanwhile is only the knowledge of it). Leaves in the job the recipients to be tried again, with job->due
// set.
base::Task<void> write_report(const Environment& env, const Options& options, JobPtr job, Report report);

}  // namespace deliver
