// Handlebars as SES speaks it (SES §13): variables and dotted paths, each, if, unless, with, else, @index and
// its kin, inline partials, comments, whitespace control; `{{x}}` is not HTML-escaped. A template is parsed
// once and rendered any number of times, by any thread. Depth, output and work are capped, so that no
// template and no data can hold up or fill a node.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mail {

// The data of a rendering: a JSON object, parsed once. Immutable; copies share it.
class TemplateData {
 public:
  // Failure: why the text is not the text of a JSON object. Nesting is capped.
  static base::Result<TemplateData, std::string> parse(std::string_view json);
  static TemplateData empty();
  // This object with the members of `over` put over its own, at the top level (SES §6.3).
  TemplateData with(const TemplateData& over) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit TemplateData(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

struct RenderFault {
  enum class Kind { missing_attribute, too_large, too_deep };
  Kind kind;
  std::string message;  // "Attribute 'name' is not present in the rendering data."
};

enum class TemplateDialect {
  full,    // stored templates
  simple,  // inline TemplateContent of v2: only `{{name}}`; else "Template contains unsupported operations"
};

class Template {
 public:
  // Failure: what is wrong with the source, with its line.
  static base::Result<std::shared_ptr<const Template>, std::string> parse(
      std::string_view source, TemplateDialect dialect = TemplateDialect::full);
  ~Template();

  // `{{amazonSESUnsubscribeUrl}}` and `{{ses:openTracker}}` stay as they are, for others to replace.
  base::Result<std::string, RenderFault> render(const TemplateData& data) const;

  struct Impl;

 private:
  explicit Template(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mail
