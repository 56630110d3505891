// Settings the nouns go by: what the operator configured, fixed from start to end of the process. Made by
// sesame/.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ses {

enum class VerifyMode { instant, dns };

struct Settings {
  bool dev = false;
  std::string service_domain = "sesame.localhost";  // stands where SES shows amazonses.com (ARCHITECTURE §5)
  std::string link_base;                            // "https://ses.example.net", public links start here
  std::vector<std::string> regions;                 // serve: those configured; empty: any (dev)
  std::string dev_account = "000000000000";
  VerifyMode verify = VerifyMode::dns;
  bool auto_verify = false;  // dev: any From may send
  bool sandbox = false;      // of accounts that have no row of their own
  double max_24h = 50000;
  double max_rate = 14;
  bool strict_templates = false;  // dev: what cannot be rendered refuses the call
  bool receives = false;          // a port for mail from outside is open
  bool dkim_ed25519 = false;      // a second signature, by a key beside each RSA one (RFC 8463)
  bool smtputf8 = false;          // non-ASCII addresses are taken (a superset of SES)
  std::chrono::milliseconds lifetime{std::chrono::hours{14}};
  std::chrono::hours retention{24 * 14};  // traces and finished messages are kept this long
};

// Ends the selector of the Ed25519 key that stands beside an RSA key: TOKEN-ed25519._domainkey.DOMAIN.
inline constexpr const char* kEd25519Suffix = "-ed25519";

}  // namespace ses
