#include "ses/unsubscribe_mailbox.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace ses {
namespace {

TEST(UnsubscribeMailbox, IsReadAsItWasMade) {
  for (const auto& mailbox : {UnsubscribeMailbox{1, 0, contact_number("a@b.c")},
                              UnsubscribeMailbox{0xffffffff, 7, -1}, UnsubscribeMailbox{}}) {
    const auto local = unsubscribe_local_part(mailbox, "secret").value();
    EXPECT_LE(local.size(), 64u);  // RFC 5321 §4.5.3.1.1
    EXPECT_EQ(read_unsubscribe_local_part(local, "secret"), mailbox) << local;
    auto upper = local;
    for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(read_unsubscribe_local_part(upper, "secret"), mailbox) << upper;
    EXPECT_FALSE(read_unsubscribe_local_part(local, "another"));
  }
  EXPECT_NE(contact_number("a@b.c"), contact_number("A@b.c"));
}

TEST(UnsubscribeMailbox, NothingElseIsOne) {
  const auto local = unsubscribe_local_part({12, 34, 56}, "secret").value();
  for (std::size_t i = 0; i < local.size(); ++i) {
    auto changed = local;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(read_unsubscribe_local_part(changed, "secret")) << changed;
  }
  EXPECT_FALSE(read_unsubscribe_local_part(local + "0", "secret"));
  EXPECT_FALSE(read_unsubscribe_local_part(local.substr(1), "secret"));
  EXPECT_FALSE(read_unsubscribe_local_part("", "secret"));
  EXPECT_FALSE(unsubscribe_local_part({std::int64_t{1} << 32, 0, 0}, "secret"));
  EXPECT_FALSE(unsubscribe_local_part({0, -1, 0}, "secret"));
}

}  // namespace
}  // namespace ses
