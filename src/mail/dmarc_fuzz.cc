// Fuzzes DMARC: the first line is the record, the rest the message; what comes out must fit into a header.
#include <cstdint>
#include <cstdlib>

#include "base/run_task.h"
#include "mail/authentication_results.h"
#include "mail/header.h"
#include "mail/test_look_up.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto cut = std::min(text.find('\n'), size);
  auto record = text.substr(0, cut), message = text.substr(std::min(cut + 1, size));
  mail::TableLookUp dns;
  dns.add("_dmarc.example.com", mail::LookUpType::txt, record);
  mail::parse_dmarc_record(record);
  mail::SpfRequest request{record, message, record};
  mail::SpfOutcome spf;
  spf.domain = spf.sender = record;
  mail::DkimVerdict dkim;
  dkim.domain = "example.com";
  dkim.identity = record;
  auto dmarc = base::run_task(mail::check_dmarc(mail::dmarc_from_domain(message), spf, {dkim}, dns));
  auto headers = mail::authentication_results_header("s.example", spf, request, std::vector{dkim}, dmarc) +
                 mail::received_spf_header(spf, request);
  if (mail::split_part(headers).fields.size() != 2 || headers.size() > 4000) std::abort();
  return 0;
}
