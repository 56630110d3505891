#include "receive/receipt_token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace receive {
namespace {

TEST(ReceiptToken, TellsWhatCameInAndNothingElsePasses) {
  ses::ReceivedMail mail;
  mail.id = "a0b1";
  mail.received = base::from_millis(1700000000123);
  mail.recipients = {"x@example.com", "y@example.com"};
  mail.content = std::make_shared<const std::string>("Subject: hi\r\n\r\nbody\r\n");
  const auto token = make_receipt_token(mail, "secret");
  EXPECT_EQ(token.find_first_of("\r\n "), token.npos);

  const auto read = read_receipt_token(token, "secret");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, mail.id);
  EXPECT_EQ(read->received, mail.received);
  EXPECT_EQ(read->recipients, base::sha256("x@example.com\ny@example.com\n"));
  EXPECT_EQ(read->body, body_hash("X-More: headers\r\nSubject: hi\r\n\r\nbody\r\n"));
  EXPECT_NE(read->body, body_hash("Subject: hi\r\n\r\nbody!\r\n"));

  EXPECT_FALSE(read_receipt_token(token, "another"));
  auto bytes = *base::base64_decode(token);
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    auto changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(read_receipt_token(base::base64_encode(changed), "secret")) << i;
  }
  for (const auto& bad : {std::string(), std::string("AEFB"), std::string("!"), std::string(2000, 'A')})
    EXPECT_FALSE(read_receipt_token(bad, "secret")) << bad;
}

}  // namespace
}  // namespace receive
