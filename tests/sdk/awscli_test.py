"""Debian's `aws` command, as people use it: both APIs, what it prints, and how it shows a refusal."""

import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import cli  # noqa: E402
from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402

suite = Suite("awscli")
server = Sesame().start()
folder = tempfile.mkdtemp(prefix="sesame-test-", dir=server.folder)


def aws(*words, **more):
    return cli.aws(server, *words, **more)


@suite.case
def identities_v1():
    aws("ses", "verify-email-identity", "--email-address", "me@example.com")
    aws("ses", "verify-domain-identity", "--domain", "example.org")
    tokens = aws("ses", "verify-domain-dkim", "--domain", "example.org")["DkimTokens"]
    equal(sorted(aws("ses", "list-identities")["Identities"]), ["example.org", "me@example.com"])
    state = aws("ses", "get-identity-dkim-attributes", "--identities", "example.org")["DkimAttributes"]["example.org"]
    equal(state["DkimTokens"], tokens)
    state = aws("ses", "get-identity-verification-attributes", "--identities", "me@example.com")
    equal(state["VerificationAttributes"]["me@example.com"]["VerificationStatus"], "Success")
    aws("ses", "wait", "identity-exists", "--identities", "me@example.com")
    aws("ses", "delete-identity", "--identity", "example.org")


@suite.case
def send_email():
    sent = aws("ses", "send-email", "--from", "me@example.com", "--to", "you@example.net", "--subject", "Hello",
               "--text", "It works.", "--html", "<b>It works.</b>")
    line, raw = server.only_mail(to="you@example.net", subject="Hello")
    equal(line["messageId"], sent["MessageId"])
    contains(raw, b"<b>It works.</b>")


@suite.case
def send_raw_email():
    path = os.path.join(folder, "raw.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"Data": "From: me@example.com\nTo: raw@example.net\nSubject: raw\n\nbody\n"}, out)
    sent = aws("ses", "send-raw-email", "--cli-binary-format", "raw-in-base64-out", "--raw-message", "file://" + path)
    equal(server.only_mail(to="raw@example.net")[0]["messageId"], sent["MessageId"])


@suite.case
def v2_send_email():
    sent = aws("sesv2", "send-email", "--from-email-address", "me@example.com", "--destination",
               "ToAddresses=two@example.net", "--content",
               "Simple={Subject={Data=Hello v2},Body={Text={Data=It works.}}}")
    equal(server.only_mail(to="two@example.net")[0]["messageId"], sent["MessageId"])


@suite.case
def v2_identities():
    made = aws("sesv2", "create-email-identity", "--email-identity", "cli.example")
    equal(made["IdentityType"], "DOMAIN")
    equal(aws("sesv2", "get-email-identity", "--email-identity", "cli.example")["VerificationStatus"], "SUCCESS")
    names = [i["IdentityName"] for i in aws("sesv2", "list-email-identities")["EmailIdentities"]]
    assert "cli.example" in names, names
    aws("sesv2", "put-email-identity-dkim-attributes", "--email-identity", "cli.example", "--no-signing-enabled")
    seen = aws("sesv2", "get-email-identity", "--email-identity", "cli.example")
    equal(seen["DkimAttributes"]["SigningEnabled"], False)
    aws("sesv2", "delete-email-identity", "--email-identity", "cli.example")


@suite.case
def account():
    equal(aws("ses", "get-send-quota")["MaxSendRate"], 14.0)
    equal(aws("ses", "get-account-sending-enabled")["Enabled"], True)
    points = aws("ses", "get-send-statistics")["SendDataPoints"]
    equal(sum(p["DeliveryAttempts"] for p in points), 3)
    equal(aws("sesv2", "get-account")["ProductionAccessEnabled"], True)


@suite.case
def refusals():
    text = aws("ses", "send-email", "--from", "stranger@example.info", "--to", "you@example.net", "--subject", "x",
               "--text", "y", succeed=False)
    contains(text, "An error occurred (MessageRejected) when calling the SendEmail operation: Email address is not "
                   "verified. The following identities failed the check in region US-EAST-1: stranger@example.info")
    text = aws("sesv2", "get-email-identity", "--email-identity", "none.example", succeed=False)
    contains(text, "An error occurred (NotFoundException) when calling the GetEmailIdentity operation")
    text = aws("sesv2", "list-dedicated-ip-pools", succeed=False)
    contains(text, "ListDedicatedIpPools")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
