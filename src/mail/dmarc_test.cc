#include "mail/dmarc.h"

#include <gtest/gtest.h>

#include "base/run_task.h"
#include "mail/authentication_results.h"
#include "mail/header.h"
#include "mail/test_look_up.h"

namespace mail {
namespace {

SpfOutcome spf_of(SpfResult result, std::string sender) {
  SpfOutcome out;
  out.result = result;
  out.sender = std::move(sender);
  out.domain = out.sender.substr(out.sender.find('@') + 1);
  return out;
}

DkimVerdict dkim_of(DkimResult result, std::string domain) {
  DkimVerdict out;
  out.result = result;
  out.domain = domain;
  out.identity = "@" + domain;
  return out;
}

const SpfOutcome kNoSpf = spf_of(SpfResult::none, "a@other.example");

DmarcOutcome outcome_of(std::string_view record, std::string from, SpfOutcome spf = kNoSpf,
                        std::vector<DkimVerdict> dkim = {}) {
  TableLookUp dns;
  if (!record.empty()) dns.add("_dmarc.example.com", LookUpType::txt, std::string(record));
  base::Result<std::string, std::string> domain = std::move(from);
  return base::run_task(check_dmarc(domain, std::move(spf), std::move(dkim), dns));
}

std::string shown(const DmarcOutcome& out) {
  std::string text(name_of(out.result));
  if (out.policy) text += " " + std::string(name_of(*out.policy));
  if (out.percent != 100) text += " " + std::to_string(out.percent);
  return text;
}

TEST(Dmarc, RecordsAndWhatTheyAskFor) {
  struct Row {
    std::string_view record, from, shown;
  };
  for (auto [record, from, text] : std::initializer_list<Row>{
           {"", "example.com", "none"},
           {"v=DMARC1; p=none", "example.com", "fail none"},
           {"v=DMARC1;p=Quarantine;pct=20", "example.com", "fail quarantine 20"},
           {"v = DMARC1 ; p = reject ; ", "example.com", "fail reject"},
           {"v=DMARC1; p=reject", "mail.example.com", "fail reject"},
           {"v=DMARC1; p=reject; sp=none", "mail.example.com", "fail none"},
           {"v=DMARC1; p=none; sp=reject", "a.b.example.com", "fail reject"},
           {"v=DMARC1; p=none; sp=reject", "example.com", "fail none"},
           {"v=DMARC1; p=reject; pct=many", "example.com", "fail reject"},
           {"v=DMARC1; p=reject; pct=-5", "example.com", "fail reject 0"},
           {"v=DMARC1; p=reject; nonsense; ;x=y", "example.com", "fail reject"},
           {"v=DMARC1; p=rejekt", "example.com", "none"},
           {"v=DMARC1; p=rejekt; rua=mailto:a@example.com", "example.com", "fail none"},
           {"v=DMARC1; p=reject; sp=some; rua=mailto:a@example.com", "mail.example.com", "fail none"},
           {"v=DMARC1; p=reject; sp=some", "example.com", "none"},
           {"v=dmarc1; p=reject", "example.com", "none"},
           {"v=DMARC2; p=reject", "example.com", "none"},
           {"p=reject; v=DMARC1", "example.com", "none"},
           {"v=DMARC1; p=reject", "example.org", "none"}})
    EXPECT_EQ(shown(outcome_of(record, std::string(from))), text) << record << " for " << from;
}

TEST(Dmarc, Alignment) {
  const auto pass = SpfResult::pass;
  struct Row {
    std::string_view tags, from;
    SpfOutcome spf;
    std::vector<DkimVerdict> dkim;
    std::string_view result;
  };
  const auto signed_by = [](std::string domain, DkimResult result = DkimResult::pass) {
    return std::vector<DkimVerdict>{dkim_of(DkimResult::pass, "esp.example"), dkim_of(result, domain)};
  };
  for (const auto& [tags, from, spf, dkim, result] : std::initializer_list<Row>{
           {"", "example.com", spf_of(pass, "x@example.com"), {}, "pass"},
           {"", "example.com", spf_of(pass, "x@bounce.EXAMPLE.com"), {}, "pass"},
           {"", "mail.example.com", spf_of(pass, "x@example.com"), {}, "pass"},
           {"aspf=s", "example.com", spf_of(pass, "x@bounce.example.com"), {}, "fail"},
           {"aspf=s", "example.com", spf_of(pass, "x@example.com"), {}, "pass"},
           {"", "example.com", spf_of(pass, "x@badexample.com"), {}, "fail"},
           {"", "example.com", spf_of(SpfResult::softfail, "x@example.com"), {}, "fail"},
           {"", "example.com", spf_of(SpfResult::temperror, "x@example.com"), {}, "temperror"},
           {"", "example.com", spf_of(SpfResult::temperror, "x@other.example"), {}, "fail"},
           {"", "example.com", kNoSpf, signed_by("example.com"), "pass"},
           {"", "example.com", kNoSpf, signed_by("a.example.com"), "pass"},
           {"adkim=s", "example.com", kNoSpf, signed_by("a.example.com"), "fail"},
           {"", "example.com", kNoSpf, signed_by("example.com", DkimResult::fail), "fail"},
           {"", "example.com", kNoSpf, signed_by("example.com", DkimResult::temperror), "temperror"},
           {"", "example.com", kNoSpf, signed_by("example.org", DkimResult::temperror), "fail"},
           {"adkim=s", "example.com", spf_of(pass, "x@b.example.com"), signed_by("a.example.com"), "pass"}})
    EXPECT_EQ(
        name_of(outcome_of("v=DMARC1; p=none; " + std::string(tags), std::string(from), spf, dkim).result),
        result)
        << tags << " from " << from << " by " << spf.sender;
}

TEST(Dmarc, WhereThePolicyStands) {
  TableLookUp dns;
  dns.add("_dmarc.a.example.com", LookUpType::txt, "unrelated");
  dns.add("_dmarc.a.example.com", LookUpType::txt, "v=DMARC1; p=none");
  dns.add("_dmarc.example.com", LookUpType::txt, "v=DMARC1; p=none; sp=reject");
  dns.add("_dmarc.two.example.com", LookUpType::txt, "v=DMARC1; p=reject");
  dns.add("_dmarc.two.example.com", LookUpType::txt, "v=DMARC1; p=none");
  dns.fail("_dmarc.down.example.com");
  struct Row {
    std::string from, shown;
    std::size_t asked;
  };
  for (const auto& [from, text, asked] : std::initializer_list<Row>{{"a.example.com", "fail none", 1},
                                                                    {"b.example.com", "fail reject", 2},
                                                                    {"two.example.com", "none", 1},
                                                                    {"down.example.com", "temperror", 1},
                                                                    {"co.uk", "none", 1}}) {
    dns.asked.clear();
    base::Result<std::string, std::string> domain = from;
    EXPECT_EQ(shown(base::run_task(check_dmarc(domain, kNoSpf, {}, dns))), text) << from;
    EXPECT_EQ(dns.asked.size(), asked) << from;
  }
}

TEST(Dmarc, OneFromDomain) {
  struct Row {
    std::string_view headers, shown;
  };
  for (auto [headers, text] : std::initializer_list<Row>{
           {"From: A <a@Example.com>\r\n", "example.com"},
           {"from: a@example.com, \"x, y\" <b@EXAMPLE.com>\r\n", "example.com"},
           {"From: a@b\xc3\xbc"
            "cher.example\r\n",
            "xn--bcher-kva.example"},
           {"From: a@example.com\r\nFrom: a@example.com\r\n", "fault: several From headers"},
           {"From: a@example.com, b@example.org\r\n", "fault: From names several domains"},
           {"From: nobody\r\n", "fault: From cannot be read"},
           {"From: a@[192.0.2.1]\r\n", "fault: From has no domain"},
           {"To: a@example.com\r\n", "fault: there is no From"},
           {"", "fault: there is no From"}}) {
    auto domain = dmarc_from_domain(headers);
    EXPECT_EQ(domain ? *domain : "fault: " + domain.error(), text) << headers;
  }
  TableLookUp dns;
  auto out = base::run_task(check_dmarc(dmarc_from_domain(""), kNoSpf, {}, dns));
  EXPECT_EQ(shown(out), "permerror");
  EXPECT_TRUE(dns.asked.empty());
}

TEST(AuthenticationResults, AsSesWritesThem) {
  const SpfRequest request{"192.0.2.4", "a@example.com", "mail.example.com"};
  const std::string tail = ") client-ip=192.0.2.4; envelope-from=a@example.com; helo=mail.example.com;";
  const std::pair<SpfResult, std::string> table[] = {
      {SpfResult::pass, "pass (spfCheck: domain of example.com designates 192.0.2.4 as permitted sender"},
      {SpfResult::fail,
       "fail (spfCheck: domain of example.com does not designate 192.0.2.4 as permitted sender"},
      {SpfResult::softfail,
       "softfail (spfCheck: transitioning domain of example.com does not designate 192.0.2.4 as permitted "
       "sender"},
      {SpfResult::neutral,
       "neutral (spfCheck: 192.0.2.4 is neither permitted nor denied by domain of example.com"},
      {SpfResult::none, "none (spfCheck: 192.0.2.4 is neither permitted nor denied by domain of example.com"},
      {SpfResult::temperror, "temperror (spfCheck: Error in retrieving data from DNS"},
      {SpfResult::permerror, "permerror (spfCheck: Error in processing SPF Record"}};
  for (const auto& [result, text] : table)
    EXPECT_EQ(received_spf_header(spf_of(result, "a@example.com"), request),
              "Received-SPF: " + text + tail + "\r\n");

  DmarcOutcome dmarc;
  dmarc.result = DmarcResult::pass;
  dmarc.from_domain = "example.com";
  const std::vector<DkimVerdict> dkim = {dkim_of(DkimResult::pass, "example.com"),
                                         dkim_of(DkimResult::permerror, "")};
  auto spf = spf_of(SpfResult::pass, "a@example.com");
  const auto begin = "Authentication-Results: ses.example.net;\r\n spf=" + table[0].second + tail;
  EXPECT_EQ(authentication_results_header("ses.example.net", spf, request, dkim, dmarc),
            begin + "\r\n dkim=pass header.i=@example.com;\r\n dmarc=pass header.from=example.com;\r\n");
  dmarc = {};
  EXPECT_EQ(authentication_results_header("ses.example.net", spf, request, {}, dmarc),
            begin + "\r\n dmarc=none;\r\n");
}

TEST(AuthenticationResults, StrangersAddNothing) {
  const std::string evil =
      "x; dkim=pass header.i=@bank.example (\"\r\nX-A: b\x01\xc3\xa9,)" + std::string(500, 'y');
  SpfRequest request{"192.0.2.4", evil + "@example.com", evil};
  auto spf = spf_of(SpfResult::softfail, "a@" + evil);
  DmarcOutcome dmarc;
  dmarc.from_domain = evil;
  auto text = authentication_results_header("ses.example.net", spf, request,
                                            std::vector{dkim_of(DkimResult::fail, evil)}, dmarc);
  EXPECT_EQ(split_part(text).fields.size(), 1u);
  EXPECT_EQ(std::count(text.begin(), text.end(), ';'), 6);
  EXPECT_EQ(std::count(text.begin(), text.end(), '('), 1);
  EXPECT_EQ(text.find("dkim=pass "), std::string::npos);
  auto line = received_spf_header(spf, request);
  EXPECT_LE(line.size(), 1000u);  // RFC 5322 §2.1.1
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(
      received_spf_header(spf_of(SpfResult::none, "postmaster@h.example"), {"192.0.2.4", "", "h.example"}),
      "Received-SPF: none (spfCheck: 192.0.2.4 is neither permitted nor denied by domain of h.example) "
      "client-ip=192.0.2.4; envelope-from=postmaster@h.example; helo=h.example;\r\n");
}

TEST(AuthenticationResults, Verdicts) {
  const std::pair<SpfResult, std::string_view> spf[] = {{SpfResult::pass, "PASS"},
                                                        {SpfResult::fail, "FAIL"},
                                                        {SpfResult::softfail, "GRAY"},
                                                        {SpfResult::neutral, "GRAY"},
                                                        {SpfResult::none, "GRAY"},
                                                        {SpfResult::temperror, "PROCESSING_FAILED"},
                                                        {SpfResult::permerror, "PROCESSING_FAILED"}};
  for (auto [result, verdict] : spf) EXPECT_EQ(name_of(spf_verdict(spf_of(result, "a@b.c"))), verdict);
  const std::pair<std::vector<DkimVerdict>, std::string_view> dkim[] = {
      {{}, "GRAY"},
      {{dkim_of(DkimResult::pass, "esp.example")}, "GRAY"},
      {{dkim_of(DkimResult::fail, "mail.example.com")}, "FAIL"},
      {{dkim_of(DkimResult::fail, "example.com"), dkim_of(DkimResult::pass, "example.com")}, "PASS"},
      {{dkim_of(DkimResult::permerror, "example.com")}, "PROCESSING_FAILED"},
      {{dkim_of(DkimResult::permerror, "")}, "GRAY"},
      {{dkim_of(DkimResult::neutral, "example.com")}, "GRAY"}};
  for (const auto& [verdicts, verdict] : dkim)
    EXPECT_EQ(name_of(dkim_verdict(verdicts, "example.com")), verdict);
  EXPECT_EQ(name_of(dkim_verdict(dkim[3].first, "")), "GRAY");
  auto tried = dkim_of(DkimResult::fail, "example.com");
  tried.testing = true;  // as if it were not signed (RFC 6376 §3.6.1)
  EXPECT_EQ(name_of(dkim_verdict(std::vector{tried}, "example.com")), "GRAY");
  const std::pair<DmarcResult, std::string_view> dmarc[] = {{DmarcResult::pass, "PASS"},
                                                            {DmarcResult::fail, "FAIL"},
                                                            {DmarcResult::none, "GRAY"},
                                                            {DmarcResult::temperror, "PROCESSING_FAILED"},
                                                            {DmarcResult::permerror, "PROCESSING_FAILED"}};
  for (auto [result, verdict] : dmarc) {
    DmarcOutcome out;
    out.result = result;
    EXPECT_EQ(name_of(dmarc_verdict(out)), verdict);
  }
}

}  // namespace
}  // namespace mail
