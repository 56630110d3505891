#include "cloud/hooks.h"

#include "base/encoding.h"

namespace cloud {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr auto kFunctionTime = std::chrono::seconds(30);  // SES waits as long for what a function answers

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += (out.empty() ? "" : "&") + std::string(name) + "=" + base::percent_encode(value);
  return out;
}

}  // namespace

std::string region_of_arn(std::string_view arn) {
  auto parts = base::split(arn, ':');
  return parts.size() >= 6 && parts[0] == "arn" ? std::string(parts[3]) : std::string();
}

base::Task<Outcome> publish(AwsClient& client, Publication publication) {
  auto body = form({{"Action", "Publish"},
                    {"Version", "2010-03-31"},
                    {"TopicArn", publication.topic_arn},
                    {"Subject", publication.subject},
                    {"Message", publication.message}});
  AwsCall call{"sns",
               region_of_arn(publication.topic_arn),
               "POST",
               "/",
               {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
               std::make_shared<const std::string>(std::move(body)),
               publication.role};
  auto calling = client.call(std::move(call));
  co_return co_await calling;
}

base::Task<Outcome> Functions::invoke(std::string arn, std::string event, bool wait) {
  const std::string type = wait ? "RequestResponse" : "Event";
  const auto timeout = wait ? std::optional<std::chrono::milliseconds>(kFunctionTime) : std::nullopt;
  auto body = std::make_shared<const std::string>(std::move(event));
  if (auto hook = hooks_.find(arn); hook != hooks_.end()) {
    net::HttpCall call{hook->second.site,
                       "POST",
                       hook->second.target,
                       {{"Content-Type", std::string(kJson)}, {"X-Amz-Invocation-Type", type}},
                       body,
                       timeout};
    call.site.trusted = true;
    auto calling = http_.call(std::move(call));
    auto answer = co_await calling;
    co_return outcome_of(answer);
  }
  AwsCall call{"lambda",
               region_of_arn(arn),
               "POST",
               "/2015-03-31/functions/" + base::percent_encode(arn) + "/invocations",
               {{"Content-Type", std::string(kJson)}, {"X-Amz-Invocation-Type", type}},
               body,
               {},
               timeout};
  auto calling = client_.call(std::move(call));
  co_return co_await calling;
}

}  // namespace cloud
