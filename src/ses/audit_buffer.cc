#include "ses/audit_buffer.h"

#include <algorithm>
#include <iterator>

#include "base/encoding.h"

namespace ses {
namespace {

constexpr std::size_t kMostText = 256, kMostShort = 128, kMostResources = 10;
// Beyond AuditOptions::most_denials there is room for so many sources more.
constexpr std::size_t kMostSources = 1024;
constexpr const char* kSeveral = "*";

void clean(std::string& text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  const bool plain = base::is_ascii(text);
  const bool known = plain || base::is_utf8(text);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || (!known && static_cast<unsigned char>(c) > 0x7f))
      c = '?';
}

// All but the time and the request id.
std::string key_of(const AccessRecord& r) {
  std::string key;
  key.reserve(256);
  for (const auto* part : {&r.account, &r.region, &r.principal_arn, &r.access_key_id, &r.source_ip,
                           &r.user_agent, &r.api, &r.action, &r.policy, &r.sid}) {
    key += *part;
    key += '\0';
  }
  key += static_cast<char>('0' + static_cast<int>(r.effect));
  key += std::to_string(r.statement);
  for (const auto& resource : r.resources) {
    key += '\0';
    key += resource;
  }
  return key;
}

void count_in(AuditEntry& known, const AuditEntry& more) {
  known.record.when = std::min(known.record.when, more.record.when);
  known.last = std::max(known.last, more.last);
  known.count += more.count;
}

// What is left of a denial when there are too many different ones.
AuditEntry without_detail(const AuditEntry& entry, std::string source) {
  AuditEntry out;
  out.record.when = entry.record.when;
  out.record.effect = entry.record.effect;
  out.record.source_ip = std::move(source);
  out.record.action = kSeveral;
  out.last = entry.last;
  out.count = entry.count;
  return out;
}

std::int64_t minute_of(const AuditEntry& entry) { return base::to_millis(entry.record.when) / 60000; }

bool is_send(const AccessRecord& record) { return record.action.starts_with("ses:Send"); }

}  // namespace

void normalise(AccessRecord& r) {
  for (auto* text : {&r.principal_arn, &r.user_agent, &r.policy, &r.sid}) clean(*text, kMostText);
  for (auto* text : {&r.request_id, &r.account, &r.region, &r.access_key_id, &r.source_ip, &r.api, &r.action})
    clean(*text, kMostShort);
  if (r.resources.size() > kMostResources) {
    r.resources.resize(kMostResources);
    r.resources.emplace_back("...");
  }
  for (auto& resource : r.resources) clean(resource, kMostText);
}

bool AuditBuffer::Entries::count_if_known(const std::string& key, const AuditEntry& entry) {
  const auto at = places.find(key);
  if (at == places.end()) return false;
  count_in(all[at->second], entry);
  return true;
}

void AuditBuffer::Entries::add(std::string key, AuditEntry entry) {
  places.emplace(std::move(key), all.size());
  all.push_back(std::move(entry));
}

void AuditBuffer::Entries::move_to(std::vector<AuditEntry>& out) {
  std::ranges::move(all, std::back_inserter(out));
  all.clear();
  places.clear();
}

void AuditBuffer::add(AuditEntry entry) {
  if (entry.record.effect != Effect::allowed) return add_denial(std::move(entry));
  if (options_.allows == AuditAllows::folded && is_send(entry.record)) return fold_allow(std::move(entry));
  add_allow(std::move(entry));
}

void AuditBuffer::add_denial(AuditEntry entry) {
  auto key = key_of(entry.record);
  if (denials_.count_if_known(key, entry)) return;
  if (denials_.size() >= options_.most_denials) {
    const bool room = denials_.size() < options_.most_denials + kMostSources;
    entry = without_detail(entry, room ? entry.record.source_ip : kSeveral);
    key = key_of(entry.record);
    if (denials_.count_if_known(key, entry)) return;
  }
  denials_.add(std::move(key), std::move(entry));
}

void AuditBuffer::add_allow(AuditEntry entry) {
  if (allows_.size() + folded_.size() >= options_.most_allows) return drop(entry);
  allows_.push_back(std::move(entry));
}

void AuditBuffer::fold_allow(AuditEntry entry) {
  if (auto minute = minute_of(entry); minute != minute_) {
    end_minute();
    minute_ = minute;
  }
  auto key = key_of(entry.record);
  if (folded_.count_if_known(key, entry)) return;
  if (allows_.size() + folded_.size() >= options_.most_allows) return drop(entry);
  folded_.add(std::move(key), std::move(entry));
}

void AuditBuffer::end_minute() { folded_.move_to(allows_); }

void AuditBuffer::drop(const AuditEntry& entry) {
  dropped_in_all_ += static_cast<std::uint64_t>(entry.count);
  if (dropped_.count == 0) {
    dropped_.record.when = entry.record.when;
    dropped_.record.action = "audit:Dropped";
    dropped_.last = entry.last;
  }
  count_in(dropped_, entry);
}

std::vector<AuditEntry> AuditBuffer::take(base::WallTime now, bool all) {
  if (all || base::to_millis(now) / 60000 != minute_) end_minute();
  auto out = std::move(allows_);
  allows_.clear();
  out.reserve(out.size() + denials_.size() + 1);
  denials_.move_to(out);
  if (dropped_.count > 0) out.push_back(std::move(dropped_));
  dropped_ = {0, {}, {}, 0};
  std::ranges::stable_sort(out, {}, [](const AuditEntry& entry) { return entry.record.when; });
  return out;
}

void AuditBuffer::put_back(std::vector<AuditEntry> entries) {
  for (auto& entry : entries) {
    if (entry.record.effect != Effect::allowed) {
      add_denial(std::move(entry));
    } else if (entry.record.action == "audit:Dropped") {
      dropped_in_all_ -= static_cast<std::uint64_t>(entry.count);  // counted already
      drop(entry);
    } else {
      add_allow(std::move(entry));
    }
  }
}

}  // namespace ses
