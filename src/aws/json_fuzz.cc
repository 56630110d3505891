// Any body against any operation of v2: decodes or throws a Fault; what was decoded, written and decoded
// again is the same. The first byte chooses the operation; a line feed ends a path, the rest is the body.
#include <cstdlib>

#include "aws/protocol.h"
#include "model/objects.h"

namespace {

std::string written(const aws::StructInfo& info, const void* object) {
  std::string json;
  aws::append_json(json, info, object);
  return json;
}

void check_body(const aws::OperationInfo& operation, const std::string& body) {
  aws::Object first = aws::make_object(aws::Api::sesv2, *operation.input);
  aws::Object second = aws::make_object(aws::Api::sesv2, *operation.input);
  aws::decode_json(*operation.input, body, first.get());
  std::string json = written(*operation.input, first.get());
  aws::decode_json(*operation.input, json, second.get());
  if (written(*operation.input, second.get()) != json) std::abort();
  aws::validate(*operation.input, first.get());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto& operations = aws::service(aws::Api::sesv2).operations;
  const auto& operation = operations[data[0] % operations.size()];
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  std::size_t line = text.find('\n');
  try {
    if (line != std::string::npos) {
      aws::WireRequest request{std::string(operation.binding.method),
                               "/v2/email/" + text.substr(0, line),
                               {},
                               text.substr(line + 1)};
      aws::Located located = aws::locate(request);
      if (located.refusal) throw *located.refusal;
      aws::Object input = aws::make_object(aws::Api::sesv2, *located.operation->input);
      aws::decode_request(located, request, input.get());
    } else {
      check_body(operation, text);
    }
  } catch (const base::Fault& fault) {
    aws::encode_fault(aws::Api::sesv2, fault, "id");
  }
  return 0;
}
