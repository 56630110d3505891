// An attempt: one connection to a site and the mails that go over it, each as one transaction.
#include <algorithm>

#include "base/log.h"
#include "deliver/shard.h"
#include "smtp/client.h"

namespace deliver {
namespace {

constexpr std::chrono::milliseconds kIdle{2000};
constexpr std::size_t kMaxAddresses = 5;  // tried for one connection

using Session = std::unique_ptr<smtp::ClientSession>;

struct Opened {
  Session session;
  Attempt attempt;
  Classified failure;  // when there is no session
};

std::chrono::milliseconds since(net::Deadline start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(net::Steady::now() - start);
}

smtp::ClientOptions client_options(const Core& core, const Site& site, const RouteHost& host) {
  const auto& o = core.options;
  smtp::ClientOptions c;
  c.server_name = host.name;
  c.helo_name = o.helo_name;
  c.tls = site.tls_required ? smtp::TlsUse::required : smtp::TlsUse::opportunistic;
  c.tls_context = core.tls.get();
  c.server.port = o.smtp_port;
  if (o.mode == Mode::relay) {
    c.server = o.relay;
    c.tls_from_start = o.relay_tls_from_start;
    c.credentials = o.relay_credentials;
    c.allow_plain_auth = o.relay_plain_auth;
    if (o.relay_tls_required) c.tls_context = core.relay_tls.get();
  }
  return c;
}

base::Task<Opened> open_one(Core* core, SitePtr site, RouteHost host, std::string address) {
  Opened out;
  auto options = client_options(*core, *site, host);
  options.server.address = address;
  out.attempt.site = site->name;
  out.attempt.host = host.name;
  out.attempt.address = options.server.text();
  out.attempt.remote_ip = address;
  auto session = co_await smtp::ClientSession::open(std::move(options));
  if (session.ok()) {
    out.session = std::move(*session);
    if (const auto* tls = out.session->tls()) out.attempt.tls = *tls;
    out.attempt.local_ip = out.session->local_address();
  } else {
    out.attempt.phase = smtp::to_string(session.error().phase);
    out.failure = classify_failure(session.error());
    if (session.error().tls_not_offered && site->tls_by_policy) {
      out.failure.verdict = Verdict::bounce;
      out.failure.status = "5.7.10";
    }
  }
  co_return out;
}

// Tries the site's hosts in order, at most kMaxAddresses addresses in all; the last failure counts.
base::Task<Opened> open_session(Core* core, SitePtr site) {
  Opened last;
  last.attempt.site = site->name;
  last.attempt.phase = "route";
  last.failure = {Verdict::bounce, "5.4.4", "no host of the domain has an address"};
  std::size_t tried = 0;
  auto hosts = site->hosts;
  for (auto& host : hosts) {
    auto addresses = host.addresses;
    if (addresses.empty()) {
      AddressFamilies families{core->options.ipv4, core->options.ipv6};
      auto answer = co_await find_addresses(core->env.resolver, host.name, families, core->env.random);
      for (auto& record : answer.records) addresses.push_back(std::move(record.value));
      if (answer.status == net::DnsAnswer::failed)
        last.failure = {Verdict::retry, "4.4.3", "DNS look-up of " + host.name + " failed: " + answer.detail};
    }
    for (auto& address : addresses) {
      if (tried++ == kMaxAddresses) co_return last;
      last = co_await open_one(core, site, host, address);
      if (last.session) co_return last;
    }
  }
  co_return last;
}

smtp::Envelope envelope_of(const Job& job) {
  smtp::Envelope e;
  e.from = job.mail().sender;
  for (const auto& r : job.recipients) e.recipients.push_back(r.address);
  e.smtputf8 = job.mail().flags & ses::kSmtpUtf8;
  e.eight_bit = job.mail().flags & ses::kEightBit;
  return e;
}

// SES §12.3: the last header, when and from where it left. Not signed: each attempt has its own.
std::string outgoing_header(base::WallTime now, const std::string& local_ip) {
  auto day = base::iso8601(now).substr(0, 10);
  std::replace(day.begin(), day.end(), '-', '.');
  return "X-SES-Outgoing: " + day + "-" + local_ip + "\r\n";
}

// The mail with that header behind its own.
std::vector<std::string_view> parts_of(const compose::Wire& wire, std::string_view outgoing) {
  std::string_view content = *wire.content;
  auto end = content.find("\r\n\r\n");
  auto head = content.substr(0, end == content.npos ? 0 : end + 2);
  return {*wire.signature, head, outgoing, content.substr(head.size())};
}

// A kept connection that died, or was told to go, before it took anything of this mail: no attempt was made.
bool stale(const smtp::TransactionResult& result, std::size_t mails_before) {
  if (!mails_before || !result.failure || result.in_doubt) return false;
  const auto& f = *result.failure;
  bool went = f.io() || (f.reply && f.reply->code == 421);
  return went && f.phase == smtp::Phase::mail;
}

}  // namespace

base::Task<JobPtr> Shard::wait_for_job(SitePtr site) {
  if (auto job = next_job(*site)) co_return job;
  if (core_.stopping) co_return nullptr;
  base::OneShot<bool> woken;
  site->idle.push_back(woken);
  auto timer = std::make_unique<net::Timer>(loop_);
  auto* held = site.get();
  // Whoever takes the entry out of the list sets it: exactly one of the two does.
  timer->at(net::Steady::now() + kIdle, [held, woken, site] {
    if (held->idle.empty()) return;
    auto it = held->idle.begin();  // the oldest waits longest
    auto first = *it;
    held->idle.erase(it);
    first.set(false);
  });
  bool work = co_await woken;
  timer->cancel();
  if (!work) co_return nullptr;
  co_return next_job(*site);
}

base::Task<void> Shard::smtp_worker(SitePtr site) {
  auto started = net::Steady::now();
  auto opened = co_await open_session(&core_, site);
  if (!opened.session) {
    site->trouble = opened.failure.diagnostic;
    if (site->sessions == 0) {
      // Nobody else has a way in: what waits shares this outcome, so a dead site costs one attempt, not one a
      // mail.
      Report report;
      report.attempt = opened.attempt;
      report.attempt.took = since(started);
      report.recipients.push_back(opened.failure);
      fail_all(site, std::move(report));
    }
    worker_ended(std::move(site));
    co_return;
  }
  site->trouble.clear();
  ++site->sessions;
  auto session = std::move(opened.session);
  std::size_t mails = 0;
  while (auto job = co_await wait_for_job(site)) {
    if (!session->usable()) {
      site->waiting.push_front(std::move(job));
      break;
    }
    std::optional<compose::Wire> wire;
    std::string trouble;
    std::optional<compose::RenderFailure> unmade;
    try {
      wire = co_await core_.env.composer.finish(job->draft);
    } catch (const compose::Unrenderable& e) {
      unmade = e.failure;
    } catch (const std::exception& e) {
      trouble = e.what();
    }
    Report report;
    report.attempt = opened.attempt;
    if (wire) {
      auto begun = net::Steady::now();
      auto envelope = envelope_of(*job);
      auto outgoing = outgoing_header(core_.env.clock.now(), opened.attempt.local_ip);
      auto parts = parts_of(*wire, outgoing);
      // A far end may take its time to answer; its mail need not lie in memory meanwhile.
      envelope.written = [&wire] { wire.reset(); };
      auto result = co_await session->send(std::move(envelope), std::move(parts));
      if (stale(result, mails)) {
        site->waiting.push_front(std::move(job));
        break;
      }
      report.attempt.took = since(begun);
      report.attempt.in_doubt = result.in_doubt;
      if (result.failure) report.attempt.phase = smtp::to_string(result.failure->phase);
      for (std::size_t i = 0; i < job->recipients.size(); ++i)
        report.recipients.push_back(classify_recipient(result, i));
      ++mails;
    } else if (!trouble.empty()) {
      base::log_error("composing {} failed: {}", job->mail().id.str(), trouble);
      report.attempt.phase = "compose";
      Classified c;
      c.status = "4.3.0";
      c.diagnostic = "composing failed: " + trouble;
      report.recipients.assign(job->recipients.size(), c);
    }
    report.unmade = unmade;
    co_await write_down(std::move(job), std::move(report));
    if (!session->usable() || mails >= core_.options.site_mails_per_connection) break;
  }
  if (session->usable()) co_await session->quit();
  session.reset();
  --site->sessions;
  worker_ended(std::move(site));
}

}  // namespace deliver
