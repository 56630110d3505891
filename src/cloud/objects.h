// ObjectStore: where S3 actions put mails: an S3-compatible service, or a folder with a folder in it for each
// bucket. An object is whole or not there. Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/task.h"
#include "cloud/assumed_role.h"
#include "cloud/aws_client.h"
#include "cloud/outcome.h"

namespace cloud {

struct Object {
  std::string region, bucket, key;
  std::shared_ptr<const std::string> bytes;
  Role role = {};  // to do it as, where the store knows roles
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual base::Task<Outcome> put(Object object) = 0;  // durable when it is done
  // Whether the bucket is there and may be written to.
  enum class BucketState { ready, missing, closed };
  virtual base::Task<BucketState> look_at(std::string region, std::string bucket, Role role) = 0;
};

// Objects are files FOLDER/BUCKET/KEY, synced together with those that are written at the same time.
// `make_buckets`: a bucket that is not there is made (dev mode).
std::unique_ptr<ObjectStore> make_folder_store(std::string folder, bool make_buckets, bool durable);
// Path-style requests; `client` outlives it.
std::unique_ptr<ObjectStore> make_s3_store(AwsClient& client);

// Letters, digits, '.' and '-', 3 to 63, as S3 has them: so never "..", never a path.
bool is_bucket_name(std::string_view name);
// KEY as a path below a folder: segments that would lead elsewhere, and what a file name cannot hold, are
// percent-encoded. Empty where the key cannot be a file (longer than a path may be).
std::string key_path(std::string_view key);

}  // namespace cloud
