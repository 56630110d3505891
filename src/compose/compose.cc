#include "compose/compose.h"

#include "base/log.h"
#include "store/body_file.h"

namespace compose {
namespace {
constexpr std::chrono::hours kLongestWait{1};     // for the mails that are being sent to end
constexpr std::size_t kHeavyContent = 512 << 10;  // rendering and hashing more than this would hold up a loop
}  // namespace

Draft::Draft(ses::MailPtr mail, std::shared_ptr<const std::string> content, ContentGauge& gauge)
    : mail_(std::move(mail)), gauge_(gauge), is_recipe_(templated()) {
  hold(std::move(content));
}

Draft::~Draft() {
  if (content_) gauge_ -= content_->size();
}

void Draft::hold(std::shared_ptr<const std::string> content) {
  if (content_) gauge_ -= content_->size();
  content_ = std::move(content);
  if (content_) gauge_ += content_->size();
}

void Draft::let_go_content() {
  std::lock_guard lock(mutex_);
  if (busy_) return;
  hold(nullptr);
  rendered_ = nullptr;
  is_recipe_ = templated();
  if (is_recipe_) large_.reset();  // what comes back from the store is the recipe
}

bool Draft::needs_making() const {
  if (!templated()) return false;
  std::lock_guard lock(mutex_);
  return !proven_;
}

std::optional<Wire> Draft::wire() const {
  auto text = content();
  if (!text || is_recipe_ || !signature_) return std::nullopt;
  return Wire{signature_, std::move(text)};
}

std::string Draft::signature() const {
  std::lock_guard lock(mutex_);
  return signature_ ? *signature_ : std::string();
}

std::shared_ptr<const ses::RenderedMail> Draft::rendered() const {
  std::lock_guard lock(mutex_);
  return rendered_;
}

base::Task<void> Composer::make(DraftPtr draft) {
  if (!draft->needs_making()) co_return;
  co_await bring(std::move(draft), Goal::made);
}

base::Task<std::optional<Wire>> Composer::finish(DraftPtr draft) {
  co_return co_await bring(std::move(draft), Goal::signed_too);
}

base::Task<std::optional<Wire>> Composer::bring(DraftPtr draft, Goal goal) {
  for (;;) {
    std::optional<base::OneShot<base::Unit>> wait;
    {
      std::lock_guard lock(draft->mutex_);
      auto wire = draft->wire();
      if (wire || (goal == Goal::made && draft->proven_)) co_return wire;
      if (draft->busy_) {
        wait.emplace();
        draft->waiters_.push_back(*wait);
      } else {
        draft->busy_ = true;
      }
    }
    if (wait) {
      co_await *wait;
      continue;
    }

    std::exception_ptr error;
    std::shared_ptr<const std::string> content;  // held for the draft, which may not hold it itself
    try {
      content = co_await work(draft, goal);
    } catch (...) {
      error = std::current_exception();
    }
    std::vector<base::OneShot<base::Unit>> waiters;
    std::optional<Wire> wire;
    {
      std::lock_guard lock(draft->mutex_);
      draft->busy_ = false;
      waiters.swap(draft->waiters_);
      wire = draft->wire();
    }
    for (auto& waiter : waiters) waiter.set({});
    if (error) std::rethrow_exception(error);
    co_return wire;
  }
}

// Large content together with its room: who has the one has the other.
struct Composer::Room {
  explicit Room(net::ByteBudget& budget) : share(budget) {}
  net::ByteBudget::Share share;
  std::shared_ptr<const std::string> content;
};

// Null for small content, which needs none.
base::Task<std::shared_ptr<Composer::Room>> Composer::room_for(std::size_t size) {
  if (size <= store::kInlineBody) co_return nullptr;
  auto room = std::make_shared<Room>(large_);
  bool granted = co_await room->share.grow_to(size, net::Steady::now() + kLongestWait);
  if (!granted) throw std::runtime_error("no memory was free for a large mail");
  co_return room;
}

// Fills in what the draft lacks, and answers its content. Only one coroutine at a time works on a draft
// (busy_).
base::Task<std::shared_ptr<const std::string>> Composer::work(DraftPtr draft, Goal goal) {
  auto seq = draft->mail().seq;
  std::shared_ptr<const std::string> content, signature;
  auto own = draft->mail().own;
  bool is_recipe = false;
  {
    std::lock_guard lock(draft->mutex_);
    if (draft->failure_) throw Unrenderable(*draft->failure_);
    content = draft->content();
    is_recipe = draft->is_recipe_;
    signature = draft->signature_;
  }
  std::shared_ptr<Room> room;
  if (!content || (is_recipe && !own)) {
    content = nullptr;
    room = co_await room_for(draft->mail().size);
    auto load = [this, seq](store::Db& db) { return messages_.load_for_composing(db, seq); };
    auto loaded = co_await store_.read_value(std::move(load));
    content = loaded.content;
    if (!content) co_return nullptr;
    own = loaded.own;
    is_recipe = loaded.flags & ses::kTemplated;
    if (!signature && !loaded.signature.empty())
      signature = std::make_shared<const std::string>(std::move(loaded.signature));
  }
  std::shared_ptr<const ses::RenderedMail> rendered;
  if (is_recipe) {
    try {
      auto made = co_await render_mail(draft->mail_ptr(), content, own);
      rendered = std::make_shared<const ses::RenderedMail>(std::move(made));
    } catch (const Unrenderable& e) {
      std::lock_guard lock(draft->mutex_);
      draft->failure_ = std::make_shared<const RenderFailure>(e.failure);
      throw;
    }
    content = rendered->content;
  }
  if (goal == Goal::signed_too && !signature) {
    auto header = co_await sign(draft->mail_ptr(), content);
    signature = std::make_shared<const std::string>(std::move(header));
  }
  std::lock_guard lock(draft->mutex_);
  if (room && !rendered) {
    room->content = std::move(content);
    content = std::shared_ptr<const std::string>(room, room->content.get());
    draft->large_ = content;
  } else {
    draft->hold(content);
  }
  draft->is_recipe_ = false;
  draft->proven_ = true;
  draft->signature_ = std::move(signature);
  if (rendered) draft->rendered_ = std::move(rendered);
  co_return content;
}

base::Task<ses::RenderedMail> Composer::render_mail(ses::MailPtr mail,
                                                    std::shared_ptr<const std::string> packed_recipe,
                                                    std::shared_ptr<const std::string> packed_own) {
  bool heavy = packed_recipe->size() > kHeavyContent;
  auto unpack = [packed_recipe] {
    return std::make_shared<const ses::Recipe>(ses::unpack_recipe(*packed_recipe));
  };
  std::shared_ptr<const ses::Recipe> recipe;
  if (heavy) {
    recipe = co_await heavy_.run_value(std::move(unpack));
  } else {
    recipe = unpack();
  }
  ses::TemplatePtr source;
  if (recipe->version) {
    source = co_await templates_.version(recipe->version);
    if (!source) {
      const auto& name = recipe->template_name;
      throw Unrenderable({.message = "Template " + name + " does not exist", .template_name = name});
    }
  } else {
    source = ses::parse_template(0, {}, recipe->source, mail::TemplateDialect::simple);
  }
  auto work = [this, mail, source, recipe, packed_own] {
    auto own = ses::unpack_own(*packed_own);
    return render({settings_, identities_.link_secret(), *mail, *source, *recipe, own});
  };
  if (heavy) {
    auto made = co_await heavy_.run_value(std::move(work));
    if (!made) throw Unrenderable(made.error());
    co_return std::move(*made);
  }
  auto made = work();
  if (!made) throw Unrenderable(made.error());
  co_return std::move(*made);
}

base::Task<std::string> Composer::sign(ses::MailPtr mail, std::shared_ptr<const std::string> content) {
  auto request = co_await signing_request(mail);
  if (!request.key) co_return std::string();
  auto requests = with_ed25519(std::move(request));
  std::vector<mail::DkimDigest> digests;
  std::function<void()> prepare = [content, &requests, &digests] {
    digests = mail::prepare(*content, requests);
  };
  if (content->size() > kHeavyContent) {
    co_await heavy_.run(std::move(prepare));
  } else {
    prepare();
  }
  std::string headers;
  for (auto& digest : digests) {
    auto signing = signer_.sign(std::move(digest));
    headers += co_await signing;
  }
  co_return headers;
}

// RFC 8463: a verifier takes the signature it knows, so the RSA one always stands there.
std::vector<mail::DkimRequest> Composer::with_ed25519(mail::DkimRequest request) const {
  std::vector<mail::DkimRequest> requests;
  requests.push_back(std::move(request));
  if (!settings_.dkim_ed25519 || requests.front().key->algorithm() != mail::DkimKey::Algorithm::rsa_sha256)
    return requests;
  auto beside = requests.front();
  beside.key = beside.key->ed25519_beside();
  beside.selector += ses::kEd25519Suffix;
  requests.push_back(std::move(beside));
  return requests;
}

base::Task<mail::DkimRequest> Composer::signing_request(ses::MailPtr mail) {
  mail::DkimRequest request;
  request.time = clock_.now();
  if (!mail->signer.empty()) {
    auto other = ses::parse_identity_arn(mail->signer);  // SES §9: the owner's key
    auto identity =
        other ? identities_.find(other->scope, other->name) : identities_.find(mail->scope, mail->signer);
    // Whether it signs was decided when the mail was accepted: an address may have its own switch (SES §8.4).
    if (identity && identity->dkim.key) {
      request.key = identity->dkim.key;
      request.domain = identity->name;
      request.selector = identity->dkim.selector;
      co_return request;
    }
  }
  // ARCHITECTURE 3.10: the service domain signs only where no identity's key does.
  request.key = co_await identities_.service_key();
  request.domain = settings_.service_domain;
  request.selector = identities_.service_selector();
  co_return request;
}

}  // namespace compose
