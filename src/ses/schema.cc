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
  enforcement INTEGER NOT NULL, suppressed_bounce INTEGER NOT NULL, suppressed_complaint INTEGER NOT NULL,
  threshold TEXT NOT NULL, threshold_verdict TEXT NOT NULL, details TEXT NOT NULL,
  PRIMARY KEY (account, region)
);
CREATE TABLE account_feature (
  account TEXT NOT NULL, region TEXT NOT NULL, auto_warmup INTEGER NOT NULL,
  vdm_enabled INTEGER, engagement_metrics INTEGER NOT NULL, optimized_shared_delivery INTEGER NOT NULL,
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
CREATE TABLE suppressed (
  account TEXT NOT NULL, region TEXT NOT NULL, address TEXT NOT NULL, reason INTEGER NOT NULL,
  updated INTEGER NOT NULL, message_id TEXT NOT NULL, feedback_id TEXT NOT NULL,
  PRIMARY KEY (account, region, address)
);
CREATE INDEX suppressed_updated ON suppressed (account, region, reason, updated, address);

CREATE TABLE principal (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,
  lower_name TEXT NOT NULL, path TEXT NOT NULL, created INTEGER NOT NULL, boundary TEXT NOT NULL, tags TEXT NOT NULL,
  description TEXT NOT NULL, trust TEXT NOT NULL, max_session INTEGER NOT NULL, used INTEGER,
  used_region TEXT NOT NULL,
  UNIQUE (account, kind, lower_name)
);
CREATE INDEX principal_name ON principal (account, kind, name);
CREATE INDEX principal_boundary ON principal (boundary) WHERE boundary <> '';
CREATE TABLE principal_member (
  group_id TEXT NOT NULL, user_id TEXT NOT NULL,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX principal_member_user ON principal_member (user_id);
CREATE TABLE inline_policy (
  principal TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (principal, name)
);
CREATE TABLE attached_policy (
  principal TEXT NOT NULL, arn TEXT NOT NULL,
  PRIMARY KEY (principal, arn)
);
CREATE INDEX attached_policy_arn ON attached_policy (arn);
CREATE TABLE managed_policy (
  arn TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
  lower_name TEXT NOT NULL, path TEXT NOT NULL, description TEXT NOT NULL, default_version INTEGER NOT NULL,
  last_version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, tags TEXT NOT NULL,
  UNIQUE (account, lower_name)
);
CREATE TABLE managed_policy_version (
  arn TEXT NOT NULL, number INTEGER NOT NULL, document TEXT NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY (arn, number)
);
CREATE TABLE access_key (
  id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, owner TEXT NOT NULL, secret BLOB NOT NULL,
  active INTEGER NOT NULL, created INTEGER NOT NULL, used INTEGER, used_service TEXT NOT NULL,
  used_region TEXT NOT NULL
);
CREATE INDEX access_key_owner ON access_key (account, owner);
CREATE TABLE access_record (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
  effect INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, principal TEXT NOT NULL,
  key_id TEXT NOT NULL, source TEXT NOT NULL, user_agent TEXT NOT NULL, api TEXT NOT NULL, action TEXT NOT NULL,
  resources TEXT NOT NULL, policy TEXT NOT NULL, statement INTEGER NOT NULL, sid TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX access_record_at ON access_record (at);
CREATE INDEX access_record_principal ON access_record (principal, id);
CREATE INDEX access_record_key ON access_record (key_id, id);
CREATE INDEX access_record_action ON access_record (action, id);
CREATE INDEX access_record_denied ON access_record (id) WHERE effect <> 0;

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
  mail_from TEXT NOT NULL, mail_from_reject INTEGER NOT NULL, mail_from_status TEXT NOT NULL,
  mail_from_started INTEGER, mail_from_checked INTEGER, mail_from_failing INTEGER,
  bounce_topic TEXT NOT NULL, complaint_topic TEXT NOT NULL, delivery_topic TEXT NOT NULL,
  notification_headers INTEGER NOT NULL, dkim_next_selector TEXT NOT NULL, dkim_next_key BLOB,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE configuration_set (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  sending_enabled INTEGER NOT NULL, last_fresh_start INTEGER, reputation_metrics INTEGER NOT NULL,
  tls_required INTEGER, sending_pool TEXT, max_delivery INTEGER, redirect_domain TEXT, https_policy TEXT,
  suppression INTEGER NOT NULL, suppressed_reasons TEXT, suppression_scope TEXT, threshold_enabled TEXT,
  verdict_threshold TEXT, engagement_metrics TEXT, optimized_shared_delivery TEXT, archive_arn TEXT,
  signing_scheme TEXT, tags TEXT NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE event_destination (
  account TEXT NOT NULL, region TEXT NOT NULL, configuration_set TEXT NOT NULL, n INTEGER NOT NULL,
  name TEXT NOT NULL, enabled INTEGER NOT NULL, events TEXT NOT NULL, target TEXT NOT NULL, arn TEXT NOT NULL,
  role_arn TEXT NOT NULL, dimensions TEXT NOT NULL,
  PRIMARY KEY (account, region, configuration_set, n)
);
CREATE TABLE identity_policy (
  account TEXT NOT NULL, region TEXT NOT NULL, identity TEXT NOT NULL, name TEXT NOT NULL, policy TEXT NOT NULL,
  PRIMARY KEY (account, region, identity, name)
);
CREATE TABLE identity_certificate (
  account TEXT NOT NULL, region TEXT NOT NULL, identity TEXT NOT NULL, sender TEXT NOT NULL, arn TEXT NOT NULL,
  PRIMARY KEY (account, region, identity, sender)
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
CREATE TABLE receipt_rule_set (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, active INTEGER NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE receipt_rule (
  account TEXT NOT NULL, region TEXT NOT NULL, rule_set TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL,
  enabled INTEGER NOT NULL, scan INTEGER NOT NULL, tls_required INTEGER NOT NULL,
  recipients TEXT NOT NULL, actions TEXT NOT NULL,
  PRIMARY KEY (account, region, rule_set, n)
);
CREATE TABLE receipt_filter (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, allow INTEGER NOT NULL, cidr TEXT NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE TABLE received (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, account TEXT NOT NULL,
  region TEXT NOT NULL, received INTEGER NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, source_ip TEXT NOT NULL,
  helo TEXT NOT NULL, tls TEXT NOT NULL, size INTEGER NOT NULL, head BLOB NOT NULL, plan TEXT NOT NULL,
  state INTEGER NOT NULL, due INTEGER NOT NULL, step INTEGER NOT NULL, attempts INTEGER NOT NULL,
  began INTEGER NOT NULL, goes_on INTEGER NOT NULL, verdicts TEXT NOT NULL, added TEXT NOT NULL, results TEXT NOT NULL
);
CREATE INDEX received_due ON received (due, seq, account, region, size) WHERE state = 0;
CREATE INDEX received_at ON received (received);
CREATE INDEX received_head ON received (received) WHERE state = 1 AND head <> '';
CREATE TABLE received_body (
  seq INTEGER PRIMARY KEY, data BLOB, file TEXT
);
CREATE TABLE system_mail (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, recipient TEXT NOT NULL,
  sender TEXT NOT NULL, null_sender INTEGER NOT NULL, subject TEXT NOT NULL, plain TEXT NOT NULL,
  html TEXT NOT NULL, created INTEGER NOT NULL
);

CREATE TABLE template (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL,
  created INTEGER NOT NULL, tags TEXT NOT NULL,
  PRIMARY KEY (account, region, name)
);
CREATE INDEX template_number ON template (account, region, number);
CREATE TABLE template_version (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, subject TEXT, plain TEXT, html TEXT, retired INTEGER
);
CREATE INDEX template_version_retired ON template_version (retired) WHERE retired IS NOT NULL;
CREATE TABLE contact_list (
  id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
  tags TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  UNIQUE (account, region, name)
);
CREATE TABLE contact_topic (
  list INTEGER NOT NULL, id INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
  display_name TEXT NOT NULL, description TEXT, by_default INTEGER NOT NULL,
  PRIMARY KEY (list, id)
);
CREATE TABLE contact (
  list INTEGER NOT NULL, address TEXT NOT NULL, unsubscribed INTEGER NOT NULL, choices TEXT NOT NULL,
  attributes TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (list, address)
) WITHOUT ROWID;
CREATE INDEX contact_number ON contact (list, number);
CREATE INDEX contact_unsubscribed ON contact (list, address) WHERE unsubscribed = 1;
CREATE TABLE contact_choice (
  list INTEGER NOT NULL, topic INTEGER NOT NULL, status INTEGER NOT NULL, address TEXT NOT NULL,
  PRIMARY KEY (list, topic, status, address)
) WITHOUT ROWID;
CREATE TABLE contact_gone (
  list INTEGER NOT NULL, topic INTEGER NOT NULL,
  PRIMARY KEY (list, topic)
);

CREATE TABLE body (
  id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB, file TEXT
);
CREATE TABLE message (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region TEXT NOT NULL,
  accepted INTEGER NOT NULL, expires INTEGER NOT NULL, body INTEGER NOT NULL, size INTEGER NOT NULL,
  sender TEXT NOT NULL, signer TEXT NOT NULL, flags INTEGER NOT NULL, meta TEXT NOT NULL, signature TEXT,
  own BLOB
);
CREATE TABLE recipient (
  message INTEGER NOT NULL, n INTEGER NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, tenant TEXT NOT NULL,
  domain TEXT NOT NULL, shard INTEGER NOT NULL, due INTEGER NOT NULL, state INTEGER NOT NULL,
  epoch INTEGER NOT NULL, attempts INTEGER NOT NULL, address TEXT NOT NULL,
  feedback INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (message, n)
);
CREATE INDEX recipient_due ON recipient (due) WHERE state = 0;
CREATE TABLE trace (
  id INTEGER PRIMARY KEY, message INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX trace_message ON trace (message);
CREATE TABLE event (
  id INTEGER PRIMARY KEY, message INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
  outgoing_ip TEXT NOT NULL
);
CREATE INDEX event_message ON event (message);
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
