#include "receive/questions.h"

#include <gtest/gtest.h>

#include "base/oneshot.h"
#include "net/run_on.h"

namespace receive {
namespace {

using namespace std::chrono_literals;
using mail::LookUpAnswer;
using mail::LookUpType;

// "slow.…" is never answered.
class SlowResolver final : public net::Resolver {
 public:
  base::Task<net::DnsAnswer> query(std::string name, net::DnsType type) override {
    static_cast<void>(type);
    if (name.starts_with("throws")) throw std::runtime_error("on purpose");
    if (name.starts_with("slow")) co_return co_await never;
    net::DnsAnswer answer;
    answer.status = net::DnsAnswer::ok;
    answer.records = {{"v=spf1 -all"}};
    co_return answer;
  }
  base::OneShot<net::DnsAnswer> never;
};

base::Task<std::string> statuses(net::Resolver* resolver, net::Steady::duration patience,
                                 std::vector<std::string> names) {
  Questions questions(resolver, patience);
  std::string out;
  for (auto& name : names) {
    auto asking = questions.ask(name, LookUpType::txt);
    const auto answer = co_await asking;
    out += std::to_string(answer.status) + " ";
  }
  co_return out;
}

// Nobody waits for it any more.
base::Task<void> answer_late(SlowResolver* resolver) {
  resolver->never.set({});
  co_return;
}

TEST(Questions, EndWithThePatience) {
  SlowResolver resolver;
  {
    net::LoopPool pool{1};
    auto ask = [&](net::Resolver* whom, net::Steady::duration patience, std::vector<std::string> names) {
      return net::run_on(pool.at(0), [=] { return statuses(whom, patience, names); });
    };
    EXPECT_EQ(ask(&resolver, 1h, {"a", "b"}), "0 0 ");
    EXPECT_EQ(ask(&resolver, 1ms, {"slow.1", "slow.2", "a"}), "3 3 3 ");
    EXPECT_EQ(ask(nullptr, 1h, {"a"}), "2 ");
    EXPECT_THROW(ask(&resolver, 1h, {"throws"}), std::runtime_error);
    net::run_on(pool.at(0), [&] { return answer_late(&resolver); });
  }
}

}  // namespace
}  // namespace receive
