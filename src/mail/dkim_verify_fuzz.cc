// Fuzzes DKIM verification: the first line is the key record, the rest the message.
#include <cstdint>
#include <cstdlib>

#include "base/encoding.h"
#include "base/run_task.h"
#include "mail/dkim_verify.h"

namespace {

class OneKey final : public mail::LookUp {
 public:
  explicit OneKey(std::string record) : record_(std::move(record)) {}
  base::Task<mail::LookUpAnswer> ask(std::string name, mail::LookUpType) override {
    if (!mail::is_look_up_name(name)) std::abort();
    mail::LookUpAnswer answer;
    answer.status = mail::LookUpAnswer::ok;
    answer.values = {record_};
    co_return answer;
  }

 private:
  std::string record_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto cut = std::min(text.find('\n'), text.size());
  OneKey dns{std::string(text.substr(0, cut))};
  auto message = text.substr(std::min(cut + 1, size));
  auto signatures = mail::read_signatures(message, base::from_millis(1528637909000));
  if (signatures.size() > 10) std::abort();
  for (const auto& verdict : base::run_task(mail::verify_dkim(std::move(signatures), dns)))
    for (const auto& text : {verdict.domain, verdict.selector, verdict.identity, verdict.algorithm})
      if (!base::is_ascii(text)) std::abort();
  return 0;
}
