// Rendering: the mail of a templated message, made of its recipe (ARCHITECTURE 3.9). The same message gives
// the same octets each time: what looks random comes from its id, and its time is that of its acceptance.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ses/message.h"
#include "ses/recipe.h"
#include "ses/settings.h"

namespace compose {

struct RenderFailure {  // of the Rendering Failure event
  std::string message, template_name;
  bool missing_attribute = false;
  bool bad_content = false;  // it could be made, but must not leave: of the Reject event (SES §21)
};

// The parts of a template filled in.
struct RenderedParts {
  std::string subject;
  std::optional<std::string> text, html;
};

base::Result<RenderedParts, RenderFailure> render_parts(const ses::TemplateVersion& source,
                                                        const mail::TemplateData& data);

struct RenderJob {
  const ses::Settings& settings;
  std::string_view secret;  // of the installation, for Feedback-ID
  const ses::Mail& mail;
  const ses::TemplateVersion& source;
  const ses::Recipe& recipe;
  const ses::RecipeOwn& own;
};
// What stands in the headers and attachments of the recipe was scanned when it was accepted.
base::Result<ses::RenderedMail, RenderFailure> render(const RenderJob& job);

// The result of a test rendering: a whole MIME message without addresses (SES §13).
std::string test_message(const RenderedParts& parts, const ses::Settings& settings, const ses::Mail& mail);

}  // namespace compose
