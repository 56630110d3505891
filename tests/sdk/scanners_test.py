"""Received mail before real scanners: clamd and rspamd of the test's own (harness/scanners.py)."""

import email
import email.policy
import json
import os
import pathlib
import smtplib
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.scanners import EICAR, GTUBE, GTUBE_FOR_A_HEADER, Clamd, Rspamd  # noqa: E402
from harness.server import LOOPBACK, Production, Sesame, wait_for  # noqa: E402
from harness.tools import free_port, own_dkim_key  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("scanners")
MAIL = "From: ann@example.net\nTo: box@example.com\nSubject: Hi\nMessage-ID: <1@example.net>\nDate: Wed, 1 Jul 2026 10:00:00 +0000\n\n{}\n"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
S3 = {"S3Action": {"BucketName": "bucket"}}

folder = tempfile.TemporaryDirectory(prefix="sesame-test-")
clamd, rspamd = Clamd(folder.name).start(), Rspamd(folder.name).start()
data = tempfile.TemporaryDirectory(prefix="sesame-test-")
FLAGS = ["--clamd", clamd.address, "--rspamd", rspamd.url, "--data", data.name,
         "--function", f"{FUNCTION}=http://127.0.0.1:{free_port()}/"]
server = Sesame(*FLAGS).start()


def rule(scan=True, actions=(S3,)):
    server.reset()
    ses = client("ses", server)
    ses.verify_domain_identity(Domain="example.com")
    make_rule(ses, scan, actions)


def make_rule(ses, scan=True, actions=(S3,)):
    ses.create_receipt_rule_set(RuleSetName="set")
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Enabled": True, "ScanEnabled": scan,
                                                     "Actions": list(actions)})
    ses.set_active_receipt_rule_set(RuleSetName="set")


def hand_in(body):
    request = urllib.request.Request(server.url + "/_sesame/inbound", data=MAIL.format(body).encode(), method="POST")
    with LOOPBACK.open(request, timeout=60) as answer:
        return json.loads(answer.read())["messageId"]


def received(message_id, state="done"):
    def look():
        mail = json.loads(server.control("GET", f"/_sesame/received/{message_id}")[1])
        return mail if mail["state"] == state and mail["results"] else None
    return wait_for(f"{message_id} to be {state}", look, 60)


def verdicts(message_id):
    """(spam, virus) as the object in the bucket has them."""
    received(message_id)
    raw = (pathlib.Path(data.name) / "buckets/bucket" / message_id).read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return mail["X-SES-Spam-Verdict"], mail["X-SES-Virus-Verdict"]


@suite.case
def what_scanners_find_is_told():
    rule()
    for body, want in (("Hello.", ("PASS", "PASS")), (EICAR, ("PASS", "FAIL")), (GTUBE, ("FAIL", "PASS")),
                       (GTUBE_FOR_A_HEADER, ("GRAY", "PASS")), (EICAR + "\n" + GTUBE, ("FAIL", "FAIL"))):
        equal(verdicts(hand_in(body)), want, body)


@suite.case
def the_operator_sees_the_reasons():
    rule()
    mail = received(hand_in(EICAR + "\n" + GTUBE))
    equal({k: mail["verdicts"][k] for k in ("spam", "virus", "spamDetail", "virusDetail")},
          {"spam": "FAIL", "virus": "FAIL", "spamDetail": "reject", "virusDetail": "Sesame.Test.EICAR.UNOFFICIAL"})
    equal(server.operator("trace", mail["messageId"])["verdicts"], mail["verdicts"])


@suite.case
def a_rule_without_scan_asks_nobody():
    rule(scan=False)
    equal(verdicts(hand_in(EICAR + "\n" + GTUBE)), ("DISABLED", "DISABLED"))


@suite.case
def too_large_for_the_scanner_is_said():
    rule()
    equal(verdicts(hand_in("x" * 70 + ("\n" + "y" * 70) * 20000)), ("PASS", "PROCESSING_FAILED"))


@suite.case
def production_scans_what_comes_by_smtp():
    private_key, record = own_dkim_key()
    os.makedirs(os.path.join(folder.name, "buckets/bucket"))
    settings = {"receive": [f'clamd = "{clamd.address}"', f'rspamd = "{rspamd.url}"', 'listen = ["127.0.0.1:0"]',
                            f'folder = "{folder.name}/buckets"']}
    with Dns(folder.name, [("mine._domainkey.example.com", "TXT", record)]) as dns:
        settings["delivery"] = [f'dns = "{dns.address}"']
        with Production(settings) as one:
            key = {"key": one.key, "secret": one.secret}
            v2 = client("sesv2", one, **key)
            v2.create_email_identity(EmailIdentity="example.com", DkimSigningAttributes={
                "DomainSigningSelector": "mine", "DomainSigningPrivateKey": private_key})
            wait_for("the domain's verification",
                     lambda: v2.get_email_identity(EmailIdentity="example.com")["VerifiedForSendingStatus"], 30)
            make_rule(client("ses", one, **key))
            with smtplib.SMTP(*one.endpoint("inbound")) as smtp:
                smtp.ehlo("mx.example.net")
                smtp.mail("ann@example.net")
                smtp.rcpt("box@example.com")
                message_id = smtp.data(MAIL.format(EICAR + "\n" + GTUBE))[1].decode().split()[-1]
            trace = wait_for("the outcome", lambda: (lambda t: t if t["state"] == "done" else None)(one.operator("trace", message_id)))
            equal((trace["verdicts"]["spam"], trace["verdicts"]["virus"], trace["verdicts"]["spf"]), ("FAIL", "FAIL", "GRAY"))
            equal([(r["action"], r["result"], r["detail"]) for r in trace["results"]], [("S3", "done", f"bucket/{message_id}")])


@suite.case
def a_restart_does_not_scan_again_and_a_scanner_that_is_gone_fails():
    rule(actions=({"LambdaAction": {"FunctionArn": FUNCTION}}, S3))
    message_id = hand_in(EICAR + "\n" + GTUBE)
    received(message_id, "waiting")
    server.kill()
    clamd.stop()
    rspamd.stop()
    server.start()
    server.advance("5h")
    equal(verdicts(message_id), ("FAIL", "FAIL"))
    rule()
    equal(verdicts(hand_in(EICAR)), ("PROCESSING_FAILED", "PROCESSING_FAILED"))


@suite.case
def servers_stop():
    server.stop()
    folder.cleanup()
    data.cleanup()


if __name__ == "__main__":
    try:
        suite.main()
    finally:
        clamd.stop()
        rspamd.stop()
