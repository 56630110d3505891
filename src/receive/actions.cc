#include "receive/actions.h"

#include "base/encoding.h"
#include "base/fault.h"
#include "base/json.h"
#include "receive/notification.h"
#include "send/bounce.h"

namespace receive {
namespace {

constexpr std::size_t kMostInNotification = 150 << 10;  // SES §22.1
constexpr std::size_t kHeaderLine = 3000;

RuleView view_of(const ActionWork& w) {
  return {w.mail, w.verdicts, w.rule, w.recipients, w.service.settings.service_domain, w.service.clock.now()};
}

std::string whole_mail(const ActionWork& w) { return with_headers(view_of(w), *w.mail.content); }

StepResult captured(std::string_view what, const std::string& text) {
  return {StepResult::captured, Flow::next, std::string(what) + " " + text};
}

StepResult add_header(const ActionWork& w, const ses::AddHeaderAction& action) {
  w.mail.progress.added += mail::fold_header(action.name, action.value.substr(0, kHeaderLine));
  return {};
}

base::Task<StepResult> put_object(const ActionWork& w, const ses::S3Action& action) {
  cloud::Object object{w.mail.scope.region.str(), action.bucket, action.prefix.value_or("") + w.mail.id,
                       std::make_shared<const std::string>(whole_mail(w)),
                       role_of(w.action, w.mail.scope.account)};
  const auto where = object.bucket + "/" + object.key;
  auto putting = w.tools.objects.put(std::move(object));
  const auto outcome = co_await putting;
  co_return StepResult::of(outcome, where);
}

base::Task<StepResult> publish(const ActionWork& w, std::string topic, std::string json) {
  if (!w.tools.aws.usable() && w.tools.capture) co_return captured(topic, json);
  cloud::Publication publication{topic, kNotificationSubject, std::move(json),
                                 role_of(w.action, w.mail.scope.account)};
  auto publishing = cloud::publish(w.tools.aws, std::move(publication));
  const auto outcome = co_await publishing;
  co_return StepResult::of(outcome, topic);
}

base::Task<StepResult> bounce(const ActionWork& w, send::BounceText text) {
  send::BounceRequest request{w.mail.scope, w.mail.sender,   w.mail.head, w.mail.received,
                              w.recipients, std::move(text), w.bounced};
  if (w.mail.sender.empty())  // nobody is there to be told (RFC 5321 §4.5.5)
    co_return StepResult{StepResult::done, Flow::stop_all, "the null sender is not answered"};
  StepResult result{StepResult::done, Flow::stop_all, ""};
  try {
    auto sending = send::bounce(w.service, std::move(request));
    const auto id = co_await sending;
    result.detail = id.str();
  } catch (const base::Fault& fault) {
    const bool later = fault.kind() == base::FaultKind::unavailable;
    result = {later ? StepResult::retry : StepResult::failed, later ? Flow::next : Flow::stop_all,
              fault.message()};
  }
  co_return result;
}

base::Task<StepResult> publish_mail(const ActionWork& w, const ses::SnsAction& action) {
  if (w.mail.size > kMostInNotification) {
    send::BounceText text;
    text.sender = "mailer-daemon@" + w.service.settings.service_domain;
    text.status = "5.3.4";
    text.diagnostic = "smtp; 552 5.3.4 Message too large";
    text.explanation = "The message is too large to be taken.";
    auto bouncing = bounce(w, std::move(text));
    auto result = co_await bouncing;
    const bool bounced = result.kind == StepResult::done && !w.mail.sender.empty();
    result.detail = (bounced ? "over 150 KB: bounced " : "over 150 KB: ") + result.detail;
    co_return result;
  }
  const bool base64 = base::iequals(action.encoding.value_or("UTF-8"), "Base64");
  auto content = whole_mail(w);
  if (base64) content = base::base64_encode(content);
  auto publishing = publish(w, action.topic_arn, notification(view_of(w), w.action, std::move(content)));
  co_return co_await publishing;
}

Flow flow_of(const std::string& answer) {  // SES §22.4: anything else goes on
  const auto disposition = base::ascii_upper(ses::json_text_member(answer, "disposition"));
  if (disposition == "STOP_RULE") return Flow::stop_rule;
  return disposition == "STOP_RULE_SET" ? Flow::stop_all : Flow::next;
}

base::Task<StepResult> invoke(const ActionWork& w, const ses::LambdaAction& action) {
  const bool wait = action.invocation_type.value_or("Event") == "RequestResponse";
  auto input = function_input(view_of(w), w.action);
  if (!w.tools.functions.reachable(action.function_arn) && w.tools.capture)
    co_return captured(action.function_arn, input);
  auto invoking = w.tools.functions.invoke(action.function_arn, std::move(input), wait);
  const auto outcome = co_await invoking;
  auto result = StepResult::of(outcome, action.function_arn);
  if (outcome.ok && wait) result.flow = flow_of(outcome.body);
  co_return result;
}

send::BounceText text_of(const ses::BounceAction& action) {
  send::BounceText text;
  text.sender = action.sender;
  text.status = action.status_code.value_or(action.reply_code.starts_with('4') ? "4.0.0" : "5.0.0");
  text.diagnostic = "smtp; " + action.reply_code + " " + text.status + " " + action.message;
  text.explanation = action.message;
  text.delayed = false;
  return text;
}

base::Task<StepResult> ready(StepResult result) { co_return result; }

struct Run {
  const ActionWork& w;
  base::Task<StepResult> operator()(const ses::AddHeaderAction& a) const { return ready(add_header(w, a)); }
  base::Task<StepResult> operator()(const ses::S3Action& a) const { return put_object(w, a); }
  base::Task<StepResult> operator()(const ses::SnsAction& a) const { return publish_mail(w, a); }
  base::Task<StepResult> operator()(const ses::LambdaAction& a) const { return invoke(w, a); }
  base::Task<StepResult> operator()(const ses::BounceAction& a) const { return bounce(w, text_of(a)); }
  base::Task<StepResult> operator()(const ses::StopAction&) const {
    return ready({StepResult::done, Flow::stop_all, ""});
  }
  base::Task<StepResult> operator()(const ses::WorkmailAction& a) const {
    return ready(
        {StepResult::failed, Flow::next, "WorkMail is not reached from here: " + a.organization_arn});
  }
  base::Task<StepResult> operator()(const ses::ConnectAction& a) const {
    return ready({StepResult::failed, Flow::next, "Connect is not reached from here: " + a.instance_arn});
  }
};

}  // namespace

base::Task<StepResult> run_action(const ActionWork& work) { return std::visit(Run{work}, work.action); }

base::Task<StepResult> tell_topic(const ActionWork& work, std::string topic) {
  return publish(work, std::move(topic), notification(view_of(work), work.action));
}

}  // namespace receive
