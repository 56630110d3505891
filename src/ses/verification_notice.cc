#include "ses/verification_notice.h"

#include "ses/verification_link.h"

namespace ses {
namespace {

using S = VerificationStatus;

// What a set of records is for, and what follows when they are gone.
struct Subject {
  const char* title;
  const char* records;
  const char* grace;
  const char* loss;
};

constexpr Subject kDomain = {"Domain verification", "the records that verify it", "72 hours",
                             "mail from this domain is refused"};
constexpr Subject kDkim = {"DKIM", "its DKIM records", "5 days",
                           "mail is no longer signed with the key of this domain"};
constexpr Subject kMailFrom = {"Custom MAIL FROM", "the MX record of its MAIL FROM domain", "72 hours",
                               "the custom MAIL FROM domain is not looked for again until it is set anew"};

SystemMail write(const Settings& settings, const Identity& identity, const Subject& subject, bool ended) {
  std::string region(region_title(identity.scope.region.str()));
  SystemMail mail;
  mail.scope = identity.scope;
  mail.to = identity.kind == IdentityKind::address ? identity.name : "postmaster@" + identity.name;
  mail.from = "no-reply@" + settings.service_domain;
  mail.null_sender = true;  // nobody waits for its bounce
  std::string title(subject.title);
  mail.subject = "Sesame – " + title + (ended ? " ended for " : " in danger for ") + identity.name +
                 " in region " + region;
  mail.text = "Identity: " + identity.name + "\nRegion: " + region +
              "\nAccount: " + identity.scope.account.str() + "\n\nDNS does not show " + subject.records +
              " any more.";
  if (ended) {
    mail.text += " The time to put them back is over: from now on " + std::string(subject.loss) + ".\n";
  } else {
    mail.text += " If they are not back within " + std::string(subject.grace) + ", " +
                 std::string(subject.loss) + ".\n";
  }
  if (identity.kind == IdentityKind::domain)
    mail.text += "\nWhat to publish is shown by:  sesame dns check " + identity.name + "\n";
  return mail;
}

void step(std::vector<SystemMail>& out, const Settings& settings, const Identity& identity,
          const Subject& subject, S before, S after) {
  if (before == S::success && after == S::temporary_failure) {
    out.push_back(write(settings, identity, subject, false));
  } else if (before == S::temporary_failure && after == S::failed) {
    out.push_back(write(settings, identity, subject, true));
  }
}

}  // namespace

std::vector<SystemMail> verification_notices(const Settings& settings, const Identity& before,
                                             const Identity& after) {
  std::vector<SystemMail> out;
  if (after.kind == IdentityKind::domain) {
    step(out, settings, after, kDomain, before.status, after.status);
    step(out, settings, after, kDkim, before.dkim.status, after.dkim.status);
  }
  step(out, settings, after, kMailFrom, before.mail_from.status, after.mail_from.status);
  return out;
}

}  // namespace ses
