"""IAM and STS by Debian's `aws` command, as people use it: all of a user's, a group's, a role's and a policy's life, who
may do what and why not, and temporary credentials."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame, clean_environment  # noqa: E402

suite = Suite("iam.cli")
server = Sesame().start()
folder = tempfile.mkdtemp(prefix="sesame-test-", dir=server.folder)
ROOT = {"AccessKeyId": "any", "SecretAccessKey": "any"}
SEND = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}
ACCOUNT = "arn:aws:iam::000000000000:"


def aws(*words, by=None, succeed=True):
    by = by or ROOT
    environment = {**clean_environment(), "AWS_ACCESS_KEY_ID": by["AccessKeyId"],
                   "AWS_SECRET_ACCESS_KEY": by["SecretAccessKey"], "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PAGER": "",
                   "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    if "SessionToken" in by:
        environment["AWS_SESSION_TOKEN"] = by["SessionToken"]
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", server.url, "--output", "json", *words],
                          capture_output=True, text=True, timeout=120, env=environment, check=False)
    if succeed != (done.returncode == 0):
        raise AssertionError(f"aws {' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}")
    return (json.loads(done.stdout) if done.stdout.strip() else {}) if succeed else done.stderr


def iam(*words, **kwargs):
    return aws("iam", *words, **kwargs)


def file_of(document, name):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(document, out, indent=2)
    return "file://" + path


@suite.case
def a_user_from_first_to_last():
    user = ("--user-name", "cli")
    made = iam("create-user", *user, "--path", "/eu/", "--tags", "Key=team,Value=blue")["User"]
    equal((made["Arn"], made["Tags"]), (ACCOUNT + "user/eu/cli", [{"Key": "team", "Value": "blue"}]))
    key = iam("create-access-key", *user)["AccessKey"]
    equal(aws("sts", "get-caller-identity", by=key)["Arn"], made["Arn"])
    document = file_of(SEND, "send.json")
    iam("put-user-policy", *user, "--policy-name", "send", "--policy-document", document)
    equal(iam("get-user-policy", *user, "--policy-name", "send")["PolicyDocument"], SEND)
    policy = iam("create-policy", "--policy-name", "send", "--policy-document", document)["Policy"]["Arn"]
    iam("attach-user-policy", *user, "--policy-arn", policy)
    iam("create-policy-version", "--policy-arn", policy, "--policy-document", document, "--set-as-default")
    equal([v["VersionId"] for v in iam("list-policy-versions", "--policy-arn", policy)["Versions"]], ["v2", "v1"])
    told = iam("simulate-principal-policy", "--policy-source-arn", made["Arn"], "--action-names", "ses:SendRawEmail",
               "ses:SendEmail")["EvaluationResults"]
    equal([one["EvalDecision"] for one in told], ["allowed", "implicitDeny"])
    text = iam("delete-user", *user, succeed=False)
    contains(text, "An error occurred (DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must "
                   "detach all policies first.")
    text = iam("list-users", by=key, succeed=False)
    contains(text, f"An error occurred (AccessDenied) when calling the ListUsers operation: User: {made['Arn']} is not "
                   "authorized to perform: iam:ListUsers on resource: * because no identity-based policy allows the "
                   "iam:ListUsers action")
    iam("update-access-key", *user, "--access-key-id", key["AccessKeyId"], "--status", "Inactive")
    equal(iam("list-access-keys", *user)["AccessKeyMetadata"][0]["Status"], "Inactive")
    equal(iam("get-access-key-last-used", "--access-key-id", key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"], "iam")
    iam("delete-access-key", *user, "--access-key-id", key["AccessKeyId"])
    iam("detach-user-policy", *user, "--policy-arn", policy)
    iam("delete-user-policy", *user, "--policy-name", "send")
    iam("delete-policy-version", "--policy-arn", policy, "--version-id", "v1")
    iam("delete-policy", "--policy-arn", policy)
    iam("delete-user", *user)
    equal(iam("list-users")["Users"], [])


@suite.case
def a_group():
    iam("create-group", "--group-name", "senders")
    iam("create-user", "--user-name", "gina")
    iam("add-user-to-group", "--group-name", "senders", "--user-name", "gina")
    iam("attach-group-policy", "--group-name", "senders", "--policy-arn", "arn:aws:iam::aws:policy/AmazonSESFullAccess")
    equal([u["UserName"] for u in iam("get-group", "--group-name", "senders")["Users"]], ["gina"])
    told = iam("simulate-principal-policy", "--policy-source-arn", ACCOUNT + "user/gina", "--action-names", "ses:SendEmail")
    equal(told["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"], "AmazonSESFullAccess")
    details = iam("get-account-authorization-details")
    equal([g["GroupName"] for g in details["GroupDetailList"]], ["senders"])


@suite.case
def a_role():
    role = iam("create-role", "--role-name", "mailer", "--assume-role-policy-document", file_of(TRUST, "trust.json"))["Role"]
    iam("put-role-policy", "--role-name", "mailer", "--policy-name", "p", "--policy-document",
        file_of({**SEND, "Statement": [{**SEND["Statement"][0], "Action": "ses:*"}]}, "all.json"))
    iam("create-user", "--user-name", "robot")
    key = iam("create-access-key", "--user-name", "robot")["AccessKey"]
    asked = ("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "job")
    contains(aws(*asked, by=key, succeed=False), "is not authorized to perform: sts:AssumeRole on resource: " + role["Arn"])
    iam("put-user-policy", "--user-name", "robot", "--policy-name", "assume", "--policy-document", file_of(
        {**SEND, "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]}]}, "assume.json"))
    session = aws(*asked, by=key)["Credentials"]
    equal(aws("sts", "get-caller-identity", by=session)["Arn"], "arn:aws:sts::000000000000:assumed-role/mailer/job")
    aws("ses", "get-send-quota", by=session)
    equal(aws("sts", "get-access-key-info", "--access-key-id", session["AccessKeyId"])["Account"], "000000000000")


@suite.case
def custom_policies_are_simulated():
    told = iam("simulate-custom-policy", "--policy-input-list", json.dumps(SEND), "--action-names", "ses:SendRawEmail",
               "--context-entries", "ContextKeyName=ses:FromAddress,ContextKeyValues=a@x.y,ContextKeyType=string")
    equal(told["EvaluationResults"][0]["EvalDecision"], "allowed")
    contains(iam("create-service-specific-credential", "--user-name", "robot", "--service-name", "ses.amazonaws.com",
                 succeed=False), "(NotSupportedService)")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
