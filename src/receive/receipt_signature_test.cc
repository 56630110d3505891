#include "receive/receipt_signature.h"

#include <gtest/gtest.h>

#include "mail/dkim_verify.h"

namespace receive {
namespace {

// As a DKIM-Signature over what is handed out it passes, until something signed is another.
TEST(ReceiptSignature, VerifiesUnderItsOtherName) {
  const mail::DkimRequest request{mail::DkimKey::generate_rsa(1024), "ses.example", "sesame",
                                  base::from_millis(1700000000000)};
  const std::string receipt = "X-SES-RECEIPT: AAAA\r\n";
  const std::string content =
      "from: a@b.example\r\nSubject: One\r\nX: y\r\nSubject: Two\r\n folded\r\n\r\nbody\r\n\r\n";
  const auto digest = receipt_digest(content, receipt, request);
  const auto field = mail::sign_batch(std::span(&digest, 1)).front();
  ASSERT_TRUE(
      field.starts_with("X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; c=relaxed/simple; s=sesame; "
                        "d=ses.example; t=1700000000; v=1; bh="))
      << field;
  const auto renamed = field.substr(6);
  const auto result = [&](std::string mail) {
    const auto read = mail::read_signatures(mail, base::from_millis(1700000001000));
    if (read.size() != 1) return std::string("none");
    const mail::LookUpAnswer answer{mail::LookUpAnswer::ok, {request.key->dns_record()}};
    return std::string(name_of(finish(read.front(), answer).result));
  };
  const auto top = renamed + "X-Other: z\r\n" + receipt;
  EXPECT_EQ(result(top + content), "pass");
  EXPECT_EQ(result(top + "Cc: c@d.example\r\n" + content), "fail");
  EXPECT_EQ(result(renamed + "X-SES-RECEIPT: AAAB\r\n" + content), "fail");
  EXPECT_EQ(result(top + content + "more\r\n"), "fail");
  EXPECT_EQ(result(top + "Y: not signed\r\n" + content), "pass");
}

}  // namespace
}  // namespace receive
