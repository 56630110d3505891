#include "receive/forged.h"

#include <gtest/gtest.h>

namespace receive {
namespace {

std::string handed_out(std::string_view mail) {
  std::string out;
  append_unforged(out, mail, "ses.example");
  return out;
}

struct Case {
  const char* name;
  std::string mail, want;
};

class Forged : public ::testing::TestWithParam<Case> {};

TEST_P(Forged, FieldsAreLeftOut) { EXPECT_EQ(handed_out(GetParam().mail), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Mails, Forged,
    ::testing::Values(
        Case{"Verdict", "X-SES-Spam-Verdict: PASS\r\nFrom: a\r\n\r\nx\r\n", "From: a\r\n\r\nx\r\n"},
        Case{"AnyCaseFoldedAndLast", "From: a\r\nx-ses-VIRUS-verdict :\r\n PASS\r\n\tso\r\n\r\nx",
             "From: a\r\n\r\nx"},
        Case{"SeveralOrderKept",
             "A: 1\r\nX-SES-RECEIPT: r\r\nReceived: by x\r\nReturn-Path: <a@b>\r\nReceived-SPF: pass\r\n"
             "X-SES-DKIM-SIGNATURE: a=b;\r\nR: 2\r\n\r\n",
             "A: 1\r\nReceived: by x\r\nR: 2\r\n\r\n"},
        Case{"OthersResultsStay", "Authentication-Results: mx.example; spf=pass\r\n\r\n",
             "Authentication-Results: mx.example; spf=pass\r\n\r\n"},
        Case{"OurResultsGo",
             "authentication-results:\r\n (a \\) (b) c)\r\n SES.Example. 1; spf=pass\r\nA: b\r\n\r\n",
             "A: b\r\n\r\n"},
        Case{"QuotedResults", "Authentication-Results: \"s\\es.example\"; spf=pass\r\n\r\n", "\r\n"},
        Case{"NobodysResults", "Authentication-Results: (ses.example; spf=pass\r\n\r\n", "\r\n"},
        Case{"BodyStays", "A: b\r\n\r\nX-SES-Spam-Verdict: PASS\r\n",
             "A: b\r\n\r\nX-SES-Spam-Verdict: PASS\r\n"},
        Case{"BodyStaysBehindBareFeeds", "A: b\n\nReturn-Path: x\n", "A: b\n\nReturn-Path: x\n"},
        Case{"BareFeed", "A: b\nReturn-Path: x\nC: d\n\n", "A: b\nC: d\n\n"},
        Case{"BareReturn", "Subject: b\rReturn-Path: x\r\nC: d\r\n\r\n", "Subject: b\r\nC: d\r\n\r\n"},
        Case{"ReturnsBeforeFeed", "A: b\r\r\nReturn-Path: x\r\r\nC: d\r\r\n\r\n", "A: b\r\r\nC: d\r\r\n\r\n"},
        Case{"ZeroBehindTheName", std::string("Return-Path\0: x\r\n\r\n", 19), "\r\n"},
        Case{"LinesThatGoOnWithOurs", " dmarc=pass\r\n\tmore\r\nA: b\r\n\r\nx", "A: b\r\n\r\nx"},
        Case{"HeadAlone", "A: b\r\nReturn-Path: x\r\n", "A: b\r\n"},
        Case{"NoFieldAtAll", "Return-Path", "Return-Path"},
        Case{"NoHead", "\r\nReturn-Path: x", "\r\nReturn-Path: x"}, Case{"Empty", "", ""},
        Case{"AlikeStays", "Return-Paths: x\r\nX-SES-Outgoing: y\r\n\r\n",
             "Return-Paths: x\r\nX-SES-Outgoing: y\r\n\r\n"}),
    [](const auto& test) { return test.param.name; });

TEST(AuthservId, IsReadBehindCommentsAndQuotes) {
  for (const auto& [value, id] : {std::pair{" a.example; x", "a.example"},
                                  {"(c) \"a b\" 1;", "a b"},
                                  {"a.example(c)", "a.example"},
                                  {"a.\r\n example", "a"},
                                  {"", ""},
                                  {" ; spf=pass", ""},
                                  {"(open", ""},
                                  {"(\\", ""}})
    EXPECT_EQ(authserv_id(value), id) << value;
}

}  // namespace
}  // namespace receive
