// The one place where an operation meets its handler: register_operation<In, Out>(…) once per operation. The
// context is the caller's type, so that this room knows nothing above it. Filled at start, read by any
// thread.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aws/shape.h"
#include "base/fault.h"
#include "base/task.h"

namespace aws {

// What IAM checks before the handler runs.
struct Access {
  // Kinds of model/iam.json: "identity", "configuration-set", … For the reader: that model says what is
  // checked, and a test holds this against it.
  std::vector<std::string_view> resources = {};
  bool in_handler = false;  // sends: authorised inside submit()
};

struct Coverage {
  std::size_t built = 0;
  std::size_t total = 0;
  std::vector<std::string_view> missing;
};

template <class Context>
class Registry {
 public:
  struct Handler {
    const OperationInfo* operation = nullptr;
    Access access;
    // Takes the input's contents; answers the output.
    std::function<base::Task<Object>(Context&, void* input)> call;
  };

  // Runs after the request is decoded and before its constraints are checked, for operations that are not
  // built too; throws base::Fault to refuse.
  using Authorizer = base::Task<void> (*)(Context&, const OperationInfo&, const void* input);
  void set_authorizer(Authorizer authorizer) { authorizer_ = authorizer; }
  Authorizer authorizer() const { return authorizer_; }

  template <class In, class Out>
  void register_operation(Api api, std::string_view name, base::Task<Out> (*handler)(Context&, In),
                          Access access = {}) {
    const OperationInfo* operation = find_operation(api, name);
    if (!operation) throw std::logic_error("no such operation: " + std::string(name));
    if (operation->input != &describe(static_cast<const In*>(nullptr)) ||
        operation->output != &describe(static_cast<const Out*>(nullptr)))
      throw std::logic_error("handler of another shape: " + std::string(name));
    Handler entry;
    entry.operation = operation;
    entry.access = std::move(access);
    entry.call = [handler](Context& context, void* input) {
      return run<In, Out>(handler, &context, static_cast<In*>(input));
    };
    if (!handlers_.emplace(operation, std::move(entry)).second)
      throw std::logic_error("registered twice: " + std::string(name));
  }

  // nullptr where the operation has no handler yet.
  const Handler* find(const OperationInfo& operation) const {
    auto it = handlers_.find(&operation);
    return it == handlers_.end() ? nullptr : &it->second;
  }
  const Handler& require(const OperationInfo& operation) const {
    if (const Handler* handler = find(operation)) return *handler;
    throw base::Fault(base::FaultKind::not_built, "Operation " + std::string(operation.name) + " of " +
                                                      std::string(service(operation.api).title) +
                                                      " is not built yet in this version of Sesame.");
  }

  Coverage coverage(Api api) const {
    Coverage found;
    for (const OperationInfo& operation : service(api).operations) {
      ++found.total;
      if (find(operation))
        ++found.built;
      else
        found.missing.push_back(operation.name);
    }
    return found;
  }

 private:
  template <class T>
  static Object hold(T* object) {
    return Object(object, [](void* p) { delete static_cast<T*>(p); });
  }
  template <class In, class Out>
  static base::Task<Object> run(base::Task<Out> (*handler)(Context&, In), Context* context, In* input) {
    base::Task<Out> task = handler(*context, std::move(*input));
    auto out = std::make_unique<Out>(co_await task);
    co_return hold(out.release());
  }

  std::unordered_map<const OperationInfo*, Handler> handlers_;
  Authorizer authorizer_ = nullptr;
};

}  // namespace aws
