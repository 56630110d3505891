"""SendBounce by boto3 and the AWS CLI: the notification as two parsers of other people read it, everything that is
refused, and real delivery into a Postfix mailbox (handbook SEMANTICS §23)."""

import datetime
import email
import email.policy
import email.utils
import json
import pathlib
import smtplib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from flufl.bounce import all_failures  # noqa: E402
from harness.cases import Suite, contains, equal  # noqa: E402
from harness.cli import aws  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.postfix import Postfix, own_part  # noqa: E402
from harness.server import Sesame  # noqa: E402
from harness.tools import dkim_names, dkim_passes, own_dkim_key  # noqa: E402
from harness.users import User  # noqa: E402
from sdk.clients import client, refused  # noqa: E402
from sdk.inbound import MAIL, STOP, hand_in, rules  # noqa: E402

suite = Suite("send_bounce")
server = Sesame().start()
ses = client("ses", server)
SENDER, BOX, JOE = "mailer@example.com", "box@example.com", "joe@example.org"
WHEN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
NO_MESSAGE = "Original message does not exist or is older than 24 hours: "
UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "
ARN = "arn:aws:ses:us-east-1:000000000000:identity/"


def case(function):
    def run():
        server.reset()
        rules(server, ("take", [STOP], {}), ses=ses)
        function()
    suite.add(function.__name__, run)


def recipient(address=BOX, kind="DoesNotExist", **more):
    return {"Recipient": address, **({"BounceType": kind} if kind else {}), **more}


def with_fields(**fields):
    return {"Recipient": BOX, "RecipientDsnFields": {"Action": "failed", "Status": "5.1.1", **fields}}


def call(message_id, *recipients, **more):
    return {"OriginalMessageId": message_id, "BounceSender": SENDER,
            "BouncedRecipientInfoList": list(recipients) or [recipient()], **more}


def taken(mail=MAIL, **query):
    return hand_in(server, mail, **{"from": JOE, **query})


class Dsn:
    """A notification as Python's email reads it: (parts, message fields, fields of each recipient)."""

    def __init__(self, raw):
        self.mail = email.message_from_bytes(raw, policy=email.policy.default)
        equal((self.mail.get_content_type(), self.mail["Content-Type"].params["report-type"]),
              ("multipart/report", "delivery-status"))
        equal(self.mail.defects, [])
        text, report, self.returned = self.mail.iter_parts()
        equal([p.get_content_type() for p in self.mail.iter_parts()],
              ["text/plain", "message/delivery-status", "text/rfc822-headers"])
        equal(report["Content-Transfer-Encoding"], "7bit")
        self.lines = text.get_content().splitlines()
        groups = [dict(group.items()) for group in report.get_payload()]
        self.message, self.recipients = groups[0], groups[1:]


def bounced(message_id, raw):
    """The notification with this message id; what flufl.bounce makes of it: (delayed, failed)."""
    dsn = Dsn(raw)
    contains(dsn.mail["Message-ID"], message_id)
    delayed, failed = all_failures(email.message_from_bytes(raw))
    return dsn, {a.decode() for a in delayed}, {a.decode() for a in failed}


def sent(answer, to=JOE):
    line, raw = server.only_mail(to=to)
    equal(line["messageId"], answer["MessageId"])
    return bounced(answer["MessageId"], raw)


@case
def a_type_is_enough():
    ses.verify_domain_dkim(Domain="example.com")
    original = taken()
    answer = ses.send_bounce(**call(original))
    dsn, delayed, failed = sent(answer)
    equal((delayed, failed), (set(), {BOX}))
    equal((dsn.mail["From"], dsn.mail["To"], dsn.mail["Subject"], dsn.mail["In-Reply-To"], dsn.mail["Auto-Submitted"]),
          (SENDER, JOE, "Delivery Status Notification (Failure)", "<1@x>", "auto-replied"))
    equal(list(dsn.message), ["Reporting-MTA", "Arrival-Date"])
    equal(dsn.message["Reporting-MTA"], "dns; inbound-smtp.us-east-1.sesame.localhost")
    assert email.utils.parsedate_to_datetime(dsn.message["Arrival-Date"])
    equal(dsn.recipients, [{"Final-Recipient": f"rfc822; {BOX}", "Action": "failed", "Status": "5.1.1",
                            "Diagnostic-Code": "smtp; 550 5.1.1 Mailbox does not exist"}])
    equal(dsn.lines, ["Your message could not be delivered to these recipients:", "",
                      f"<{BOX}>: 550 5.1.1 Mailbox does not exist"])
    equal(dsn.returned.get_content().splitlines(), MAIL.split("\n\n")[0].splitlines())
    raw = server.raw(answer["MessageId"])
    equal(dkim_names(raw)[0][0], "example.com")
    seen = json.loads(server.control("GET", "/_sesame/messages/" + answer["MessageId"])[1])
    equal((seen["operation"], seen["envelopeFrom"], seen["returnPath"]), ("SendBounce", "", ""))
    equal([e["eventType"] for e in server.events(answer["MessageId"])], ["Send", "Delivery"])


@case
def all_fields_stand_in_it():
    original = taken(to=f"{BOX},other@example.com,third@example.com")
    extensions = [{"Name": "X-Mine", "Value": "a b"}, {"Name": "X-Long", "Value": "v" * 2048}]
    answer = ses.send_bounce(**call(
        original,
        {"Recipient": BOX, "BounceType": "ExceededQuota", "RecipientDsnFields": {
            "FinalRecipient": "real@example.net", "Action": "delayed", "Status": "4.2.2", "RemoteMta": "dns; mx.example.net",
            "DiagnosticCode": "smtp; 452 4.2.2 full", "LastAttemptDate": WHEN, "ExtensionFields": extensions}},
        recipient("Other <other@example.com>", "ContentRejected"),
        {"Recipient": "third@example.com", "RecipientDsnFields": {"Action": "relayed", "Status": "2.0.0"}},
        BounceSender="Mailer Daemon <mailer@example.com>", Explanation="Désolé.\r\n--\r\nX-Evil: yes\r\n\r\nAction: delivered",
        MessageDsn={"ReportingMta": "dns; mx.example.com", "ArrivalDate": WHEN,
                    "ExtensionFields": [{"Name": "X-Queue", "Value": "17"}]},
        BounceSenderArn=ARN + "example.com"))
    dsn, delayed, failed = sent(answer)
    equal((delayed, failed), ({"real@example.net"}, {"other@example.com"}))
    date = "Fri, 02 Jan 2026 03:04:05 +0000"
    equal(dsn.message, {"Reporting-MTA": "dns; mx.example.com", "Arrival-Date": date, "X-Queue": "17"})
    long = dsn.recipients[0].pop("X-Long")
    equal("".join(long.split()), "v" * 2048)
    equal(dsn.recipients, [
        {"Final-Recipient": "rfc822; real@example.net", "Action": "delayed", "Status": "4.2.2",
         "Remote-MTA": "dns; mx.example.net", "Diagnostic-Code": "smtp; 452 4.2.2 full", "Last-Attempt-Date": date,
         "X-Mine": "a b"},
        {"Final-Recipient": "rfc822; other@example.com", "Action": "failed", "Status": "5.6.1",
         "Diagnostic-Code": "smtp; 500 5.6.1 Message content rejected"},
        {"Final-Recipient": "rfc822; third@example.com", "Action": "relayed", "Status": "2.0.0"}])
    equal(dsn.lines, ["Désolé.", "--", "X-Evil: yes", "", "Action: delivered"])
    equal(dsn.mail["From"], "Mailer Daemon <mailer@example.com>")
    equal(dsn.mail["X-Evil"], None)


@case
def it_is_refused():
    original = taken()
    null = taken(**{"from": ""})

    def rejected(message, *recipients, at=original, **more):
        refused(ses.send_bounce, "MessageRejected", message, **call(at, *recipients, **more))

    def invalid(message, *recipients, **more):
        refused(ses.send_bounce, "InvalidParameterValue", message, **call(original, *recipients, **more))

    rejected(NO_MESSAGE + "unknown", at="unknown")
    rejected(f"Original message has no sender to return a bounce to: {null}", at=null)
    rejected(UNVERIFIED + "m@example.net", BounceSender="m@example.net")
    rejected("Not a recipient of the original message: no@example.com", recipient("no@example.com"))
    ses.verify_email_identity(EmailAddress="m@example.net")
    rejected("Bounce sender is not of the domain of a recipient of the original message: m@example.net",
             BounceSender="m@example.net")
    rejected(UNVERIFIED + SENDER, BounceSenderArn=ARN + "example.net")

    invalid("Missing final '@domain'", BounceSender="mailer")
    invalid("Invalid ARN <x>.", BounceSenderArn="x")
    invalid("Invalid ARN <x>.", recipient(RecipientArn="x"))
    invalid("Missing final '@domain'", recipient("box"))
    invalid(f"Either BounceType or RecipientDsnFields must be specified for recipient: {BOX}", recipient(kind=None))
    invalid(f"Duplicate bounced recipient: {BOX}", recipient(), with_fields())
    invalid("Invalid status code: 2.0.0", with_fields(Status="2.0.0"))
    invalid("Invalid status code: 5.1.1\r\nX: y", with_fields(Status="5.1.1\r\nX: y"))
    invalid("Invalid diagnostic code.", with_fields(DiagnosticCode="smtp; 550\r\nX-Evil: y"))
    invalid("Invalid remote MTA.", with_fields(RemoteMta="mx.example.net"))
    invalid("Invalid extension field name: Status",
            with_fields(ExtensionFields=[{"Name": "Status", "Value": "5.1.1"}]))
    invalid("Invalid value of extension field: X-A", with_fields(ExtensionFields=[{"Name": "X-A", "Value": "a\nb"}]))
    invalid("Invalid reporting MTA.", MessageDsn={"ReportingMta": "dns; a\r\nX-Evil: y"})
    invalid("Explanation is more than 65536 bytes long.", Explanation="x" * 65537)
    text = refused(ses.send_bounce, "ValidationError", **call(original, recipient(kind="Other"))).response["Error"]["Message"]
    contains(text, "Member must satisfy enum value set: [DoesNotExist, ")
    text = refused(ses.send_bounce, "ValidationError", **call(original, with_fields(Action="lost"))).response["Error"]["Message"]
    contains(text, "Member must satisfy enum value set: [failed, ")
    equal(server.messages(to=JOE), [])


@case
def it_is_for_who_received_it():
    original = taken()
    for elsewhere in (dict(region="eu-west-1"), dict(key="111122223333")):
        other = client("ses", server, **elsewhere)
        other.verify_domain_identity(Domain="example.com")
        refused(other.send_bounce, "MessageRejected", NO_MESSAGE + original, **call(original))


@case
def it_is_for_a_day():
    original = taken()
    server.advance("86399s")
    ses.send_bounce(**call(original))
    dsn, _, _ = bounced("", server.only_mail(to=JOE)[1])
    contains(dsn.returned.get_content(), "Message-ID: <1@x>")
    server.advance("2s")
    refused(ses.send_bounce, "MessageRejected", NO_MESSAGE + original, **call(original))
    equal(len(server.messages(to=JOE)), 1)


@case
def it_is_a_send():
    """The pause, the sandbox, the quotas, suppression, the sender's own label, and no configuration set."""
    v2 = client("sesv2", server)
    original = taken()
    before = ses.get_send_quota()["SentLast24Hours"]
    v2.create_configuration_set(ConfigurationSetName="set", SendingOptions={"SendingEnabled": False})
    v2.put_email_identity_configuration_set_attributes(EmailIdentity="example.com", ConfigurationSetName="set")
    v2.put_email_identity_mail_from_attributes(EmailIdentity="example.com", MailFromDomain="m.example.com",
                                               BehaviorOnMxFailure="REJECT_MESSAGE")
    answer = ses.send_bounce(**call(original, BounceSender="mailer+1@example.com"))
    equal(sent(answer)[2], {BOX})
    equal(ses.get_send_quota()["SentLast24Hours"], before + 1)

    ses.update_account_sending_enabled(Enabled=False)
    refused(ses.send_bounce, "AccountSendingPausedException", "Account sending is disabled.", **call("unknown"))
    ses.update_account_sending_enabled(Enabled=True)
    server.account(sandbox=True)
    refused(ses.send_bounce, "MessageRejected", UNVERIFIED + JOE, **call(original))
    ses.verify_email_identity(EmailAddress=JOE)
    ses.send_bounce(**call(original))
    server.account(sandbox=False, max24HourSend=2)
    refused(ses.send_bounce, "Throttling", "Daily message quota exceeded.", **call(original))
    server.account(max24HourSend=50000)
    v2.put_suppressed_destination(EmailAddress=JOE, Reason="BOUNCE")
    answer = ses.send_bounce(**call(original))
    equal(server.trace(answer["MessageId"])["state"], "held")


@case
def a_repeated_call_sends_once():
    original = taken()

    def same(request, **_):
        request.headers["amz-sdk-invocation-id"] = "one"

    again = client("ses", server)
    again.meta.events.register("before-send.ses.SendBounce", same)
    ids = {again.send_bounce(**call(original))["MessageId"] for _ in range(3)}
    equal(len(ids), 1)
    equal(len(server.messages(to=JOE)), 1)


@case
def rights_are_those_of_the_sender():
    original = taken()
    bob = User(server, "bob")
    his = client("ses", server, **bob.credentials)
    allowed = {"Effect": "Allow", "Action": "ses:SendBounce", "Resource": ARN + "example.com"}

    def denied(message_id=original, **more):
        refused(his.send_bounce, "AccessDenied",
                f"User `{bob.arn}' is not authorized to perform `ses:SendBounce' on resource `{ARN}example.com'", 403,
                **call(message_id, **more))

    denied()
    denied("unknown")  # before anything is said of the mail
    bob.allow({**allowed, "Condition": {"StringEquals": {"ses:FromAddress": SENDER}}})
    his.send_bounce(**call(original))
    denied(BounceSender="else@example.com")
    for key in ("ses:Recipients", "ses:FeedbackAddress", "ses:FromDisplayName"):  # SES §10.4: it has none of these
        bob.allow({**allowed, "Condition": {"Null": {key: "true"}}})
        his.send_bounce(**call(original, BounceSender=f"Mailer <{SENDER}>"))
    bob.allow({"Effect": "Allow", "Action": ["ses:SendEmail", "ses:SendRawEmail"], "Resource": "*"})
    denied()
    rows = server.operator("audit", "--principal", "bob", "--action", "ses:SendBounce", "--denied")["records"]
    equal({(r["effect"], r["api"], tuple(r["resources"])) for r in rows},
          {("ImplicitDeny", "v1", (ARN + "example.com",))})


@case
def a_delegate_may_use_the_owners_sender():
    """SES §9: the mail is the delegate's, received by its account; the identity it bounces as is the owner's."""
    owner = "111122223333"
    theirs = client("ses", server, key=owner)
    theirs.verify_domain_identity(Domain="mail.example.com")
    theirs.verify_domain_dkim(Domain="mail.example.com")
    original = taken(to="box@mail.example.com")
    arn = f"arn:aws:ses:us-east-1:{owner}:identity/mail.example.com"
    asked = call(original, recipient("box@mail.example.com"), BounceSender="m@mail.example.com", BounceSenderArn=arn)
    refused(ses.send_bounce, "AccessDenied", status=403, **asked)
    theirs.put_identity_policy(Identity="mail.example.com", PolicyName="p", Policy=json.dumps({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "ses:Send*", "Resource": arn}]}))
    answer = ses.send_bounce(**asked)
    equal(dkim_names(server.raw(answer["MessageId"]))[0][0], "mail.example.com")


@case
def any_mail_can_be_bounced():
    """Whatever stands in its headers, they are returned as text, and act on nothing."""
    heads = ['Content-Type: application/x; name="x.exe"\nContent-Disposition: attachment; filename="x.exe"',
             "Content-Type: text/plain; charset", "X-A: a\nthis is no header\nSubject: later", "Subject: a\nSubject: b\nFrom: c@d.e",
             "X-SES-CONFIGURATION-SET: none\nX-SES-MESSAGE-TAGS: a=b=c\nX-SES-SOURCE-ARN: x\nBcc: z@example.com",
             "Subject: Grüße €", "Subject: " + "x" * 3000, "X-A: --=_", "\n".join(f"X-{i}: {'y' * 70}" for i in range(2000))]
    for number, head in enumerate(heads):
        sender = f"joe{number}@example.org"
        answer = ses.send_bounce(**call(taken(f"{head}\nMessage-ID: <1@x>\n\nHello.\n", to=BOX, **{"from": sender})))
        dsn, _, failed = sent(answer, sender)
        equal((failed, dsn.mail["To"], dsn.mail["Subject"], dsn.mail["Bcc"]),
              ({BOX}, sender, "Delivery Status Notification (Failure)", None))
        wanted = [line for line in f"{head}\nMessage-ID: <1@x>".splitlines() if ": " in line]
        returned = dsn.returned.get_content().splitlines()
        assert returned == wanted[:len(returned)], returned[-2:]
        assert len(returned) == len(wanted) or len(returned) > 800, len(returned)


@case
def addresses_need_not_be_ascii():
    """RFC 6531 senders and recipients; the report stays ASCII (RFC 6533)."""
    original = taken(to="bö@example.com", **{"from": "jö@example.org"})
    answer = ses.send_bounce(**call(original, recipient("bö@example.com")))
    dsn = Dsn(server.raw(answer["MessageId"]))
    equal((dsn.mail["To"], dsn.recipients[0]["Final-Recipient"]), ("jö@example.org", r"utf-8; b\x{F6}@example.com"))
    refused(ses.send_bounce, "InvalidParameterValue", "Local address contains control or whitespace",
            **call(original, recipient("bö@example.com"), BounceSender="mö@example.com"))


@case
def by_the_command_line():
    original = taken()
    told = aws(server, "ses", "send-bounce", "--original-message-id", original, "--bounce-sender", SENDER,
               "--bounced-recipient-info-list", f"Recipient={BOX},BounceType=MessageTooLarge", "--explanation", "Too large.",
               "--message-dsn", "ReportingMta=dns; mx.example.com,ArrivalDate=2026-01-02T03:04:05Z")
    dsn, _, failed = sent(told)
    equal((failed, dsn.recipients[0]["Status"], dsn.lines), ({BOX}, "5.3.4", ["Too large."]))
    equal(dsn.message["Arrival-Date"], "Fri, 02 Jan 2026 03:04:05 +0000")
    text = aws(server, "ses", "send-bounce", "--original-message-id", "x", "--bounce-sender", SENDER,
               "--bounced-recipient-info-list", f"Recipient={BOX},BounceType=Undefined", succeed=False)
    contains(text, "An error occurred (MessageRejected) when calling the SendBounce operation: " + NO_MESSAGE + "x")


@suite.case
def it_arrives():
    """What came in by SMTP is bounced by MX into a Postfix mailbox: null return path, a good signature, and both parsers read what arrived."""
    private_key, record = own_dkim_key()
    keys = {"mine._domainkey.example.com": record}
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as folder, Postfix(folder, ["far.example"]) as postfix, \
            Dns(folder, [("far.example", "MX", "10 mx.far.example"), ("mx.far.example", "A", "127.0.0.1")]) as dns, \
            Sesame("--deliver", "mx", "--dns", dns.address, "--mx-port", str(postfix.port)) as real:
        mine = rules(real, ("take", [STOP], {}))
        client("sesv2", real).put_email_identity_dkim_signing_attributes(
            EmailIdentity="example.com", SigningAttributesOrigin="EXTERNAL", SigningAttributes={
                "DomainSigningSelector": "mine", "DomainSigningPrivateKey": private_key})
        with smtplib.SMTP(*real.inbound, local_hostname="mx.far.example", timeout=30) as door:
            refusals = door.sendmail("joe@far.example", [BOX], MAIL.replace("\n", "\r\n").encode())
        equal(refusals, {})
        original = json.loads(real.control("GET", "/_sesame/received")[1])["received"][0]["messageId"]
        answer = mine.send_bounce(**call(original, Explanation="Grüße.\n" + "long line " * 200))
        arrived = postfix.wait_for_mail("joe@far.example")
        equal(len(arrived), 1)
        contains(arrived[0], b"Return-Path: <>\n")
        mail = own_part(arrived[0])
        equal(dkim_names(mail)[0], ("example.com", "mine"))
        assert dkim_passes(mail, keys), mail.decode(errors="replace")
        dsn, delayed, failed = bounced(answer["MessageId"], mail)
        equal((delayed, failed, dsn.recipients[0]["Final-Recipient"]), (set(), {BOX}, f"rfc822; {BOX}"))
        equal(dsn.lines, ["Grüße.", "long line " * 200])
        real.advance("24h")
        real.advance("1s")
        refused(mine.send_bounce, "MessageRejected", NO_MESSAGE + original, **call(original))
        equal(len(postfix.mails("joe@far.example")), 1)


@suite.case
def the_server_stops():
    server.stop()


if __name__ == "__main__":
    suite.main()
