#include "receive/questions.h"

#include <exception>
#include <memory>

#include "base/oneshot.h"
#include "base/start.h"

namespace receive {
namespace {

// The answer, or the end of the patience: what comes first.
struct First {
  void set(net::DnsAnswer answer) const {
    if (!std::exchange(*over, true)) one.set(std::move(answer));
  }
  void fail(std::exception_ptr error) const {
    if (!std::exchange(*over, true)) one.fail(std::move(error));
  }
  base::OneShot<net::DnsAnswer> one;
  std::shared_ptr<bool> over = std::make_shared<bool>(false);
};

mail::LookUpAnswer::Status status_of(net::DnsAnswer::Status status) {
  switch (status) {
    case net::DnsAnswer::ok:
      return mail::LookUpAnswer::ok;
    case net::DnsAnswer::no_data:
      return mail::LookUpAnswer::no_data;
    case net::DnsAnswer::no_name:
      return mail::LookUpAnswer::no_name;
    case net::DnsAnswer::failed:
      break;
  }
  return mail::LookUpAnswer::failed;
}

}  // namespace

Questions::Questions(net::Resolver* resolver, net::Steady::duration patience)
    : resolver_(resolver), until_(net::Steady::now() + patience), timer_(*net::Loop::current()) {}

base::Task<net::DnsAnswer> Questions::in_time(std::string name, net::DnsType type) {
  const First first;
  timer_.at(until_, [first] { first.set({}); });
  auto asking = resolver_->query(std::move(name), type);
  base::spawn(base::detail::hand_over(std::move(asking), first));
  auto answer = co_await first.one;
  timer_.cancel();
  co_return answer;
}

base::Task<mail::LookUpAnswer> Questions::ask(std::string name, mail::LookUpType type) {
  mail::LookUpAnswer out;
  if (!resolver_) out.status = mail::LookUpAnswer::no_name;
  if (!resolver_ || net::Steady::now() >= until_) co_return out;
  auto asking = in_time(std::move(name), static_cast<net::DnsType>(type));
  auto answer = co_await asking;
  out.status = status_of(answer.status);
  for (auto& record : answer.records) out.values.push_back(std::move(record.value));
  co_return out;
}

}  // namespace receive
