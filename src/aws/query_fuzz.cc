// Any form against any operation of the Query services: decodes or throws a Fault, and what was decoded can
// be checked and written again.
#include <cstdlib>

#include "aws/protocol.h"
#include "model/objects.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr aws::Api kApis[] = {aws::Api::ses, aws::Api::iam, aws::Api::sts, aws::Api::sns};
  const auto& service = aws::service(kApis[data[0] % 4]);
  const auto& operation = service.operations[data[1] % service.operations.size()];
  std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  aws::locate({"POST", "/", {}, std::string(text)});
  aws::Object input = aws::make_object(service.api, *operation.input);
  try {
    aws::decode_form(aws::Form(text), *operation.input, input.get());
    std::string json;
    aws::append_json(json, *operation.input, input.get());
    aws::validate(*operation.input, input.get());
  } catch (const base::Fault& fault) {
    aws::encode_fault(service.api, fault, "id");
  }
  return 0;
}
