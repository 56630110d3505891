// Gateway: the AWS side of the HTTP port. Finds the operation, authenticates (SigV4, SES §2), runs the
// handler. In dev mode any unknown access key is the root of its account (ARCHITECTURE §5). Any loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/context.h"
#include "aws/protocol.h"
#include "aws/sigv4.h"
#include "base/task.h"
#include "net/http.h"
#include "ses/call_rate.h"

namespace api {

class Attempt;

struct GatewayOptions {
  bool strict_auth = true;     // false: dev mode's leniency
  double management_rate = 0;  // calls a second of each action but sends; 0: any
};

class Gateway {
 public:
  Gateway(send::Service& service, const aws::Registry<Context>& registry, GatewayOptions options);

  // True where the path is one of an AWS API.
  static bool serves(const net::HttpRequest& request);
  base::Task<net::HttpResponse> handle(net::HttpRequest request);

  // gateway_bodies.cc: bodies are taken before they are authenticated, so who names no key that could be
  // right may send only a small one, and is told so in the words of a failed signature.
  std::size_t body_limit(const net::HttpRequest& head) const;
  net::HttpResponse too_large(const net::HttpRequest& head) const;

 private:
  ses::Caller authenticate(const aws::WireRequest& wire, const aws::Located& located, Attempt& attempt);
  struct Credentials {
    std::string secret;
    std::string used;  // whose last use it is: a key's or a role's id
    ses::Caller caller;
  };
  std::optional<Credentials> find_credentials(const aws::SignatureClaim& claim, bool lenient,
                                              Attempt& attempt);
  std::optional<Credentials> find_session(const aws::SignatureClaim& claim, bool lenient, Attempt& attempt);
  std::exception_ptr stranger(const net::HttpRequest& head, Attempt& attempt) const;
  ses::Caller lenient_caller(const std::string& key_id, const std::string& region) const;

  send::Service& service_;
  const aws::Registry<Context>& registry_;
  const GatewayOptions options_;
  aws::SigningKeyCache keys_;
  ses::CallRate rate_;
};

// All operations that are built.
const aws::Registry<Context>& registry();

}  // namespace api
