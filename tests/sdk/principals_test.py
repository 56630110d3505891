"""Users, groups, roles, policies and keys as the operator makes them with `sesame iam`, what a change of a key does to
connections that are open, and changing the master key, with the server killed in the middle of it."""

import json
import os
import pathlib
import random
import smtplib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from botocore.exceptions import ClientError  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Production, Sesame, binary, clean_environment, wait_for  # noqa: E402
from harness.tools import smtp_password  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("principals")
server = Sesame("--strict-auth", "--auto-verify").start()
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}
INVALID = (535, b"Authentication Credentials Invalid")


def iam(*words):
    return server.operator("iam", *words)


def refused(*words):
    """What the command says on standard error when the server refuses it."""
    done = subprocess.run([binary(), "iam", "--data", server.addresses["data"], *words], capture_output=True, text=True,
                          timeout=60, env=clean_environment(), check=False)
    equal(done.returncode, 1, "exit code")
    return done.stderr.removeprefix("sesame: ").rstrip("\n")


def policy_file(document, name="policy.json"):
    path = os.path.join(server.folder, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
    return path


def user_with_key(name):
    iam("create-user", name)
    iam("attach-user-policy", name, "AdministratorAccess")
    made = iam("create-access-key", name)
    return made["accessKeyId"], made["secretAccessKey"]


@suite.case
def users():
    made = iam("create-user", "ann", "--path", "/eu/", "--tags", "Team=blue,Cost=1")
    equal(made["arn"], "arn:aws:iam::000000000000:user/eu/ann")
    equal(made["tags"], {"Team": "blue", "Cost": "1"})
    equal(made["userId"][:4], "AIDA")
    equal(iam("get-user", "ann"), made)
    equal([u["userName"] for u in iam("list-users", "--path-prefix", "/eu/")["users"]], ["ann"])
    iam("untag-user", "ann", "Team")
    equal(iam("update-user", "ann", "--new-name", "anna")["arn"], "arn:aws:iam::000000000000:user/eu/anna")
    equal(refused("get-user", "ann"), "The user with name ann cannot be found.")
    equal(refused("create-user", "ANNA"), "User with name ANNA already exists.")
    iam("delete-user", "anna")
    equal(iam("list-users", "--path-prefix", "/eu/")["users"], [])


@suite.case
def groups_and_policies():
    iam("create-user", "gina")
    iam("create-group", "senders")
    iam("add-user-to-group", "senders", "gina")
    equal([u["userName"] for u in iam("list-group-members", "senders")["users"]], ["gina"])
    equal([g["groupName"] for g in iam("list-groups-for-user", "gina")["groups"]], ["senders"])
    iam("put-group-policy", "senders", "raw", "--file", policy_file(POLICY))
    equal(iam("get-group-policy", "senders", "raw")["policyDocument"], POLICY)
    equal([p["policyName"] for p in iam("list-group-policies", "senders")["policies"]], ["raw"])
    equal(refused("put-user-policy", "gina", "bad", "--file", policy_file({"Statement": 1}))[:4] != "", True)
    equal(refused("put-user-policy", "gina", "raw"), "--file names the file of the policy.")
    contains(refused("put-user-policy", "gina", "raw", "--file", "/nothing"), "cannot read /nothing")
    iam("attach-user-policy", "gina", "AmazonSESFullAccess")
    equal(iam("list-attached-user-policies", "gina")["attachedPolicies"],
          [{"policyName": "AmazonSESFullAccess", "policyArn": "arn:aws:iam::aws:policy/AmazonSESFullAccess"}])
    equal(refused("delete-user", "gina"), "Cannot delete entity, must detach all policies first.")
    iam("detach-user-policy", "gina", "AmazonSESFullAccess")
    equal(refused("delete-user", "gina"), "Cannot delete entity, must remove users from group first.")
    iam("remove-user-from-group", "senders", "gina")
    iam("delete-user", "gina")


@suite.case
def managed_policies():
    made = iam("create-policy", "send-raw", "--file", policy_file(POLICY), "--description", "sends")
    equal(made["arn"], "arn:aws:iam::000000000000:policy/send-raw")
    iam("create-role", "mailer", "--file", policy_file(TRUST, "trust.json"), "--max-session-duration", "7200")
    role = iam("get-role", "mailer")
    equal((role["assumeRolePolicyDocument"], role["maxSessionDuration"]), (TRUST, 7200))
    iam("attach-role-policy", "mailer", "send-raw")
    iam("put-role-permissions-boundary", "mailer", "AmazonSESReadOnlyAccess")
    equal(iam("list-entities-for-policy", "send-raw")["entities"],
          [{"arn": "arn:aws:iam::000000000000:role/mailer", "asBoundary": False}])
    equal(iam("create-policy-version", "send-raw", "--file", policy_file(POLICY), "--default")["versionId"], "v2")
    equal([v["versionId"] for v in iam("list-policy-versions", "send-raw")["versions"]], ["v2", "v1"])
    equal(refused("delete-policy", "send-raw"), "Cannot delete a policy attached to entities.")
    iam("detach-role-policy", "mailer", "send-raw")
    iam("delete-role", "mailer")
    iam("delete-policy-version", "send-raw", "v1")
    iam("delete-policy", "send-raw")
    equal([p["policyName"] for p in iam("list-policies")["policies"]],
          ["AdministratorAccess", "AmazonSESFullAccess", "AmazonSESReadOnlyAccess"])


@suite.case
def the_help_names_every_command():
    shown = subprocess.run([binary(), "iam", "--help"], capture_output=True, text=True, check=False).stdout
    for name in ("create-user", "put-role-policy", "attach-group-policy", "smtp-credentials", "rotate-master-key"):
        contains(shown, name)
    contains(refused("nonsense"), "There is no command iam nonsense")


@suite.case
def a_key_made_inactive_holds_on_open_connections():
    key, secret = user_with_key("olga")
    sesv2 = client("sesv2", server, key=key, secret=secret)
    sesv2.get_account()
    host, port = server.smtp
    mail = "From: a@example.com\r\nSubject: x\r\n\r\ny\r\n"
    with smtplib.SMTP(host, port) as smtp:
        smtp.login(key, smtp_password(secret, "us-east-1"))
        smtp.sendmail("a@example.com", ["b@example.net"], mail)
        iam("update-access-key", "olga", key, "inactive")
        error = raises(smtplib.SMTPSenderRefused, smtp.sendmail, "a@example.com", ["c@example.net"], mail)
        equal((error.smtp_code, error.smtp_error), INVALID)
        equal(raises(ClientError, sesv2.get_account).response["Error"]["Code"], "UnrecognizedClientException")
        iam("update-access-key", "olga", key, "active")
        smtp.sendmail("a@example.com", ["d@example.net"], mail)
        sesv2.get_account()
        # In the middle of a message, too.
        smtp.mail("a@example.com")
        smtp.rcpt("e@example.net")
        iam("delete-access-key", "olga", key)
        equal(smtp.data(mail), INVALID)
        equal(smtp.mail("a@example.com"), INVALID)
    server.only_mail(to="d@example.net")
    equal(server.messages(to="c@example.net") + server.messages(to="e@example.net"), [])


@suite.case
def the_last_use_is_told():
    key, secret = user_with_key("lena")
    def used():
        return iam("list-access-keys", "lena")["accessKeys"][0].get("lastUsed")
    equal(used(), None)
    client("sesv2", server, key=key, secret=secret, region="eu-west-1").get_account()
    equal((used()["service"], used()["region"]), ("ses", "eu-west-1"))


@suite.case
def smtp_credentials():
    iam("create-user", "sara")
    iam("attach-user-policy", "sara", "AmazonSESFullAccess")
    made = iam("smtp-credentials", "sara", "--region", "eu-west-1")
    host, port = server.smtp
    with smtplib.SMTP(host, port) as smtp:
        smtp.login(made["smtpUserName"], made["smtpPasswords"]["eu-west-1"])
    with smtplib.SMTP(host, port) as smtp:
        error = raises(smtplib.SMTPAuthenticationError, smtp.login, "ASIA" + "A" * 16, "x")
        equal((error.smtp_code, error.smtp_error), INVALID)


@suite.case
def credentials_of_elsewhere_are_let_in_by_dev_mode():
    with Sesame() as lenient:
        import boto3  # pylint: disable=import-outside-toplevel
        boto3.client("sesv2", endpoint_url=lenient.url, region_name="us-east-1", aws_access_key_id="ASIA" + "A" * 16,
                     aws_secret_access_key="x", aws_session_token="of Amazon's").get_account()


# Changing the master key.

def master_key(production):
    with open(os.path.join(production.home, "master.key"), encoding="utf-8") as file:
        return file.read()


def works(production, key, secret):
    client("sesv2", production, key=key, secret=secret).get_account()


def fill(production, users):
    keys = [(production.key, production.secret)]
    for n in range(users):
        production.operator("iam", "create-user", f"user{n}")
        production.operator("iam", "attach-user-policy", f"user{n}", "AdministratorAccess")
        made = production.operator("iam", "create-access-key", f"user{n}")
        keys.append((made["accessKeyId"], made["secretAccessKey"]))
    client("sesv2", production, key=production.key, secret=production.secret).create_email_identity(
        EmailIdentity="shop.example")
    return keys


def all_work(production, keys):
    for key, secret in keys:
        works(production, key, secret)
    sesv2 = client("sesv2", production, key=production.key, secret=production.secret)
    equal(sesv2.get_email_identity(EmailIdentity="shop.example")["DkimAttributes"]["SigningEnabled"], True)


@suite.case
def the_first_user_is_an_administrator():
    with Production() as production:
        attached = production.operator("iam", "list-attached-user-policies", "admin")
        equal([p["policyArn"] for p in attached["attachedPolicies"]], [ADMIN])


@suite.case
def the_master_key_is_changed():
    with Production() as production:
        keys = fill(production, 3)
        before = master_key(production)
        done = production.operator("iam", "rotate-master-key")
        equal(done["oldKeysKept"], False)
        assert done["secrets"] >= 6, done
        after = master_key(production)
        equal((len(after.splitlines()), after == before), (1, False))
        equal(os.stat(os.path.join(production.home, "master.key")).st_mode & 0o777, 0o600)
        all_work(production, keys)
        production.stop()
        production.start()
        all_work(production, keys)
        production.operator("iam", "rotate-master-key", "--keep-old")
        equal(master_key(production).splitlines()[1:], after.splitlines())
        production.stop()
        production.start()
        all_work(production, keys)


@suite.case
def a_kill_in_the_middle_loses_nothing():
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    seen = set()
    with Production() as production:
        keys = fill(production, 12)
        # At least 8 kills, and as many as it takes for one to fall between the first and the last change of the file.
        for kills in range(80):
            if kills >= 8 and max(seen) > 1:
                break
            ask = subprocess.Popen([binary(), "iam", "--data", production.addresses["data"], "rotate-master-key"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment())
            before = master_key(production)
            if chance.random() < 0.7:  # from the moment the first change shows in the file
                end = time.monotonic() + 5
                while master_key(production) == before and time.monotonic() < end:
                    pass
                time.sleep(chance.choice((0, chance.random() * 0.002)))
            else:
                time.sleep(chance.random() * 0.01)
            production.kill()
            ask.wait()
            seen.add(len(master_key(production).splitlines()))
            production.start()
            all_work(production, keys)
        wait_for("a change that ends", lambda: production.operator("iam", "rotate-master-key"))
        equal(len(master_key(production).splitlines()), 1)
        all_work(production, keys)
    assert max(seen) > 1, f"no kill fell into the middle (seed {seed})"


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
