#include "ses/custom_verification.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/fault.h"
#include "ses/identity_name.h"
#include "ses/tags.h"
#include "ses/verification_link.h"

namespace ses {
namespace {

using base::Fault;
using base::FaultKind;

constexpr std::int64_t kMaxTemplates = 50;              // SES §14
constexpr std::size_t kMaxContent = 10u * 1024 * 1024;  // SES §14
constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxName = 64;  // (?)

bool is_template_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Fault invalid(std::string text) { return Fault(FaultKind::invalid_parameter, std::move(text)); }

constexpr const char* kColumns =
    "SELECT name, sender, subject, success_url, failure_url, tags, content FROM custom_verification ";

std::string pack(const std::vector<Tag>& tags) {
  std::string out;  // tags hold no control characters (tags.h)
  for (const auto& tag : tags) out += tag.name + "\n" + tag.value + "\n";
  return out;
}

std::vector<Tag> unpack(std::string_view text) {
  std::vector<Tag> out;
  auto parts = base::split(text, '\n');
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    out.push_back({std::string(parts[i]), std::string(parts[i + 1])});
  return out;
}

template <class Q>
CustomVerification read_row(const Q& q) {
  CustomVerification out;
  out.name = q.get_string(0);
  out.from = q.get_string(1);
  out.subject = q.get_string(2);
  out.success_url = q.get_string(3);
  out.failure_url = q.get_string(4);
  out.tags = unpack(q.get_text(5));
  out.content = q.get_string(6);
  return out;
}

std::optional<CustomVerification> select(store::Db& db, const Scope& scope, const std::string& name) {
  auto q = db.query(
      (std::string(kColumns) + "WHERE account = :account AND region = :region AND name = :name").c_str());
  q.text(":account", scope.account.str()).text(":region", scope.region.str()).text(":name", name);
  if (!q.next()) return std::nullopt;
  return read_row(q);
}

std::int64_t count(store::Db& db, const Scope& scope) {
  auto q = db.query("SELECT COUNT(*) FROM custom_verification WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str());
  return q.next() ? q.get_integer(0) : 0;
}

void erase(store::Db& db, const Scope& scope, const std::string& name) {
  db.query("DELETE FROM custom_verification WHERE account = :account AND region = :region AND name = :name")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", name)
      .run();
}

void save(store::Db& db, const Scope& scope, const CustomVerification& made, base::WallTime now) {
  erase(db, scope, made.name);
  auto tags = pack(made.tags);
  db.query(
        "INSERT INTO custom_verification (account, region, name, sender, subject, content, success_url, "
        "failure_url, tags, changed) VALUES (:account, :region, :name, :sender, :subject, :content, "
        ":success_url, :failure_url, :tags, :changed)")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .text(":name", made.name)
      .text(":sender", made.from)
      .text(":subject", made.subject)
      .text(":content", made.content)
      .text(":success_url", made.success_url)
      .text(":failure_url", made.failure_url)
      .text(":tags", tags)
      .integer(":changed", base::to_millis(now))
      .run();
}

bool ends_tag_name(char c) { return c == '>' || c == '/' || c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

void no_such_custom_verification(const std::string& name) {
  throw Fault::with_code(FaultKind::not_found, "CustomVerificationEmailTemplateDoesNotExist",
                         "Custom verification email template <" + name + "> does not exist")
      .with("CustomVerificationEmailTemplateName", name);
}

bool is_redirect_url(std::string_view url) {
  if (url.size() > kMaxUrl) return false;
  for (std::string_view scheme : {"https://", "http://"}) {
    if (url.size() <= scheme.size() || !base::iequals(url.substr(0, scheme.size()), scheme)) continue;
    char first = url[scheme.size()];
    if (first == '/' || first == '?' || first == '#' || first == ':' || first == '@') return false;
    return std::all_of(url.begin(), url.end(), [](char c) {
      return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
    });
  }
  return false;
}

// The list of tags SES allows is not public: these are refused, the rest may stay (?).
std::string custom_verification_content_fault(std::string_view content) {
  for (std::size_t at = content.find('<'); at != std::string_view::npos; at = content.find('<', at + 1)) {
    auto tag = content.substr(at + 1, 16);
    if (tag.starts_with("!--")) return "a comment";
    if (tag.starts_with('/')) tag.remove_prefix(1);
    for (std::string_view refused : {"a", "script", "iframe", "object", "embed", "form", "base"})
      if (base::iequals(tag.substr(0, refused.size()), refused) &&
          (tag.size() == refused.size() || ends_tag_name(tag[refused.size()])))
        return "<" + std::string(refused) + ">";
  }
  return {};
}

void CustomVerifications::check(const Scope& scope, const CustomVerification& made) const {
  if (!is_template_name(made.name)) throw invalid("The template name is invalid.");
  auto identity = identities_.match_sender(scope, made.from);
  bool bare = normal_address(made.from, settings_.smtputf8).has_value();
  if (!bare || !identity)  // SES §14
    throw Fault::with_code(FaultKind::not_found, "FromEmailAddressNotVerified",
                           "The from email address <" + made.from + "> is not verified")
        .with("FromEmailAddress", made.from);
  if (!is_redirect_url(made.success_url)) throw invalid("The success redirection URL is invalid");
  if (!is_redirect_url(made.failure_url)) throw invalid("The failure redirection URL is invalid");
  if (made.subject.find_first_of("\r\n") != std::string::npos)
    throw invalid("The template subject is invalid.");
  auto fault = made.content.size() > kMaxContent ? std::string("more than 10 MB")
                                                 : custom_verification_content_fault(made.content);
  if (!fault.empty())
    throw Fault::with_code(FaultKind::invalid_parameter, "CustomVerificationEmailInvalidContent",
                           "The template content is invalid: it has " + fault + ".");
}

base::Task<void> CustomVerifications::create(Caller caller, CustomVerification made) {
  check(caller.scope, made);
  check_tags(made.tags);
  auto now = clock_.now();
  std::function<void(store::Db&)> work = [scope = caller.scope, made, now](store::Db& db) {
    if (select(db, scope, made.name))
      throw Fault::with_code(FaultKind::already_exists, "CustomVerificationEmailTemplateAlreadyExists",
                             "Custom verification email template <" + made.name + "> already exists")
          .with("CustomVerificationEmailTemplateName", made.name);
    if (count(db, scope) >= kMaxTemplates)
      throw Fault(FaultKind::limit_exceeded,
                  "The number of custom verification email templates exceeds the maximum of 50.");
    save(db, scope, made, now);
  };
  co_await store_.write(std::move(work));
}

base::Task<void> CustomVerifications::update(Caller caller, Change change) {
  auto now = clock_.now();
  auto* self = this;
  std::function<void(store::Db&)> work = [self, scope = caller.scope, change, now](store::Db& db) {
    auto made = select(db, scope, change.name);
    if (!made) no_such_custom_verification(change.name);
    if (change.from) made->from = *change.from;
    if (change.subject) made->subject = *change.subject;
    if (change.content) made->content = *change.content;
    if (change.success_url) made->success_url = *change.success_url;
    if (change.failure_url) made->failure_url = *change.failure_url;
    self->check(scope, *made);
    save(db, scope, *made, now);
  };
  co_await store_.write(std::move(work));
}

base::Task<bool> CustomVerifications::remove(Caller caller, std::string name) {
  std::function<bool(store::Db&)> work = [scope = caller.scope, name](store::Db& db) {
    if (!select(db, scope, name)) return false;
    erase(db, scope, name);
    return true;
  };
  co_return co_await store_.write_value(std::move(work));
}

base::Task<bool> CustomVerifications::edit_tags(Caller caller, std::string name, TagEdit edit) {
  auto now = clock_.now();
  std::function<bool(store::Db&)> work = [scope = caller.scope, name, edit, now](store::Db& db) {
    auto made = select(db, scope, name);
    if (!made) return false;
    edit(made->tags);
    save(db, scope, *made, now);
    return true;
  };
  co_return co_await store_.write_value(std::move(work));
}

base::Task<std::optional<CustomVerification>> CustomVerifications::find(Scope scope, std::string name) {
  std::function<std::optional<CustomVerification>(store::Db&)> work = [scope, name](store::Db& db) {
    return select(db, scope, name);
  };
  co_return co_await store_.read_value(std::move(work));
}

base::Task<std::vector<CustomVerification>> CustomVerifications::all(Scope scope) {
  std::function<std::vector<CustomVerification>(store::Db&)> work = [scope](store::Db& db) {
    auto q = db.query(
        "SELECT name, sender, subject, success_url, failure_url, tags, '' FROM custom_verification "
        "WHERE account = :account AND region = :region ORDER BY name");
    q.text(":account", scope.account.str()).text(":region", scope.region.str());
    std::vector<CustomVerification> out;
    while (q.next()) out.push_back(read_row(q));
    return out;
  };
  co_return co_await store_.read_value(std::move(work));
}

namespace {
// SES §14, word for word.
constexpr std::string_view kFixedWords =
    "If you did not request to verify this email address, please disregard this message. If you have any "
    "concerns, please forward this message to the following email address along with your questions or "
    "comments.";
}  // namespace

std::string custom_verification_html(const CustomVerification& made, std::string_view link) {
  std::string shown(link);  // made by us: letters, digits and :/?=.-_ only
  return made.content + "\n<p><a href=\"" + shown + "\">" + shown + "</a></p>\n<p>" +
         std::string(kFixedWords) + "</p>\n<p>" + made.from + "</p>\n";
}

std::string custom_verification_text(std::string_view link) {
  return std::string(link) + "\n\n" + std::string(kFixedWords) + "\n";
}

}  // namespace ses
