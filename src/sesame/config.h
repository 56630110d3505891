// Config: what the operator or developer chose, from sesame.toml (serve) or the command line and environment
// (dev). Values are checked when read; faults name the key. Fixed from start to end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deliver/dispatcher.h"
#include "net/endpoint.h"
#include "receive/receiver.h"
#include "ses/audit.h"
#include "ses/login_throttle.h"
#include "ses/settings.h"

namespace sesame {

struct SmtpPort {
  net::Endpoint endpoint;
  bool tls_from_start = false;
};

// The doors for mail from outside.
struct Inbound {
  std::vector<net::Endpoint> listen;    // where IP filters turn clients away at connect
  std::vector<net::Endpoint> feedback;  // where they do not: for what comes back alone
  std::string certificate, key;         // empty: those of [smtp]
  std::size_t connections_per_source = 50;
  double connection_rate = 600, mail_rate = 6000;  // a minute and source; 0: any
  bool may_be_taken = false;                       // dev: a port in use is no reason not to start
};

struct Config {
  ses::Settings settings;
  deliver::Options delivery;
  bool strict_auth = true;
  ses::AuditOptions audit;
  ses::ThrottleLimits throttle;

  std::string data;             // empty: a temporary folder, gone at the end (dev)
  std::string master_key_file;  // empty: DATA/master.key
  std::string ready_file;       // told when all ports are open

  std::vector<net::Endpoint> http;
  std::string http_certificate, http_key;
  std::size_t http_connections_per_source = 1024, smtp_connections_per_source = 100;
  std::vector<SmtpPort> smtp;
  std::string smtp_certificate, smtp_key;
  receive::ReceiverOptions receiving;
  Inbound inbound;

  net::Endpoint dns;        // empty address: the system's resolver
  std::size_t threads = 0;  // loops; 0: one per core
  std::string log_level = "info";
  double management_rate = 1;  // of each action but sends, calls a second (SES §7); 0: any

  bool durable() const { return !data.empty(); }
};

// Throws std::runtime_error with the file's name, the key and what is wrong with it.
Config read_config(const std::string& file);

// Shared by the file and the command line; throws std::runtime_error naming `what`.
net::Endpoint endpoint_of(const std::string& text, const std::string& what);

}  // namespace sesame
