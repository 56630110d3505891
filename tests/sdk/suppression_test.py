"""The suppression list by boto3: every operation, its effect on sends by each door, and the addresses that come onto it
by themselves when a real far end refuses them."""

import contextlib
import datetime
import email.message
import email.policy
import os
import pathlib
import shutil
import smtplib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.load import Sink  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import free_port  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("suppression")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)

SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def put(address, reason="BOUNCE"):
    v2.put_suppressed_destination(EmailAddress=address, Reason=reason)


def send(*to, using=None, **more):
    return (using or v2).send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": list(to)},
                                    Content={"Simple": SIMPLE}, **more)["MessageId"]


def types(message_id, on=None):
    return [event["eventType"] for event in (on or server).events(message_id)]


def listed(**query):
    return [e["EmailAddress"] for e in v2.list_suppressed_destinations(**query)["SuppressedDestinationSummaries"]]


@case
def put_get_list_delete():
    put(" Bob@EXAMPLE.Net ")
    entry = v2.get_suppressed_destination(EmailAddress="Bob@example.net")["SuppressedDestination"]
    equal(sorted(entry), ["EmailAddress", "LastUpdateTime", "Reason"])
    equal((entry["EmailAddress"], entry["Reason"]), ("Bob@example.net", "BOUNCE"))
    put("Bob@example.net", "COMPLAINT")
    summaries = v2.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    equal([(s["EmailAddress"], s["Reason"]) for s in summaries], [("Bob@example.net", "COMPLAINT")])
    equal(client("sesv2", server, region="eu-west-1").list_suppressed_destinations()["SuppressedDestinationSummaries"],
          [], "another region's list")
    v2.delete_suppressed_destination(EmailAddress="Bob@example.net")
    equal(listed(), [])


@case
def what_is_not_there():
    text = "Email address nobody@example.net does not exist on your suppression list."
    for function in (v2.get_suppressed_destination, v2.delete_suppressed_destination):
        refused(function, "NotFoundException", text, 404, EmailAddress="nobody@example.net")
        refused(function, "NotFoundException", "The requested tenant <acme> does not exist.", 404,
                EmailAddress="nobody@example.net", TenantName="acme")


@case
def bad_requests():
    enum = "Member must satisfy enum value set: [BOUNCE, COMPLAINT]"
    listed_enum = f"failed to satisfy constraint: Member must satisfy constraint: [{enum}]"
    one = "1 validation error detected: Value at"
    refused(v2.put_suppressed_destination, "BadRequestException", f"{one} 'reason' failed to satisfy constraint: {enum}",
            EmailAddress="a@example.net", Reason="X")
    refused(v2.list_suppressed_destinations, "BadRequestException", f"{one} 'reasons' {listed_enum}", Reasons=["X"])
    refused(v2.put_account_suppression_attributes, "BadRequestException", f"{one} 'suppressedReasons' {listed_enum}",
            SuppressedReasons=["X"])
    refused(v2.put_suppressed_destination, "BadRequestException", "Invalid email address <nobody>.",
            EmailAddress="nobody", Reason="BOUNCE")
    for size in (0, 1001):
        refused(v2.list_suppressed_destinations, "BadRequestException",
                f"Page size {size} is invalid, expected a number between 1 and 1000", PageSize=size)
    refused(v2.list_suppressed_destinations, "InvalidNextTokenException", "Token is invalid.", NextToken="x")
    server.account(sandbox=True)
    refused(v2.put_suppressed_destination, "BadRequestException",
            "Addresses cannot be put on the suppression list while the account is in the sandbox.",
            EmailAddress="a@example.net", Reason="BOUNCE")


@case
def filters_and_pages():
    names = [f"u{n}@example.net" for n in range(7)]
    for n, name in enumerate(names):
        put(name, "COMPLAINT" if n % 3 == 0 else "BOUNCE")
        server.advance("1h")
    found, token = [], {}
    for _ in range(4):
        page = v2.list_suppressed_destinations(PageSize=2, **token)
        found += [e["EmailAddress"] for e in page["SuppressedDestinationSummaries"]]
        token = {"NextToken": page.get("NextToken")}
    equal(found, names)
    equal(token, {"NextToken": None})
    equal(listed(Reasons=["COMPLAINT"]), [names[0], names[3], names[6]])
    middle = v2.get_suppressed_destination(EmailAddress=names[4])["SuppressedDestination"]["LastUpdateTime"]
    middle -= datetime.timedelta(minutes=5)
    equal(listed(StartDate=middle), names[4:])
    equal(listed(EndDate=middle), names[:4])
    equal(listed(StartDate=middle, Reasons=["BOUNCE"]), names[4:6])


@case
def mail_is_held_by_every_door():
    put("gone@example.net")
    put("angry@example.net", "COMPLAINT")
    by_v1 = v1.send_email(Source="me@example.com", Message=SIMPLE,
                          Destination={"ToAddresses": ["gone@example.net", "here@example.net"]})["MessageId"]
    by_v2 = send("angry@example.net")
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "me@example.com", "gone@EXAMPLE.net", "Hello"
    mail.set_content("It works.")
    with smtplib.SMTP(*server.smtp) as smtp:
        smtp.ehlo("client.example")
        smtp.mail("me@example.com")
        smtp.rcpt("gone@EXAMPLE.net")
        code, text = smtp.data(mail.as_bytes(policy=email.policy.SMTP))
    equal(code, 250)
    equal(types(by_v1), ["Send", "Bounce", "Delivery"])
    equal(types(by_v2), ["Send", "Complaint"])
    equal(types(text.decode().split()[1]), ["Send", "Bounce"])
    complaint = server.events(by_v2)[1]["complaint"]
    equal(complaint["complaintSubType"], "OnAccountSuppressionList")
    assert "complaintFeedbackType" not in complaint, complaint
    equal(v2.get_account()["SendQuota"]["SentLast24Hours"], 4.0, "all count in the quota")
    points = v1.get_send_statistics()["SendDataPoints"]
    equal(sum(p["Bounces"] + p["Complaints"] for p in points), 0, "bounces and complaints")
    v2.delete_suppressed_destination(EmailAddress="gone@example.net")
    equal(types(send("gone@example.net")), ["Send", "Delivery"])


@case
def the_reasons_in_effect():
    put("gone@example.net")
    v2.put_account_suppression_attributes(SuppressedReasons=[])
    equal(v2.get_account()["SuppressionAttributes"], {"SuppressedReasons": []})
    equal(types(send("gone@example.net")), ["Send", "Delivery"])
    v2.create_configuration_set(ConfigurationSetName="strict", SuppressionOptions={"SuppressedReasons": ["BOUNCE"]})
    equal(types(send("gone@example.net", ConfigurationSetName="strict")), ["Send", "Bounce"])


@contextlib.contextmanager
def far_end(*options, data=None):
    """Dev mode that delivers to a sink, and its v2 client. With `data` it can be started again."""
    path = tempfile.mkdtemp(prefix="sesame-suppression-")
    records = [("d.example", "MX", "10 mx.example"), ("mx.example", "A", "127.0.0.1")]
    try:
        with Sink(path, *options) as sink, Dns(path, records) as dns:
            http, smtp = free_port(), free_port()
            command = ["dev", "--http", f"127.0.0.1:{http}", "--smtp", f"127.0.0.1:{smtp}", "--auto-verify", "--data",
                       os.path.join(path, "data"), "--deliver", "mx", "--dns", dns.address, "--mx-port", str(sink.port)]
            with Sesame(command=command) as running:
                yield running, client("sesv2", running)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def bounce_at(running, message_id):
    wait_for("the bounce", lambda: running.trace(message_id)["state"] == "bounced")
    return running.events(message_id)[1]["bounce"]


@suite.case
def a_hard_bounce_puts_its_address_on_the_list():
    with far_end("--reject", 100) as (running, ses):
        first = send("a@d.example", using=ses)
        bounce = bounce_at(running, first)
        entry = ses.get_suppressed_destination(EmailAddress="a@d.example")["SuppressedDestination"]
        equal(entry["Reason"], "BOUNCE")
        equal(entry["Attributes"], {"MessageId": first, "FeedbackId": bounce["feedbackId"]})
        second = send("a@d.example", using=ses)
        equal(running.events(second)[1]["bounce"]["bounceSubType"], "OnAccountSuppressionList")
        running.stop()
        running.start()
        ses = client("sesv2", running)
        third = send("a@d.example", using=ses)
        equal(running.events(third)[1]["bounce"]["bounceSubType"], "OnAccountSuppressionList", "after a restart")


@suite.case
def only_if_its_reason_is_in_effect_when_it_is_accepted():
    with far_end("--reject", 100) as (running, ses):
        ses.create_configuration_set(ConfigurationSetName="free", SuppressionOptions={"SuppressedReasons": ["COMPLAINT"]})
        bounce_at(running, send("a@d.example", using=ses, ConfigurationSetName="free"))
        equal(ses.list_suppressed_destinations()["SuppressedDestinationSummaries"], [])
        ses.put_account_suppression_attributes(SuppressedReasons=[])
        bounce_at(running, send("a@d.example", using=ses))
        equal(ses.list_suppressed_destinations()["SuppressedDestinationSummaries"], [])


suite.main()
