// The text of an SPF record (RFC 7208 §4.5, §5, §6) read into terms, all of its syntax checked, and the
// macros in it (§7). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/ip_address.h"

namespace mail {

struct SpfTerm {
  enum Kind { all, include, a, mx, ptr, ip4, ip6, exists };
  Kind kind = all;
  char qualifier = '+';
  std::string domain;  // the domain-spec, macros in it; empty: the domain that is checked
  std::optional<IpAddress> network;
  int prefix4 = 32, prefix6 = 128;
  std::string text;  // as written
};

struct SpfRecord {
  std::vector<SpfTerm> terms;
  std::optional<std::string> redirect;
};

// Of version 1: "v=spf1" and then a blank or nothing (§4.5).
bool is_spf_record(std::string_view txt);
// A record of that kind; the fault says what is wrong in it. exp= is checked and dropped: explanations are
// not fetched (§6.2 lets us), for they are text a stranger wrote.
base::Result<SpfRecord, std::string> parse_spf_record(std::string_view txt);

struct SpfMacros {
  std::string sender;  // local@domain
  std::string domain;  // the current <domain>
  std::string helo;
  IpAddress client;
  std::string validated = "unknown";  // %{p}
};
// Whether the text asks for %{p}, which costs look-ups.
bool spf_uses_validated(std::string_view domain_spec);
// The target name: macros replaced, shortened from the left to 253 octets (§7.3), no final dot. nullopt where
// the outcome is no name that can be looked up.
std::optional<std::string> expand_spf_domain(std::string_view domain_spec, const SpfMacros& macros);

}  // namespace mail
