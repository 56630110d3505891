"""Mail from outside as it really comes: swaks and a Postfix find Sesame by MX, receipt rules do their work, and what the far
Postfix sends back to a return path is tied to its message. All in a network of the test's own (harness/network.py)."""

import email
import email.policy
import http.server
import json
import os
import pathlib
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import network  # noqa: E402
from harness.cases import Skip, Suite, contains, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.server import Sesame, clean_environment, wait_for  # noqa: E402
from harness.tools import certificate, dkim_passes, own_dkim_key  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("receiving")
FAR, INBOX, SHOP = "far.example", "inbox.example", "shop.example"
HERE, THERE = "127.0.0.2", "127.0.0.3"  # Sesame and the far Postfix, port 25 both
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:hook"
SENDER = f"news@{SHOP}"
private_key, dkim_record = own_dkim_key()


class Hook(http.server.BaseHTTPRequestHandler):
    calls = []

    def log_message(self, *_):
        pass

    def do_POST(self):
        Hook.calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class World:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="sesame-test-")
        self.dns = Dns(self.folder, [
            (FAR, "MX", f"10 mx.{FAR}"), (f"mx.{FAR}", "A", THERE), (FAR, "TXT", f"v=spf1 ip4:{THERE} -all"),
            (f"_dmarc.{FAR}", "TXT", "v=DMARC1; p=reject"),
            (INBOX, "MX", "10 inbound-smtp.us-east-1.ses.example"), ("inbound-smtp.us-east-1.ses.example", "A", HERE),
            ("ses.example", "MX", "10 feedback-smtp.us-east-1.ses.example"),
            ("feedback-smtp.us-east-1.ses.example", "A", HERE),
            (f"bounces.{SHOP}", "MX", "10 feedback-smtp.us-east-1.ses.example"),
            (f"mine._domainkey.{SHOP}", "TXT", dkim_record),
        ], port=53).__enter__()
        self.postfix = Postfix(self.folder, [FAR], tls=True, address=THERE, port=25, extra=[
            f"smtp_bind_address={THERE}", "disable_dns_lookups=no", "smtp_host_lookup=dns", "smtp_tls_security_level=may",
            f"myhostname=mx.{FAR}", "smtpd_recipient_limit=100",
            # Taken first and bounced later, as a forwarding mail system does.
            f"virtual_alias_maps=inline:{{{{moved@{FAR} = nobody@{INBOX}}}}}"]).start()
        cert, key = certificate(self.folder, "localhost")
        self.hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.hook.serve_forever, daemon=True).start()
        self.data = os.path.join(self.folder, "data")
        self.sesame = Sesame("--data", self.data, "--service-domain", "ses.example", "--deliver", "mx", "--dns",
                             self.dns.address, "--certificate", cert, "--key", key, "--function",
                             f"{FUNCTION}=http://127.0.0.1:{self.hook.server_port}/")
        self.sesame.command = ["dev", "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--inbound", f"{HERE}:25"]
        self.sesame.start()
        self.ses, self.v2 = client("ses", self.sesame), client("sesv2", self.sesame)
        self.set_up_rules()
        return self

    def set_up_rules(self):
        self.ses.verify_domain_identity(Domain=INBOX)
        self.v2.create_email_identity(EmailIdentity=SHOP, DkimSigningAttributes={
            "DomainSigningSelector": "mine", "DomainSigningPrivateKey": private_key})
        self.ses.create_receipt_rule_set(RuleSetName="set")
        keep = {"S3Action": {"BucketName": "bucket"}}
        refuse = {"BounceAction": {"SmtpReplyCode": "550", "StatusCode": "5.1.1", "Message": "Nobody of that name.",
                                   "Sender": f"mailer-daemon@{SHOP}"}}
        for name, recipient, actions in (
                ("keep", f"box@{INBOX}", [keep]), ("call", f"hook@{INBOX}", [{"LambdaAction": {"FunctionArn": FUNCTION}}, keep]),
                ("refuse", f"gone@{INBOX}", [refuse])):
            self.ses.create_receipt_rule(RuleSetName="set", Rule={
                "Name": name, "Enabled": True, "Recipients": [recipient], "Actions": actions})
        self.ses.set_active_receipt_rule_set(RuleSetName="set")

    def stop(self):
        self.sesame.__exit__(None, None, None)
        self.hook.shutdown()
        self.postfix.stop()
        self.dns.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def received(self, subject):
        """The mail with that subject, when all is done for it."""
        def look():
            _, body = self.sesame.control("GET", "/_sesame/received")
            found = [m for m in json.loads(body)["received"] if m["subject"] == subject and m["state"] == "done"]
            return found[0] if found else None
        return wait_for(f"the mail {subject}", look, 20)

    def stored(self, subject):
        message_id = self.received(subject)["messageId"]
        return pathlib.Path(self.data, "buckets/bucket", message_id).read_bytes()

    def send(self, to, subject):
        """By the API, from our own sender; the message id."""
        return self.v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [to]}, Content={
            "Simple": {"Subject": {"Data": subject}, "Body": {"Text": {"Data": "Hello."}}}})["MessageId"]

    def trace(self, message_id, event):
        def look():
            trace = self.sesame.operator("trace", message_id)
            return trace if event in [e["eventType"] for e in trace["events"]] else None
        return wait_for(f"{event} of {message_id}", look, 20)


def by_postfix(sender, to, subject):
    """Handed to the far Postfix, which finds its way."""
    with smtplib.SMTP(THERE, 25, timeout=20) as smtp:
        smtp.sendmail(sender, [to], f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nHello.\r\n")


def postfix_said(text):
    wait_for(f"Postfix to say {text}", lambda: text in world.postfix.log(), 20)


@suite.case
def swaks_finds_us_by_mx():
    done = subprocess.run(["swaks", "--to", f"box@{INBOX}", "--from", f"ann@{FAR}", "--tls", "--local-interface", THERE,
                           "--helo", f"mx.{FAR}", "--h-Subject", "by swaks"], capture_output=True, text=True, timeout=60,
                          check=False, env=clean_environment(), stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stdout + done.stderr)
    contains(done.stdout, "=== Connected to inbound-smtp.us-east-1.ses.example")
    mail = world.stored("by swaks")
    contains(mail, f"Return-Path: <ann@{FAR}>".encode())
    contains(mail, f"Received: from mx.{FAR} (mx.{FAR} [{THERE}])".encode())
    contains(mail, b"Received-SPF: pass")
    contains(mail, b"dmarc=pass")
    assert world.received("by swaks")["tls"].startswith("TLSv1."), world.received("by swaks")


@suite.case
def postfix_finds_us_by_mx():
    by_postfix(f"ann@{FAR}", f"box@{INBOX}", "by Postfix")
    contains(world.stored("by Postfix"), f"Received: from mx.{FAR}".encode())
    contains(world.received("by Postfix")["tls"], "TLSv1.3")
    postfix_said("relay=inbound-smtp.us-east-1.ses.example[127.0.0.2]:25")
    postfix_said("status=sent (250 Ok ")


@suite.case
def forged_mail_is_told():
    """From the same machine under a name whose DMARC policy is reject: it is stored, and the verdict says so."""
    done = subprocess.run(["swaks", "--to", f"box@{INBOX}", "--from", f"ann@{FAR}", "--local-interface", "127.0.0.1",
                           "--h-Subject", "forged"], capture_output=True, text=True, timeout=60, check=False,
                          env=clean_environment(), stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stdout + done.stderr)
    mail = world.stored("forged")
    contains(mail, b"Received-SPF: fail")
    contains(mail, b"dmarc=fail")


@suite.case
def nobody_takes_it():
    """What no rule is for, and what is not ours: the far Postfix tells its sender."""
    by_postfix(f"lost@{FAR}", f"nobody@{INBOX}", "for nobody")
    mail = world.postfix.wait_for_mail(f"lost@{FAR}")[0]
    contains(mail, b"550 5.1.1 Requested action not taken: mailbox unavailable")
    with smtplib.SMTP(HERE, 25, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail(f"ann@{FAR}")
        equal(smtp.rcpt(f"ann@{FAR}")[0], 550)


@suite.case
def a_hook_is_called():
    Hook.calls.clear()
    by_postfix(f"ann@{FAR}", f"hook@{INBOX}", "for the hook")
    world.stored("for the hook")
    wait_for("the hook's call", lambda: Hook.calls)
    told = Hook.calls[0]["Records"][0]["ses"]
    equal(told["mail"]["commonHeaders"]["subject"], "for the hook")
    equal([told["receipt"][name]["status"] for name in ("spfVerdict", "dmarcVerdict")], ["PASS", "PASS"])


@suite.case
def a_rule_bounces():
    by_postfix(f"bob@{FAR}", f"gone@{INBOX}", "to be bounced")
    raw = world.postfix.wait_for_mail(f"bob@{FAR}")[0]
    contains(raw, b"Return-Path: <>\n")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    equal(mail.get_content_type(), "multipart/report")
    equal(mail["From"].addresses[0].addr_spec, f"mailer-daemon@{SHOP}")
    fields = list(mail.iter_parts())[1].get_payload()[1]
    equal((fields["Final-Recipient"], fields["Action"], fields["Status"]),
          (f"rfc822; gone@{INBOX}", "failed", "5.1.1"))
    sent = raw[raw.index(b"DKIM-Signature:"):].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert dkim_passes(sent, {f"mine._domainkey.{SHOP}": dkim_record}), sent.decode()


def bounced_later(sender_domain):
    """Taken by the far Postfix, forwarded to where nobody takes it, and returned by it to our return path."""
    to = f"moved@{FAR}"
    message_id = world.send(to, f"to one who moved, by {sender_domain}")
    trace = world.trace(message_id, "Bounce")
    equal([e["eventType"] for e in trace["events"]], ["Send", "Delivery", "Bounce"])
    bounce = trace["events"][2]["bounce"]
    equal((bounce["bounceType"], bounce["bounceSubType"]), ("Permanent", "NoEmail"))
    told = bounce["bouncedRecipients"][0]
    equal((told["emailAddress"], told["action"], told["status"]), (to, "failed", "5.1.1"))
    contains(told["diagnosticCode"], "mailbox unavailable")
    equal([(r["address"], r["state"]) for r in trace["recipients"]], [(to, "bounced")])
    entry = world.v2.get_suppressed_destination(EmailAddress=to)["SuppressedDestination"]
    equal((entry["Reason"], entry["Attributes"]["MessageId"]), ("BOUNCE", message_id))
    world.v2.delete_suppressed_destination(EmailAddress=to)


@suite.case
def a_hard_bounce_comes_back_and_suppresses():
    bounced_later("ses.example")
    postfix_said("to=<")


@suite.case
def and_by_a_custom_mail_from_domain():
    world.v2.put_email_identity_mail_from_attributes(EmailIdentity=SHOP, MailFromDomain=f"bounces.{SHOP}")
    wait_for("the MAIL FROM domain", lambda: world.v2.get_email_identity(EmailIdentity=SHOP)["MailFromAttributes"].get(
        "MailFromDomainStatus") == "SUCCESS", 30)
    bounced_later(f"bounces.{SHOP}")


@suite.case
def everything_stops():
    world.stop()


if __name__ == "__main__":
    why_not = network.enter()
    if not why_not and os.getuid() != 0:
        why_not = "Postfix needs root"
    if why_not:
        suite.cases.clear()

        @suite.case
        def mail_by_mx():
            raise Skip(why_not)
    else:
        world = World().__enter__()
    suite.main()
