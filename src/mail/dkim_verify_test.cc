#include "mail/dkim_verify.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/run_task.h"
#include "mail/dkim.h"
#include "mail/header.h"
#include "mail/test_look_up.h"

namespace mail {
namespace {

using enum Canonicalization;

constexpr std::string_view kMessage =
    "From: Joe <joe@example.com>\r\n"
    "To: a@example.org\r\n"
    "Subject: Is  dinner\r\n ready?\r\n"
    "Date: Wed, 12 Apr 2023 09:58:45 +0000\r\n"
    "\r\n"
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\n\r\n";
const base::WallTime kNow = base::from_millis(1681293525000);

std::shared_ptr<const DkimKey> rsa_key() {
  static auto key = DkimKey::generate_rsa(1024);
  return key;
}
std::shared_ptr<const DkimKey> ed25519_key() {
  static auto key = DkimKey::generate_ed25519();
  return key;
}

// A signer that says what a test wants it to.
struct Signer {
  std::shared_ptr<const DkimKey> key = rsa_key();
  std::string algorithm = "rsa-sha256";
  std::string names = "from:to:subject:date";
  std::string more;  // further tags, "x=1; "
  std::string before = "v=1; ", signer = "d=example.com; s=sel; ";
  Canonicalization header = relaxed, body = relaxed;
  std::size_t length = std::string::npos;  // octets of the canonical body that are hashed

  std::string operator()(std::string_view message) const {
    auto view = split_part(message);
    auto hash = base::sha256(canonicalize_body(view.body(message), body).substr(0, length));
    auto shown = [](Canonicalization how) { return how == simple ? "simple" : "relaxed"; };
    std::string field = "DKIM-Signature: " + before + "a=" + algorithm + "; c=" + shown(header) + "/" +
                        shown(body) + ";\r\n " + signer + more + "h=" + names +
                        ";\r\n bh=" + base::base64_encode(hash) + ";\r\n b=";
    std::string data;
    std::map<std::string, std::size_t> taken;
    for (auto name : base::split(names, ':')) {
      std::vector<std::string_view> fields;
      for (const auto& f : view.fields)
        if (base::iequals(f.name, base::trim(name))) fields.push_back(f.whole);
      auto& count = taken[base::ascii_lower(base::trim(name))];
      if (count < fields.size()) canonicalize_header(fields[fields.size() - ++count], header, data);
    }
    canonicalize_header(field + "\r\n", header, data);
    data.resize(data.size() - 2);
    std::array<unsigned char, 32> digest{};
    auto sum = base::sha256(data);
    std::copy(sum.begin(), sum.end(), digest.begin());
    auto signature = base::base64_encode(key->sign_digest(digest));
    signature.insert(40, "\r\n\t");
    return field + signature + "\r\n" + std::string(message);
  }
};

std::string record_of(const DkimKey& key, std::string_view more = {}) {
  return std::string(more) + "k=" + (key.algorithm() == DkimKey::Algorithm::rsa_sha256 ? "rsa" : "ed25519") +
         "; p=" + key.public_key_base64();
}

DkimVerdict verdict_of(std::string_view message, std::string record = record_of(*rsa_key())) {
  TableLookUp dns;
  if (!record.empty()) dns.add("sel._domainkey.example.com", LookUpType::txt, record);
  auto verdicts = base::run_task(verify_dkim(read_signatures(message, kNow), dns));
  return verdicts.empty() ? DkimVerdict{} : verdicts.front();
}

std::string shown(const DkimVerdict& verdict) {
  return std::string(name_of(verdict.result)) + (verdict.problem.empty() ? "" : ": " + verdict.problem);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(DkimVerify, WhatWasSignedPasses) {
  for (auto header : {simple, relaxed}) {
    for (auto body : {simple, relaxed}) {
      Signer signer;
      signer.header = header;
      signer.body = body;
      EXPECT_EQ(shown(verdict_of(signer(kMessage))), "pass");
      signer.key = ed25519_key();
      signer.algorithm = "ed25519-sha256";
      EXPECT_EQ(shown(verdict_of(signer(kMessage), record_of(*ed25519_key()))), "pass");
    }
  }
  DkimRequest request{rsa_key(), "example.com", "sel", kNow, simple, simple};
  EXPECT_EQ(shown(verdict_of(sign(kMessage, request) + std::string(kMessage))), "pass");
}

// A simple body of empty lines, or of nothing, is hashed as one CRLF; a relaxed one as nothing.
TEST(DkimVerify, EmptyBodies) {
  const auto headers = kMessage.substr(0, kMessage.find("\r\n\r\n") + 2);
  for (auto body : {simple, relaxed}) {
    for (std::string rest : {"", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n"}) {
      Signer signer;
      signer.body = body;
      for (std::string length : {"", "l=0; "}) {
        signer.more = length;
        signer.length = length.empty() ? std::string::npos : 0;
        EXPECT_EQ(shown(verdict_of(signer(std::string(headers) + rest))), "pass") << rest.size();
      }
    }
  }
}

TEST(DkimVerify, TellsWhoSigned) {
  Signer signer;
  signer.signer = "d=EXAMPLE.com; s=sel; i=joe@mail.example.com; ";
  auto verdict = verdict_of(signer(kMessage), record_of(*rsa_key(), "v=DKIM1; t=y; "));
  EXPECT_EQ(shown(verdict), "pass");
  EXPECT_EQ(verdict.domain, "example.com");
  EXPECT_EQ(verdict.selector, "sel");
  EXPECT_EQ(verdict.identity, "joe@mail.example.com");
  EXPECT_EQ(verdict.algorithm, "rsa-sha256");
  EXPECT_EQ(verdict.signature.size(), 172u);
  EXPECT_TRUE(verdict.testing);
  EXPECT_FALSE(verdict.partial);
}

TEST(DkimVerify, ChangesAreFound) {
  auto mail = Signer{}(kMessage);
  EXPECT_EQ(shown(verdict_of(replaced(mail, "lost", "won "))), "fail: the body was changed");
  EXPECT_EQ(shown(verdict_of(mail + "more\r\n")), "fail: the body was changed");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "Is  dinner", "Is lunch"))), "fail: the signature does not fit");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "s=sel;", "s=sel; n=1;"))), "fail: the signature does not fit");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "\r\nDate:", "\r\nFrom: x@example.org\r\nDate:"))),
            "fail: the signature does not fit");
  // What relaxed forgives, and an unsigned header.
  EXPECT_EQ(shown(verdict_of(replaced(mail, "Is  dinner\r\n ready?", "Is dinner ready?"))), "pass");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "\r\nDate:", "\r\nX-A: b\r\nDate:"))), "pass");
  EXPECT_EQ(shown(verdict_of("Received: from x\r\n" + mail)), "pass");
  EXPECT_EQ(shown(verdict_of(mail + "\r\n\r\n")), "pass");
}

TEST(DkimVerify, OversigningForbidsMore) {
  Signer signer;
  signer.names = "From : from : Subject:subject:x-none:To";
  auto mail = signer(kMessage);
  EXPECT_EQ(shown(verdict_of(mail)), "pass");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "From:", "From: x@example.org\r\nFrom:"))),
            "fail: the signature does not fit");
  EXPECT_EQ(shown(verdict_of(replaced(mail, "To:", "X-None: b\r\nTo:"))), "fail: the signature does not fit");
  // Of several, the last were signed.
  auto twice = "Subject: first\r\n" + std::string(kMessage);
  signer.names = "from:subject";
  EXPECT_EQ(shown(verdict_of(signer(twice))), "pass");
  EXPECT_EQ(shown(verdict_of(replaced(signer(twice), "first", "other"))), "pass");
  EXPECT_EQ(shown(verdict_of(replaced(signer(twice), "dinner", "lunch"))),
            "fail: the signature does not fit");
}

// §3.7: a signature that names DKIM-Signature means the others. It was not there itself when it was made.
TEST(DkimVerify, ItsOwnFieldIsNoneOfThoseItSigns) {
  Signer inner, outer;
  outer.names = "from:dkim-signature:dkim-signature";
  EXPECT_EQ(shown(verdict_of(outer(kMessage))), "pass");
  const auto mail = outer(inner(kMessage));
  EXPECT_EQ(shown(verdict_of(mail)), "pass");
  EXPECT_EQ(shown(verdict_of(inner(mail))), "pass");
  auto added = replaced(mail, "From:", "DKIM-Signature: x\r\nFrom:");
  EXPECT_EQ(shown(verdict_of(added)), "fail: the signature does not fit");
}

TEST(DkimVerify, LengthCutsTheBody) {
  for (auto body : {simple, relaxed}) {
    for (std::size_t length : {0u, 3u, 5u, 12u}) {
      Signer signer;
      signer.body = body;
      signer.length = length;
      signer.more = "l=" + std::to_string(length) + "; ";
      auto verdict = verdict_of(signer(kMessage) + "added\r\n");
      EXPECT_EQ(shown(verdict), "pass") << length;
      EXPECT_TRUE(verdict.partial);
      EXPECT_EQ(shown(verdict_of(replaced(signer(kMessage), "Hi.", "Ho."))),
                length == 0 ? "pass" : "fail: the body was changed");
    }
  }
  Signer signer;
  signer.more = "l=4711; ";
  EXPECT_EQ(shown(verdict_of(signer(kMessage))), "fail: the body is shorter than l=");
  signer.more = "l=-1; ";
  EXPECT_EQ(shown(verdict_of(signer(kMessage))), "permerror: l= is no length");
}

TEST(DkimVerify, Refuses) {
  struct Row {
    std::string_view tags, shown;
  };
  const auto at = std::to_string(base::to_millis(kNow) / 1000);
  for (auto [tags, text] :
       std::initializer_list<Row>{{"x=1681293524; ", "fail: the signature expired"},
                                  {"x=1681293525; ", "pass"},
                                  {"t=1681293500; x=1681293600; ", "pass"},
                                  {"t=1681293600; x=1681293600; ", "permerror: x= is not after t="},
                                  {"t=1681393600; ", "neutral: the signature is of the future"},
                                  {"t=soon; ", "permerror: t= or x= is no time"},
                                  {"i=joe@example.org; ", "permerror: i= is not in d="},
                                  {"i=joe@xexample.com; ", "permerror: i= is not in d="},
                                  {"i=example.com; ", "permerror: i= is not in d="},
                                  {"i=\xff@example.com; ", "permerror: i= is not in d="},
                                  {"i=@example.com; ", "pass"},
                                  {"q=dns/txt; ", "pass"},
                                  {"q=carrier/pigeon; ", "neutral: q= is unknown"},
                                  {"z=From:x|To:y; unknown=1; ", "pass"},
                                  {"d=example.net; ", "permerror: the signature cannot be read"},
                                  {"nonsense; ", "permerror: the signature cannot be read"}}) {
    Signer signer;
    signer.more = tags;
    EXPECT_EQ(shown(verdict_of(signer(kMessage))), text) << tags;
  }
  for (auto [from, to, text] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, std::string_view>>{
           {"v=1", "v=2", "neutral: v= is not 1"},
           {"v=1; ", "", "permerror: v= is missing"},
           {"rsa-sha256", "rsa-sha1", "permerror: rsa-sha1 is not accepted"},
           {"rsa-sha256", "rot13", "neutral: a= is unknown"},
           {"relaxed/relaxed", "relaxed/nofws", "neutral: c= is unknown"},
           {"d=example.com", "d=com", "permerror: d= or s= is no name"},
           {"d=example.com", "d=exa mple..com", "permerror: d= or s= is no name"},
           {"s=sel", "s=", "permerror: d= or s= is no name"},
           {"h=from:", "h=x-from:", "permerror: h= does not name From, or too much"},
           {"bh=", "bh=!", "permerror: b= or bh= cannot be read"},
           {"bh=", "bx=", "permerror: bh= is missing"}})
    EXPECT_EQ(shown(verdict_of(replaced(Signer{}(kMessage), from, to))), text) << to;
}

TEST(DkimVerify, KeyRecords) {
  auto mail = Signer{}(kMessage);
  auto p = "p=" + rsa_key()->public_key_base64();
  const std::pair<std::string, std::string_view> table[] = {
      {p, "pass"},
      {"v=DKIM1; " + p + ";", "pass"},
      {"v=DKIM1; k=rsa; h=sha1:sha256; s=email:other; n=note; " + p, "pass"},
      {"s=*; t=y:s; " + p, "pass"},
      {"v=DKIM2; " + p, "permerror: the key record is of another version"},
      {p + "; v=DKIM1", "permerror: the key record is of another version"},
      {"h=sha1; " + p, "permerror: the key does not allow SHA-256"},
      {"s=tlsrpt; " + p, "permerror: the key is not for mail"},
      {"k=dsa; " + p, "permerror: the key is of an unknown kind"},
      {"v=DKIM1; p=", "permerror: the key was revoked"},
      {"v=DKIM1; p=AAAA", "permerror: the key cannot be read"},
      {"k=ed25519; " + p, "permerror: the key cannot be read"},
      {record_of(*ed25519_key()), "permerror: the key is of another kind than the signature"},
      {record_of(*DkimKey::generate_rsa(1024)), "fail: the signature does not fit"},
      {"v=spf1 -all", "permerror: there is no key"},
      {"", "permerror: there is no key"},
  };
  for (const auto& [record, text] : table) EXPECT_EQ(shown(verdict_of(mail, record)), text) << record;
  // 512 bits (RFC 8301 §3.2).
  EXPECT_EQ(shown(verdict_of(mail,
                             "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANL8GLXBcqVSfnFqPEwvQDQHPAzGnZpJHKpzlFEOPJBL"
                             "kVg1PSqRIOFmWQDEoNzoMVDU4lMS0eRkhUPZGWMhOpMCAwEAAQ==")),
            "permerror: the key has 512 bits");
  Signer below;
  below.signer = "d=example.com; s=sel; i=@mail.example.com; ";
  EXPECT_EQ(shown(verdict_of(below(kMessage), "t=s; " + p)),
            "permerror: the key does not allow i= in a subdomain");
  TableLookUp dns;
  dns.fail("sel._domainkey.example.com");
  auto verdicts = base::run_task(verify_dkim(read_signatures(mail, kNow), dns));
  EXPECT_EQ(shown(verdicts[0]), "temperror: DNS did not answer for the key");
}

TEST(DkimVerify, SeveralSignaturesAreBounded) {
  Signer first, second;
  second.key = ed25519_key();
  second.algorithm = "ed25519-sha256";
  second.signer = "d=example.com; s=ed; ";
  auto mail = first(second(kMessage));
  mail = "DKIM-Signature: rubbish\r\n" + mail;
  TableLookUp dns;
  dns.add("sel._domainkey.example.com", LookUpType::txt, record_of(*rsa_key()));
  dns.add("ed._domainkey.example.com", LookUpType::txt, record_of(*ed25519_key()));
  auto verdicts = base::run_task(verify_dkim(read_signatures(mail, kNow), dns));
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(shown(verdicts[0]), "permerror: the signature cannot be read");
  EXPECT_EQ(shown(verdicts[1]), "pass");
  EXPECT_EQ(shown(verdicts[2]), "pass");

  std::string many(kMessage);
  for (int i = 0; i < 20; ++i) many = first(many);
  dns.asked.clear();
  verdicts = base::run_task(verify_dkim(read_signatures(many, kNow), dns));
  EXPECT_EQ(verdicts.size(), 10u);
  EXPECT_EQ(dns.asked.size(), 1u);
  EXPECT_TRUE(read_signatures(kMessage, kNow).empty());
  EXPECT_TRUE(read_signatures("", kNow).empty());
}

TEST(DkimVerify, KeysAreKept) {
  DkimKeyCache keys(4);
  auto record = record_of(*rsa_key());
  auto first = keys.get(record);
  ASSERT_TRUE(first);
  EXPECT_EQ(*keys.get(record), *first);
  EXPECT_FALSE(keys.get("v=DKIM1; p="));
  EXPECT_EQ(keys.get("v=DKIM1; p=").error(), "the key was revoked");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(keys.get("n=" + std::to_string(i) + "; " + record));
  auto again = keys.get(record);
  ASSERT_TRUE(again);
  EXPECT_NE(*again, *first);  // let go and read anew
  LookUpAnswer answer{LookUpAnswer::ok, {record}};
  auto signature = read_signatures(Signer{}(kMessage), kNow).front();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(shown(finish(signature, answer, &keys)), "pass");
}

// The message of RFC 8463, appendix A.
TEST(DkimVerify, TheStandardsExample) {
  constexpr std::string_view mail =
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
      "\r\n"
      "Hi.\r\n"
      "\r\n"
      "We lost the game.  Are you hungry yet?\r\n"
      "\r\n"
      "Joe.\r\n";
  TableLookUp dns;
  dns.add("brisbane._domainkey.football.example.com", LookUpType::txt,
          "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  auto verdicts = base::run_task(verify_dkim(read_signatures(mail, kNow), dns));
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(shown(verdicts[0]), "pass");
}

}  // namespace
}  // namespace mail
