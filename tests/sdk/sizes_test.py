"""The limits of SES on a mail: its size, exact to the octet by each door, how many recipients and bulk entries, and the
file names that are not taken."""

import base64
import email
import email.message
import email.policy
import hashlib
import http.client
import json
import pathlib
import re
import smtplib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from harness.big_mail import V1_LIMIT, V2_LIMIT, body_hash, octets, raw_mail, submitted_size  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import ROOT, Sesame, clean_environment, wait_for  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("sizes")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)
NODE = str(ROOT / ".cache/venv/bin/node")
SENDER, TO = "me@example.com", "you@example.net"
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}


def case(function):
    """A case that finds an empty inbox."""
    def run():
        server.reset()
        server.account(max24HourSend=-1, maxSendRate=1000000)
        function()
    suite.add(function.__name__, run)
    return function


def refused(code, message, function, **kwargs):
    error = raises(botocore.exceptions.ClientError, function, **kwargs)
    equal(error.response["Error"]["Code"], code, "code")
    equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 400, "status")
    equal(error.response["Error"]["Message"], message, "message")


def too_long(limit, size):
    return f"Message length is more than {limit} bytes long: '{size}'."


def captured(message_id):
    wait_for("the capture", lambda: server.trace(message_id)["state"] != "pending", 60)
    return server.raw(message_id)


def arrived_whole(message_id, mail):
    equal(body_hash(captured(message_id)), body_hash(mail), "body")


# Raw mail by each door.


@case
def v1_send_raw_email():
    mail = raw_mail(V1_LIMIT)
    arrived_whole(v1.send_raw_email(RawMessage={"Data": mail})["MessageId"], mail)
    refused("InvalidParameterValue", too_long(V1_LIMIT, V1_LIMIT + 1), v1.send_raw_email,
            RawMessage={"Data": raw_mail(V1_LIMIT + 1)})


@case
def v2_raw():
    mail = raw_mail(V2_LIMIT)
    arrived_whole(v2.send_email(Content={"Raw": {"Data": mail}})["MessageId"], mail)
    refused("BadRequestException", too_long(V2_LIMIT, V2_LIMIT + 1), v2.send_email,
            Content={"Raw": {"Data": raw_mail(V2_LIMIT + 1)}})


BY_JAVASCRIPT = """
  import { readFileSync } from "node:fs";
  import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
  const [endpoint, file] = process.argv.slice(1);
  const client = new SESv2Client({ endpoint, region: "us-east-1", maxAttempts: 1,
                                   credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "any" } });
  try {
    console.log((await client.send(new SendEmailCommand({ Content: { Raw: { Data: readFileSync(file) } } }))).MessageId);
  } catch (error) { console.log(error.name + ": " + error.message); }"""


@case
def v2_raw_by_the_javascript_sdk():
    def send(mail):
        with tempfile.NamedTemporaryFile() as file:
            file.write(mail)
            file.flush()
            done = subprocess.run([NODE, "--input-type=module", "-e", BY_JAVASCRIPT, server.url, file.name],
                                  cwd=ROOT / "tests/sdk", capture_output=True, text=True, timeout=120, check=True,
                                  env=clean_environment())
        return done.stdout.strip()

    mail = raw_mail(V2_LIMIT)
    arrived_whole(send(mail), mail)
    equal(send(raw_mail(V2_LIMIT + 1)), "BadRequestException: " + too_long(V2_LIMIT, V2_LIMIT + 1))


class Talk(smtplib.SMTP):
    """A session with the envelope given."""

    def __init__(self, *mail_options, recipients=(TO,)):
        super().__init__(*server.smtp, timeout=60)
        self.ehlo("client.example")
        equal(self.mail(SENDER, mail_options)[0], 250)
        for address in recipients:
            equal(self.rcpt(address)[0], 250)

    def dotted(self, mail):
        equal(self.docmd("DATA")[0], 354)
        self.send(re.sub(rb"(?m)^\.", b"..", mail))
        self.send(b".\r\n")
        return self.getreply()

    def chunked(self, *chunks):
        for i, chunk in enumerate(chunks):
            self.putcmd(f"BDAT {len(chunk)}" + (" LAST" if i == len(chunks) - 1 else ""))
            self.send(chunk)
            answer = self.getreply()
            if answer[0] != 250:
                return answer
        return answer


def taken_whole(answer, mail):
    equal(answer[0], 250, answer[1])
    arrived_whole(answer[1].decode().split()[1], mail)


@case
def smtp_data():
    """The dots that DATA adds do not count."""
    mail = raw_mail(V2_LIMIT - 3000) + b".\r\n" * 1000
    equal(len(mail), V2_LIMIT)
    with Talk() as smtp:
        taken_whole(smtp.dotted(mail), mail)
    for size in (V2_LIMIT + 1, V2_LIMIT + 5000000):
        with Talk() as smtp:
            equal(smtp.dotted(raw_mail(size)), (552, b"Message is too long."))
            equal(smtp.noop()[0], 250)  # the session goes on


@case
def smtp_bdat():
    mail = raw_mail(V2_LIMIT)
    with Talk() as smtp:
        taken_whole(smtp.chunked(mail[:10000001], mail[10000001:10000002], mail[10000002:]), mail)
    with Talk() as smtp:
        equal(smtp.chunked(raw_mail(V2_LIMIT + 1)), (552, b"Message is too long."))
        equal(smtp.noop()[0], 250)


@case
def smtp_size_announced():
    with Talk(f"SIZE={V2_LIMIT}") as smtp:
        equal(smtp.dotted(raw_mail(5000))[0], 250)
        for command, answer in (
                (f"SIZE={V2_LIMIT + 1}", (552, b"5.3.4 Message size exceeds fixed limit")),
                ("SIZE=9999999999999999999", (552, b"5.3.4 Message size exceeds fixed limit")),
                ("SIZE=x", (501, b"5.5.4 Syntax error in SIZE"))):
            equal(smtp.docmd(f"MAIL FROM:<{SENDER}> {command}"), answer, command)


# Mail that Sesame builds: as long as it came out, of which a boundary of random length may be a part.


def edge(limit, send):
    """`send(n)` sends a text of n octets, and answers (accepted, the size of the mail). Goes on until the limit and one
    octet more were seen."""
    n = limit - 20000
    accepted, size = send(n)
    assert accepted, f"{size} octets were refused"
    seen = {size}
    for _ in range(60):
        n += limit - size + (limit in seen)
        accepted, size = send(n)
        equal(accepted, size <= limit, f"accepted with {size} octets")
        seen.add(size)
        if {limit, limit + 1} <= seen:
            return
    raise AssertionError(f"the edge was not met: {sorted(seen)}")


def text_of(n):
    whole = ("x" * 76 + "\r\n") * (n // 78 + 1)
    return whole[:n - 2] + "\r\n"


def outcome(limit, code, call, text):
    """(accepted, size), the size as the refusal tells it or as the captured mail has it."""
    try:
        sent = call()
    except botocore.exceptions.ClientError as error:
        equal(error.response["Error"]["Code"], code, "code")
        size = int(re.search(r"'(\d+)'\.$", error.response["Error"]["Message"])[1])
        equal(error.response["Error"]["Message"], too_long(limit, size), "message")
        return False, size
    mail = captured(sent["MessageId"])
    contains(mail, text.encode(), "captured mail")
    return True, submitted_size(mail)


def text_edge(limit, code, call):
    def send(n):
        text = text_of(n)
        message = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": text}}}
        return outcome(limit, code, lambda: call(message), text)
    edge(limit, send)


@case
def v1_send_email():
    text_edge(V1_LIMIT, "InvalidParameterValue", lambda message: v1.send_email(
        Source=SENDER, Destination={"ToAddresses": [TO]}, Message=message))


@case
def v2_simple_text():
    text_edge(V2_LIMIT, "BadRequestException", lambda message: v2.send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": [TO]}, Content={"Simple": message}))


ATTACHED = octets(29 << 20)
ENCODED = base64.b64encode(ATTACHED).decode()
ATTACHED_SIZE = len(base64.encodebytes(ATTACHED)) * 78 // 77  # CRLF for LF
ATTACHMENT = {"FileName": "large.bin", "RawContent": "@"}


def post(content):
    """A call whose body is put together once: boto3 takes seconds for 40 MB. (status, answer)"""
    body = json.dumps({"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [TO]}, "Content": content})
    host, port = server.endpoint("http")
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request("POST", "/v2/email/outbound-emails", body.replace('"@"', f'"{ENCODED}"').encode(),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def attached_whole(mail):
    parts = email.message_from_bytes(mail, policy=email.policy.default).iter_attachments()
    equal([hashlib.sha256(p.get_content()).hexdigest() for p in parts], [hashlib.sha256(ATTACHED).hexdigest()])


@case
def v2_simple_with_attachment():
    hashed = []

    def send(n):
        status, answer = post({"Simple": {**SIMPLE, "Body": {"Text": {"Data": text_of(n - ATTACHED_SIZE)}},
                                          "Attachments": [ATTACHMENT]}})
        if status != 200:
            size = int(re.search(r"'(\d+)'\.$", answer["message"])[1])
            equal((status, answer["message"]), (400, too_long(V2_LIMIT, size)))
            return False, size
        mail = captured(answer["MessageId"])
        if not hashed:
            attached_whole(mail)
            hashed.append(True)
        return True, submitted_size(mail)
    edge(V2_LIMIT, send)


@case
def v2_template_with_attachment():
    """A templated mail is made after the call (SES §5), so what is too long fails then, with an event that says so."""
    v2.create_configuration_set(ConfigurationSetName="c")

    def send(n):
        status, answer = post({"Template": {
            "TemplateContent": {"Subject": "Hello", "Text": "It works.\r\n" + "x" * (n - ATTACHED_SIZE - 400000)},
            "TemplateData": "{}", "Attachments": [ATTACHMENT]}})
        equal(status, 200, answer)
        trace = wait_for("the end", lambda: (t := server.trace(answer["MessageId"]))["state"] != "pending" and t, 60)
        failed = [e for e in trace["events"] if e["eventType"] == "Rendering Failure"]
        if not failed:
            return True, submitted_size(server.raw(answer["MessageId"]))
        text = failed[0]["failure"]["errorMessage"]
        size = int(re.search(r"'(\d+)'\.$", text)[1])
        equal(text, too_long(V2_LIMIT, size))
        return False, size
    edge(V2_LIMIT, send)


# How many.


def addresses(n):
    return [f"u{i}@example.net" for i in range(n)]


def spread(n):
    """To, Cc and Bcc count together."""
    all_of_them = addresses(n)
    return {"ToAddresses": all_of_them[:20], "CcAddresses": all_of_them[20:40], "BccAddresses": all_of_them[40:]}


TEMPLATE = {"TemplateContent": {"Subject": "x", "Text": "y"}, "TemplateData": "{}"}
SHORT = b"From: me@example.com\r\nSubject: x\r\n\r\ny\r\n"
TOO_MANY = "Recipient count exceeds 50."


@case
def recipients_v1():
    v1.create_template(Template={"TemplateName": "t", "SubjectPart": "x", "TextPart": "y"})
    listed = b"To: " + b",\r\n ".join(a.encode() for a in addresses(51)) + b"\r\n" + SHORT
    few = b"To: " + b",\r\n ".join(a.encode() for a in addresses(50)) + b"\r\n" + SHORT
    calls = [
        (v1.send_email, lambda n: {"Source": SENDER, "Destination": spread(n), "Message": SIMPLE}),
        (v1.send_raw_email, lambda n: {"Destinations": addresses(n), "RawMessage": {"Data": SHORT}}),
        (v1.send_raw_email, lambda n: {"RawMessage": {"Data": few if n == 50 else listed}}),
        (v1.send_templated_email, lambda n: {"Source": SENDER, "Destination": spread(n), "Template": "t",
                                             "TemplateData": "{}"}),
    ]
    for call, arguments in calls:
        sent = call(**arguments(50))["MessageId"]
        equal(len(server.trace(sent)["recipients"]), 50)
        refused("InvalidParameterValue", TOO_MANY, call, **arguments(51))


@case
def recipients_v2():
    for content in ({"Simple": SIMPLE}, {"Raw": {"Data": SHORT}}, {"Template": TEMPLATE}):
        sent = v2.send_email(FromEmailAddress=SENDER, Destination=spread(50), Content=content)["MessageId"]
        equal(len(server.trace(sent)["recipients"]), 50)
        refused("BadRequestException", TOO_MANY, v2.send_email, FromEmailAddress=SENDER, Destination=spread(51),
                Content=content)


@case
def recipients_smtp():
    with Talk(recipients=addresses(50)) as smtp:
        code, text = smtp.dotted(SHORT)
        equal(code, 250, text)
        equal(len(server.trace(text.decode().split()[1])["recipients"]), 50)
    with Talk(recipients=addresses(51)) as smtp:
        equal(smtp.dotted(SHORT), (554, b"Transaction failed: Recipient count exceeds 50."))
    with Talk(recipients=addresses(51)) as smtp:
        equal(smtp.chunked(SHORT), (554, b"Transaction failed: Recipient count exceeds 50."))


@case
def bulk_entries():
    v1.create_template(Template={"TemplateName": "t", "SubjectPart": "x", "TextPart": "y"})

    def by_v1(n):
        return v1.send_bulk_templated_email(
            Source=SENDER, Template="t", DefaultTemplateData="{}",
            Destinations=[{"Destination": {"ToAddresses": [a]}, "ReplacementTemplateData": "{}"} for a in addresses(n)])

    def by_v2(n):
        return v2.send_bulk_email(
            FromEmailAddress=SENDER, DefaultContent={"Template": {"TemplateName": "t", "TemplateData": "{}"}},
            BulkEmailEntries=[{"Destination": {"ToAddresses": [a]}} for a in addresses(n)])

    equal([s["Status"] for s in by_v1(50)["Status"]], ["Success"] * 50)
    equal([s["Status"] for s in by_v2(50)["BulkEmailEntryResults"]], ["SUCCESS"] * 50)
    text = "A bulk call must have between 1 and 50 destinations."
    refused("InvalidParameterValue", text, by_v1, n=51)
    refused("BadRequestException", text, by_v2, n=51)
    equal(len(server.messages(limit=500)), 100)


@case
def recipients_of_a_bulk_entry():
    v1.create_template(Template={"TemplateName": "t", "SubjectPart": "x", "TextPart": "y"})
    both = [spread(50), spread(51)]
    got = v1.send_bulk_templated_email(Source=SENDER, Template="t", DefaultTemplateData="{}", Destinations=[
        {"Destination": d, "ReplacementTemplateData": "{}"} for d in both])["Status"]
    equal([(s["Status"], s.get("Error")) for s in got], [("Success", None), ("InvalidParameterValue", TOO_MANY)])
    got = v2.send_bulk_email(FromEmailAddress=SENDER, DefaultContent={"Template": {"TemplateName": "t", "TemplateData": "{}"}},
                             BulkEmailEntries=[{"Destination": d} for d in both])["BulkEmailEntryResults"]
    equal([(s["Status"], s.get("Error")) for s in got], [("SUCCESS", None), ("INVALID_PARAMETER", TOO_MANY)])


# File names.


def blocked():
    listed = (pathlib.Path(__file__).resolve().parent.parent.parent / "data/blocked_extensions.txt").read_text("ascii")
    return [line for line in listed.split("\n") if line and not line.startswith("#")]


def with_file(name):
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, TO, "x"
    mail.set_content("y")
    mail.add_attachment(b"z", maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


@case
def blocked_names():
    """Each extension once; the list goes round the doors."""
    doors = [
        lambda name: refused("BadRequestException", f"Illegal filename '{name}'.", v2.send_email, FromEmailAddress=SENDER,
                             Destination={"ToAddresses": [TO]},
                             Content={"Simple": {**SIMPLE, "Attachments": [{"FileName": name, "RawContent": b"z"}]}}),
        lambda name: refused("BadRequestException", f"Illegal filename '{name}'.", v2.send_email, FromEmailAddress=SENDER,
                             Destination={"ToAddresses": [TO]},
                             Content={"Template": {**TEMPLATE, "Attachments": [{"FileName": name, "RawContent": b"z"}]}}),
        lambda name: refused("BadRequestException", f"Illegal filename '{name}'.", v2.send_bulk_email,
                             FromEmailAddress=SENDER, BulkEmailEntries=[{"Destination": {"ToAddresses": [TO]}}],
                             DefaultContent={"Template": {**TEMPLATE, "Attachments": [
                                 {"FileName": name, "RawContent": b"z"}]}}),
        lambda name: refused("BadRequestException", f"Illegal filename '{name}'.", v2.send_email,
                             Content={"Raw": {"Data": with_file(name)}}),
        lambda name: refused("InvalidParameterValue", f"Illegal filename '{name}'.", v1.send_raw_email,
                             RawMessage={"Data": with_file(name)}),
        smtp_refuses,
    ]
    extensions = blocked()
    assert len(extensions) >= 90, extensions
    for i, extension in enumerate(extensions):
        doors[i % len(doors)](f"a.b.{extension.upper() if i % 2 else extension}")
    for door in doors:
        door("run.exe")
    equal(server.messages(), [])


def smtp_refuses(name):
    with Talk() as smtp:
        equal(smtp.dotted(with_file(name)), (554, f"Transaction failed: Illegal filename '{name}'.".encode()))


@case
def harmless_names():
    for name in ("a.pdf", "exe", "a.exe.txt", "a.jsx"):
        v1.send_raw_email(RawMessage={"Data": with_file(name)})
        v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [TO]},
                      Content={"Simple": {**SIMPLE, "Attachments": [{"FileName": name, "RawContent": b"z"}]}})
    equal(len(server.messages()), 8)


suite.add("the server stops in order", server.stop)
suite.main()
