#include "base/encoding.h"
#include "cloud/objects.h"

namespace cloud {
namespace {

class S3Store final : public ObjectStore {
 public:
  explicit S3Store(AwsClient& client) : client_(client) {}

  base::Task<Outcome> put(Object object) override {
    AwsCall call{"s3",         object.region, "PUT", target_of(object), {{"Content-Type", "message/rfc822"}},
                 object.bytes, object.role};
    auto calling = client_.call(std::move(call));
    co_return co_await calling;
  }

  base::Task<BucketState> look_at(std::string region, std::string bucket, Role role) override {
    AwsCall call{"s3", region, "HEAD", "/" + base::percent_encode(bucket), {}, nullptr, role};
    auto calling = client_.call(std::move(call));
    auto outcome = co_await calling;
    if (outcome.ok) co_return BucketState::ready;
    co_return outcome.text.starts_with("HTTP 404") ? BucketState::missing : BucketState::closed;
  }

 private:
  static std::string target_of(const Object& object) {
    return "/" + base::percent_encode(object.bucket) + "/" + base::percent_encode(object.key, true);
  }

  AwsClient& client_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_s3_store(AwsClient& client) { return std::make_unique<S3Store>(client); }

}  // namespace cloud
