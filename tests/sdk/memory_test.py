"""How far the memory of the server rises at its peak, for one mail of 40 MB and for 20 at once, by each door, captured,
really delivered, and received from outside. Figures are printed as `memory: …`."""

import base64
import contextlib
import http.client
import http.server
import json
import pathlib
import re
import shutil
import smtplib
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import dkim  # noqa: E402
from harness.big_mail import V2_LIMIT, Memory, body_hash, octets, raw_mail  # noqa: E402
from harness.cases import Suite, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.load import Sink  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import own_dkim_key  # noqa: E402
from sdk.clients import client  # noqa: E402

ONE_MIB, MANY_MIB, MANY = 160, 1024, 20
PATIENCE = 180  # seconds a client waits for its answer

suite = Suite("memory")
SENDER = "me@example.com"
RAW = raw_mail(V2_LIMIT)
RAW_HASH = body_hash(RAW)
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:hook"
DKIM_KEY, DKIM_RECORD = own_dkim_key()


def signed(mail):
    return dkim.sign(mail, b"s", b"example.com", f"-----BEGIN PRIVATE KEY-----\n{DKIM_KEY}\n-----END PRIVATE KEY-----\n".encode(),
                     canonicalize=(b"relaxed", b"simple"), include_headers=[b"from", b"subject"]) + mail


SIGNED = signed(raw_mail(V2_LIMIT - 1000))


def request(content, to="you@example.net"):
    return json.dumps({"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [to]}, "Content": content}).encode()


def simple(size, attachments=1):
    """Content whose attachments make the mail `size` octets long, but for some hundred."""
    attachment = octets((size - 2000 * attachments) // attachments // 78 * 57)
    return {"Simple": {"Subject": {"Data": "large"}, "Body": {"Text": {"Data": "It works."}}, "Attachments": [
        {"FileName": "large.bin", "RawContent": base64.b64encode(attachment).decode()}] * attachments}}


def text(size):
    """One line of HTML after the other; the JSON of it has an escape in each, so it is no base64."""
    line = '<p class="x">It works.</p>\r\n'
    return {"Simple": {"Subject": {"Data": "large"}, "Body": {"Html": {"Data": line * ((size - 2000) // len(line))}}}}


def templated(size):
    part = simple(size)["Simple"]
    return {"Template": {"TemplateContent": {"Subject": "large", "Text": "It {{what}}."}, "TemplateData": '{"what":"works"}',
                         "Attachments": part["Attachments"]}}


def raw(mail):
    return request({"Raw": {"Data": base64.b64encode(mail).decode()}})


BODIES = {"v2 raw": raw(RAW), "v2 raw with bare LF": raw(RAW.replace(b"\r\n", b"\n")),
          "v2 simple": request(simple(V2_LIMIT)), "v2 simple with 3 files": request(simple(V2_LIMIT, 3)),
          "v2 text": request(text(V2_LIMIT)), "v2 template": request(templated(V2_LIMIT))}
SMALL = request({"Simple": {"Subject": {"Data": "small"}, "Body": {"Text": {"Data": "It works."}}}}, "small@example.net")


def by_v2(server, body):
    host, port = server.endpoint("http")
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("POST", "/v2/email/outbound-emails", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, f"{answer.status}: {text}"
        return json.loads(text)["MessageId"]
    finally:
        connection.close()


def by_smtp(server, mail, size=True, to="you@example.net", port="smtp"):
    """As smtplib does it, but that `mail` is written as it stands: no line of it begins with a dot."""
    with smtplib.SMTP(*server.endpoint(port), timeout=PATIENCE) as smtp:
        smtp.ehlo("client.example")
        equal(smtp.mail(SENDER, [f"SIZE={len(mail)}"] if size else [])[0], 250)
        equal(smtp.rcpt(to)[0], 250)
        equal(smtp.docmd("DATA")[0], 354)
        smtp.send(mail)
        smtp.send(b".\r\n")
        code, text = smtp.getreply()
        assert code == 250, f"{code} {text.decode()}"
        return text.decode().split()[1]


SMALL_MAIL = b"From: me@example.com\r\nSubject: small\r\n\r\nIt works.\r\n"


def small_by_smtp(server):
    return by_smtp(server, SMALL_MAIL, to="small@example.net")


@contextlib.contextmanager
def capturing():
    with Sesame("--auto-verify") as server:
        server.account(max24HourSend=-1, maxSendRate=1000000)
        for _ in range(20):
            by_v2(server, SMALL)
            small_by_smtp(server)
        server.arrived = lambda ids: [check_captured(server, i) for i in ids]
        server.messages(wait=10, to="small@example.net")
        yield server


def check_captured(server, message_id):
    wait_for("the capture", lambda: server.trace(message_id)["state"] != "pending", 60)
    raw = server.raw(message_id)
    assert len(raw) > 41000000, len(raw)
    if b"large.bin\r\n" in raw[:4096]:  # not a mail that Sesame built
        equal(body_hash(raw), RAW_HASH, "captured body")


@contextlib.contextmanager
def delivering():
    """`--deliver relay` into a sink that keeps what comes."""
    folder = tempfile.mkdtemp(prefix="sesame-test-")
    try:
        with Sink(folder, "--save", folder, "--save-count", 1000) as sink, \
                Sesame("--auto-verify", "--deliver", "relay", "--relay", f"127.0.0.1:{sink.port}") as server:
            server.account(max24HourSend=-1, maxSendRate=1000000)
            for _ in range(20):
                by_v2(server, SMALL)
                small_by_smtp(server)
            wait_for("the small mails", lambda: len(list(pathlib.Path(folder).glob("*.eml"))) >= 40)
            server.arrived = lambda ids: check_arrived(folder, ids)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_arrived(folder, ids):
    found = set()
    for file in pathlib.Path(folder).glob("*.eml"):
        mail = file.read_bytes()
        if len(mail) > 1 << 20:
            found.add(re.search(rb"^Message-ID: <([^@]+)@", mail, re.M)[1].decode())
            if b"large.bin\r\n" in mail[:4096]:
                equal(body_hash(mail), RAW_HASH, "body at the far end")
    assert set(ids) <= found, f"{len(set(ids) - found)} mails are not whole"


def from_outside(server, mail, size=True):
    return by_smtp(server, mail, size, to="box@example.com", port="inbound")


def handed_in(server, mail):
    """As smtplib's mail, by HTTP."""
    status, body = server.control("POST", "/_sesame/inbound?to=box@example.com&from=me@example.com", mail, timeout=PATIENCE)
    equal(status, 200, body)
    return json.loads(body)["messageId"]


@contextlib.contextmanager
def receiving():
    """Each mail becomes an object and is told to a hook; its signature is looked at."""
    records = [("example.com", "TXT", "v=spf1 ip4:127.0.0.0/8 -all"), ("s._domainkey.example.com", "TXT", DKIM_RECORD)]
    folder = tempfile.mkdtemp(prefix="sesame-test-")
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    try:
        with Dns(folder, records) as dns, Sesame("--data", f"{folder}/data", "--dns", dns.address, "--function",
                                                 f"{FUNCTION}=http://127.0.0.1:{hook.server_port}/") as server:
            ses = client("ses", server)
            ses.verify_domain_identity(Domain="example.com")
            ses.create_receipt_rule_set(RuleSetName="set")
            ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "keep", "Enabled": True, "Actions": [
                {"S3Action": {"BucketName": "bucket"}}, {"LambdaAction": {"FunctionArn": FUNCTION}}]})
            ses.set_active_receipt_rule_set(RuleSetName="set")
            for _ in range(20):
                from_outside(server, SMALL_MAIL)
            server.over = lambda i: json.loads(server.control("GET", f"/_sesame/received/{i}")[1])["state"] == "done"
            server.arrived = lambda ids: check_objects(pathlib.Path(folder, "data/buckets/bucket"), ids)
            yield server
    finally:
        hook.shutdown()
        hook.server_close()
        shutil.rmtree(folder, ignore_errors=True)


class Hook(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


def check_objects(bucket, ids):
    for message_id in ids:
        mail = (bucket / message_id).read_bytes()
        equal(body_hash(mail), body_hash(SIGNED), "body of the object")
        assert b"dkim=pass" in mail[:8192], mail[:4096]


def within(server, what, limit, send):
    """`send` gives ids; the server's peak may rise by `limit` MiB until they have arrived."""
    start = time.monotonic()
    with Memory(server.process.pid) as memory:
        ids = send()
        sent = time.monotonic() - start
        settle(server, ids)
    print(f"memory: {what}: {memory.peak:.0f} MiB at the peak, {memory.kept:.0f} MiB after it "
          f"({sent:.1f} s to the last answer, {time.monotonic() - start:.1f} s in all)", flush=True)
    server.arrived(ids)
    assert memory.peak <= limit, f"{what}: the peak rose by {memory.peak:.0f} MiB, {limit} are allowed"


def settle(server, ids):
    over = getattr(server, "over", lambda i: server.trace(i)["state"] != "pending")
    for message_id in ids:
        wait_for("the end of a mail", lambda i=message_id: over(i), PATIENCE)


def together(jobs, small):
    """All jobs at once, and small mails in between; the ids of the large ones."""
    ids, errors, waits = [], [], []
    over = threading.Event()

    def run(job):
        try:
            ids.append(job())
        except Exception as error:  # noqa: B902 (told below)
            errors.append(f"{type(error).__name__}: {error}")

    def trickle():
        while not over.is_set():
            for send in small:
                start = time.monotonic()
                try:
                    send()
                except Exception as error:  # noqa: B902
                    errors.append(f"a small mail: {type(error).__name__}: {error}")
                waits.append(time.monotonic() - start)
            over.wait(0.05)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    beside = threading.Thread(target=trickle)
    for thread in (*threads, beside):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    beside.join()
    assert not errors, f"{len(errors)} of {len(jobs)}: {errors[:3]}"
    print(f"memory:   {len(waits)} small mails in between, the slowest took {max(waits):.2f} s", flush=True)
    return ids


DOORS = {**{door: lambda server, body=body: by_v2(server, body) for door, body in BODIES.items()},
         "SMTP": lambda server: by_smtp(server, RAW),
         "SMTP without SIZE": lambda server: by_smtp(server, RAW, size=False)}


INBOUND = {"inbound SMTP": lambda server: from_outside(server, SIGNED),
           "inbound SMTP without SIZE": lambda server: from_outside(server, SIGNED, size=False),
           "inbound HTTP": lambda server: handed_in(server, SIGNED)}
SENT_SMALL = [lambda server: by_v2(server, SMALL), small_by_smtp]
RECEIVED_SMALL = [lambda server: from_outside(server, SMALL_MAIL)]


def each_way(name, world, at_once, doors_of=DOORS, small_ones=SENT_SMALL):
    """Cases: one mail by each door, and 20 by each of `at_once`, which are lists of doors."""
    def one(door, send):
        def run():
            with world() as server:
                within(server, f"{name}, one by {door}", ONE_MIB, lambda: [send(server)])
        suite.add(f"{name}_one_by_{door.replace(' ', '_')}", run)

    def many(doors):
        def run():
            with world() as server:
                jobs = [lambda send=doors_of[doors[i % len(doors)]]: send(server) for i in range(MANY)]
                small = [lambda send=send: send(server) for send in small_ones]
                within(server, f"{name}, {MANY} at once by {' and '.join(doors)}", MANY_MIB, lambda: together(jobs, small))
        suite.add(f"{name}_{MANY}_at_once_by_{'_and_'.join(doors).replace(' ', '_')}", run)

    for door, send in doors_of.items():
        one(door, send)
    for doors in at_once:
        many(doors)


@suite.case
def mail_that_waits_is_on_the_disk_only():
    """Small and middling mails whose destination is away."""
    with Sesame("--auto-verify", "--deliver", "relay", "--relay", "127.0.0.1:1") as server:
        server.account(max24HourSend=-1, maxSendRate=1000000)
        mails = [raw_mail(240000)] * 500 + [raw_mail(4000000)] * 20
        small_by_smtp(server)
        with Memory(server.process.pid) as memory:
            ids = [by_smtp(server, mail) for mail in mails]
            for message_id in ids:
                wait_for("the first attempt", lambda i=message_id: server.trace(i)["trace"])
        total = sum(map(len, mails)) / (1 << 20)
        print(f"memory: {len(mails)} mails of {total:.0f} MiB wait: {memory.peak:.0f} MiB at the peak, "
              f"{memory.kept:.0f} MiB while they wait", flush=True)
        assert memory.kept <= 48, f"{memory.kept:.0f} MiB are held by mail that waits"


each_way("captured", capturing, [["v2 raw"], ["v2 text"], ["SMTP"], ["v2 raw", "SMTP"]])
each_way("delivered", delivering,
         [["v2 raw"], ["v2 simple"], ["v2 template"], ["SMTP"], ["v2 simple", "SMTP without SIZE"]])
each_way("received", receiving, [["inbound SMTP"], ["inbound SMTP", "inbound HTTP"]], INBOUND, RECEIVED_SMALL)
suite.main()
