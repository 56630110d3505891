// Context: what an operation's handler is given beside its decoded request. Lives until the handler has
// answered.
#pragma once

#include "send/service.h"
#include "ses/types.h"

namespace api {

struct Context {
  send::Service& service;
  ses::Caller caller;
};

}  // namespace api
