// For tests of IAM: a world with one account, names of its principals, documents, and faults as text.
#pragma once

#include <string>

#include "ses/test_world.h"

namespace ses::testing {

inline const AccountId kAccount("123456789012");
inline constexpr std::string_view kSesFull = "arn:aws:iam::aws:policy/AmazonSESFullAccess";
inline const std::string kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},)"
    R"("Action":"sts:AssumeRole"}]})";

inline std::string allow(const std::string& action) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":")" + action +
         R"(","Resource":"*"}]})";
}

struct IamWorld : TestWorld {
  Principals& iam() { return *principals; }
  PrincipalName user(std::string name) const { return {kAccount, PrincipalKind::user, std::move(name)}; }
  PrincipalName group(std::string name) const { return {kAccount, PrincipalKind::group, std::move(name)}; }
  PrincipalName role(std::string name) const { return {kAccount, PrincipalKind::role, std::move(name)}; }

  Principal make_user(const std::string& name) { return base::run_task(iam().create({.name = user(name)})); }
  std::string make_policy(const std::string& name, const std::string& action = "ses:SendEmail") {
    NewManagedPolicy made;
    made.account = kAccount;
    made.name = name;
    made.document = allow(action);
    return base::run_task(iam().create_managed(made)).arn;
  }

  // "NoSuchEntity: The user …", or "" where nothing was thrown.
  template <class F>
  static std::string fault(F call) {
    try {
      call();
    } catch (const base::Fault& fault) {
      return std::string(fault.v1_code()) + ": " + fault.message();
    }
    return "";
  }
};

}  // namespace ses::testing
