// SES §22.3: what lies outside is tried before a rule with it is stored.
#include "base/fault.h"
#include "receive/tools.h"

namespace receive {
namespace {

using base::Fault;
using base::FaultKind;

constexpr const char* kProbe = "AMAZON_SES_SETUP_NOTIFICATION";

[[noreturn]] void refuse(const char* code, const std::string& text) {
  throw Fault::with_code(FaultKind::modelled, code, text);
}

base::Task<void> probe_bucket(Tools* tools, ses::Scope scope, ses::S3Action action) {
  auto looking = tools->objects.look_at(scope.region.str(), action.bucket, role_of(action, scope.account));
  const auto state = co_await looking;
  if (state == cloud::ObjectStore::BucketState::missing)
    refuse("InvalidS3Configuration", "No such bucket: " + action.bucket);
  static const auto text = std::make_shared<const std::string>(
      "Subject: Amazon SES Setup Notification\r\n\r\nThis object shows that mail can be put here.\r\n");
  cloud::Object object{scope.region.str(), action.bucket, action.prefix.value_or("") + kProbe, text,
                       role_of(action, scope.account)};
  auto putting = tools->objects.put(std::move(object));
  const auto put = co_await putting;
  // To put is all the right that is needed: one that may not look at the bucket either is fine.
  if (!put.ok) refuse("InvalidS3Configuration", "Could not write to bucket: " + action.bucket);
}

base::Task<void> probe_topic(Tools* tools, std::string arn, cloud::Role role) {
  if (!tools->aws.usable() && tools->capture) co_return;
  cloud::Publication hello{
      arn, "Amazon SES Email Receipt Subscription Notification",
      R"({"notificationType":"AmazonSnsSubscriptionSucceeded","message":"You have successfully subscribed your Amazon SNS topic ')" +
          arn + R"(' to receive 'Received' notifications from Amazon SES."})",
      std::move(role)};
  auto publishing = cloud::publish(tools->aws, std::move(hello));
  const auto published = co_await publishing;
  if (!published.ok) refuse("InvalidSnsTopic", "Could not publish to SNS topic: " + arn);
}

struct TopicOf {
  std::optional<std::string> operator()(const ses::AddHeaderAction&) const { return std::nullopt; }
  std::optional<std::string> operator()(const ses::ConnectAction&) const { return std::nullopt; }
  std::optional<std::string> operator()(const ses::SnsAction& a) const { return a.topic_arn; }
  template <class Action>
  std::optional<std::string> operator()(const Action& a) const {
    return a.topic_arn;
  }
};

base::Task<void> probe(Tools* tools, ses::Scope scope, ses::ReceiptAction action) {
  if (const auto topic = std::visit(TopicOf{}, action); topic && !topic->empty()) {
    auto probing = probe_topic(tools, *topic, role_of(action, scope.account));
    co_await probing;
  }
  if (const auto* s3 = std::get_if<ses::S3Action>(&action)) {
    auto probing = probe_bucket(tools, scope, *s3);
    co_await probing;
  }
  if (const auto* lambda = std::get_if<ses::LambdaAction>(&action))
    if (!tools->functions.reachable(lambda->function_arn) && !tools->capture)
      refuse("InvalidLambdaFunction", "Could not invoke Lambda function: " + lambda->function_arn);
}

}  // namespace

cloud::Role role_of(const ses::ReceiptAction& action, const ses::AccountId& account) {
  const auto* s3 = std::get_if<ses::S3Action>(&action);
  return {s3 ? s3->role_arn.value_or("") : std::string(), account.str()};
}

ses::Receipt::Probe probe_of(Tools& tools) {
  return [held = &tools](ses::Scope scope, ses::ReceiptAction action) {
    return probe(held, std::move(scope), std::move(action));
  };
}

}  // namespace receive
