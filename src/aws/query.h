// The Query protocol of v1 (and IAM, STS, SNS): forms in, XML out, driven by the descriptors. Pure; any
// thread. Faults: malformed_input where a value does not decode, malformed_query_string where the form breaks
// a cap. SES §3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"
#include "base/fault.h"

namespace aws {

// The decoded pairs of a form, sorted by name; of equal names the first counts.
class Form {
 public:
  static constexpr std::size_t kMaxPairs = 20000;
  static constexpr std::size_t kMaxKey = 512;
  static constexpr std::size_t kMaxDepth = 24;  // dots in a name

  Form() = default;
  // Of a query string or a body; throws base::Fault{malformed_query_string} beyond the caps.
  explicit Form(std::string_view encoded) { add(encoded); }
  void add(std::string_view encoded);

  struct Pair {
    std::string name;
    std::string value;
  };
  // nullptr where there is no such name.
  const std::string* find(std::string_view name) const;
  // All pairs whose name starts with `prefix`: a slice of the sorted list.
  std::span<const Pair> with_prefix(std::string_view prefix) const;
  const std::vector<Pair>& pairs() const { return pairs_; }

 private:
  std::vector<Pair> pairs_;
};

void decode_form(const Form& form, const StructInfo& info, void* object);
template <class T>
T decode_form(const Form& form) {
  T request;
  decode_form(form, describe(&request), &request);
  return request;
}

// The whole answer of an operation: <OpResponse xmlns=…><OpResult>…</OpResult><ResponseMetadata>….
std::string encode_xml_result(const OperationInfo& operation, const void* output,
                              std::string_view request_id);
std::string encode_xml_error(Api api, const base::Fault& fault, int status, std::string_view request_id);
// The status of a fault in this API: that of the modelled error where its code is one.
int xml_error_status(Api api, const base::Fault& fault);

void append_xml_text(std::string& out, std::string_view text);  // with ' and " as entities
std::string double_text(double value);                          // 200 -> "200.0"

}  // namespace aws
