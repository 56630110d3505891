"""The account by boto3: details and the review, the switches, the sandbox, quota and rate on v1, v2 and SMTP, and the
operator's commands."""

import email.message
import email.policy
import os
import pathlib
import shutil
import smtplib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame, binary, clean_environment  # noqa: E402
from harness.tools import free_port  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("account")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)

SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}
PAUSED = ("Sending paused for this account. For more information, please check the inbox of the email address "
          "associated with your AWS account.")
UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: you@example.net"
DETAILS = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com"}


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def mail_v1(to="you@example.net", count=1):
    return {"Source": "me@example.com", "Destination": {"ToAddresses": recipients(to, count)}, "Message": SIMPLE}


def mail_v2(to="you@example.net", count=1):
    return {"FromEmailAddress": "me@example.com", "Destination": {"ToAddresses": recipients(to, count)},
            "Content": {"Simple": SIMPLE}}


def recipients(to, count):
    return [to] if count == 1 else [f"x{n}.{to}" for n in range(count)]


def by_smtp(to="you@example.net", at=None):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "me@example.com", to, "Hello"
    mail.set_content("It works.")
    with smtplib.SMTP(*(at or server).smtp) as smtp:
        smtp.ehlo("client.example")
        smtp.mail("me@example.com")
        smtp.rcpt(to)
        code, text = smtp.data(mail.as_bytes(policy=email.policy.SMTP))
    return f"{code} {text.decode()}"


def refused_everywhere(v1_code, v2_code, v2_status, text, smtp, to="you@example.net"):
    refused(v1.send_email, v1_code, text, **mail_v1(to))
    refused(v2.send_email, v2_code, text, v2_status, **mail_v2(to))
    equal(by_smtp(to), smtp)


@case
def the_daily_quota():
    server.account(max24HourSend=4, maxSendRate=1000)
    v1.send_email(**mail_v1(count=3))
    refused(v1.send_email, "Throttling", "Daily message quota exceeded.", **mail_v1(count=2))
    v2.send_email(**mail_v2())
    refused_everywhere("Throttling", "TooManyRequestsException", 429, "Daily message quota exceeded.",
                       "454 Throttling failure: Daily message quota exceeded.")
    equal(v2.get_account()["SendQuota"], {"Max24HourSend": 4.0, "MaxSendRate": 1000.0, "SentLast24Hours": 4.0})
    equal(v1.get_send_quota()["SentLast24Hours"], 4.0)
    v1.send_email(**mail_v1("success@simulator.amazonses.com"))  # SES §21: not in the daily quota
    server.advance("24h1m")
    equal(v1.get_send_quota()["SentLast24Hours"], 0.0)
    equal(by_smtp()[:6], "250 Ok")


@case
def the_rate():
    server.account(maxSendRate=0.0001)
    v1.send_email(**mail_v1("success@simulator.amazonses.com"))  # counts in the rate
    refused_everywhere("Throttling", "TooManyRequestsException", 429, "Maximum sending rate exceeded.",
                       "454 Throttling failure: Maximum sending rate exceeded.")
    equal(v1.get_send_quota()["SentLast24Hours"], 0.0)
    server.advance("6h")
    v2.send_email(**mail_v2())


@suite.case
def counts_survive_a_restart():
    path = tempfile.mkdtemp(prefix="sesame-account-")
    try:
        http, smtp = free_port(), free_port()
        command = ["dev", "--http", f"127.0.0.1:{http}", "--smtp", f"127.0.0.1:{smtp}", "--auto-verify", "--data",
                   os.path.join(path, "data")]
        with Sesame(command=command) as running:
            running.account(max24HourSend=5)
            client("sesv2", running).send_email(**mail_v2(count=4))
            client("sesv2", running).put_account_details(**DETAILS)
            running.kill()
            running.start()
            ses = client("sesv2", running)
            equal(ses.get_account()["SendQuota"]["SentLast24Hours"], 4.0)
            equal(ses.get_account()["Details"], DETAILS)
            refused(ses.send_email, "TooManyRequestsException", "Daily message quota exceeded.", 429, **mail_v2(count=2))
            ses.send_email(**mail_v2())
    finally:
        shutil.rmtree(path, ignore_errors=True)


@suite.case
def the_sandbox():
    with Sesame("--sandbox") as running:
        one, two = client("ses", running), client("sesv2", running)
        for address in ("me@example.com",):
            one.verify_email_identity(EmailAddress=address)
        refused(one.send_email, "MessageRejected", UNVERIFIED, **mail_v1())
        refused(two.send_email, "MessageRejected", UNVERIFIED, **mail_v2())
        equal(by_smtp(at=running), f"554 Message rejected: {UNVERIFIED}")
        two.send_email(**mail_v2("me@example.com"))
        running.advance("1m")
        two.send_email(**mail_v2("success@simulator.amazonses.com"))
        account = two.get_account()
        equal(account["ProductionAccessEnabled"], False)
        equal(account["SendQuota"], {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 1.0})


@case
def details_and_the_review():
    server.account(sandbox=True)
    equal("Details" in v2.get_account(), False)
    refused(v2.put_account_details, "BadRequestException", "Url contains invalid format", MailType="MARKETING",
            WebsiteURL="nowhere")
    v2.put_account_details(**DETAILS, ContactLanguage="EN", UseCaseDescription="Receipts",
                           AdditionalContactEmailAddresses=["ops@example.com"], ProductionAccessEnabled=True)
    details = v2.get_account()["Details"]
    review = details.pop("ReviewDetails")
    equal(review["Status"], "PENDING")
    equal(details, {**DETAILS, "ContactLanguage": "EN", "UseCaseDescription": "Receipts",
                    "AdditionalContactEmailAddresses": ["ops@example.com"]})
    refused(v2.put_account_details, "ConflictException", "There is an ongoing review for your account.", 409, **DETAILS)
    account = ("--account", "000000000000")
    shown = server.operator("account", "show", *account)
    equal((shown["review"], shown["caseId"]), ("PENDING", review["CaseId"]))
    server.operator("account", "set", *account, "--review", "denied")
    equal(v2.get_account()["Details"]["ReviewDetails"]["Status"], "DENIED")
    equal(v2.get_account()["ProductionAccessEnabled"], False)
    v2.put_account_details(**DETAILS, ProductionAccessEnabled=True)
    server.operator("account", "set", *account, "--review", "granted")
    equal(v2.get_account()["Details"]["ReviewDetails"]["Status"], "GRANTED")
    equal(v2.get_account()["ProductionAccessEnabled"], True)


@case
def sending_off_and_on():
    v2.put_account_sending_attributes(SendingEnabled=False)
    equal(v2.get_account()["SendingEnabled"], False)
    equal(v1.get_account_sending_enabled()["Enabled"], False)
    refused_everywhere("AccountSendingPausedException", "SendingPausedException", 400, "Account sending is disabled.",
                       "554 Transaction failed: Account sending is disabled.")
    v1.update_account_sending_enabled(Enabled=True)
    v2.send_email(**mail_v2())
    v1.update_account_sending_enabled()
    equal(v1.get_account_sending_enabled()["Enabled"], False)


@case
def the_operators_pause():
    server.operator("account", "set", "--pause", "under review")
    account = v2.get_account()
    equal((account["EnforcementStatus"], account["SendingEnabled"]), ("SHUTDOWN", False))
    v2.put_account_sending_attributes(SendingEnabled=True)  # lifts nothing
    refused_everywhere("MessageRejected", "MessageRejected", 400, PAUSED, f"554 Message rejected: {PAUSED}")
    server.operator("account", "set", "--resume", "--enforcement-status", "PROBATION")
    equal(v2.get_account()["EnforcementStatus"], "PROBATION")
    v2.send_email(**mail_v2())
    server.operator("account", "set", "--enforcement-status=SHUTDOWN")
    refused(v1.send_email, "MessageRejected", PAUSED, **mail_v1())


@case
def the_operators_numbers():
    server.operator("account", "set", "--sandbox", "on", "--max-24h-send", "7", "--max-send-rate", "2.5")
    account = v2.get_account()
    equal((account["ProductionAccessEnabled"], account["SendQuota"]),
          (False, {"Max24HourSend": 7.0, "MaxSendRate": 2.5, "SentLast24Hours": 0.0}))
    for words, text in ((["--pause", "x", "--resume"], "Only one of --pause and --resume can be said."),
                        (["--review", "granted"], "No review of this account is open."),
                        (["--enforcement-status", "FINE"], "--enforcement-status takes HEALTHY, PROBATION or SHUTDOWN."),
                        ([], "Nothing to set:")):
        done = subprocess.run([binary(), "account", "--data", server.addresses["data"], "set", *words],
                              capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        assert done.returncode != 0, words
        contains(done.stdout + done.stderr, text)


@case
def suppression_attributes():
    equal(v2.get_account()["SuppressionAttributes"], {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]})
    v2.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
    equal(v2.get_account()["SuppressionAttributes"], {"SuppressedReasons": ["COMPLAINT"]})


suite.main()
