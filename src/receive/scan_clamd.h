// ClamAV's daemon as the scanner for viruses: one INSTREAM command a mail over TCP (clamd(8)), in bounded
// time and with a bounded answer. On a loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"
#include "net/endpoint.h"
#include "receive/scanned.h"

namespace receive {

base::Task<Scanned> scan_by_clamd(net::Endpoint clamd, std::shared_ptr<const std::string> mail);

// "stream: OK", "stream: NAME FOUND", "REASON ERROR". Pure.
Scanned read_clamd_answer(std::string_view answer);

}  // namespace receive
