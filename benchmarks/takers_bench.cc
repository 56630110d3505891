// Who takes a mail from outside (SES §22.1): what one RCPT costs where 1 account receives, and where 10,000
// do, each with a domain of its own, ten rules and two filters; and the ratio.
//   takers_bench [ACCOUNTS]
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "benchmarks/microseconds.h"
#include "ses/identity.h"
#include "ses/identity_rows.h"
#include "ses/keyring.h"
#include "ses/receipt.h"
#include "ses/receipt_match.h"
#include "ses/receipt_rows.h"
#include "ses/schema.h"

namespace {

std::string domain_of(std::size_t n) { return "account" + std::to_string(n) + ".example.com"; }

void fill(store::Store& store, const ses::Keyring& keyring, std::size_t accounts) {
  store.write_now([&](store::Db& db) {
    for (std::size_t n = 0; n < accounts; ++n) {
      const ses::Scope scope{ses::AccountId(std::to_string(100000000000 + n)), ses::Region("us-east-1")};
      ses::Identity identity;
      identity.scope = scope;
      identity.name = domain_of(n);
      identity.kind = ses::IdentityKind::domain;
      identity.status = ses::VerificationStatus::success;
      ses::identity_rows::save(db, keyring, identity);
      ses::ReceiptSetup setup;
      setup.scope = scope;
      setup.active = "set";
      setup.sets.push_back({"set", {}, {}});
      for (int i = 0; i < 10; ++i) {
        ses::ReceiptRule rule;
        rule.name = "rule" + std::to_string(i);
        rule.enabled = true;
        rule.recipients = {"box" + std::to_string(i) + "@" + identity.name};
        rule.actions = {ses::StopAction{}};
        setup.sets.back().rules.push_back(rule);
      }
      setup.filters = {{"allow", true, "192.0.2.1"}, {"block", false, "192.0.2.0/24"}};
      ses::receipt_rows::save(db, {}, setup);
    }
  });
}

// As receive/intake.cc asks, for addresses that the last rule takes.
double rcpt_microseconds(std::size_t accounts, const std::string& folder) {
  store::StoreOptions options;
  options.folder = folder;
  options.durable = false;
  auto store = store::Store::open(options, ses::schema_steps());
  const auto keyring = ses::Keyring::ephemeral();
  ses::Settings settings;
  base::SystemClock clock;
  base::SystemRandom random;
  fill(*store, keyring, accounts);
  ses::Identities identities(*store, keyring, settings, clock, random);
  identities.load();
  ses::Receipt receipt(*store, identities, clock);
  receipt.load();

  constexpr int kTimes = 20000;
  std::size_t taken = 0, n = 0;
  const double cost = microseconds(kTimes, [&] {
    const auto address = "box9@" + domain_of(n++ * 7919 % accounts);
    for (const auto& setup : receipt.receiving_for(address))
      for (const auto& rule : setup->active_set()->rules)
        if (rule.enabled && ses::rule_matches(rule, address) &&
            ses::filter_verdict(setup->filters, "192.0.2.1") != ses::FilterVerdict::blocked)
          ++taken;
  });
  std::printf("%6zu accounts: %8.2f us a recipient%s\n", accounts, cost, taken == kTimes ? "" : "  FAILED");
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t accounts = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10000;
  auto folder = (std::filesystem::temp_directory_path() / "takers-XXXXXX").string();
  if (accounts == 0 || !::mkdtemp(folder.data())) return 1;
  const double few = rcpt_microseconds(1, folder + "/one");
  const double many = rcpt_microseconds(accounts, folder + "/many");
  std::printf("%zu against 1: %.2f times as much\n", accounts, many / few);
  std::filesystem::remove_all(folder);
  return 0;
}
