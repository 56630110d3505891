#include "mail/dkim.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "mail/header.h"

namespace mail {
namespace {

using enum Canonicalization;

std::array<unsigned char, 32> digest_of(std::string_view bytes) {
  std::array<unsigned char, 32> out{};
  auto hash = base::sha256(bytes);
  std::copy(hash.begin(), hash.end(), out.begin());
  return out;
}

// The value of a tag of a signature header, blanks gone.
std::string tag(const std::string& header, std::string_view name) {
  for (auto piece : base::split(std::string_view(header).substr(header.find(':') + 1), ';')) {
    auto equals = piece.find('=');
    if (base::trim(piece.substr(0, equals)) != name) continue;
    std::string out(piece.substr(equals + 1));
    std::erase_if(out, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return out;
  }
  return {};
}

// Verifies as a receiver does, from the header alone (RFC 6376 §6.1.3).
bool verifies(const std::string& header, const std::string& message, const DkimKey& key) {
  auto view = *split_message(message);
  auto slash = tag(header, "c").find('/');
  auto how = [](const std::string& n) { return n == "simple" ? simple : relaxed; };
  auto header_how = how(tag(header, "c").substr(0, slash)),
       body_how = how(tag(header, "c").substr(slash + 1));
  if (base::base64_encode(base::sha256(canonicalize_body(view.body(message), body_how))) != tag(header, "bh"))
    return false;
  std::string data;
  std::vector<bool> used(view.fields.size());
  auto names = tag(header, "h");
  for (auto name : base::split(names, ':'))
    for (auto i = view.fields.size(); i-- > 0;)
      if (!used[i] && base::iequals(view.fields[i].name, name)) {
        used[i] = true;
        canonicalize_header(view.fields[i].whole, header_how, data);
        break;
      }
  auto own = header.substr(0, header.rfind("b=") + 2);
  canonicalize_header(own + "\r\n", header_how, data);
  data.resize(data.size() - 2);
  return key.verify_digest(digest_of(data), *base::base64_decode(tag(header, "b")));
}

TEST(Dkim, CanonicalBodies) {
  const std::tuple<std::string_view, std::string_view, std::string_view> table[] = {
      {"", "\r\n", ""},
      {"\r\n", "\r\n", ""},
      {"\r\n\r\n\r\n", "\r\n", ""},
      {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},  // RFC 6376 §3.4.5
      {"a\r\n\r\nb", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
      {"a\r\n \t\r\n\r\n", "a\r\n \t\r\n", "a\r\n"},
      {" \t\r\n", " \t\r\n", ""},
      {"a\t\tb  c", "a\t\tb  c\r\n", "a b c\r\n"},
  };
  for (auto [body, is_simple, is_relaxed] : table) {
    EXPECT_EQ(canonicalize_body(body, simple), is_simple) << body;
    EXPECT_EQ(canonicalize_body(body, relaxed), is_relaxed) << body;
  }
}

TEST(Dkim, CanonicalHeaders) {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"A: X\r\n", "a:X\r\n"},  // RFC 6376 §3.4.5
      {"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
      {"SubJect:\r\n folded \r\n\t text\r\n", "subject:folded text\r\n"},
      {"Empty:\r\n", "empty:\r\n"},
  };
  for (auto [field, want] : table) {
    std::string out;
    canonicalize_header(field, relaxed, out);
    EXPECT_EQ(out, want);
    out.clear();
    canonicalize_header(field, simple, out);
    EXPECT_EQ(out, field);
  }
}

const std::string kMessage =
    "Received: x\r\nTo: a@b\r\nFrom: Jane  <jane@example.com>\r\nTo: c@d\r\nSubject: one\r\n two\r\n"
    "X-Other: y\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\nDate: now\r\nMessage-ID: <x@y>\r\n"
    "List-Unsubscribe: <https://u>\r\nFeedback-ID: f\r\n\r\nHi \r\n\r\nthere\r\n\r\n\r\n";

TEST(Dkim, SignaturesVerify) {
  auto rsa = DkimKey::generate_rsa(1024);
  auto ed = DkimKey::generate_ed25519();
  for (auto key : {rsa, ed}) {
    for (auto h : {relaxed, simple}) {
      for (auto b : {relaxed, simple}) {
        auto header = sign(kMessage, {key, "example.com", "sel", base::from_millis(1681293525000), h, b});
        EXPECT_TRUE(verifies(header, kMessage, *key)) << header;
        EXPECT_TRUE(header.ends_with("\r\n"));
        EXPECT_EQ(
            tag(header, "h"),
            "To:From:To:Subject:MIME-Version:Content-Type:Date:Message-ID:List-Unsubscribe:Feedback-ID");
        EXPECT_EQ(tag(header, "t"), "1681293525");
        EXPECT_EQ(tag(header, "d") + tag(header, "s") + tag(header, "q"), "example.comseldns/txt");
        auto changed = kMessage;
        changed[changed.find("c@d")] = 'e';
        EXPECT_FALSE(verifies(header, changed, *key));
        for (auto line : base::split(header, '\n')) EXPECT_LE(line.size(), 80u) << line;
      }
    }
  }
}

TEST(Dkim, DefaultsAreThoseOfSesAndBatchesAgree) {
  auto key = DkimKey::generate_rsa(1024);
  DkimRequest r{key, "example.com", "sel", base::from_millis(1000)};
  EXPECT_EQ(tag(sign(kMessage, r), "c"), "relaxed/simple");
  DkimRequest both[] = {r, {DkimKey::generate_ed25519(), "example.com", "ed", base::from_millis(1000)}};
  auto digests = prepare(kMessage, both);
  auto headers = sign_batch(digests);
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0], sign(kMessage, both[0]));
  EXPECT_EQ(headers[1], sign(kMessage, both[1]));
  EXPECT_EQ(tag(headers[1], "a"), "ed25519-sha256");
}

TEST(Dkim, KeysComeAndGo) {
  auto key = DkimKey::generate_rsa(1024);
  EXPECT_EQ(key->bits(), 1024);
  auto pem = key->private_pem();
  auto again = DkimKey::parse(pem);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ((*again)->public_key_base64(), key->public_key_base64());
  auto from = pem.find('\n') + 1;
  auto bare = pem.substr(from, pem.find("-----END") - from);
  std::erase(bare, '\n');
  auto byodkim = DkimKey::parse(bare);
  ASSERT_TRUE(byodkim) << byodkim.error();
  EXPECT_EQ((*byodkim)->public_key_base64(), key->public_key_base64());
  EXPECT_TRUE(key->dns_record().starts_with("v=DKIM1; k=rsa; p=MI"));
  bare[100] = bare[100] == 'x' ? 'y' : 'x';  // in the modulus
  EXPECT_FALSE(DkimKey::parse(bare));
  for (std::string_view bad : {"", "abc", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"})
    EXPECT_FALSE(DkimKey::parse(bad)) << bad;
  EXPECT_FALSE(DkimKey::parse(DkimKey::generate_rsa(768)->private_pem()));
  auto ed = DkimKey::generate_ed25519();
  EXPECT_EQ((*DkimKey::parse(ed->private_pem()))->public_key_base64(), ed->public_key_base64());
}

TEST(Dkim, TheEd25519KeyBesideIsAlwaysTheSame) {
  auto key = DkimKey::generate_rsa(1024);
  auto beside = key->ed25519_beside();
  EXPECT_EQ(beside->algorithm(), DkimKey::Algorithm::ed25519_sha256);
  EXPECT_EQ(key->ed25519_beside(), beside);
  auto again = DkimKey::parse(key->private_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->ed25519_beside()->public_key_base64(), beside->public_key_base64());
  EXPECT_NE(DkimKey::generate_rsa(1024)->ed25519_beside()->public_key_base64(), beside->public_key_base64());
  auto header = sign(kMessage, {beside, "example.com", "sel-ed25519", base::from_millis(1000)});
  EXPECT_TRUE(verifies(header, kMessage, *beside));
}

// RFC 8463 appendix A: its key, its message, its Ed25519 signature.
TEST(Dkim, Rfc8463Vector) {
  auto key = DkimKey::parse("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
  ASSERT_TRUE(key) << key.error();
  EXPECT_EQ((*key)->dns_record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  const std::string message =
      "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
      "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
  const std::string header =
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
      "i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject "
      ": date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
  const std::string signature =
      "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
  EXPECT_TRUE(verifies(header + signature + "\r\n", message, **key));
}

}  // namespace
}  // namespace mail
