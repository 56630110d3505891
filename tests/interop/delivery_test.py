"""Production mode with a local DNS and a real Postfix as the far end: mail from every kind of client arrives in a
mailbox, by the MX and under TLS, and other people's software says that its signature is good."""

import contextlib
import html
import json
import os
import pathlib
import re
import shutil
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.postfix import Postfix, own_part  # noqa: E402
from harness.server import LOOPBACK, ROOT, Production, Sesame, clean_environment, wait_for  # noqa: E402
from harness.tools import (certificate, dkim_names, dkim_passes, mailauth_passes, opendkim_passes,  # noqa: E402
                           own_dkim_key, smtp_password)
from sdk.clients import client  # noqa: E402

suite = Suite("interop")
FAR = "far.example"
SENDER = "sender@shop.example"
DKIM_NAME = "mine._domainkey.shop.example"
private_key, dkim_record = own_dkim_key()
KEYS = {DKIM_NAME: dkim_record}


class World:
    """DNS, the far Postfix, and Sesame between the clients and it."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="sesame-test-")
        self.postfix = Postfix(self.folder, [FAR, "bare.example", "twomx.example"], tls=True, extra=[
            "smtpd_recipient_restrictions="
            f"check_recipient_access inline:{{{{refused@{FAR} = REJECT no such user here}}}}"]).start()
        self.dns = Dns(self.folder, [
            (FAR, "MX", f"10 mx.{FAR}"), (f"mx.{FAR}", "A", "127.0.0.1"),
            ("bare.example", "A", "127.0.0.1"),  # no MX: its own address is used
            ("twomx.example", "MX", "10 dead.twomx.example"), ("twomx.example", "MX", f"20 mx.{FAR}"),
            ("dead.twomx.example", "A", "127.0.0.9"),
            ("null.example", "MX", "0 ."),
            (DKIM_NAME, "TXT", dkim_record),
        ]).__enter__()
        self.sesame = Production()
        self.cert, key = certificate(self.folder, "localhost")
        self.sesame.write_config({
            "smtp": ['starttls = ["127.0.0.1:0"]', 'tls = ["127.0.0.1:0"]', f'certificate = "{self.cert}"',
                     f'key = "{key}"'],
            "delivery": [f'dns = "{self.dns.address}"', f"smtp_port = {self.postfix.port}", "ipv6 = false"],
        }, "ses.example")
        self.sesame.start()
        self.key, self.secret = self.sesame.key, self.sesame.secret
        self.password = smtp_password(self.secret, "us-east-1")
        self.v1 = client("ses", self.sesame, self.key, self.secret)
        self.v2 = client("sesv2", self.sesame, self.key, self.secret)
        return self

    def stop(self):
        self.dns.stop()
        self.postfix.stop()
        self.sesame.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self):
        return {**clean_environment(), "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1",
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}

    def arrived(self, address, message_id=None):
        """The one mail for `address`: it came under TLS, and three verifiers pass its signature."""
        mails = self.postfix.wait_for_mail(address)
        equal(len(mails), 1, f"mails for {address}")
        mail = own_part(mails[0])
        equal(dkim_names(mail)[0], ("shop.example", "mine"), "signature")
        assert dkim_passes(mail, KEYS), f"dkimpy does not pass it:\n{mail.decode(errors='replace')}"
        assert opendkim_passes(self.folder, mail, KEYS), "OpenDKIM does not pass it"
        assert mailauth_passes(mail, KEYS), "mailauth does not pass it"
        contains(mails[0], b"using TLSv1.3 with cipher", "Received")
        if message_id:
            contains(mail, message_id.encode())
        return mail

    def final_state(self, message_id, seconds=20):
        def over():
            trace = self.sesame.operator("trace", message_id)
            return trace if trace["state"] not in ("queued", "pending", "sending", "accepted") else None
        return wait_for(f"the end of {message_id}", over, seconds)


world = World().__enter__()


def run(command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=world.environment(),
                          stdin=subprocess.DEVNULL, **kwargs)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def aws(*words):
    return json.loads(run(["/usr/bin/aws", "--endpoint-url", world.sesame.url, "--output", "json", *words]))


@suite.case
def a_domain_is_verified_by_dns():
    made = world.v2.create_email_identity(
        EmailIdentity="shop.example",
        DkimSigningAttributes={"DomainSigningSelector": "mine", "DomainSigningPrivateKey": private_key})
    equal(made["VerifiedForSendingStatus"], False)
    wait_for("the domain's verification",
             lambda: world.v2.get_email_identity(EmailIdentity="shop.example")["VerifiedForSendingStatus"], 30)


@suite.case
def a_domain_is_verified_by_easy_dkim():
    """Three CNAMEs that lead into the service domain."""
    tokens = world.v2.create_email_identity(EmailIdentity="easy.example")["DkimAttributes"]["Tokens"]
    world.dns.add(*((f"{t}._domainkey.easy.example", "CNAME", f"{t}.dkim.ses.example") for t in tokens))
    wait_for("the domain's verification", lambda: world.v2.get_email_identity(
        EmailIdentity="easy.example")["DkimAttributes"]["Status"] == "SUCCESS", 180)


@suite.case
def an_unverified_domain_may_not_send():
    world.v2.create_email_identity(EmailIdentity="other.example")
    try:
        world.v1.send_email(Source="x@other.example", Destination={"ToAddresses": [f"no@{FAR}"]},
                            Message={"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}})
        raise AssertionError("it was taken")
    except world.v1.exceptions.MessageRejected as error:
        contains(str(error), "Email address is not verified.")


def simple(subject, text):
    return {"Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}}}


@suite.case
def simulated_and_rejected_mail_leaves_nothing_behind():
    """In production the simulator answers as in dev mode, and the content of what goes to nobody is not kept."""
    eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    wanted = {
        "complaint@simulator.amazonses.com": ("x", "delivered", ["Send", "Delivery", "Complaint"]),
        "bounce+x@simulator.ses.example": ("x" * 300000, "bounced", ["Send", "Bounce"]),
        f"never@{FAR}": (eicar, "held", ["Send", "Reject"]),
        f"never-large@{FAR}": ("x\n" * 200000 + eicar, "held", ["Send", "Reject"]),
    }
    sent = {}
    for address, (text, _, _) in wanted.items():
        answer = world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [address]},
                                     Content=simple("x", text))
        sent[address] = answer["MessageId"]
    for address, (_, state, types) in wanted.items():
        trace = world.final_state(sent[address])
        equal(trace["state"], state, address)
        equal([event["eventType"] for event in trace["events"]], types, address)
    places = ",".join("?" * len(sent))
    with contextlib.closing(sqlite3.connect(f"file:{world.sesame.data}/sesame.db?mode=ro", uri=True)) as store:
        kept = store.execute(f"SELECT COUNT(*) FROM body WHERE id IN (SELECT body FROM message WHERE id IN ({places}))",
                             list(sent.values())).fetchone()
    equal(kept[0], 0, "bodies kept")
    files = [name for _, _, names in os.walk(world.sesame.data) for name in names]
    assert not set(files) & set(sent.values()), files


@suite.case
def an_address_is_verified_by_mail():
    world.v2.create_email_identity(EmailIdentity=f"person@{FAR}")
    mail = world.postfix.wait_for_mail(f"person@{FAR}")[0].decode()
    contains(mail, "From: ")
    contains(mail, "no-reply@ses.example")
    plain = html.unescape(mail.replace("=\n", "").replace("=3D", "="))
    link = re.search(r"https://ses\.example(/verify\S*?)[\"'<\s]", plain)
    assert link, mail
    page = LOOPBACK.open(world.sesame.url + link[1], timeout=20).read().decode()
    seen = world.v2.get_email_identity(EmailIdentity=f"person@{FAR}")
    equal(seen["VerifiedForSendingStatus"], False, "verified by a look at the page")
    form = re.search(r"<form[^>]*method=[\"']?post[^>]*>(.*?)</form>", page, re.S | re.I)
    assert form, page
    action = re.search(r"action=[\"']([^\"']*)", form[0])
    fields = dict(re.findall(r"<input[^>]*name=[\"']([^\"']*)[\"'][^>]*value=[\"']([^\"']*)", form[1]))
    target = html.unescape(action[1]) if action and action[1] else link[1]
    body = "&".join(f"{k}={v}" for k, v in fields.items()).encode()
    LOOPBACK.open(world.sesame.url + target.replace("https://ses.example", ""), data=body, timeout=20).read()
    equal(world.v2.get_email_identity(EmailIdentity=f"person@{FAR}")["VerifiedForSendingStatus"], True)


@suite.case
def aws_ses_send_email():
    sent = aws("ses", "send-email", "--from", SENDER, "--to", f"cli-one@{FAR}", "--subject", "by the CLI, v1",
               "--text", "It works.", "--html", "<p>It works.</p>")
    world.arrived(f"cli-one@{FAR}", sent["MessageId"])


@suite.case
def aws_ses_send_raw_email():
    raw = json.dumps({"Data": f"From: {SENDER}\nTo: cli-raw@{FAR}\nSubject: raw by the CLI\n\n.dot\nGr\u00fc\u00dfe\n"})
    sent = aws("ses", "send-raw-email", "--cli-binary-format", "raw-in-base64-out", "--raw-message", raw)
    contains(world.arrived(f"cli-raw@{FAR}", sent["MessageId"]), b"\r\n.dot\r\n")


@suite.case
def aws_sesv2_send_email():
    sent = aws("sesv2", "send-email", "--from-email-address", SENDER, "--destination", f"ToAddresses=cli-two@{FAR}",
               "--content", "Simple={Subject={Data=by the CLI v2},Body={Text={Data=It works.}}}")
    world.arrived(f"cli-two@{FAR}", sent["MessageId"])


@suite.case
def boto3_both_apis():
    simple = {"Subject": {"Data": "Grüße", "Charset": "UTF-8"}, "Body": {"Html": {"Data": "<p>ü</p>" * 500, "Charset": "UTF-8"}}}
    sent = world.v1.send_email(Source=SENDER, Destination={"ToAddresses": [f"boto-one@{FAR}"]}, Message=simple)
    world.arrived(f"boto-one@{FAR}", sent["MessageId"])
    sent = world.v2.send_email(
        FromEmailAddress=f"Shop <{SENDER}>", Destination={"ToAddresses": [f"boto-two@{FAR}"]},
        Content={"Simple": {**simple, "Attachments": [{"FileName": "a.bin", "RawContent": bytes(range(256)) * 400}]}})
    world.arrived(f"boto-two@{FAR}", sent["MessageId"])


@suite.case
def javascript_sdk():
    script = """
      import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
      const [endpoint, from, to] = process.argv.slice(1);
      const sent = await new SESv2Client({ endpoint, region: "us-east-1" }).send(new SendEmailCommand({
        FromEmailAddress: from, Destination: { ToAddresses: [to] },
        Content: { Simple: { Subject: { Data: "by JavaScript" }, Body: { Text: { Data: "It works." } } } } }));
      console.log(sent.MessageId);"""
    out = run([str(ROOT / ".cache/venv/bin/node"), "--input-type=module", "-e", script, world.sesame.url, SENDER,
               f"js@{FAR}"], cwd=ROOT / "tests/sdk")
    world.arrived(f"js@{FAR}", out.strip())


@suite.case
def swaks_with_starttls():
    host, port = world.sesame.endpoint("smtp")
    run(["swaks", "--server", f"{host}:{port}", "--tls", "--auth", "PLAIN", "--auth-user", world.key,
         "--auth-password", world.password, "--from", SENDER, "--to", f"swaks@{FAR}", "--h-Subject", "by swaks"])
    world.arrived(f"swaks@{FAR}")


@suite.case
def smtplib_with_tls():
    host, port = world.sesame.endpoint("smtps")
    with smtplib.SMTP_SSL(host, port, context=ssl.create_default_context(cafile=world.cert)) as smtp:
        smtp.login(world.key, world.password)
        smtp.sendmail(SENDER, [f"smtplib@{FAR}", f"smtplib-too@{FAR}"],
                      f"From: {SENDER}\r\nTo: list@{FAR}\r\nSubject: by smtplib\r\n\r\n..two dots\r\n  \r\n\r\n")
    world.arrived(f"smtplib@{FAR}")
    world.arrived(f"smtplib-too@{FAR}")


@suite.case
def envelope_sender_and_trace():
    sent = world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [f"trace@{FAR}"]},
                               Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    mail = world.postfix.wait_for_mail(f"trace@{FAR}")[0]
    return_path = re.search(rb"^Return-Path: <(.*)>", mail)[1].decode()
    contains(return_path, sent["MessageId"] + "@")
    contains(return_path, "ses.example")
    head = own_part(mail).partition(b"\r\n\r\n")[0].decode()
    assert re.fullmatch(r"X-SES-Outgoing: \d{4}\.\d\d\.\d\d-127\.0\.0\.1", head.split("\r\n")[-1]), head
    trace = world.final_state(sent["MessageId"])
    equal(trace["state"], "delivered")
    text = json.dumps(trace)
    contains(text, "250 2.0.0 Ok: queued as")
    contains(text, "TLSv1.3")
    contains(text, f"mx.{FAR}")


@suite.case
def address_of_the_domain_without_mx():
    world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": ["bob@bare.example"]},
                        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    world.arrived("bob@bare.example")


@suite.case
def second_mx_when_the_first_is_down():
    world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": ["bob@twomx.example"]},
                        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    world.arrived("bob@twomx.example")


def outcome(*addresses):
    """How a mail to these ends, by address, and its trace as text."""
    sent = world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": list(addresses)},
                               Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})

    def over():
        trace = world.sesame.operator("trace", sent["MessageId"])
        states = {r["address"]: r["state"] for r in trace["recipients"]}
        return (states, json.dumps(trace)) if set(states.values()) <= {"delivered", "bounced"} else None
    return wait_for(f"the end of the mail to {addresses}", over)


@suite.case
def domains_that_take_no_mail():
    """A null MX (RFC 7505), and a domain that does not exist."""
    for address in ("bob@null.example", "bob@nowhere.invalid"):
        states, text = outcome(address)
        equal(states, {address: "bounced"})
        contains(text, "5.1.10" if "null" in address else "5.1.2")


@suite.case
def one_recipient_refused():
    """In one transaction: who is refused bounces, with the remote's words, and the other gets the mail."""
    states, text = outcome(f"refused@{FAR}", f"taken@{FAR}")
    equal(states, {f"refused@{FAR}": "bounced", f"taken@{FAR}": "delivered"})
    contains(text, "no such user here")
    world.arrived(f"taken@{FAR}")


@suite.case
def relay_of_dev_mode():
    """`sesame dev --deliver relay` hands each captured mail on through the real engine."""
    with Sesame("--auto-verify", "--deliver", "relay", "--relay", f"127.0.0.1:{world.postfix.port}") as dev:
        sent = client("ses", dev).send_email(Source="dev@shop.example", Destination={"ToAddresses": [f"relayed@{FAR}"]},
                                             Message={"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}})
        mail = world.postfix.wait_for_mail(f"relayed@{FAR}")[0]
        contains(mail, sent["MessageId"].encode())


@suite.case
def tls_that_a_configuration_set_requires():
    """Under TlsPolicy REQUIRE a far end without STARTTLS gets nothing, and the mail bounces at once."""
    required = {"DeliveryOptions": {"TlsPolicy": "REQUIRE"}}
    mail = {"FromEmailAddress": SENDER, "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}}}
    world.v2.create_configuration_set(ConfigurationSetName="tls", **required)
    sent = world.v2.send_email(Destination={"ToAddresses": [f"required@{FAR}"]}, ConfigurationSetName="tls", **mail)
    world.arrived(f"required@{FAR}", sent["MessageId"])
    world.dns.add(("plain.example", "MX", f"10 mx.{FAR}"))
    with Postfix(os.path.join(world.folder, "plain"), ["plain.example"]) as plain, \
            Sesame("--auto-verify", "--deliver", "mx", "--dns", world.dns.address, "--mx-port", str(plain.port)) as dev:
        v2 = client("sesv2", dev)
        v2.create_configuration_set(ConfigurationSetName="tls", **required)
        sent = v2.send_email(Destination={"ToAddresses": ["kept@plain.example"]}, ConfigurationSetName="tls", **mail)
        v2.send_email(Destination={"ToAddresses": ["let@plain.example"]}, **mail)
        plain.wait_for_mail("let@plain.example")
        trace = wait_for("the bounce", lambda: (t := dev.operator("trace", sent["MessageId"]))["state"] == "bounced" and t)
        contains(json.dumps(trace), "5.7.10")
        contains(json.dumps(trace), "server does not offer STARTTLS")
        equal(plain.mails("kept@plain.example"), [])


@suite.case
def mx_of_dev_mode():
    with Sesame("--auto-verify", "--deliver", "mx", "--dns", world.dns.address, "--mx-port",
                str(world.postfix.port)) as dev:
        client("ses", dev).send_email(Source="dev@shop.example", Destination={"ToAddresses": [f"dev-mx@{FAR}"]},
                                      Message={"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}})
        world.postfix.wait_for_mail(f"dev-mx@{FAR}")


@suite.case
def restart_keeps_what_was_made():
    """Identities, keys and what waits are there after a restart; mail that waited is then delivered."""
    world.postfix.stop()
    sent = world.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [f"after@{FAR}"]},
                               Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    wait_for("the first attempt", lambda: world.sesame.operator("trace", sent["MessageId"])["trace"])
    world.sesame.stop()
    config = pathlib.Path(world.sesame.config)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("ipv6 = false", "ipv6 = false\nfirst_retry_seconds = 1\nlongest_retry_seconds = 2"),
                      encoding="utf-8")
    world.sesame.start()
    v2 = client("sesv2", world.sesame, world.key, world.secret)
    equal(v2.get_email_identity(EmailIdentity="shop.example")["VerifiedForSendingStatus"], True)
    sent_second = v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [f"second@{FAR}"]},
                                Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    port = world.postfix.port
    world.postfix.command("start")
    wait_for("Postfix", world.postfix.listens)
    equal(world.postfix.port, port)
    world.arrived(f"second@{FAR}", sent_second["MessageId"])
    # The first was tried under the old settings: its next attempt is minutes away.
    trace = world.sesame.operator("trace", sent["MessageId"])
    assert trace["state"] not in ("bounced", "delivered"), trace


suite.add("everything stops in order", world.stop)
try:
    suite.main()
finally:
    world.postfix.command("stop", check=False)
    world.dns.stop()
    shutil.rmtree(world.folder, ignore_errors=True)
