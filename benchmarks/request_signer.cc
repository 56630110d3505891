#include "benchmarks/request_signer.h"

#include <fmt/format.h>
#include <time.h>

#include "base/encoding.h"

namespace load {

RequestSigner::RequestSigner(std::string key_id, std::string secret, std::string region, std::string host,
                             std::string path)
    : key_id_(std::move(key_id)),
      secret_(std::move(secret)),
      region_(std::move(region)),
      host_(std::move(host)),
      path_(std::move(path)) {}

void RequestSigner::new_second(long long seconds) {
  second_ = seconds;
  time_t time = seconds;
  tm parts{};
  gmtime_r(&time, &parts);
  std::string day = fmt::format("{:04}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  stamp_ = fmt::format("{}T{:02}{:02}{:02}Z", day, parts.tm_hour, parts.tm_min, parts.tm_sec);
  std::string scope = fmt::format("{}/{}/ses/aws4_request", day, region_);
  if (scope == scope_) return;
  scope_ = scope;
  signing_key_ = base::hmac_sha256("AWS4" + secret_, day);
  for (std::string_view part :
       {std::string_view(region_), std::string_view("ses"), std::string_view("aws4_request")})
    signing_key_ = base::hmac_sha256(signing_key_, part);
}

std::string RequestSigner::headers(std::string_view body) {
  long long seconds = time(nullptr);
  if (seconds != second_) new_second(seconds);
  std::string canonical = fmt::format(
      "POST\n{}\n\ncontent-type:application/json\nhost:{}\nx-amz-date:{}\n\ncontent-type;host;x-amz-date\n{}",
      path_, host_, stamp_, base::hex_encode(base::sha256(body)));
  std::string to_sign =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", stamp_, scope_, base::hex_encode(base::sha256(canonical)));
  return fmt::format(
      "Host: {}\r\nContent-Type: application/json\r\nX-Amz-Date: {}\r\nAuthorization: AWS4-HMAC-SHA256 "
      "Credential={}/{}, SignedHeaders=content-type;host;x-amz-date, Signature={}\r\n",
      host_, stamp_, key_id_, scope_, base::hex_encode(base::hmac_sha256(signing_key_, to_sign)));
}

}  // namespace load
