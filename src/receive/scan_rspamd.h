// rspamd as the scanner for spam: a POST to /checkv2 of its normal worker, with the envelope in headers. On a
// loop.
#pragma once

#include <string>
#include <string_view>

#include "base/task.h"
#include "net/http_client.h"
#include "receive/scanned.h"
#include "ses/received.h"

namespace receive {

net::HttpCall rspamd_call(const net::HttpUrl& rspamd, const ses::ReceivedMail& mail);
// `http` outlives the task; its limits bound the answer and the time.
base::Task<Scanned> scan_by_rspamd(net::HttpClient* http, net::HttpCall call);
net::HttpClientOptions rspamd_limits();

// By the action rspamd advises. "no action": PASS. "reject", "discard": FAIL. What it would mark, delay or
// keep apart ("add header", "rewrite subject", "greylist", "soft reject", "quarantine"): GRAY. Pure.
Scanned read_rspamd_answer(int status, std::string_view body);

}  // namespace receive
