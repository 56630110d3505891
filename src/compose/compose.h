// Composing: from an accepted mail to what goes on the wire, the stored content with its DKIM signature in
// front. A message is signed once, whatever number of sites it goes to and attempts it takes; the signature
// is kept in its row for retries (ARCHITECTURE 3.9, 3.10). Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/heavy_pool.h"
#include "base/oneshot.h"
#include "base/task.h"
#include "compose/render.h"
#include "compose/signer.h"
#include "net/byte_budget.h"
#include "ses/identity.h"
#include "ses/message.h"
#include "ses/settings.h"
#include "ses/template.h"
#include "store/store.h"

namespace compose {

struct Wire {
  std::shared_ptr<const std::string> signature;  // "DKIM-Signature: …\r\n"; may be empty
  std::shared_ptr<const std::string> content;
};

// make() and finish() throw it: the mail cannot be made of its recipe, or must not leave, now or later.
struct Unrenderable : std::runtime_error {
  explicit Unrenderable(RenderFailure f) : std::runtime_error(f.message), failure(std::move(f)) {}
  RenderFailure failure;
};

// How many bytes of content the drafts hold together.
using ContentGauge = std::atomic<std::size_t>;

// A mail on its way out: shared by the deliveries of one message. The content may be let go from memory and
// is then read back from the store. Large content is only there while somebody sends it.
class Draft {
 public:
  Draft(ses::MailPtr mail, std::shared_ptr<const std::string> content, ContentGauge& gauge);
  ~Draft();
  const ses::Mail& mail() const { return *mail_; }
  const ses::MailPtr& mail_ptr() const { return mail_; }
  // Made of a recipe, and nobody knows yet whether it can be.
  bool needs_making() const;
  void let_go_content();
  std::string signature() const;                              // empty until signed
  std::shared_ptr<const ses::RenderedMail> rendered() const;  // null until it was made of a recipe

 private:
  friend class Composer;
  bool templated() const { return mail_->flags & ses::kTemplated; }
  // With mutex_ held.
  void hold(std::shared_ptr<const std::string> content);
  std::shared_ptr<const std::string> content() const { return content_ ? content_ : large_.lock(); }
  std::optional<Wire> wire() const;

  const ses::MailPtr mail_;
  ContentGauge& gauge_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::string> content_;
  std::weak_ptr<const std::string> large_;
  bool is_recipe_;  // the content, as long as nothing was made of it
  std::shared_ptr<const std::string> signature_;
  std::shared_ptr<const ses::RenderedMail> rendered_;
  bool proven_ = false;                           // something was made of it once
  std::shared_ptr<const RenderFailure> failure_;  // or cannot be
  bool busy_ = false;
  std::vector<base::OneShot<base::Unit>> waiters_;
};
using DraftPtr = std::shared_ptr<Draft>;

class Composer {
 public:
  // Content over store::kInlineBody that is in memory to be sent, over all destinations; others wait.
  static constexpr std::size_t kLargeContent = 256u << 20;

  Composer(store::Store& store, ses::Messages& messages, ses::Identities& identities,
           ses::Templates& templates, const ses::Settings& settings, const base::Clock& clock,
           base::HeavyPool& heavy, Signer& signer)
      : store_(store),
        messages_(messages),
        identities_(identities),
        templates_(templates),
        settings_(settings),
        clock_(clock),
        heavy_(heavy),
        signer_(signer),
        large_(kLargeContent) {}

  // Makes the mail of a recipe, unless that was done, and does not sign it. Throws Unrenderable.
  base::Task<void> make(DraftPtr draft);
  // nullopt: the message is gone from the store (deleted meanwhile). Throws Unrenderable.
  base::Task<std::optional<Wire>> finish(DraftPtr draft);

 private:
  struct Room;
  enum class Goal { made, signed_too };
  base::Task<std::optional<Wire>> bring(DraftPtr draft, Goal goal);
  base::Task<std::shared_ptr<Room>> room_for(std::size_t size);
  base::Task<std::shared_ptr<const std::string>> work(DraftPtr draft, Goal goal);
  base::Task<ses::RenderedMail> render_mail(ses::MailPtr mail, std::shared_ptr<const std::string> recipe,
                                            std::shared_ptr<const std::string> own);
  base::Task<std::string> sign(ses::MailPtr mail, std::shared_ptr<const std::string> content);
  base::Task<mail::DkimRequest> signing_request(ses::MailPtr mail);
  std::vector<mail::DkimRequest> with_ed25519(mail::DkimRequest request) const;

  store::Store& store_;
  ses::Messages& messages_;
  ses::Identities& identities_;
  ses::Templates& templates_;
  const ses::Settings& settings_;
  const base::Clock& clock_;
  base::HeavyPool& heavy_;
  Signer& signer_;
  net::ByteBudget large_;
};

}  // namespace compose
