#include "ses/system_mail.h"

namespace ses {

void put_system_mail(store::Db& db, const SystemMail& mail, base::WallTime now) {
  db.query(
        "INSERT INTO system_mail (account, region, recipient, sender, null_sender, subject, plain, html, "
        "created) "
        "VALUES (:account, :region, :recipient, :sender, :null_sender, :subject, :plain, :html, :created)")
      .text(":account", mail.scope.account.str())
      .text(":region", mail.scope.region.str())
      .text(":recipient", mail.to)
      .text(":sender", mail.from)
      .integer(":null_sender", mail.null_sender)
      .text(":subject", mail.subject)
      .text(":plain", mail.text)
      .text(":html", mail.html)
      .integer(":created", base::to_millis(now))
      .run();
}

std::vector<SystemMail> take_system_mail(store::Db& db, std::size_t at_most) {
  auto q = db.query(
      "SELECT id, account, region, recipient, sender, null_sender, subject, plain, html FROM system_mail "
      "ORDER BY id LIMIT :at_most");
  q.integer(":at_most", static_cast<std::int64_t>(at_most));
  std::vector<SystemMail> out;
  while (q.next()) {
    SystemMail mail;
    mail.id = q.get_integer(0);
    mail.scope = {AccountId(q.get_string(1)), Region(q.get_string(2))};
    mail.to = q.get_string(3);
    mail.from = q.get_string(4);
    mail.null_sender = q.get_integer(5) != 0;
    mail.subject = q.get_string(6);
    mail.text = q.get_string(7);
    mail.html = q.get_string(8);
    out.push_back(std::move(mail));
  }
  return out;
}

void remove_system_mail(store::Db& db, std::int64_t id) {
  db.query("DELETE FROM system_mail WHERE id = :id").integer(":id", id).run();
}

}  // namespace ses
