"""SMTP clients as people have them: smtplib, swaks, nodemailer; in dev mode, and with TLS and passwords in production."""

import email.message
import json
import pathlib
import re
import smtplib
import socket
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import ROOT, Production, Sesame, clean_environment, wait_for  # noqa: E402
from harness.tools import certificate, smtp_password  # noqa: E402

suite = Suite("smtp")
server = Sesame("--auto-verify").start()
HOST, PORT = server.smtp
MESSAGE_ID = r"0100[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000"


def swaks(*words, code=0):
    done = subprocess.run(["swaks", *words], capture_output=True, text=True, timeout=60, check=False,
                          env=clean_environment(), stdin=subprocess.DEVNULL)
    if done.returncode != code:
        raise AssertionError(f"swaks: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def nodemailer(transport, *mails):
    done = subprocess.run([str(ROOT / ".cache/venv/bin/node"), str(ROOT / "tests/smtp/nodemailer_send.mjs")],
                          input=json.dumps({"transport": transport, "mails": mails}), capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def text_mail(to, subject="from smtplib", sender="me@example.com"):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail.set_content("Grüße\n.a dot\n")
    return mail


@suite.case
def smtplib_sends():
    with smtplib.SMTP(HOST, PORT) as smtp:
        equal(smtp.ehlo()[0], 250)
        equal(smtp.has_extn("starttls"), False)
        assert smtp.has_extn("auth") and smtp.has_extn("8bitmime"), smtp.esmtp_features
        smtp.send_message(text_mail("one@example.net"))
        smtp.send_message(text_mail("two@example.net"), to_addrs=["two@example.net", "three@example.net"])
    for address in ("one", "two", "three"):
        line, raw = server.only_mail(to=f"{address}@example.net")
        assert re.fullmatch(MESSAGE_ID, line["messageId"]), line
        contains(raw, b"\r\n.a dot\r\n" if b"quoted" not in raw and b"base64" not in raw else b"")


@suite.case
def smtplib_login():
    with smtplib.SMTP(HOST, PORT) as smtp:
        smtp.login("any", "thing")
        smtp.send_message(text_mail("four@example.net"))
    server.only_mail(to="four@example.net")


@suite.case
def smtplib_refused():
    with smtplib.SMTP(HOST, PORT) as smtp:
        error = raises(smtplib.SMTPDataError, smtp.sendmail, "me@example.com", ["x@example.net"],
                       "From: me@example.com\r\nSubject: a\r\nSubject: b\r\n\r\nx")
        equal((error.smtp_code, error.smtp_error), (554, b"Transaction failed: Duplicate header 'Subject'."))
        smtp.send_message(text_mail("after@example.net"))
    server.only_mail(to="after@example.net")


@suite.case
def large_mail():
    body = "x" * 76 + "\r\n"
    with smtplib.SMTP(HOST, PORT, timeout=120) as smtp:
        smtp.sendmail("me@example.com", ["big@example.net"],
                      "From: me@example.com\r\nSubject: big\r\n\r\n" + body * 250000)  # 19 MB
        too_big = "From: me@example.com\r\nSubject: too big\r\n\r\n" + body * 545000  # 42 MB
        error = raises(smtplib.SMTPSenderRefused, smtp.sendmail, "me@example.com", ["x@example.net"], too_big)
        equal((error.smtp_code, error.smtp_error), (552, b"5.3.4 Message size exceeds fixed limit"))
        smtp.mail("me@example.com")  # without SIZE
        smtp.rcpt("x@example.net")
        equal(smtp.data(too_big), (552, b"Message is too long."))
    _, raw = server.only_mail(to="big@example.net")
    assert raw.count(b"x" * 76 + b"\r\n") == 250000


@suite.case
def swaks_sends():
    out = swaks("--server", f"{HOST}:{PORT}", "--from", "me@example.com", "--to", "swaks@example.net",
                "--header", "Subject: from swaks", "--attach", "@/etc/hostname", "--attach-name", "host.txt")
    assert re.search("<~?  ?250 Ok " + MESSAGE_ID, out) or re.search("250 Ok " + MESSAGE_ID, out), out
    server.only_mail(to="swaks@example.net", subject="from swaks")


@suite.case
def swaks_logs_in():
    for mechanism in ("PLAIN", "LOGIN"):
        swaks("--server", f"{HOST}:{PORT}", "--from", "me@example.com", "--to", f"{mechanism.lower()}@example.net",
              "--auth", mechanism, "--auth-user", "any", "--auth-password", "thing")
        server.only_mail(to=f"{mechanism.lower()}@example.net")


@suite.case
def swaks_pipelines():
    swaks("--server", f"{HOST}:{PORT}", "--from", "me@example.com", "--to", "pipe1@example.net,pipe2@example.net",
          "--pipeline")
    server.only_mail(to="pipe2@example.net")


@suite.case
def nodemailer_sends():
    transport = {"host": HOST, "port": PORT, "secure": False, "ignoreTLS": True, "pool": True,
                 "auth": {"user": "any", "pass": "thing"}}
    first, second, third = nodemailer(
        transport,
        {"from": "Mé <me@example.com>", "to": "node@example.net", "subject": "Grüße", "text": "plain", "html": "<b>x</b>",
         "attachments": [{"filename": "ä.txt", "content": "attached"}]},
        {"from": "me@example.com", "to": "node2@example.net", "bcc": "hidden@example.net", "subject": "second", "text": "x"},
        {"from": "me@example.com", "to": "node3@example.net", "subject": "third", "text": "x",
         "headers": {"X-SES-CONFIGURATION-SET": "gone"}})
    assert re.fullmatch("250 Ok " + MESSAGE_ID, first["response"]), first
    assert re.fullmatch("250 Ok " + MESSAGE_ID, second["response"]), second
    contains(third["error"], "554 ")
    line, _ = server.only_mail(to="node@example.net")
    equal(line["subject"], "Grüße")
    server.only_mail(to="hidden@example.net")


def production():
    """A server as in production: TLS, passwords, one verified address (verified by its operator's DNS is not needed
    for what is tested here: the dialogue until the sender's check)."""
    one = Production()
    cert, key = certificate(one.folder, "localhost")
    one.write_config({"smtp": ['starttls = ["127.0.0.1:0"]', 'tls = ["127.0.0.1:0"]', f'certificate = "{cert}"',
                               f'key = "{key}"']}, "ses.example")
    one.cert = cert
    return one


@suite.case
def production_tls():
    with production() as strict:
        host, port = strict.endpoint("smtp")
        context = ssl.create_default_context(cafile=strict.cert)
        with smtplib.SMTP(host, port) as smtp:
            smtp.ehlo()
            equal((smtp.has_extn("starttls"), smtp.has_extn("auth")), (True, False))
            equal(smtp.docmd("MAIL FROM:<a@example.com>"), (530, b"Must issue a STARTTLS command first"))
            equal(smtp.docmd("AUTH PLAIN AGEAYg=="), (530, b"Must issue a STARTTLS command first"))
            equal(smtp.starttls(context=context)[0], 220)
            smtp.ehlo()
            equal(smtp.has_extn("starttls"), False)
            equal(smtp.docmd("MAIL FROM:<a@example.com>"), (530, b"Authentication required"))
            smtp.login(strict.key, smtp_password(strict.secret, strict.region))
            error = raises(smtplib.SMTPDataError, smtp.send_message, text_mail("x@example.net"))
            equal(error.smtp_code, 554)
            contains(error.smtp_error, b"Message rejected: Email address is not verified.")
        host, port = strict.endpoint("smtps")
        with smtplib.SMTP_SSL(host, port, context=context) as smtp:
            error = raises(smtplib.SMTPAuthenticationError, smtp.login, strict.key, "wrong")
            equal((error.smtp_code, error.smtp_error), (535, b"Authentication Credentials Invalid"))


@suite.case
def production_commands_before_tls_are_thrown_away():
    """What a man in the middle puts before the handshake is not taken as sent under TLS (RFC 3207, CVE-2011-0411)."""
    with production() as strict:
        with socket.create_connection(strict.endpoint("smtp"), 20) as plain:
            stream = plain.makefile("rb")
            stream.readline()
            plain.sendall(b"EHLO me\r\n")
            while stream.readline()[3:4] == b"-":
                pass
            plain.sendall(b"STARTTLS\r\nRSET\r\n")
            equal(stream.readline()[:3], b"220")
            context = ssl.create_default_context(cafile=strict.cert)
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.settimeout(20)
                secure.sendall(b"NOOP\r\nQUIT\r\n")
                answers = secure.makefile("rb").read().split(b"\r\n")
        equal(answers, [b"250 Ok", b"221 Bye", b""])


@suite.case
def slow_and_idle_clients_do_not_stop_others():
    held = [socket.create_connection((HOST, PORT)) for _ in range(15)]
    for connection in held:
        connection.sendall(b"EHLO slow\r\nMAIL FROM:<me@example.com>\r\nRCPT TO:<s@example.net>\r\nDATA\r\nFrom: ")
    with smtplib.SMTP(HOST, PORT, timeout=20) as smtp:
        smtp.send_message(text_mail("fast@example.net"))
    server.only_mail(to="fast@example.net")
    for connection in held:
        connection.close()


@suite.case
def garbage_ends_the_session():
    with socket.create_connection((HOST, PORT), 20) as connection:
        stream = connection.makefile("rb")
        stream.readline()
        try:
            connection.sendall(b"\xff\xfe\x00 nonsense\r\n" * 200)
            last = b"".join(iter(stream.readline, b"")).splitlines()[-1]
        except ConnectionResetError:
            last = b"421"
        equal(last[:3], b"421")
    wait_for("the server's health", lambda: server.control("GET", "/_sesame/health")[0] == 200)


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
