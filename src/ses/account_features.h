// AccountFeatures: the switches of an account that are kept and shown, per region: the Virtual Deliverability
// Manager and the warm-up of dedicated addresses (SES §24.5, §24.6). Read from memory, written through the
// store. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/task.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct VdmAttributes {
  bool enabled = false;
  bool engagement_metrics = false;
  bool optimized_shared_delivery = false;
  bool operator==(const VdmAttributes&) const = default;
};

struct Features {
  std::optional<VdmAttributes> vdm;  // nullopt: never chosen
  bool auto_warmup = true;
  bool operator==(const Features&) const = default;
};

class AccountFeatures {
 public:
  explicit AccountFeatures(store::Store& store);
  ~AccountFeatures();
  void load();  // at start; calling thread

  Features of(const Scope& scope) const;
  base::Task<void> set_vdm(Scope scope, VdmAttributes vdm);
  base::Task<void> set_auto_warmup(Scope scope, bool enabled);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses
