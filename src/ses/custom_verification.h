// Templates of custom verification mail (SES §14): the rules of making, changing and finding them, their
// rows, and the mail made of one. No snapshot: they are asked for seldom. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "ses/identity.h"
#include "ses/settings.h"
#include "ses/tags.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

struct CustomVerification {
  std::string name, from, subject, content, success_url, failure_url;
  std::vector<Tag> tags;
};

class CustomVerifications {
 public:
  CustomVerifications(store::Store& store, const Identities& identities, const Settings& settings,
                      const base::Clock& clock)
      : store_(store), identities_(identities), settings_(settings), clock_(clock) {}

  base::Task<void> create(Caller caller, CustomVerification made);  // Fault already_exists, limit_exceeded
  struct Change {                                                   // what is not given stays
    std::string name;
    std::optional<std::string> from, subject, content, success_url, failure_url;
  };
  base::Task<void> update(Caller caller, Change change);
  base::Task<bool> remove(Caller caller, std::string name);                   // false if there was none
  base::Task<bool> edit_tags(Caller caller, std::string name, TagEdit edit);  // false if there is none
  base::Task<std::optional<CustomVerification>> find(Scope scope, std::string name);
  base::Task<std::vector<CustomVerification>> all(Scope scope);  // by name, without their content

 private:
  void check(const Scope& scope, const CustomVerification& made) const;

  store::Store& store_;
  const Identities& identities_;
  const Settings& settings_;
  const base::Clock& clock_;
};

[[noreturn]] void no_such_custom_verification(const std::string& name);

// The bodies of the mail: the content, the link, the fixed words. Pure.
std::string custom_verification_html(const CustomVerification& made, std::string_view link);
std::string custom_verification_text(std::string_view link);

// A name for what the content may not hold ("<script>"); empty: nothing. Pure.
std::string custom_verification_content_fault(std::string_view content);
bool is_redirect_url(std::string_view url);  // absolute, http or https, fit for a header

}  // namespace ses
