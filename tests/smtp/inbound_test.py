"""The port for mail from outside: whose mail it takes and in which words it refuses, the limits, the line ends; what it
said 250 to is worked on even if the server dies right then."""

import json
import pathlib
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.big_mail import Memory  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.server import ROOT, Production, Sesame, binary, clean_environment, wait_for  # noqa: E402
from harness.tools import certificate  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("inbound")
folder = tempfile.TemporaryDirectory(prefix="sesame-test-")
CERT, KEY = certificate(folder.name, "localhost")
server = Sesame("--certificate", CERT, "--key", KEY).start()
ses = client("ses", server)
KEEP = [{"S3Action": {"BucketName": "bucket"}}]
MAIL = "From: ann@far.example\r\nTo: box@example.com\r\nSubject: hello\r\n\r\nHello.\r\n"
UNKNOWN = (550, b"5.1.1 Requested action not taken: mailbox unavailable")


def case(function):
    def run():
        server.reset()
        ses.verify_domain_identity(Domain="example.com")
        ses.create_receipt_rule_set(RuleSetName="set")
        rule("keep", Recipients=["example.com", ".example.com"])
        ses.set_active_receipt_rule_set(RuleSetName="set")
        function()
    suite.add(function.__name__, run)
    return function


def rule(name, actions=None, **more):
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": name, "Enabled": True, "Actions": actions or KEEP, **more})


def connect(to=None, hello=True):
    smtp = smtplib.SMTP(*(to or server.inbound), local_hostname="mx.far.example", timeout=30)
    if hello:
        smtp.ehlo()
    return smtp


def begin(smtp, sender="ann@far.example", *recipients, options=()):
    equal(smtp.mail(sender, list(options)), (250, b"Ok"), "MAIL")
    for recipient in recipients or ("box@example.com",):
        equal(smtp.rcpt(recipient), (250, b"Ok"), f"RCPT {recipient}")


def taken(reply):
    equal(reply[0], 250, reply[1])
    return reply[1].decode().split()[1]


def row(message_id):
    def look():
        status, body = server.control("GET", f"/_sesame/received/{message_id}")
        mail = json.loads(body) if status == 200 else {}
        return mail if mail.get("state") == "done" else None
    return wait_for(f"{message_id} to be done", look)


def stored(message_id):
    row(message_id)
    return (pathlib.Path(server.addresses["data"]) / "buckets/bucket" / message_id).read_bytes()


def swaks(*words, code=0):
    host, port = server.inbound
    done = subprocess.run(["swaks", "--server", f"{host}:{port}", "--helo", "mx.far.example", *words], text=True, timeout=60,
                          capture_output=True, check=False, env=clean_environment(), stdin=subprocess.DEVNULL)
    equal(done.returncode, code, done.stdout + done.stderr)
    return done.stdout


class Raw:
    """A dialogue by hand, octet by octet."""

    def __init__(self):
        self.socket = socket.create_connection(server.inbound, 30)
        self.file = self.socket.makefile("rb")
        self.read()

    def read(self):
        while True:
            line = self.file.readline()
            if line[3:4] != b"-":
                return line.decode().rstrip("\r\n")

    def say(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def ask(self, text):
        self.say(text + "\r\n")
        return self.read()

    def to_data(self, last="DATA"):
        for line in ("EHLO x", "MAIL FROM:<ann@far.example>", "RCPT TO:<box@example.com>"):
            contains(self.ask(line), "250")
        return self.ask(last)


@case
def it_says_what_it_is_and_what_it_can():
    with connect(hello=False) as smtp:
        code, text = smtp.ehlo()
        equal(code, 250)
        equal(text.split(b"\n")[0], b"inbound-smtp.us-east-1.sesame.localhost")
        equal(sorted(smtp.esmtp_features), ["8bitmime", "chunking", "ok", "pipelining", "size", "smtputf8", "starttls"])
        equal(smtp.esmtp_features["size"], "41943040")
        equal(smtp.docmd("AUTH PLAIN dGVzdA=="), (500, b"Error: command not implemented"))


@case
def a_mail_is_taken_and_stored():
    with connect() as smtp:
        begin(smtp)
        message_id = taken(smtp.data(MAIL))
    object_ = stored(message_id)
    contains(object_, b"Return-Path: <ann@far.example>\r\nReceived: from mx.far.example (mx.far.example [127.0.0.1])")
    assert object_.endswith(MAIL.encode()), object_
    mail = row(message_id)
    equal((mail["from"], mail["to"]), ("ann@far.example", ["box@example.com"]))


@case
def the_guides_first_mail():
    """docs/guide/receiving.md, as it stands."""
    ses.set_active_receipt_rule_set()
    page = (ROOT / "docs/guide/receiving.md").read_text(encoding="utf-8")
    text = re.search(r"## A first mail from outside\n.*?^```sh\n(.*?)^```$", page, re.M | re.S)[1]
    text = text.replace("127.0.0.1:8025", server.addresses["http"]).replace("127.0.0.1:2525", server.addresses["inbound"])
    done = subprocess.run(["bash", "-ec", text], text=True, timeout=60, capture_output=True, check=False,
                          env=clean_environment(), stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stdout + done.stderr)
    taken_id = re.search(r"250 Ok ([a-v0-9]{40})", done.stdout)[1]
    row(taken_id)
    object_ = (pathlib.Path(server.addresses["data"]) / "buckets/mail" / taken_id).read_bytes()
    contains(object_, b"\r\nX-Kept: yes\r\n")
    contains(object_, b"\r\nSubject: Hello\r\n")


@case
def nothing_is_relayed():
    with connect() as smtp:
        smtp.mail("ann@far.example")
        for address in ("bob@elsewhere.example", "box@example.com.elsewhere.example", "bob%elsewhere.example@far.example",
                        "@example.com:bob@elsewhere.example"):
            code, text = smtp.rcpt(address)
            assert (code, text) == UNKNOWN or code in (501, 553), f"{address}: {code} {text}"
        equal(smtp.rcpt("box@sub.example.com"), (250, b"Ok"))
        equal(smtp.data(MAIL)[0], 250)


@case
def addresses_are_taken_as_the_rules_are_at_the_moment():
    with connect() as smtp:
        smtp.mail("ann@far.example")
        equal(smtp.rcpt("box@example.com"), (250, b"Ok"))
        ses.set_active_receipt_rule_set()
        equal(smtp.rcpt("box@example.com"), UNKNOWN)
        changed = (451, b"4.3.0 The rules have changed meanwhile, please try again")
        equal(smtp.data(MAIL), changed, "no rule is left for it")
        ses.set_active_receipt_rule_set(RuleSetName="set")
        begin(smtp, "ann@far.example", "box@example.com", "box@sub.example.com")
        ses.update_receipt_rule(RuleSetName="set", Rule={"Name": "keep", "Enabled": True, "Actions": KEEP,
                                                         "Recipients": ["example.com"]})
        equal(smtp.data(MAIL), changed, "one of two would be lost")
        equal(json.loads(server.control("GET", "/_sesame/received")[1])["received"], [])
        begin(smtp)
        taken(smtp.data(MAIL))
        ses.delete_identity(Identity="example.com")
        smtp.mail("ann@far.example")
        equal(smtp.rcpt("box@example.com"), UNKNOWN, "the domain is gone")


@case
def one_mail_to_many_and_two_in_a_session():
    with connect() as smtp:
        begin(smtp, "ann@far.example", "a@example.com", "b@example.com", "c@x.example.com", "B@example.com")
        first = taken(smtp.data(MAIL))
        begin(smtp, "", "d@example.com")
        second = taken(smtp.data(MAIL))
    equal(row(first)["to"], ["a@example.com", "b@example.com", "c@x.example.com"])
    contains(stored(second), b"Return-Path: <>\r\n")


@case
def blocked_clients_are_turned_away_at_connect():
    ses.create_receipt_filter(Filter={"Name": "no", "IpFilter": {"Policy": "Block", "Cidr": "127.0.0.0/8"}})
    try:
        connect()
        raise AssertionError("it was let in")
    except smtplib.SMTPConnectError as error:
        equal((error.smtp_code, error.smtp_error), (554, b"5.7.1 No SMTP service here: your address is blocked"))
    ses.create_receipt_filter(Filter={"Name": "yes", "IpFilter": {"Policy": "Allow", "Cidr": "127.0.0.1"}})
    with connect() as smtp:
        begin(smtp)


@case
def one_account_blocks_what_another_takes():
    ses.create_receipt_filter(Filter={"Name": "no", "IpFilter": {"Policy": "Block", "Cidr": "127.0.0.1"}})
    other = client("ses", server, region="eu-west-1")
    other.verify_domain_identity(Domain="example.org")
    other.create_receipt_rule_set(RuleSetName="set")
    other.create_receipt_rule(RuleSetName="set", Rule={"Name": "all", "Enabled": True, "Actions": KEEP})
    other.set_active_receipt_rule_set(RuleSetName="set")
    with connect() as smtp:
        smtp.mail("ann@far.example")
        equal(smtp.rcpt("box@example.com"), (550, b"5.7.1 Requested action not taken: your address is blocked"))
        equal(smtp.rcpt("box@example.org"), (250, b"Ok"))


@case
def a_rule_may_want_tls():
    rule("secret", Recipients=["secret@example.com"], TlsPolicy="Require")
    with connect() as smtp:
        smtp.mail("ann@far.example")
        equal(smtp.rcpt("secret@example.com"), (530, b"5.7.0 Must issue a STARTTLS command first"))
        equal(smtp.rcpt("box@example.com"), (250, b"Ok"))
        smtp.rset()
        context = ssl.create_default_context(cafile=CERT)
        context.check_hostname = False
        equal(smtp.starttls(context=context)[0], 220)
        smtp.ehlo()
        equal("starttls" in smtp.esmtp_features, False)
        begin(smtp, "ann@far.example", "secret@example.com")
        message_id = taken(smtp.data(MAIL))
    stored(message_id)


@case
def a_mail_goes_to_few_addresses_of_our_own():
    """Each keeps a copy of it; rules' recipients do not count."""
    with connect() as smtp:
        smtp.mail("")
        replies = [smtp.rcpt(f"{name}@sesame.localhost")[0] for name in ("complaints", "fbl") * 6]
        equal(replies, [250] * 10 + [452] * 2)
        equal(smtp.rcpt("box@example.com"), (250, b"Ok"))
        smtp.rset()
        begin(smtp, "", "fbl@sesame.localhost")


@case
def swaks_by_tls_and_pipelining():
    out = swaks("--from", "ann@far.example", "--to", "box@example.com,two@example.com", "--pipeline", "--tls",
                "--header", "Subject: from swaks")
    contains(out, "250 Ok ")
    swaks("--from", "ann@far.example", "--to", "box@elsewhere.example", code=24)


@case
def chunks_and_eight_bits():
    smtp = Raw()
    contains(smtp.ask("EHLO x"), "250")
    smtp.say("MAIL FROM:<ann@far.example> BODY=8BITMIME\r\nRCPT TO:<box@example.com>\r\n")
    contains(smtp.read(), "250")
    contains(smtp.read(), "250")
    text = "Subject: gr\u00fc\u00dfe\r\n\r\n.\r\n..dots stay\r\n".encode()
    smtp.say(b"BDAT 10\r\n" + text[:10] + b"BDAT %d LAST\r\n" % (len(text) - 10) + text[10:])
    equal(smtp.read(), "250 Ok")
    assert stored(taken((250, smtp.read()[4:].encode()))).endswith(text)


@case
def addresses_beyond_ascii_need_their_parameter():
    ses.verify_domain_identity(Domain="xn--grn-ioa.example")
    rule("green", Recipients=["xn--grn-ioa.example"])
    with connect() as smtp:
        smtp.command_encoding = "utf-8"
        equal(smtp.docmd("MAIL FROM:<j\u00f6rg@far.example>")[0], 553)
        equal(smtp.docmd("MAIL FROM:<j\u00f6rg@far.example> SMTPUTF8")[0], 250)
        equal(smtp.docmd("RCPT TO:<j\u00f6rg@gr\u00fcn.example>"), (250, b"Ok"))
        message_id = taken(smtp.data(MAIL))
    mail = row(message_id)
    equal((mail["from"], mail["to"]), ("j\u00f6rg@far.example", ["j\u00f6rg@gr\u00fcn.example"]))


@case
def line_ends_are_strict():
    for ending in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n"):
        smtp = Raw()
        equal(smtp.to_data(), "354 End data with <CR><LF>.<CR><LF>")
        smtp.say(b"Subject: a\r\n\r\nx" + ending + b"MAIL FROM:<evil@far.example>\r\n\r\n.\r\n")
        equal(smtp.read(), "554 Transaction failed: Message contains bare line ends (CR or LF alone).")
        equal(smtp.ask("NOOP"), "250 Ok")
    smtp = Raw()
    smtp.say(b"EHLO x\nMAIL FROM:<a@b.example>\r\n")
    contains(smtp.read(), "521 5.5.2")


@case
def sizes_end_at_forty_megabytes():
    with connect() as smtp:
        equal(smtp.mail("ann@far.example", ["SIZE=41943041"]), (552, b"5.3.4 Message size exceeds fixed limit"))
        begin(smtp, options=["SIZE=41943040"])
        line = "x" * 998 + "\r\n"
        head = "Subject: big\r\n\r\n"
        whole, rest = divmod(41943040 - len(head), len(line))
        mail = head + line * whole + "y" * (rest - 2) + "\r\n"
        equal(len(mail), 41943040)
        message_id = taken(smtp.data(mail))
        begin(smtp)
        equal(smtp.data(mail + "z\r\n"), (552, b"5.3.4 Message size exceeds fixed limit"))
    assert stored(message_id).endswith(mail[-2000:].encode())


@case
def mail_that_goes_in_circles_ends():
    hops = "".join(f"Received: from a by b; {i}\r\n" for i in range(101))
    with connect() as smtp:
        begin(smtp)
        equal(smtp.data(hops + MAIL), (554, b"5.4.6 Too many hops: the message goes round in a loop"))
        begin(smtp)
        taken(smtp.data(hops.split("\r\n", 1)[1] + MAIL))


@case
def who_errs_too_often_is_let_go():
    smtp = Raw()
    contains(smtp.ask("EHLO x"), "250")
    smtp.ask("MAIL FROM:<ann@far.example>")
    answers = [smtp.ask(f"RCPT TO:<nobody{i}@elsewhere.example>") for i in range(21)]
    equal(answers[20], "550 5.1.1 Requested action not taken: mailbox unavailable")
    contains(smtp.read(), "421 4.7.0 Error: too many errors")
    equal(smtp.file.read(), b"")


@case
def what_it_said_250_to_is_not_lost():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as data:
        with Sesame("--data", data) as one:
            ses2 = client("ses", one)
            ses2.verify_domain_identity(Domain="example.com")
            ses2.create_receipt_rule_set(RuleSetName="set")
            ses2.create_receipt_rule(RuleSetName="set", Rule={"Name": "all", "Enabled": True, "Actions": KEEP})
            ses2.set_active_receipt_rule_set(RuleSetName="set")
            ids = []
            with connect(one.inbound) as smtp:
                for _ in range(20):
                    begin(smtp)
                    ids.append(taken(smtp.data(MAIL)))
                one.kill()
            one.start()
            folder_ = pathlib.Path(data) / "buckets/bucket"
            for message_id in ids:
                wait_for(f"the object {message_id}", (folder_ / message_id).exists)


@case
def a_stop_lets_a_mail_end_and_tells_the_idle():
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as data:
        with Sesame("--data", data, "--certificate", CERT, "--key", KEY) as one:
            ses2 = client("ses", one)
            ses2.verify_domain_identity(Domain="example.com")
            ses2.create_receipt_rule_set(RuleSetName="set")
            ses2.create_receipt_rule(RuleSetName="set", Rule={"Name": "all", "Enabled": True, "Actions": KEEP})
            ses2.set_active_receipt_rule_set(RuleSetName="set")
            idle, secured, client_idle = connect(one.inbound), connect(one.inbound), connect(one.smtp)
            secured.starttls(context=ssl._create_unverified_context())
            with connect(one.inbound) as busy:
                begin(busy)
                one.process.send_signal(signal.SIGTERM)
                for session in (idle, secured, client_idle):
                    equal(session.getreply(), (421, b"4.3.2 Service shutting down, please try again"), "an idle session")
                    equal(session.sock.recv(1), b"", "and then the end")
                message_id = taken(busy.data(MAIL))
                equal(busy.getreply()[0], 421, "after its mail")
            one.stop()
            one.start()
            wait_for("the mail of the stop", (pathlib.Path(data) / "buckets/bucket" / message_id).exists)


def lines(text, octets):
    return text * (octets // len(text))


def nested(levels, inside=""):
    return "".join(f"Content-Type: multipart/report; report-type=delivery-status; boundary=b{i}\r\n\r\n--b{i}\r\n"
                   for i in range(levels)) + inside


HEAD = "From: ann@far.example\r\nSubject: x\r\n"
SIGNATURE = ("DKIM-Signature: v=1; a=rsa-sha256; d=d{0}.example; s=s; h=from; c=relaxed/relaxed;\r\n"
             " bh=" + "A" * 43 + "=; b=" + "A" * 100 + "\r\n")
DSN = ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n"
       "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n")
MEGA = 1 << 20
HOSTILE = {
    "nested 20,000 deep": HEAD + nested(20000),
    "messages in messages": HEAD + "Content-Type: message/rfc822\r\n\r\n" * 100000,
    "38 MB of short fields": lines("a: b\r\n", 38 * MEGA) + HEAD + "\r\n",
    "a field of 38 MB": HEAD + "X: y\r\n" + lines(" " + "z" * 900 + "\r\n", 38 * MEGA) + "\r\nx\r\n",
    "a Subject of broken words": "From: ann@far.example\r\nSubject: x\r\n" + lines(" =?utf-8?b?/?=\r\n", 8 * MEGA) + "\r\n",
    "half a million addresses": "From: ann@far.example\r\nTo: x\r\n" + lines(" a@b.example,\r\n", 8 * MEGA) + " c@d.example\r\n\r\n",
    "addresses in 100,000 brackets": "From: ann@far.example\r\nTo: x\r\n" + lines(" ((((\"<,\r\n", MEGA) + "\r\n",
    "500 signatures of 500 domains": "".join(SIGNATURE.format(i) for i in range(500)) + HEAD + "\r\nx\r\n",
    "200,000 parts": HEAD + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + lines("--b\r\n\r\nx\r\n", 2 * MEGA),
    "a status of 100,000 recipients": HEAD + DSN + lines("Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n", 8 * MEGA),
    "a body of nothing but blank lines": HEAD + "\r\n" + lines("\r\n", 38 * MEGA),
    "a body of blanks": HEAD + SIGNATURE.format(1) + "\r\n" + lines(" " * 900 + "\r\n", 38 * MEGA),
    "no header at all": "\r\n" + lines("x" * 900 + "\r\n", MEGA),
}


@suite.case
def hostile_mail_is_taken_in_bounded_room():
    """By all actions and at a return path; each is dealt with, the peak stays below what one large mail may take."""
    with tempfile.TemporaryDirectory(prefix="sesame-test-") as data, \
            Dns(data, [("example.com", "TXT", "v=spf1 include:example.com include:a.example.com mx a ptr -all")]) as dns, \
            Sesame("--auto-verify", "--dns", dns.address) as one:
        v1 = client("ses", one)
        v1.verify_domain_identity(Domain="example.com")
        v1.create_receipt_rule_set(RuleSetName="set")
        v1.create_receipt_rule(RuleSetName="set", Rule={"Name": "all", "Enabled": True, "ScanEnabled": True, "Actions": [
            *KEEP, {"LambdaAction": {"FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}},
            {"SNSAction": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t"}}]})
        v1.set_active_receipt_rule_set(RuleSetName="set")
        v1.send_email(Source="me@example.com", Destination={"ToAddresses": ["you@far.example"]},
                      Message={"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}})
        return_path = one.messages(wait=10)[0]["envelopeFrom"]
        for name, mail in HOSTILE.items():
            with Memory(one.process.pid) as memory, connect(one.inbound) as smtp:
                begin(smtp, "ann@example.com", "box@example.com", return_path)
                code, answer = smtp.data(mail)
                if code == 250:
                    wait_for(f"{name} to be done", lambda: all_done(one), 60)
            assert code == 250, f"{name}: {code} {answer}"
            assert memory.peak <= 160 or "asan" in binary(), f"{name}: the peak rose by {memory.peak:.0f} MiB"
            print(f"memory: {name}: {memory.peak:.0f} MiB at the peak", flush=True)
        equal(one.operator("trace", return_path.split("@")[0])["state"], "captured")


def all_done(one):
    return all(m["state"] == "done" for m in one.operator("received")["received"])


def counting(*limits):
    return Production({"receive": ['listen = ["127.0.0.1:0"]', 'feedback_listen = ["127.0.0.1:0"]', *limits]})


def turned_away(one, text):
    error = raises(smtplib.SMTPConnectError, connect, one.inbound)
    equal((error.smtp_code, error.smtp_error), (421, text))


@suite.case
def connections_at_once_and_mails_are_counted():
    with counting("connections_per_source = 2", "mail_rate = 2") as one:
        first = connect(one.inbound)
        with connect(one.endpoint("feedback")):
            turned_away(one, b"Too many concurrent SMTP connections")
        equal([first.mail("a@far.example")[0], first.rset()[0], first.mail("a@far.example")[0], first.rset()[0]], [250] * 4)
        equal(first.mail("a@far.example"), (450, b"4.7.1 Too many messages in a short time, please try again later"))


@suite.case
def connections_of_a_minute_are_counted():
    with counting("connection_rate = 4") as one:  # one that was left may be counted as open for a moment yet
        connect(one.endpoint("feedback")).quit()
        for _ in range(3):
            connect(one.inbound).quit()
        turned_away(one, b"Too many SMTP connections in a short time")


@suite.case
def servers_stop():
    server.__exit__(None, None, None)
    folder.cleanup()


if __name__ == "__main__":
    suite.main()
