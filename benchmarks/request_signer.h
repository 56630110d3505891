// RequestSigner: Signature Version 4 for one kind of request (POST, JSON, no query), written apart from the
// server's own verifier so that each is a check of the other. The derived key is kept for the day.
#pragma once

#include <string>
#include <string_view>

namespace load {

class RequestSigner {
 public:
  RequestSigner(std::string key_id, std::string secret, std::string region, std::string host,
                std::string path);
  // Header lines (each with CRLF): Host, Content-Type, X-Amz-Date, Authorization.
  std::string headers(std::string_view body);

 private:
  void new_second(long long seconds);
  std::string key_id_, secret_, region_, host_, path_;
  long long second_ = 0;
  std::string stamp_, scope_, signing_key_;
};

}  // namespace load
