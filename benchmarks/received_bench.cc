// What the checks of a received mail cost, in microseconds: DKIM with the key as DNS gives it and with the
// key kept, SPF over a table, DMARC, reading a bounce; no server.
#include <cstdio>
#include <string>

#include "base/run_task.h"
#include "benchmarks/microseconds.h"
#include "mail/dkim.h"
#include "mail/dkim_verify.h"
#include "mail/dmarc.h"
#include "mail/dsn.h"
#include "mail/returned_mail.h"
#include "mail/spf.h"
#include "mail/test_look_up.h"

namespace {

std::string message_of(std::size_t size) {
  std::string out =
      "From: Joe <joe@example.com>\r\nTo: a@example.org\r\nSubject: dinner\r\n"
      "Date: Wed, 12 Apr 2023 09:58:45 +0000\r\nMessage-ID: <m@example.com>\r\n\r\n";
  while (out.size() < size) out += "A line of some words that a person might have written down.\r\n";
  return out;
}

void measure_dkim(const char* name, std::shared_ptr<const mail::DkimKey> key, std::size_t size) {
  auto now = base::from_millis(1681293525000);
  auto message = message_of(size);
  message = mail::sign(message, {key, "example.com", "sel", now, mail::Canonicalization::relaxed,
                                 mail::Canonicalization::relaxed}) +
            message;
  mail::LookUpAnswer answer;
  answer.status = mail::LookUpAnswer::ok;
  answer.values = {key->dns_record()};
  mail::DkimKeyCache keys;
  auto signature = mail::read_signatures(message, now).front();
  const int times = size > 1'000'000 ? 5 : 2000;
  std::size_t passed = 0;
  auto pass = [&](const mail::DkimVerdict& v) { passed += v.result == mail::DkimResult::pass; };
  double hash = microseconds(times, [&] { passed += mail::read_signatures(message, now).size(); });
  double fresh = microseconds(2000, [&] { pass(mail::finish(signature, answer)); });
  double cached = microseconds(2000, [&] { pass(mail::finish(signature, answer, &keys)); });
  std::printf(
      "%-9s %8zu octets: parse and hash %9.1f us, verify %6.1f us with the key's record, %6.1f us with the "
      "key kept%s\n",
      name, message.size(), hash, fresh, cached,
      passed == 4000u + static_cast<std::size_t>(times) ? "" : "  FAILED");
}

void measure_spf() {
  mail::TableLookUp dns;
  std::string record = "v=spf1 include:a.example.net";
  for (int i = 0; i < 20; ++i) record += " ip4:203.0.113." + std::to_string(i) + "/32";
  dns.add("example.com", mail::LookUpType::txt, record + " -all");
  dns.add("a.example.net", mail::LookUpType::txt,
          "v=spf1 a:b.example.net mx:c.example.net ip4:192.0.2.0/24 ~all");
  dns.add("b.example.net", mail::LookUpType::a, "198.51.100.1");
  dns.add("c.example.net", mail::LookUpType::mx, "b.example.net");
  dns.add("_dmarc.example.com", mail::LookUpType::txt, "v=DMARC1; p=reject; rua=mailto:a@example.com");
  mail::SpfRequest request{"192.0.2.1", "joe@example.com", "mail.example.com"};
  mail::SpfOutcome outcome;
  double spf = microseconds(20000, [&] { outcome = base::run_task(mail::check_spf(request, dns)); });
  auto message = message_of(10'000);
  std::size_t passed = 0;
  double dmarc = microseconds(20000, [&] {
    auto from = mail::dmarc_from_domain(message);
    passed += base::run_task(mail::check_dmarc(from, outcome, {}, dns)).spf_aligned;
  });
  std::printf("SPF, 5 answers from a table %.1f us; DMARC %.1f us%s\n", spf, dmarc,
              passed == 20000 ? "" : "  FAILED");
}

void measure_bounce() {
  mail::DsnMail dsn;
  base::SeededRandom random(1);
  auto original = message_of(2000);
  dsn.from = dsn.to = "a@example.com";
  dsn.original = original;
  dsn.recipients.resize(1);
  dsn.recipients[0] = {.final_recipient = "u@example.org",
                       .original_recipient = {},
                       .status = "5.1.1",
                       .diagnostic = "550 no",
                       .remote_mta = {},
                       .last_attempt = {},
                       .extensions = {}};
  std::string text;
  std::size_t found = 0;
  double build = microseconds(5000, [&] { text = mail::build_dsn(dsn, random); });
  double read = microseconds(5000, [&] { found += mail::read_returned_mail(text).recipients.size(); });
  std::printf("a bounce of %zu octets: build %.1f us, read %.1f us%s\n", text.size(), build, read,
              found == 5000 ? "" : "  FAILED");
}

}  // namespace

int main() {
  auto rsa = mail::DkimKey::generate_rsa(2048);
  for (std::size_t size : {10'000u, 40'000'000u}) measure_dkim("RSA-2048", rsa, size);
  measure_dkim("Ed25519", mail::DkimKey::generate_ed25519(), 10'000);
  measure_spf();
  measure_bounce();
  return 0;
}
