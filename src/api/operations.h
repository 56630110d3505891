// Every group of operations that is built, one function each; registry() calls them all once. A group lives
// in the .cc of its name.
#pragma once

#include "api/context.h"
#include "aws/registry.h"

namespace api {

void register_account_v1(aws::Registry<Context>& registry);
void register_account_features_v2(aws::Registry<Context>& registry);
void register_account_v2(aws::Registry<Context>& registry);
void register_bounce_v1(aws::Registry<Context>& registry);
void register_configuration_sets_v1(aws::Registry<Context>& registry);
void register_configuration_sets_v2(aws::Registry<Context>& registry);
void register_contacts_v2(aws::Registry<Context>& registry);
void register_custom_verification_v1(aws::Registry<Context>& registry);
void register_custom_verification_v2(aws::Registry<Context>& registry);
void register_iam_account(aws::Registry<Context>& registry);
void register_iam_details(aws::Registry<Context>& registry);
void register_iam_entities(aws::Registry<Context>& registry);
void register_iam_policies(aws::Registry<Context>& registry);
void register_iam_simulate(aws::Registry<Context>& registry);
void register_sts(aws::Registry<Context>& registry);
void register_identities_v1(aws::Registry<Context>& registry);
void register_identities_v2(aws::Registry<Context>& registry);
void register_identity_settings_v1(aws::Registry<Context>& registry);
void register_identity_settings_v2(aws::Registry<Context>& registry);
void register_identity_policies_v1(aws::Registry<Context>& registry);
void register_tags_v2(aws::Registry<Context>& registry);
void register_suppression_v2(aws::Registry<Context>& registry);
void register_receipt_v1(aws::Registry<Context>& registry);
void register_send_v1(aws::Registry<Context>& registry);
void register_send_v2(aws::Registry<Context>& registry);
void register_templates_v1(aws::Registry<Context>& registry);
void register_templates_v2(aws::Registry<Context>& registry);

}  // namespace api
