#include "ses/account_rows.h"

#include <array>

namespace ses {
namespace {

constexpr std::array<std::string_view, 3> kEnforcement = {"HEALTHY", "PROBATION", "SHUTDOWN"};

}  // namespace

std::string_view enforcement_name(Enforcement e) { return kEnforcement[static_cast<std::size_t>(e)]; }

std::optional<Enforcement> parse_enforcement(std::string_view name) {
  for (std::size_t i = 0; i < kEnforcement.size(); ++i)
    if (kEnforcement[i] == name) return static_cast<Enforcement>(i);
  return std::nullopt;
}

void save_account(store::Db& db, const Scope& scope, const AccountSettings& s) {
  auto details = s.details ? pack_details(*s.details) : std::string();
  db.query(
        "INSERT INTO account (account, region, sandbox, max_24h, max_rate, sending_enabled, paused_reason, "
        "enforcement, suppressed_bounce, suppressed_complaint, threshold, threshold_verdict, details) "
        "VALUES (:account, :region, :sandbox, :max_24h, :max_rate, :sending_enabled, :paused_reason, "
        ":enforcement, :bounce, :complaint, :threshold, :verdict, :details) "
        "ON CONFLICT (account, region) DO UPDATE SET sandbox = excluded.sandbox, max_24h = excluded.max_24h, "
        "max_rate = excluded.max_rate, sending_enabled = excluded.sending_enabled, "
        "paused_reason = excluded.paused_reason, enforcement = excluded.enforcement, "
        "suppressed_bounce = excluded.suppressed_bounce, "
        "suppressed_complaint = excluded.suppressed_complaint, threshold = excluded.threshold, "
        "threshold_verdict = excluded.threshold_verdict, details = excluded.details")
      .text(":account", scope.account.str())
      .text(":region", scope.region.str())
      .integer(":sandbox", s.sandbox)
      .real(":max_24h", s.max_24h)
      .real(":max_rate", s.max_rate)
      .integer(":sending_enabled", s.sending_enabled)
      .text(":paused_reason", s.paused_reason)
      .integer(":enforcement", static_cast<std::int64_t>(s.enforcement))
      .integer(":bounce", s.suppressed.bounce)
      .integer(":complaint", s.suppressed.complaint)
      .text(":threshold", s.threshold)
      .text(":verdict", s.threshold_verdict)
      .text(":details", details)
      .run();
}

std::optional<AccountSettings> find_account(store::Db& db, const Scope& scope) {
  auto q = db.query(
      "SELECT sandbox, max_24h, max_rate, sending_enabled, paused_reason, enforcement, suppressed_bounce, "
      "suppressed_complaint, threshold, threshold_verdict, details FROM account "
      "WHERE account = :account AND region = :region");
  q.text(":account", scope.account.str()).text(":region", scope.region.str());
  if (!q.next()) return std::nullopt;
  AccountSettings s;
  s.sandbox = q.get_integer(0) != 0;
  s.max_24h = q.get_real(1);
  s.max_rate = q.get_real(2);
  s.sending_enabled = q.get_integer(3) != 0;
  s.paused_reason = q.get_string(4);
  s.enforcement = static_cast<Enforcement>(q.get_integer(5));
  s.suppressed = {q.get_integer(6) != 0, q.get_integer(7) != 0};
  s.threshold = q.get_string(8);
  s.threshold_verdict = q.get_string(9);
  if (auto details = q.get_string(10); !details.empty())
    s.details = std::make_shared<const AccountDetails>(unpack_details(details));
  return s;
}

}  // namespace ses
