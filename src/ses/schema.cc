#include "ses/schema.h"

namespace ses {
namespace {

// Times are milliseconds since 1970, booleans 0 or 1. Recipients carry what a node needs to claim them
// (ARCHITECTURE 3.8); the store of one node owns every shard, with epoch 0.
constexpr const char* kStep1 = R"sql(
CREATE TABLE installation (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
);

CREATE TABLE account (
  account TEXT NOT NULL, region TEXT NOT NULL,
  sandbox INTEGER NOT NULL, max_24h REAL NOT NULL, max_rate REAL NOT NULL,
  sending_enabled INTEGER NOT NULL, paused_reason TEXT NOT NULL,
  PRIMARY KEY (account, region)
);
CREATE TABLE sent_minute (
  account TEXT NOT NULL, region TEXT NOT NULL, minute INTEGER NOT NULL, recipients INTEGER NOT NULL,
  PRIMARY KEY (account, region, minute)
);
CREATE TABLE send_point (
  account TEXT NOT NULL, region TEXT NOT NULL, start INTEGER NOT NULL,
  attempts INTEGER NOT NULL, bounces INTEGER NOT NULL, complaints INTEGER NOT NULL, rejects INTEGER NOT NULL,
  PRIMARY KEY (account, region, start)
);

CREATE TABLE principal (
  account TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY (account, name)
);
CREATE TABLE access_key (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, secret BLOB NOT NULL,
  active INTEGER NOT NULL, created INTEGER NOT NULL
);

CREATE TABLE identity (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  status TEXT NOT NULL, token TEXT NOT NULL,
  dkim_origin TEXT NOT NULL, dkim_enabled INTEGER NOT NULL, dkim_status TEXT NOT NULL, dkim_tokens TEXT NOT NULL,
  dkim_selector TEXT NOT NULL, dkim_bits INTEGER NOT NULL, dkim_next_bits INTEGER NOT NULL, dkim_made INTEGER,
  dkim_own INTEGER NOT NULL, dkim_changes INTEGER NOT NULL,
  dkim_started INTEGER, dkim_failing INTEGER, dkim_key BLOB,
  feedback_forwarding INTEGER NOT NULL, configuration_set TEXT, tags TEXT NOT NULL,
  created INTEGER NOT NULL, verification_started INTEGER NOT NULL, last_checked INTEGER, last_success INTEGER,
  failing INTEGER, error_type TEXT NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE generation (
  noun TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL
);
CREATE TABLE custom_verification (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL,
  content TEXT NOT NULL, success_url TEXT NOT NULL, failure_url TEXT NOT NULL, tags TEXT NOT NULL,
  changed INTEGER NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE system_mail (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, recipient TEXT NOT NULL,
  sender TEXT NOT NULL, null_sender INTEGER NOT NULL, subject TEXT NOT NULL, plain TEXT NOT NULL,
  html TEXT NOT NULL, created INTEGER NOT NULL
);

CREATE TABLE body (
  id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB, file TEXT
);
CREATE TABLE message (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region TEXT NOT NULL,
  accepted INTEGER NOT NULL, expires INTEGER NOT NULL, body INTEGER NOT NULL, size INTEGER NOT NULL,
  sender TEXT NOT NULL, signer TEXT NOT NULL, flags INTEGER NOT NULL, meta TEXT NOT NULL, signature TEXT
);
CREATE TABLE recipient (
  message INTEGER NOT NULL, n INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, tenant TEXT NOT NULL,
  domain TEXT NOT NULL, shard INTEGER NOT NULL, due INTEGER NOT NULL, state INTEGER NOT NULL,
  epoch INTEGER NOT NULL, attempts INTEGER NOT NULL, address TEXT NOT NULL,
  PRIMARY KEY (message, n)
);
CREATE INDEX recipient_due ON recipient (due) WHERE state = 0;
CREATE TABLE trace (
  message INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (message, n)
);
CREATE TABLE event (
  message INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (message, n)
);
CREATE TABLE retried_call (
  key_id TEXT NOT NULL, invocation TEXT NOT NULL, message_id TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (key_id, invocation)
);
CREATE INDEX retried_call_at ON retried_call (at);
)sql";

}  // namespace

const std::vector<std::string>& schema_steps() {
  static const std::vector<std::string> steps = {kStep1};
  return steps;
}

}  // namespace ses
