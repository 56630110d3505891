// SendCustomVerificationEmail (SES §14): makes the address a Pending identity and mails it the template with
// the link. Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "send/service.h"

namespace send {

struct CustomVerificationRequest {
  std::string address, template_name;
  std::optional<std::string> configuration_set;
  bool v1 = false;  // v1 says in other words that the template is missing
};

base::Task<ses::MessageId> send_custom_verification(Service& service, ses::Caller caller,
                                                    CustomVerificationRequest request);

}  // namespace send
