// A simulated call: the engine that decides the real ones (aws/policy.h), asked about a call that nobody
// makes, and its answer in the shapes of IAM. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/policy.h"
#include "model/iam_types.h"

namespace api::iam {

// What is simulated. Policies are named as they are told: "PolicyInputList.1", "ResourcePolicy".
struct Simulation {
  aws::PolicySet own;
  std::vector<aws::AttachedPolicy> of_resource;
  aws::Requester requester;
  aws::ConditionContext context;
  std::string resource_account;
  std::map<std::string, std::string> documents;  // by the policy's name, for where statements stand
};

aws::iam::EvaluationResult evaluate(const Simulation& s, const std::string& action,
                                    const std::string& resource);

}  // namespace api::iam
