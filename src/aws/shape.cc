#include "aws/shape.h"

#include <algorithm>
#include <array>

namespace aws {

namespace ses {
extern const ServiceInfo kService;
}
namespace sesv2 {
extern const ServiceInfo kService;
}
namespace iam {
extern const ServiceInfo kService;
}
namespace sts {
extern const ServiceInfo kService;
}
namespace sns {
extern const ServiceInfo kService;
}

const ServiceInfo& service(Api api) {
  static const std::array<const ServiceInfo*, kApiCount> all = {
      &ses::kService, &sesv2::kService, &iam::kService, &sts::kService, &sns::kService};
  return *all[static_cast<std::size_t>(api)];
}

const OperationInfo* find_operation(Api api, std::string_view name) {
  auto operations = service(api).operations;
  auto it = std::lower_bound(operations.begin(), operations.end(), name,
                             [](const OperationInfo& o, std::string_view n) { return o.name < n; });
  return it != operations.end() && it->name == name ? &*it : nullptr;
}

const ErrorInfo* find_error(Api api, std::string_view code) {
  auto errors = service(api).errors;
  auto by = [&](auto member) {
    return std::find_if(errors.begin(), errors.end(), [&](const ErrorInfo& e) { return e.*member == code; });
  };
  if (auto it = by(&ErrorInfo::code); it != errors.end()) return &*it;
  if (auto it = by(&ErrorInfo::shape); it != errors.end()) return &*it;
  return nullptr;
}

}  // namespace aws
