// Fuzzes what reads returned mail: bounces, complaints, and the parts of any message.
#include <cstdint>
#include <cstdlib>

#include "base/encoding.h"
#include "mail/arf.h"
#include "mail/returned_mail.h"

namespace {

void must_be_tame(const std::string& text) {
  if (!base::is_utf8(text) || text.size() > 4096) std::abort();
}

std::size_t count(const mail::MimePart& part) {
  std::size_t n = 1;
  for (const auto& p : part.parts) n += count(p);
  return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto mail = mail::read_returned_mail(text);
  if (mail.recipients.size() > 100) std::abort();
  for (const auto& r : mail.recipients) {
    must_be_tame(r.address);
    must_be_tame(r.diagnostic);
    must_be_tame(r.status);
  }
  must_be_tame(mail.original_message_id);
  if (auto report = mail::read_feedback_report(text)) {
    must_be_tame(report->feedback_type);
    must_be_tame(report->user_agent);
    for (const auto& recipient : report->recipients) must_be_tame(recipient);
  }
  auto tree = mail::read_parts(text);
  if (count(tree) > 1001 || !base::is_utf8(tree.text(1000))) std::abort();
  return 0;
}
