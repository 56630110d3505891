#include "ses/template.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/encoding.h"
#include "base/fault.h"
#include "base/random.h"
#include "ses/tags.h"
#include "ses/template_rows.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;
namespace rows = template_rows;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kCachedVersions = 512;
constexpr std::size_t kCachedNames = 4096;

Fault invalid_template(const std::string& name, std::string text) {
  return Fault::with_code(FaultKind::invalid_parameter, "InvalidTemplate", std::move(text))
      .with("TemplateName", name);
}

// SES §13; the text is ours.
void check_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
    return base::kAlnum.find(c) != std::string_view::npos || c == '_' || c == '-';
  });
  if (!good)
    throw Fault(
        FaultKind::invalid_parameter,
        "Invalid template name <" + name +
            ">: only alphanumeric ASCII characters, '_' and '-' are allowed, and 64 of them at most.");
}

std::size_t size_of(const TemplateSource& s) {
  auto size = [](const std::optional<std::string>& part) { return part ? part->size() : 0; };
  return size(s.subject) + size(s.text) + size(s.html);
}

// SES §13: a subject and a body; what is empty is not there.
void check_source(const std::string& name, TemplateSource& source) {
  for (auto* part : {&source.text, &source.html})
    if (*part && (*part)->empty()) part->reset();
  if (!source.subject || source.subject->empty())
    throw Fault(FaultKind::invalid_parameter, "The subject must be specified.");
  if (!source.text && !source.html)
    throw Fault(FaultKind::invalid_parameter, "The text or the HTML part must be specified.");
  if (size_of(source) > kMaxTemplateBytes)
    throw invalid_template(name, "The template is larger than 500 KB.");
  try {
    parse_template(0, name, source, mail::TemplateDialect::full);
  } catch (const Fault& fault) {
    throw invalid_template(name, fault.message());
  }
}

std::shared_ptr<const mail::Template> parse_part(const std::optional<std::string>& source,
                                                 mail::TemplateDialect dialect) {
  if (!source) return nullptr;
  auto parsed = mail::Template::parse(*source, dialect);
  if (!parsed) throw Fault(FaultKind::invalid_parameter, parsed.error());
  return std::move(*parsed);
}

}  // namespace

TemplatePtr parse_template(std::int64_t id, std::string name, TemplateSource source,
                           mail::TemplateDialect dialect) {
  auto out = std::make_shared<TemplateVersion>();
  out->id = id;
  out->name = std::move(name);
  out->source = std::move(source);
  out->subject = parse_part(out->source.subject, dialect);
  out->text = parse_part(out->source.text, dialect);
  out->html = parse_part(out->source.html, dialect);
  return out;
}

Fault template_missing(const std::string& name) {
  return Fault(FaultKind::template_not_found, "Template " + name + " does not exist")
      .with("TemplateName", name);
}

// Parsed versions, the least lately used of which goes when there are too many, and what names mean now. Both
// follow the store: a version never changes, and names are forgotten with every change.
struct Templates::Impl {
  store::Store& store;
  const Settings& settings;
  const base::Clock& clock;

  std::mutex mutex;
  std::list<TemplatePtr> recent;  // latest first
  std::unordered_map<std::int64_t, std::list<TemplatePtr>::iterator> by_id;
  std::unordered_map<std::string, std::int64_t> by_name;
  std::uint64_t changes = 0;

  static std::string key(const Scope& scope, const std::string& name) {
    return scope.account.str() + "/" + scope.region.str() + "/" + name;
  }

  TemplatePtr cached(std::int64_t id) {
    auto found = by_id.find(id);
    if (found == by_id.end()) return nullptr;
    recent.splice(recent.begin(), recent, found->second);
    return recent.front();
  }

  void hold(const TemplatePtr& version) {
    if (cached(version->id)) return;
    recent.push_front(version);
    by_id[version->id] = recent.begin();
    if (recent.size() <= kCachedVersions) return;
    by_id.erase(recent.back()->id);
    recent.pop_back();
  }

  void changed() {
    std::lock_guard lock(mutex);
    ++changes;
    by_name.clear();
  }
};

Templates::Templates(store::Store& store, const Settings& settings, const base::Clock& clock)
    : impl_(new Impl{store, settings, clock, {}, {}, {}, {}, 0}) {}
Templates::~Templates() = default;

void Templates::load() {
  impl_->changed();
  std::lock_guard lock(impl_->mutex);
  impl_->recent.clear();
  impl_->by_id.clear();
}

base::Task<void> Templates::create(Caller caller, std::string name, TemplateSource source,
                                   std::vector<Tag> tags) {
  check_name(name);
  check_source(name, source);
  check_tags(tags);
  auto now = impl_->clock.now();
  std::function<void(store::Db&)> work = [scope = caller.scope, name, source, tags, now](store::Db& db) {
    if (rows::find(db, scope, name))
      throw Fault(FaultKind::already_exists, "Template " + name + " already exists.").with("Name", name);
    if (rows::count(db, scope) >= kMaxTemplates)
      throw Fault(FaultKind::limit_exceeded, "The number of templates has reached its limit of 20000.");
    rows::Row row;
    row.version = rows::add_version(db, name, source);
    row.item = {name, row.version, now};
    row.tags = tags;
    rows::insert(db, scope, row);
  };
  co_await impl_->store.write(std::move(work));
  impl_->changed();
}

base::Task<void> Templates::update(Caller caller, std::string name, TemplateSource source) {
  check_source(name, source);
  auto now = impl_->clock.now();
  auto retention = impl_->settings.retention;
  std::function<void(store::Db&)> work = [scope = caller.scope, name, source, now, retention](store::Db& db) {
    auto before = rows::find(db, scope, name);
    if (!before) throw template_missing(name);
    rows::set_version(db, scope, name, rows::add_version(db, name, source));
    rows::retire(db, before->version, now);
    rows::sweep(db, now - retention);  // no message lives that long
  };
  co_await impl_->store.write(std::move(work));
  impl_->changed();
}

base::Task<bool> Templates::remove(Caller caller, std::string name) {
  auto now = impl_->clock.now();
  auto work = [scope = caller.scope, name, now](store::Db& db) {
    auto before = rows::find(db, scope, name);
    if (!before) return false;
    rows::remove(db, scope, name);
    rows::retire(db, before->version, now);
    return true;
  };
  bool was_there = co_await impl_->store.write_value(std::move(work));
  impl_->changed();
  co_return was_there;
}

base::Task<bool> Templates::edit_tags(Caller caller, std::string name, TagEdit edit) {
  auto work = [scope = caller.scope, name, edit = std::move(edit)](store::Db& db) {
    auto row = rows::find(db, scope, name);
    if (!row) return false;
    edit(row->tags);
    rows::set_tags(db, scope, name, row->tags);
    return true;
  };
  co_return co_await impl_->store.write_value(std::move(work));
}

base::Task<std::optional<EmailTemplate>> Templates::find(Scope scope, std::string name) {
  auto read = [scope, name](store::Db& db) { return rows::find(db, scope, name); };
  auto row = co_await impl_->store.read_value(std::move(read));
  if (!row) co_return std::nullopt;
  EmailTemplate out{row->item.name, row->item.number, row->item.created, row->tags, nullptr};
  out.current = co_await version(row->version);
  if (!out.current) co_return std::nullopt;
  co_return out;
}

base::Task<std::vector<TemplateItem>> Templates::list(Scope scope, std::optional<std::int64_t> before,
                                                      std::size_t at_most) {
  auto read = [scope, before, at_most](store::Db& db) {
    return rows::list(db, scope, before.value_or(INT64_MAX), at_most);
  };
  co_return co_await impl_->store.read_value(std::move(read));
}

base::Task<TemplatePtr> Templates::current(Scope scope, std::string name) {
  auto key = Impl::key(scope, name);
  std::uint64_t seen = 0;
  {
    std::lock_guard lock(impl_->mutex);
    seen = impl_->changes;
    auto found = impl_->by_name.find(key);
    if (found != impl_->by_name.end())
      if (auto held = impl_->cached(found->second)) co_return held;
  }
  auto read = [scope, name](store::Db& db) { return rows::find(db, scope, name); };
  auto row = co_await impl_->store.read_value(std::move(read));
  if (!row) co_return nullptr;
  auto found = co_await version(row->version);
  std::lock_guard lock(impl_->mutex);
  if (found && seen == impl_->changes) {
    if (impl_->by_name.size() >= kCachedNames) impl_->by_name.clear();
    impl_->by_name[key] = found->id;
  }
  co_return found;
}

base::Task<TemplatePtr> Templates::version(std::int64_t id) {
  {
    std::lock_guard lock(impl_->mutex);
    if (auto held = impl_->cached(id)) co_return held;
  }
  auto read = [id](store::Db& db) { return rows::find_version(db, id); };
  auto row = co_await impl_->store.read_value(std::move(read));
  if (!row) co_return nullptr;
  auto parsed = parse_template(id, row->name, row->source, mail::TemplateDialect::full);
  std::lock_guard lock(impl_->mutex);
  impl_->hold(parsed);
  co_return parsed;
}

}  // namespace ses
