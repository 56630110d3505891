"""The events of a mail, whole: the simulator's addresses by each door, bad content, and a real far end that defers and
refuses. What differs from run to run (times, ids) is put into the expectation from the answer, after its form was
checked."""

import contextlib
import email.message
import email.policy
import os
import pathlib
import re
import shutil
import smtplib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.load import Sink  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("events")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
ID = r"0100[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000"
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}


def form(value, pattern, what):
    assert isinstance(value, str) and re.fullmatch(pattern, value), f"{what}: {value!r}"
    return value


def by_v1(address, text="It works."):
    body = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": text}}}
    return v1.send_email(Source="Me <me@example.com>", Destination={"ToAddresses": [address]}, Message=body,
                         Tags=[{"Name": "door", "Value": "one"}])["MessageId"]


def by_v2(address, text="It works."):
    content = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": text}}}}
    return v2.send_email(FromEmailAddress="Me <me@example.com>", Destination={"ToAddresses": [address]},
                         Content=content, EmailTags=[{"Name": "door", "Value": "one"}])["MessageId"]


def by_smtp(address, text="It works."):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Me <me@example.com>", address, "Hello"
    mail["X-SES-MESSAGE-TAGS"] = "door=one"
    mail.set_content(text)
    with smtplib.SMTP(*server.smtp) as smtp:
        smtp.ehlo("client.example")
        smtp.mail("me@example.com")
        smtp.rcpt(address)
        code, answer = smtp.data(mail.as_bytes(policy=email.policy.SMTP))
    equal(code, 250, "the answer to the mail")
    return answer.decode().split(" ")[1]


DOORS = {"v1": by_v1, "v2": by_v2, "smtp": by_smtp}


def mail_of(got, door, address, message_id, headers=True):
    """The mail object the event must have."""
    smtp = door == "smtp"
    named = [("From", "Me <me@example.com>"), ("To", address), ("Subject", "Hello")]
    if smtp:
        received = got["headers"][0] if headers else None
        if received:
            form(received["value"],
                 rf"from client\.example \(\[127\.0\.0\.1\]\) by email-smtp\.sesame\.localhost with SMTP "
                 rf"\(SimpleEmailService-d-[A-Z0-9]{{9}}\) id [A-Za-z0-9]{{20}} for {re.escape(address)}; "
                 rf"\w{{3}}, \d\d \w{{3}} \d{{4}} [\d:]{{8}} \+0000 \(UTC\)", "Received")
            named.insert(0, ("Received", received["value"]))
        named.append(("X-SES-MESSAGE-TAGS", "door=one"))
        named += [("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", "7bit"),
                  ("MIME-Version", "1.0")]
    else:
        named += [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=UTF-8"),
                  ("Content-Transfer-Encoding", "7bit")]
    want = {
        "timestamp": form(got["timestamp"], TIME, "mail.timestamp"),
        "source": "me@example.com" if smtp else "Me <me@example.com>",
        "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
        "sendingAccountId": "000000000000",
        "messageId": form(message_id, ID, "messageId"),
        "destination": [address],
        "headersTruncated": False,
    }
    if headers:
        want["headers"] = [{"name": name, "value": value} for name, value in named]
        want["commonHeaders"] = {"from": ["Me <me@example.com>"], "to": [address], "messageId": message_id,
                                 "subject": "Hello"}
    want["tags"] = {
        "ses:operation": ["SendSmtpEmail" if smtp else "SendEmail"],
        "ses:source-ip": ["127.0.0.1"],
        "ses:from-domain": ["example.com"],
        "ses:caller-identity": got["tags"]["ses:caller-identity"] if smtp else ["root"],
        "ses:outgoing-ip": ["127.0.0.1"],
        "door": ["one"],
    }
    return want


def same_event(got, want, left=True):
    """Equal, and the keys in the same order, all the way down."""
    if not left:
        del want["mail"]["tags"]["ses:outgoing-ip"]
    equal(repr(got), repr(want), want["eventType"])


def delivery(got, address):
    return {"timestamp": form(got["timestamp"], TIME, "delivery.timestamp"),
            "processingTimeMillis": int(got["processingTimeMillis"]), "recipients": [address],
            "smtpResponse": "250 2.6.0 Message received", "remoteMtaIp": "127.0.0.1",
            "reportingMTA": "sesame.localhost"}


def bounce(got, kind, sub_type, recipient):
    return {"feedbackId": form(got["feedbackId"], ID, "feedbackId"), "bounceType": kind, "bounceSubType": sub_type,
            "bouncedRecipients": [recipient], "timestamp": form(got["timestamp"], TIME, "bounce.timestamp"),
            "remoteMtaIp": "127.0.0.1", "reportingMTA": "dns; sesame.localhost"}


def simulated(got, kind, address):
    """What must follow Send, by the address's name."""
    if kind in ("bounce", "suppressionlist"):
        words = "user unknown" if kind == "bounce" else f"As requested: user unknown (suppressed address: {address})"
        return [("Bounce", bounce(got[1]["bounce"], "Permanent", "General",
                                  {"emailAddress": address, "action": "failed", "status": "5.1.1",
                                   "diagnosticCode": "smtp; 550 5.1.1 " + words}))]
    events = [("Delivery", delivery(got[1]["delivery"], address))]
    if kind == "ooto":
        events.append(("Bounce", bounce(got[2]["bounce"], "Transient", "General", {"emailAddress": address})))
    if kind == "complaint":
        complaint = got[2]["complaint"]
        at = form(complaint["timestamp"], TIME, "complaint.timestamp")
        events.append(("Complaint", {
            "feedbackId": form(complaint["feedbackId"], ID, "feedbackId"), "complaintSubType": None,
            "complainedRecipients": [{"emailAddress": address}], "timestamp": at,
            "userAgent": "Amazon SES Mailbox Simulator", "complaintFeedbackType": "abuse", "arrivalDate": at}))
    return events


def simulator_case(door, kind):
    def run():
        server.reset()
        address = f"{kind}+{door}@simulator.amazonses.com"
        message_id = DOORS[door](address)
        got = server.events(message_id)
        expected = simulated(got, kind, address)
        equal([event["eventType"] for event in got], ["Send"] + [name for name, _ in expected])
        same_event(got[0], {"eventType": "Send", "mail": mail_of(got[0]["mail"], door, address, message_id),
                            "send": {}}, left=False)
        for event, (name, thing) in zip(got[1:], expected):
            mail = mail_of(event["mail"], door, address, message_id)
            key = name.lower()
            if name == "Delivery":
                same_event(event, {"eventType": name, "mail": mail, key: thing})
            else:
                same_event(event, {"eventType": name, key: thing, "mail": mail})
        line, raw = server.only_mail(to=address)
        equal(line["messageId"], message_id)
        contains(raw, b"It works.")
        contains(raw, b"DKIM-Signature")
        points = v1.get_send_statistics()["SendDataPoints"]
        equal((sum(p["Bounces"] for p in points), sum(p["Complaints"] for p in points)), (0, 0), "statistics")
    suite.add(f"{kind}_by_{door}", run)


for door_name in DOORS:
    for mailbox in ("success", "bounce", "ooto", "complaint", "suppressionlist"):
        simulator_case(door_name, mailbox)


def eicar_case(door):
    def run():
        server.reset()
        message_id = DOORS[door]("b@example.net", EICAR)
        got = server.events(message_id)
        equal([event["eventType"] for event in got], ["Send", "Reject"])
        mail = mail_of(got[1]["mail"], door, "b@example.net", message_id)
        same_event(got[1], {"eventType": "Reject", "mail": mail, "reject": {"reason": "Bad content"}}, left=False)
        equal(server.only_mail(to="b@example.net")[0]["state"], "held")
        points = v1.get_send_statistics()["SendDataPoints"]
        equal(sum(p["Rejects"] for p in points), 1, "rejects in the statistics")
    suite.add(f"bad_content_by_{door}", run)


for door_name in DOORS:
    eicar_case(door_name)


@suite.case
def the_operator_sees_the_events():
    server.reset()
    message_id = by_v2("bounce@simulator.amazonses.com")
    wanted = server.events(message_id)
    equal(server.operator("trace", message_id)["events"], wanted)


@contextlib.contextmanager
def far_end(*sink_options):
    path = tempfile.mkdtemp(prefix="sesame-test-")
    try:
        records = [("d.example", "MX", "10 mx.example"), ("mx.example", "A", "127.0.0.1")]
        with Sink(path, *sink_options) as sink, Dns(path, records) as names, \
                Sesame("--auto-verify", "--deliver", "mx", "--dns", names.address, "--mx-port", str(sink.port),
                       "--data", os.path.join(path, "data")) as running:
            yield running, client("sesv2", running)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def send(ses, *addresses):
    return ses.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": list(addresses)},
                          Content={"Simple": SIMPLE})["MessageId"]


def done(running, message_id, state):
    wait_for(f"{state}", lambda: running.trace(message_id)["state"] == state)
    return running.trace(message_id)["events"]


@suite.case
def a_delivery():
    with far_end() as (running, ses):
        got = done(running, send(ses, "a@d.example", "b@d.example"), "delivered")
        equal([event["eventType"] for event in got], ["Send", "Delivery"])
        event = got[1]["delivery"]
        equal(event, {"timestamp": form(event["timestamp"], TIME, "timestamp"),
                      "processingTimeMillis": event["processingTimeMillis"],
                      "recipients": ["a@d.example", "b@d.example"], "smtpResponse": "250 2.0.0 Ok: queued",
                      "remoteMtaIp": "127.0.0.1", "reportingMTA": "sesame.localhost"})
        assert 0 <= event["processingTimeMillis"] < 60000, event
        equal(got[1]["mail"]["tags"]["ses:outgoing-ip"], ["127.0.0.1"])


@suite.case
def a_refusal():
    with far_end("--reject", 100) as (running, ses):
        got = done(running, send(ses, "a@d.example"), "bounced")
        equal([event["eventType"] for event in got], ["Send", "Bounce"])
        equal(got[1]["bounce"], bounce(got[1]["bounce"], "Permanent", "NoEmail",
                                       {"emailAddress": "a@d.example", "action": "failed", "status": "5.1.1",
                                        "diagnosticCode": "smtp; 550 5.1.1 No such user"}))
        points = client("ses", running).get_send_statistics()["SendDataPoints"]
        equal(sum(p["Bounces"] for p in points), 1, "bounces in the statistics")


@suite.case
def a_deferral_told_once_and_given_up():
    """However many attempts fail, one DeliveryDelay; a soft bounce at the end, which the statistics do not count."""
    with far_end("--defer", 100) as (running, ses):
        message_id = send(ses, "a@d.example")
        got = running.events(message_id)
        equal([event["eventType"] for event in got], ["Send", "DeliveryDelay"])
        for absent in ("headers", "commonHeaders"):
            assert absent not in got[1]["mail"], got[1]
        delay = got[1]["deliveryDelay"]
        equal(delay, {"timestamp": form(delay["timestamp"], TIME, "timestamp"), "delayType": "RecipientServerError",
                      "expirationTime": form(delay["expirationTime"], TIME, "expirationTime"),
                      "delayedRecipients": [{"emailAddress": "a@d.example", "status": "4.3.0",
                                             "diagnosticCode": "smtp; 451 4.3.0 Not now"}]})
        for _ in range(3):
            running.advance("3h")
        equal(len(running.trace(message_id)["events"]), 2, "events after four attempts")
        running.advance("6h")
        got = done(running, message_id, "bounced")
        equal([event["eventType"] for event in got], ["Send", "DeliveryDelay", "Bounce"])
        last = "smtp; 550 4.4.7 Message expired: unable to deliver in 840 minutes.<451 4.3.0 Not now>"
        equal(got[2]["bounce"], bounce(got[2]["bounce"], "Transient", "General",
                                       {"emailAddress": "a@d.example", "action": "failed", "status": "4.4.7",
                                        "diagnosticCode": last}))
        points = client("ses", running).get_send_statistics()["SendDataPoints"]
        equal(sum(p["Bounces"] for p in points), 0, "bounces in the statistics")


@suite.case
def the_simulator_beside_a_real_far_end():
    """Delivering for real, the simulator is asked no name server and no mail server, and the mails are kept apart."""
    with far_end() as (running, ses):
        got = done(running, send(ses, "a@d.example", "bounce@simulator.amazonses.com"), "mixed")
        equal(sorted(event["eventType"] for event in got), ["Bounce", "Delivery", "Send"])
        only = send(ses, "complaint@simulator.sesame.localhost")
        got = done(running, only, "delivered")
        equal([event["eventType"] for event in got], ["Send", "Delivery", "Complaint"])
        contains(running.raw(only), b"It works.")


@suite.case
def nobody_there():
    """A name that is in no DNS bounces hard; a host that is away is a delay."""
    with far_end() as (running, ses):
        got = done(running, send(ses, "a@nowhere.example"), "bounced")
        equal([event["eventType"] for event in got], ["Send", "Bounce"])
        event = got[1]["bounce"]
        equal((event["bounceType"], event["bounceSubType"]), ("Permanent", "General"))
        equal(event["bouncedRecipients"], [{
            "emailAddress": "a@nowhere.example", "action": "failed", "status": "5.1.2",
            "diagnosticCode": "smtp; 550 5.1.2 the domain nowhere.example does not exist"}])
        assert "remoteMtaIp" not in event, event


suite.main()
