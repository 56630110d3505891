#include "receive/scan_rspamd.h"

#include <algorithm>
#include <array>

namespace receive {
namespace {

constexpr std::size_t kMostRecipients = 100;
constexpr std::array<std::string_view, 2> kSpam = {"reject", "discard"};
constexpr std::array<std::string_view, 5> kUndecided = {"add header", "rewrite subject", "greylist",
                                                        "soft reject", "quarantine"};

// What can stand in a header.
std::string clean(std::string_view text) {
  std::string out;
  for (char c : text)
    if (static_cast<unsigned char>(c) > ' ' && c != 0x7f) out += c;
  return out;
}

}  // namespace

net::HttpClientOptions rspamd_limits() {
  net::HttpClientOptions limits;
  limits.max_body = 1u << 20;
  limits.call_timeout = kScanTime;
  limits.least_rate = 0;
  return limits;
}

net::HttpCall rspamd_call(const net::HttpUrl& rspamd, const ses::ReceivedMail& mail) {
  net::HttpCall call{rspamd.site, "POST", rspamd.target, {}, mail.content};
  call.site.trusted = true;  // the operator named it
  if (!call.target.ends_with("/checkv2")) call.target += call.target.ends_with('/') ? "checkv2" : "/checkv2";
  call.headers = {{"From", clean(mail.sender)},
                  {"IP", clean(mail.source_ip)},
                  {"Helo", clean(mail.helo)},
                  {"Queue-Id", mail.id}};
  for (std::size_t i = 0; i < std::min(mail.recipients.size(), kMostRecipients); ++i)
    call.headers.emplace_back("Rcpt", clean(mail.recipients[i]));
  return call;
}

Scanned read_rspamd_answer(int status, std::string_view body) {
  if (status != 200) return not_scanned("HTTP status " + std::to_string(status));
  const auto action = ses::json_text_member(body, "action");
  if (action == "no action") return {"PASS", ""};
  const auto among = [&](const auto& actions) {
    return std::find(actions.begin(), actions.end(), action) != actions.end();
  };
  if (among(kSpam)) return {"FAIL", action};
  if (among(kUndecided)) return {"GRAY", action};
  return not_scanned(action.empty() ? "the answer names no action" : "the action " + action);
}

base::Task<Scanned> scan_by_rspamd(net::HttpClient* http, net::HttpCall call) {
  auto calling = http->call(std::move(call));
  const auto answer = co_await calling;
  if (!answer) co_return not_scanned(answer.error());
  co_return read_rspamd_answer(answer->status, answer->body);
}

}  // namespace receive
