// Attempt: one request that has to prove who sends it. Where it cannot, that is recorded and counted against
// its source, and the answer of a source that failed often is held back. On the stack of the gateway's
// handler; any loop.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "aws/protocol.h"
#include "base/task.h"
#include "net/http.h"
#include "send/service.h"

namespace api {

class Attempt {
 public:
  // The service and the source's address outlive the attempt.
  Attempt(send::Service& service, std::string_view source) : service_(service), source_(source) {}

  // Before the signature is looked at; `key` may be null. False: not to be looked at, as too many of this
  // source are held back.
  bool begin(std::string_view key_id, ses::AccessKeyPtr key);
  bool slowed() const { return delay_.count() > 0; }
  void succeeded();
  // Records and counts it where `error` says that the proof failed.
  bool note_failure(std::exception_ptr error, ses::AccessRecord request);
  // The same, and marks `answer` as held back.
  base::Task<void> failed(std::exception_ptr error, ses::AccessRecord request, net::HttpResponse* answer);

 private:
  send::Service& service_;
  const std::string_view source_;
  std::string key_id_;
  ses::AccessKeyPtr key_;
  bool unseen_ = false;
  std::chrono::milliseconds delay_{0};
  net::SourceLimit::Place place_;
};

// True where a browser may speak for a page that somebody else wrote.
bool is_of_web_page(const aws::WireRequest& wire);

// What the record of a denial says of the request itself.
ses::AccessRecord record_of(const aws::WireRequest& wire, const aws::Located& located);

}  // namespace api
