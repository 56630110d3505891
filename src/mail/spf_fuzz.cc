// Fuzzes SPF records: the first line is the sender, the second the client, the rest the record, which may
// name itself. The check must end within its limits.
#include <cstdint>
#include <cstdlib>

#include "base/run_task.h"
#include "mail/spf.h"
#include "mail/test_look_up.h"

namespace {

// Every name has the record and a few hosts.
class Mirror final : public mail::LookUp {
 public:
  explicit Mirror(std::string record) : record_(std::move(record)) {}
  base::Task<mail::LookUpAnswer> ask(std::string name, mail::LookUpType type) override {
    if (++asked > 200 || name.empty() || name.size() > 253) std::abort();
    mail::LookUpAnswer answer;
    answer.status = mail::LookUpAnswer::ok;
    if (type == mail::LookUpType::txt) answer.values = {record_};
    if (type == mail::LookUpType::a) answer.values = {"192.0.2.1", "nonsense"};
    if (type == mail::LookUpType::aaaa) answer.values = {"2001:db8::1"};
    if (type == mail::LookUpType::mx || type == mail::LookUpType::ptr)
      answer.values = {"a.example", "", "b..example"};
    co_return answer;
  }
  std::size_t asked = 0;

 private:
  std::string record_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto first = std::min(text.find('\n'), text.size());
  auto second = std::min(text.find('\n', std::min(first + 1, size)), text.size());
  mail::SpfRequest request;
  request.mail_from = text.substr(0, first);
  if (first < size) request.client_ip = text.substr(first + 1, second - std::min(second, first + 1));
  request.helo = request.mail_from;
  Mirror dns(second < size ? text.substr(second + 1) : text);
  base::run_task(mail::check_spf(request, dns));
  return 0;
}
