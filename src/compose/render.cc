#include "compose/render.h"

#include "base/encoding.h"
#include "compose/fixup.h"
#include "mail/bad_content.h"
#include "mail/header.h"
#include "mail/message_id.h"
#include "mail/unsubscribe.h"

namespace compose {
namespace {

// Numbers that depend on the message's id alone.
class RandomOfMessage final : public base::Random {
 public:
  explicit RandomOfMessage(const ses::MessageId& id) : id_(id.str()) {}
  void fill(std::span<unsigned char> out) override {
    for (auto& byte : out) {
      if (at_ == block_.size()) {
        block_ = base::sha256(id_ + "/" + std::to_string(count_++));
        at_ = 0;
      }
      byte = static_cast<unsigned char>(block_[at_++]);
    }
  }

 private:
  std::string id_, block_;
  std::size_t at_ = 0;
  int count_ = 0;
};

RenderFailure failure(const ses::TemplateVersion& source, std::string message) {
  return {.message = std::move(message), .template_name = source.name};
}

bool has_bad_content(const RenderedParts& parts) {
  auto bad = [](const std::optional<std::string>& part) { return part && mail::has_bad_content(*part); };
  return mail::has_bad_content(parts.subject) || bad(parts.text) || bad(parts.html);
}

// A subject is one line whatever the data holds.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  return text;
}

mail::SimpleMail simple_mail(RenderedParts parts, const ses::Recipe& recipe, const ses::RecipeOwn& own) {
  mail::SimpleMail m;
  m.from = recipe.from;
  m.to = own.to;
  m.cc = own.cc;
  m.reply_to = recipe.reply_to;
  m.subject = {std::move(parts.subject), "UTF-8"};
  if (parts.text) m.text = mail::Content{std::move(*parts.text), "UTF-8"};
  if (parts.html) m.html = mail::Content{std::move(*parts.html), "UTF-8"};
  m.headers = ses::merged_headers(recipe.headers, own.headers);
  m.attachments = recipe.attachments;
  if (!own.unsubscribe_link.empty()) mail::put_unsubscribe_link(m, own.unsubscribe_link);
  return m;
}

}  // namespace

base::Result<RenderedParts, RenderFailure> render_parts(const ses::TemplateVersion& source,
                                                        const mail::TemplateData& data) {
  RenderedParts out;
  std::optional<RenderFailure> fault;
  auto part = [&](const std::shared_ptr<const mail::Template>& given) -> std::string {
    if (!given || fault) return {};
    auto text = given->render(data);
    if (text) return std::move(*text);
    fault = failure(source, text.error().message);
    fault->missing_attribute = text.error().kind == mail::RenderFault::Kind::missing_attribute;
    return {};
  };
  out.subject = one_line(part(source.subject));
  if (source.text) out.text = part(source.text);
  if (source.html) out.html = part(source.html);
  if (fault) return base::Failure{std::move(*fault)};
  return out;
}

base::Result<ses::RenderedMail, RenderFailure> render(const RenderJob& job) {
  const auto& [settings, secret, mail, source, recipe, own] = job;
  auto defaults = mail::TemplateData::parse(recipe.data.empty() ? "{}" : recipe.data);
  auto data = mail::TemplateData::parse(own.data.empty() ? "{}" : own.data);
  if (!defaults || !data) return base::Failure{failure(source, "The template data is invalid")};
  auto parts = render_parts(source, defaults->with(*data));
  if (!parts) return base::Failure{parts.error()};
  if (has_bad_content(*parts)) {
    auto bad = failure(source, "Bad content");
    bad.bad_content = true;
    return base::Failure{std::move(bad)};
  }

  RandomOfMessage random(mail.id);
  auto built = mail::build(simple_mail(std::move(*parts), recipe, own), random, mail.accepted);
  if (!built) return base::Failure{failure(source, built.error())};
  if (built->size() > recipe.size_limit)
    return base::Failure{failure(source, "Message length is more than " + std::to_string(recipe.size_limit) +
                                             " bytes long: '" + std::to_string(built->size()) + "'.")};
  auto fixup = fixup_for(settings, secret, mail, {own.feedback_a, own.feedback_b});
  fixup.remove = own.remove;
  fixup.add = own.add;
  auto fixed = mail::fix_up_in_place(std::move(*built), fixup);
  if (!fixed) return base::Failure{failure(source, fixed.error())};

  ses::RenderedMail out;
  out.content = std::make_shared<const std::string>(std::move(fixed->message));
  out.subject = mail::decode_words(fixed->facts.subject.value_or(""));
  out.headers = std::move(fixed->facts.headers);
  out.headers_truncated = fixed->facts.headers_truncated;
  return out;
}

std::string test_message(const RenderedParts& parts, const ses::Settings& settings, const ses::Mail& mail) {
  RandomOfMessage random(mail.id);
  auto built = mail::build(simple_mail(parts, {}, {}), random, mail.accepted);
  if (!built) return {};
  return "Date: " + base::rfc5322_date(mail.accepted) + "\r\nMessage-ID: " +
         mail::message_id_header(mail.id.str(), mail.scope.region.str(), settings.service_domain) + "\r\n" +
         *built;
}

}  // namespace compose
