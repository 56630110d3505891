#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/fault.h"
#include "base/oneshot.h"
#include "base/random.h"
#include "base/run_task.h"

namespace base {
namespace {

TEST(Encoding, Base64RoundTripsAndRefuses) {
  for (auto [plain, coded] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}}) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded), plain);
  }
  EXPECT_EQ(base64_decode("Zg"), "f");
  EXPECT_EQ(base64_decode("Zm9v\r\nYg==", true), "foob");
  for (auto bad : {"Z", "Zg=", "Z*==", "Zg==Zg==", "Zm9v\nYg=="}) EXPECT_FALSE(base64_decode(bad)) << bad;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
  EXPECT_EQ(base64url_decode(base64url_encode(all)), all);
  std::string place = "ab" + base64_encode(all);
  auto size = base64_decode_into(std::string_view(place).substr(2), false, place.data());
  ASSERT_TRUE(size);
  EXPECT_EQ(place.substr(0, *size), all);
  EXPECT_FALSE(base64_decode_into("Z*==", false, place.data()));
  EXPECT_EQ(hex_decode(hex_encode(all)), all);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Encoding, PercentKeepsWhatIsNotAnEscape) {
  EXPECT_EQ(percent_decode("a%2Bb%zz%4"), "a+b%zz%4");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
}

TEST(Encoding, Utf8) {
  EXPECT_TRUE(is_utf8("h\xc3\xa9 \xf0\x9f\x98\x80"));
  for (auto bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80"})
    EXPECT_FALSE(is_utf8(bad));
  EXPECT_EQ(utf16_length("h\xc3\xa9\xf0\x9f\x98\x80"), 4u);
}

TEST(Clock, FormatsAndParses) {
  auto t = parse_time("2016-07-15T16:25:59.607Z");
  ASSERT_TRUE(t);
  EXPECT_EQ(iso8601(*t), "2016-07-15T16:25:59.607Z");
  EXPECT_EQ(amz_date(*t), "20160715T162559Z");
  EXPECT_EQ(rfc5322_date(*t), "Fri, 15 Jul 2016 16:25:59 +0000");
  EXPECT_EQ(iso8601_short(*parse_time("20160713T224300Z")), "2016-07-13T22:43:00Z");
  EXPECT_EQ(*parse_time("2016-07-15T18:25:59+02:00"), *parse_time("Fri, 15 Jul 2016 16:25:59 GMT"));
  for (auto bad :
       {"", "2016", "2016-13-01T00:00:00Z", "2016-07-15T16:25", "Fri, 32 Jul 2016 16:25:59 GMT", "x"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(Clock, MovesForwardAndTells) {
  MovableClock clock;
  clock.freeze(from_millis(1000));
  int jumps = 0;
  clock.on_jump([&] { ++jumps; });
  clock.advance(Millis{500});
  EXPECT_EQ(to_millis(clock.now()), 1500);
  EXPECT_EQ(jumps, 1);
}

TEST(Random, SeededRepeatsAndStaysInTheAlphabet) {
  SeededRandom a(7), b(7);
  EXPECT_EQ(a.text(40, kLowerAlnum), b.text(40, kLowerAlnum));
  auto id = uuid4(a);
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
}

Task<int> add(Task<int> a, int b) { co_return co_await a + b; }
Task<int> one() { co_return 1; }
Task<int> fails() {
  throw Fault(FaultKind::not_found, "gone");
  co_return 0;
}
Task<int> waits(OneShot<int> shot) { co_return co_await shot; }

TEST(Task, ReturnsThrowsAndWaits) {
  EXPECT_EQ(run_task(add(one(), 2)), 3);
  EXPECT_THROW(run_task(add(fails(), 2)), Fault);
  OneShot<int> shot;
  std::thread setter([shot] { shot.set(42); });
  EXPECT_EQ(run_task(waits(shot)), 42);
  setter.join();
}

TEST(Fault, ReadsItsOwnWayAtEachDoor) {
  Fault rejected(FaultKind::message_rejected, "no\r\nno");
  EXPECT_EQ(rejected.v1_code(), "MessageRejected");
  EXPECT_EQ(rejected.smtp_reply(), "554 Message rejected: no  no");
  Fault throttled(FaultKind::throttling, "Maximum sending rate exceeded.");
  EXPECT_EQ(throttled.v2_status(), 429);
  EXPECT_EQ(throttled.smtp_reply(), "454 Throttling failure: Maximum sending rate exceeded.");
  auto coded = Fault::with_code(FaultKind::not_found, "RuleDoesNotExist", "x").with("Name", "r");
  EXPECT_EQ(coded.v1_code(), "RuleDoesNotExist");
  EXPECT_EQ(coded.v2_status(), 404);
  EXPECT_EQ(coded.members().size(), 1u);
}

}  // namespace
}  // namespace base
