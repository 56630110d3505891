// submit_bulk(): one call that sends a template to many, each with data of its own (SES §6.3). What is wrong
// with the call refuses it; what is wrong with an entry is that entry's answer. One commit for all. Any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "send/service.h"

namespace send {

enum class BulkStatus {  // in the order of SES §6.3
  success,
  message_rejected,
  mail_from_domain_not_verified,
  configuration_set_not_found,
  template_not_found,
  account_suspended,
  account_throttled,
  account_daily_quota_exceeded,
  invalid_sending_pool_name,
  account_sending_paused,
  configuration_set_sending_paused,
  invalid_parameter,
  transient_failure,
  failed,
};
std::string_view v1_name(BulkStatus status);  // "Success"
std::string_view v2_name(BulkStatus status);  // "SUCCESS"

struct BulkEntry {
  Destination destination;
  std::vector<ses::Tag> tags;       // stand in for the common ones of the same name
  std::optional<std::string> data;  // replacement data
  ses::HeaderList headers;          // replacement headers
};

struct BulkResult {
  BulkStatus status = BulkStatus::failed;
  std::string error;  // empty on success
  ses::MessageId id;  // on success
};

// `common` has TemplateContent, its data being the defaults, and no destination. Results in the order of the
// entries. Throws base::Fault.
base::Task<std::vector<BulkResult>> submit_bulk(Service& service, Submission common,
                                                std::vector<BulkEntry> entries);

}  // namespace send
