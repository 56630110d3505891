// The rows of templates and their versions. All run inside a transaction of the store.
#pragma once

#include "ses/template.h"

namespace ses::template_rows {

struct Row {
  TemplateItem item;
  std::int64_t version = 0;
  std::vector<Tag> tags;
};

std::optional<Row> find(store::Db& db, const Scope& scope, const std::string& name);
std::vector<TemplateItem> list(store::Db& db, const Scope& scope, std::int64_t before, std::size_t at_most);
std::int64_t count(store::Db& db, const Scope& scope);
void insert(store::Db& db, const Scope& scope, const Row& row);
void set_version(store::Db& db, const Scope& scope, const std::string& name, std::int64_t version);
void set_tags(store::Db& db, const Scope& scope, const std::string& name, const std::vector<Tag>& tags);
void remove(store::Db& db, const Scope& scope, const std::string& name);

std::int64_t add_version(store::Db& db, const std::string& name, const TemplateSource& source);
void retire(store::Db& db, std::int64_t version, base::WallTime at);
void sweep(store::Db& db, base::WallTime before);  // versions retired before that

struct VersionRow {
  std::string name;
  TemplateSource source;
};
std::optional<VersionRow> find_version(store::Db& db, std::int64_t id);

}  // namespace ses::template_rows
