// EmailTemplate: the stored templates of an account in a region (SES §13), one store for both APIs. A change
// makes a new version, which nothing changes again: an accepted message names the version it was accepted
// with and renders that one, whatever became of the template since. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fault.h"
#include "base/task.h"
#include "mail/handlebars.h"
#include "ses/settings.h"
#include "ses/tags.h"
#include "ses/types.h"
#include "store/store.h"

namespace ses {

inline constexpr std::size_t kMaxTemplateBytes = 500 * 1024;
inline constexpr std::int64_t kMaxTemplates = 20000;  // per region

struct TemplateSource {
  std::optional<std::string> subject, text, html;
};

// A version, parsed. Version 0 is the source of an inline template.
struct TemplateVersion {
  std::int64_t id = 0;
  std::string name;  // empty for an inline one
  TemplateSource source;
  std::shared_ptr<const mail::Template> subject, text, html;  // null where the source has no such part
};
using TemplatePtr = std::shared_ptr<const TemplateVersion>;

struct EmailTemplate {
  std::string name;
  std::int64_t number = 0;  // in the order they were made
  base::WallTime created;
  std::vector<Tag> tags;
  TemplatePtr current;
};

struct TemplateItem {  // in a list
  std::string name;
  std::int64_t number = 0;
  base::WallTime created;
};

// The parts that are there, parsed; throws Fault invalid_parameter with what is wrong with the source.
TemplatePtr parse_template(std::int64_t id, std::string name, TemplateSource source,
                           mail::TemplateDialect dialect);

base::Fault template_missing(const std::string& name);  // SES §6.1

class Templates {
 public:
  Templates(store::Store& store, const Settings& settings, const base::Clock& clock);
  ~Templates();
  void load();  // at start and after a reset: nothing is held that the store does not have

  base::Task<void> create(Caller caller, std::string name, TemplateSource source, std::vector<Tag> tags);
  base::Task<void> update(Caller caller, std::string name, TemplateSource source);
  base::Task<bool> remove(Caller caller, std::string name);                   // false: there was none
  base::Task<bool> edit_tags(Caller caller, std::string name, TagEdit edit);  // false: there is none
  base::Task<std::optional<EmailTemplate>> find(Scope scope, std::string name);
  // Newest first, with numbers under `before`; one more than a page says whether there is another.
  base::Task<std::vector<TemplateItem>> list(Scope scope, std::optional<std::int64_t> before,
                                             std::size_t at_most);

  // For sends: what `name` means now, and a version by its id. Null if there is none.
  base::Task<TemplatePtr> current(Scope scope, std::string name);
  base::Task<TemplatePtr> version(std::int64_t id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ses
