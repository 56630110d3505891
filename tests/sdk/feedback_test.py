"""What comes back of mail that left, by boto3: bounces in the forms that mail systems write, complaints, replies by
machines, and forgeries, handed in at the return path; and what events, suppression list and statistics say then."""

import json
import pathlib
import socket
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import LOOPBACK, Sesame, wait_for  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("feedback")
server = Sesame("--auto-verify").start()
v1, v2 = client("ses", server), client("sesv2", server)


def case(function):
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


class Message:
    """A mail that left."""

    def __init__(self, *to, dev=server, ses=None, leaves=True, **kwargs):
        self.dev, self.to = dev, to
        content = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}}
        kwargs.setdefault("FromEmailAddress", "me@example.com")
        self.id = (ses or v2).send_email(Destination={"ToAddresses": list(to)}, Content=content, **kwargs)["MessageId"]
        if leaves:
            wait_for("the mail to leave", lambda: self.trace()["state"] != "pending")
        line = next(m for m in dev.messages() if m["messageId"] == self.id)
        self.return_path = line["envelopeFrom"]

    def trace(self):
        return self.dev.trace(self.id)

    def states(self):
        return [r["state"] for r in self.trace()["recipients"]]

    def events(self, kind):
        return [e[kind.lower()] for e in self.trace()["events"] if e["eventType"] == kind]

    def returned(self):
        return [t["data"] for t in self.trace()["trace"] if t["kind"] == "returned"]

    def unchanged(self):
        equal((set(self.states()), self.returned(), [e["eventType"] for e in self.trace()["events"]]),
              ({"captured"}, [], ["Send", "Delivery"]), "the message")
        equal(suppressed(), [], "the suppression list")
        equal(statistics(), (0, 0), "statistics")


def post(mail, to, sender="", dev=server):
    """Status and body of the answer."""
    query = urllib.parse.urlencode({"from": sender, "to": to})
    request = urllib.request.Request(f"{dev.url}/_sesame/inbound?{query}", data=mail.encode(), method="POST")
    try:
        with LOOPBACK.open(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def row(received, dev=server):
    def look():
        found = json.loads(dev.control("GET", f"/_sesame/received/{received}")[1])
        return found if found["state"] == "done" else None
    return wait_for(f"{received} to be done", look)


def hand_in(mail, to, sender="", dev=server):
    """What became of it: the one result of the row."""
    status, body = post(mail, to, sender, dev)
    equal(status, 200, f"status ({body})")
    found = row(body["messageId"], dev)
    equal((found["kind"], len(found["results"])), ("feedback", 1))
    return found["results"][0]


def suppressed():
    return [(s["EmailAddress"], s["Reason"]) for s in v2.list_suppressed_destinations()["SuppressedDestinationSummaries"]]


def statistics():
    points = v1.get_send_statistics()["SendDataPoints"]
    return sum(p["Bounces"] for p in points), sum(p["Complaints"] for p in points)


def report(kind, machine, human="This is the mail system.", original="", **headers):
    """A multipart/report with its three parts."""
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    media = "message/feedback-report" if kind == "feedback-report" else f"message/{kind}"
    third = f"--b\nContent-Type: message/rfc822\n\n{original}\n" if original else ""
    return (f"From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail Returned to Sender\n{head}"
            f"MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary=b\n\n"
            f"--b\n\n{human}\n--b\nContent-Type: {media}\n\n{machine}\n{third}--b--\n")


def dsn(recipient, status="5.1.1", action="failed", diagnostic=None, more=""):
    words = diagnostic or f"550 {status} <{recipient}>: no such user"
    return report("delivery-status", "Reporting-MTA: dns; mx.example.net\n\n"
                  f"Final-Recipient: rfc822; {recipient}\n{more}Action: {action}\nStatus: {status}\n"
                  f"Diagnostic-Code: smtp; {words}\n")


def arf(message, kind="abuse", recipient=None, original=""):
    fields = f"Feedback-Type: {kind}\nUser-Agent: SomeProvider/1.0\nVersion: 1\n" \
             "Arrival-Date: Wed, 12 Apr 2023 09:58:45 +0000\n"
    if recipient:
        fields += f"Original-Rcpt-To: <{recipient}>\n"
    return report("feedback-report", fields, original=original or f"Message-ID: <{message.id}@x>\nSubject: Hello\n\nx")


@case
def a_hard_bounce_is_an_event_counts_and_suppresses():
    message = Message("Ann@example.net")
    result = hand_in(dsn("ann@EXAMPLE.net"), message.return_path)
    equal((result["result"], result["message"]), ("recorded", message.id))
    bounce, = message.events("Bounce")
    feedback = bounce["feedbackId"]
    equal(bounce, {"feedbackId": feedback, "bounceType": "Permanent", "bounceSubType": "NoEmail",
                   "bouncedRecipients": [{"emailAddress": "Ann@example.net", "action": "failed", "status": "5.1.1",
                                          "diagnosticCode": "smtp; 550 5.1.1 <ann@EXAMPLE.net>: no such user"}],
                   "timestamp": bounce["timestamp"], "reportingMTA": "dns; mx.example.net"})
    equal((message.trace()["state"], message.states(), statistics()), ("bounced", ["bounced"], (1, 0)))
    held = v2.get_suppressed_destination(EmailAddress="Ann@example.net")["SuppressedDestination"]
    equal((held["Reason"], held["Attributes"]), ("BOUNCE", {"MessageId": message.id, "FeedbackId": feedback}))
    told, = message.returned()
    equal((told["kind"], told["from"], told["recipients"][0]["result"]),
          ("delivery-status", "MAILER-DAEMON@mx.example.net", "bounced"))
    equal([t["data"] for t in server.operator("trace", message.id)["trace"] if t["kind"] == "returned"], [told])
    again = Message("Ann@example.net")
    equal(again.events("Bounce")[0]["bounceSubType"], "OnAccountSuppressionList")
    equal(server.operator("trace", told["receivedId"])["results"], [result])
    contains(server.raw(message.id), b"It works.")  # the inbox still shows it


@case
def a_soft_bounce_does_not_suppress():
    message = Message("ann@example.net")
    hand_in(dsn("ann@example.net", "5.2.2", diagnostic="552 5.2.2 mailbox full"), message.return_path)
    bounce, = message.events("Bounce")
    equal((bounce["bounceType"], bounce["bounceSubType"]), ("Transient", "MailboxFull"))
    equal((message.states(), suppressed(), statistics()), (["bounced"], [], (0, 0)))


QMAIL = """From: MAILER-DAEMON@mx.example.net
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@example.net>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: Hello
"""
EXIM = """From: Mail Delivery System <Mailer-Daemon@mx.example.net>
X-Failed-Recipients: ann@example.net
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ann@example.net
    host inner.example.net [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<ann@example.net>:
    550 Unknown user

------ This is a copy of the message, including all the headers. ------

Subject: Hello
"""
EXCHANGE = """From: System Administrator <postmaster@example.net>
Subject: Undeliverable: Hello

Your message did not reach some or all of the intended recipients.

      Subject:  Hello
      Sent:     1/2/2023 10:00 AM

The following recipient(s) could not be reached:

      ann@example.net on 1/2/2023 10:00 AM
            The message is larger than the system allows.
            <mail.example.net #5.3.4>
"""
GIVEN_UP = QMAIL.replace("Sorry, no mailbox here by that name. (#5.1.1)",
                         "I'm not going to try again; this message has been in the queue too long.")
FORMS = {"qmail": (QMAIL, "Permanent/NoEmail", "5.1.1"), "exim": (EXIM, "Permanent/NoEmail", "5.0.0"),
         "exchange": (EXCHANGE, "Transient/MessageTooLarge", "5.3.4"),
         "qmail_gives_up": (GIVEN_UP, "Transient/General", "5.0.0")}


def form_case(name):
    def run():
        server.reset()
        text, want, status = FORMS[name]
        message = Message("ann@example.net", "bob@example.net")
        equal(hand_in(text, message.return_path)["result"], "recorded")
        bounce, = message.events("Bounce")
        equal(f"{bounce['bounceType']}/{bounce['bounceSubType']}", want)
        recipient, = bounce["bouncedRecipients"]
        equal((recipient["emailAddress"], recipient["action"], recipient["status"]), ("ann@example.net", "failed", status))
        equal("reportingMTA" in bounce, False)
        equal(message.states(), ["bounced", "captured"])
        equal(suppressed(), [("ann@example.net", "BOUNCE")] if want.startswith("Permanent") else [])
    suite.add(f"the_form_of_{name}", run)


for form in FORMS:
    form_case(form)


@case
def what_the_text_for_people_alone_tells_counts():
    """Exim's report says 5.0.0 and no more, whatever it was."""
    message = Message("ann@example.net", "bob@example.net")
    for address, why in (("ann", "    host inner.example.net\n    retry timeout exceeded"), ("bob", "    Unrouteable address")):
        hand_in(report("delivery-status", f"Reporting-MTA: dns; mx.example.net\n\nAction: failed\nFinal-Recipient: rfc822;"
                       f"{address}@elsewhere.example\nStatus: 5.0.0\n", f"The following address(es) failed:\n\n  {address}"
                       f"@elsewhere.example\n    (generated from {address}@example.net)\n{why}\n"), message.return_path)
    equal([(f"{b['bounceType']}/{b['bounceSubType']}", b["bouncedRecipients"]) for b in message.events("Bounce")],
          [("Transient/General", [{"emailAddress": "ann@example.net", "action": "failed", "status": "5.0.0"}]),
           ("Permanent/General", [{"emailAddress": "bob@example.net", "action": "failed", "status": "5.0.0"}])])
    equal(suppressed(), [("bob@example.net", "BOUNCE")])


@case
def a_complaint_is_an_event_counts_and_suppresses():
    message = Message("ann@example.net", "bob@example.net")
    equal(hand_in(arf(message, recipient="bob@example.net"), message.return_path, "fbl@provider.example")["result"],
          "recorded")
    complaint, = message.events("Complaint")
    feedback = complaint["feedbackId"]
    equal(complaint, {"feedbackId": feedback, "complaintSubType": None,
                      "complainedRecipients": [{"emailAddress": "bob@example.net"}],
                      "timestamp": complaint["timestamp"], "userAgent": "SomeProvider/1.0",
                      "complaintFeedbackType": "abuse", "arrivalDate": "2023-04-12T09:58:45.000Z"})
    equal((message.states(), statistics()), (["captured", "captured"], (0, 1)))
    held = v2.get_suppressed_destination(EmailAddress="bob@example.net")["SuppressedDestination"]
    equal((held["Reason"], held["Attributes"]), ("COMPLAINT", {"MessageId": message.id, "FeedbackId": feedback}))
    equal(hand_in(arf(message, recipient="bob@example.net"), message.return_path)["result"], "noted")
    equal((len(message.events("Complaint")), statistics()), (1, (0, 1)), "the same again")


@case
def a_report_that_is_no_complaint_does_not_suppress():
    message = Message("ann@example.net")
    hand_in(arf(message, "not-spam"), message.return_path)
    equal([c["complaintFeedbackType"] for c in message.events("Complaint")], ["not-spam"])
    equal((suppressed(), statistics()), ([], (0, 0)))
    hand_in(arf(message), message.return_path)
    equal((suppressed(), statistics()), ([("ann@example.net", "COMPLAINT")], (0, 1)))


@case
def complaints_by_the_address_for_them_name_their_message():
    for number, (address, original) in enumerate((
            ("fbl@sesame.localhost", "Message-ID: <{0.id}@email.sesame.localhost>\n\nx"),
            ("Complaints@SESAME.localhost", "Return-Path: <{0.return_path}>\n\nx"))):
        message = Message(f"ann{number}@example.net")
        result = hand_in(arf(message, original=original.format(message)), address, "provider@example.org")
        equal((result["result"], result["message"]), ("recorded", message.id), address)
        equal(len(message.events("Complaint")), 1)
    equal(statistics(), (0, 2))
    forged = "0100019d1d463523-617e8165-a084-4d91-aa5e-13778264d5d4-000000"
    for mail in (arf(message, original=f"Message-ID: <{forged}@email.sesame.localhost>\n\nx"), dsn("ann1@example.net"), "Hi.\n"):
        equal(hand_in(mail, "fbl@sesame.localhost")["result"], "ignored")
    equal(post("x", "abuse@sesame.localhost")[0], 422)


def reply(more, sender="ann@example.net"):
    return f"From: {sender}\nSubject: Re: Hello\n{more}\nI am away.\n"


@case
def replies_by_machines_are_told_apart():
    receipt = report("disposition-notification", "Final-Recipient: rfc822; ann@example.net\nDisposition: x; displayed\n")
    for kind, mail in (("challenge", reply("X-Boxtrapper: abc\n")), ("read-receipt", receipt), ("other", reply(""))):
        message = Message("ann@example.net")
        equal(hand_in(mail, message.return_path, "ann@example.net")["result"], "noted")
        equal([t["kind"] for t in message.returned()], [kind])
        equal([e["eventType"] for e in message.trace()["events"]], ["Send", "Delivery"], kind)
        equal((message.states(), suppressed(), statistics()), (["captured"], [], (0, 0)))


@case
def an_out_of_office_reply_is_told_as_ses_does_and_counts_nowhere():
    message = Message("bob@example.net", "ann@example.net")
    for want in ("recorded", "noted"):  # once for each recipient
        equal(hand_in(reply("Auto-Submitted: auto-replied\n"), message.return_path)["result"], want)
    bounce, = message.events("Bounce")
    equal((bounce["bounceType"], bounce["bounceSubType"], bounce["bouncedRecipients"]),
          ("Transient", "General", [{"emailAddress": "ann@example.net"}]))
    equal([t["kind"] for t in message.returned()], ["auto-reply", "auto-reply"])
    equal((message.states(), suppressed(), statistics()), (["captured", "captured"], [], (0, 0)))


@case
def delays_and_deliveries_are_noted():
    message = Message("ann@example.net")
    for action, status in (("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0"), ("expanded", "2.0.0")):
        equal(hand_in(dsn("ann@example.net", status, action), message.return_path)["result"], "noted")
    equal([t["recipients"][0]["result"] for t in message.returned()], ["delayed", "delivered", "relayed", "expanded"])
    equal((message.states(), message.events("Bounce"), message.events("DeliveryDelay")), (["captured"], [], []))


@case
def a_second_bounce_changes_nothing():
    message = Message("ann@example.net")
    hand_in(dsn("ann@example.net"), message.return_path)
    result = hand_in(dsn("ann@example.net", "5.2.1"), message.return_path)
    equal((result["result"], result["feedback"]["recipients"][0]["result"]), ("noted", "bounced before"))
    equal((len(message.events("Bounce")), len(message.returned()), statistics()), (1, 2, (1, 0)))


@case
def an_address_the_message_never_had_changes_nothing():
    message = Message("ann@example.net")
    for mail in (dsn("eve@example.net"), arf(message, recipient="eve@example.net"), QMAIL.replace("ann@", "eve@")):
        result = hand_in(mail, message.return_path)
        equal((result["result"], result["detail"]), ("ignored", "It names no recipient of the message."))
    message.unchanged()
    forwarded = dsn("eve@elsewhere.example", more="Original-Recipient: rfc822; ann@example.net\n")
    equal(hand_in(forwarded, message.return_path)["result"], "recorded")
    equal(message.events("Bounce")[0]["bouncedRecipients"][0]["emailAddress"], "ann@example.net")


@case
def a_forged_return_path_is_not_known():
    message = Message("ann@example.net")
    local, domain = message.return_path.split("@")
    changed = local[:16] + "-" + ("0" if local[17] != "0" else "1") + local[18:]
    for address in (f"{changed}@{domain}", f"{local[:-1]}1@{domain}", f"{local}@elsewhere.example",
                    f"{local}@a.b.{domain}", f"x{local}@{domain}"):
        equal(post(dsn("ann@example.net"), address)[0], 422, address)
    message.unchanged()
    equal(hand_in(dsn("ann@example.net"), f"{local.upper()}@{domain.upper()}")["result"], "recorded")


@case
def a_message_that_is_gone_or_too_old_changes_nothing():
    gone, old = Message("ann@example.net"), Message("bob@example.net")
    equal(server.control("DELETE", f"/_sesame/messages/{gone.id}")[0], 200)
    result = hand_in(dsn("ann@example.net"), gone.return_path)
    equal((result["result"], result["detail"]), ("ignored", "The message is not known any more."))
    server.advance("335h")  # of 14 days
    equal(hand_in(dsn("bob@example.net", "4.4.1", "delayed"), old.return_path)["result"], "noted")
    server.advance("2h")
    result = hand_in(dsn("bob@example.net"), old.return_path)
    equal((result["result"], result["detail"]), ("ignored", "The message left too long ago."))
    equal((old.states(), suppressed(), statistics()), (["captured"], [], (0, 0)))


@case
def return_paths_at_each_mail_from_domain():
    regional = client("sesv2", server, region="eu-west-1")
    message = Message("ann@example.net", ses=regional)
    assert message.return_path.endswith("@eu-west-1.sesame.localhost"), message.return_path
    equal(hand_in(dsn("ann@example.net"), message.return_path)["result"], "recorded")
    equal(regional.get_suppressed_destination(EmailAddress="ann@example.net")["SuppressedDestination"]["Reason"], "BOUNCE")
    equal(suppressed(), [], "in the other region")

    v1.verify_domain_identity(Domain="own.example")
    v1.set_identity_mail_from_domain(Identity="own.example", MailFromDomain="bounce.own.example")
    message = Message("ann@example.net", FromEmailAddress="me@own.example")
    equal(message.return_path, f"{message.id}@bounce.own.example")
    v1.set_identity_mail_from_domain(Identity="own.example", MailFromDomain="other.own.example")
    equal(hand_in(dsn("ann@example.net"), message.return_path)["result"], "recorded", "after a change of the domain")


@case
def no_rule_or_filter_keeps_a_bounce_away():
    v1.verify_domain_identity(Domain="own.example")
    v1.set_identity_mail_from_domain(Identity="own.example", MailFromDomain="bounce.own.example")
    message = Message("ann@example.net", FromEmailAddress="me@own.example")
    v1.create_receipt_rule_set(RuleSetName="set")
    v1.create_receipt_rule(RuleSetName="set", Rule={
        "Name": "all", "Enabled": True, "TlsPolicy": "Optional", "Actions": [{"StopAction": {"Scope": "RuleSet"}}]})
    v1.set_active_receipt_rule_set(RuleSetName="set")
    status, body = post(dsn("ann@example.net"), f"{message.return_path},box@own.example", "x@example.org")
    equal((status, len(body["messageIds"])), (200, 2))
    rows = [row(received) for received in body["messageIds"]]
    equal([(r["kind"], r["to"], r["region"]) for r in rows],
          [("mail", ["box@own.example"], "us-east-1"), ("feedback", [message.return_path], "us-east-1")])
    equal(len(message.events("Bounce")), 1)
    v1.create_receipt_filter(Filter={"Name": "f", "IpFilter": {"Policy": "Block", "Cidr": "0.0.0.0/0"}})
    hand_in(dsn("ann@example.net"), message.return_path)


@case
def what_the_set_of_a_message_says_counts():
    v2.create_configuration_set(ConfigurationSetName="none", SuppressionOptions={"SuppressedReasons": []})
    message = Message("ann@example.net", ConfigurationSetName="none")
    hand_in(dsn("ann@example.net"), message.return_path)
    hand_in(arf(message), message.return_path)
    equal((len(message.events("Bounce")), len(message.events("Complaint"))), (1, 1))
    equal((suppressed(), statistics()), ([], (1, 1)))
    refused(v2.get_suppressed_destination, "NotFoundException", status=404, EmailAddress="ann@example.net")


@case
def a_report_before_a_large_mail_is_read():
    message = Message("ann@example.net")
    mail = dsn("ann@example.net").replace("--b--", "--b\nContent-Type: message/rfc822\n\n" + ("x" * 70 + "\n") * 40000)
    equal(hand_in(mail, message.return_path)["result"], "recorded")


@case
def a_bounce_waits_while_its_recipient_is_still_tried():
    with socket.socket() as dead:  # nobody listens there
        dead.bind(("127.0.0.1", 0))
        with Sesame("--auto-verify", "--deliver", "relay", "--relay", f"127.0.0.1:{dead.getsockname()[1]}") as dev:
            ses = client("sesv2", dev)
            message = Message("ann@example.net", dev=dev, ses=ses, leaves=False)
            _, body = post(dsn("ann@example.net"), message.return_path, dev=dev)

            def look():
                return json.loads(dev.control("GET", f"/_sesame/received/{body['messageId']}")[1])
            received = wait_for("the first look", lambda: (r := look())["due"] > r["received"] and r)
            equal((received["state"], received["results"]), ("waiting", []))
            dev.advance("5h")  # after four it waits no longer
            equal(row(body["messageId"], dev)["results"][0]["feedback"]["recipients"][0]["result"], "still tried")
            equal((message.states(), message.events("Bounce")), (["pending"], []))


@case
def each_bounce_is_recorded_once_whenever_the_server_dies():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder:
        dev = Sesame("--auto-verify", "--data", folder).start()
        dev.account(maxSendRate=1000000)
        ses = client("sesv2", dev)
        messages = [Message(f"u{n}@example.net", dev=dev, ses=ses) for n in range(60)]
        taken = {}
        for kill in range(3):
            mine = messages[kill * 20:kill * 20 + 20]

            def flood(some):
                for message in some:
                    try:
                        status, body = post(dsn(message.to[0]), message.return_path, dev=dev)
                    except (OSError, ValueError):
                        return  # the server is gone
                    if status == 200:
                        taken[message] = body["messageId"]
            threads = [threading.Thread(target=flood, args=(mine[n::3],)) for n in range(3)]
            for thread in threads:
                thread.start()
            wait_for("bounces to be taken", lambda known=len(taken): len(taken) > known + 2 + 3 * kill)
            dev.kill()
            for thread in threads:
                thread.join()
            dev.start()
        for message, received in taken.items():
            equal(row(received, dev)["results"][0]["result"], "recorded")
        for message in messages:
            count = len(message.events("Bounce"))
            assert count == 1 if message in taken else count <= 1, (message.to, count)
            equal(message.states(), ["bounced" if count else "captured"])
        points = client("ses", dev).get_send_statistics()["SendDataPoints"]
        equal(sum(p["Bounces"] for p in points), sum(len(m.events("Bounce")) for m in messages))
        dev.stop()


@suite.case
def the_server_stops():
    server.stop()


if __name__ == "__main__":
    suite.main()
