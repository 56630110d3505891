"""How far the memory of the server rises at its peak, for one mail of 40 MB and for 20 at once, by each door, captured
and really delivered. Figures are printed as `memory: …`."""

import base64
import contextlib
import http.client
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

from harness.big_mail import V2_LIMIT, Memory, body_hash, octets, raw_mail  # noqa: E402
from harness.cases import Suite, equal  # noqa: E402
from harness.load import Sink  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402

ONE_MIB, MANY_MIB, MANY = 160, 1024, 20
PATIENCE = 180  # seconds a client waits for its answer

suite = Suite("memory")
SENDER = "me@example.com"
RAW = raw_mail(V2_LIMIT)
RAW_HASH = body_hash(RAW)


def request(content, to="you@example.net"):
    return json.dumps({"FromEmailAddress": SENDER, "Destination": {"ToAddresses": [to]}, "Content": content}).encode()


def simple(size, **more):
    """Content whose attachment makes the mail `size` octets long, but for some hundred."""
    attachment = octets((size - 2000) // 78 * 57)
    text = {"Data": "It works."}
    return {"Simple": {"Subject": {"Data": "large"}, "Body": {"Text": text}, "Attachments": [
        {"FileName": "large.bin", "RawContent": base64.b64encode(attachment).decode()}]}, **more}


def templated(size):
    part = simple(size)["Simple"]
    return {"Template": {"TemplateContent": {"Subject": "large", "Text": "It {{what}}."}, "TemplateData": '{"what":"works"}',
                         "Attachments": part["Attachments"]}}


BY_RAW = request({"Raw": {"Data": base64.b64encode(RAW).decode()}})
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


def by_smtp(server, mail, size=True, to="you@example.net"):
    """As smtplib does it, but that `mail` is written as it stands: no line of it begins with a dot."""
    with smtplib.SMTP(*server.smtp, timeout=PATIENCE) as smtp:
        smtp.ehlo("client.example")
        equal(smtp.mail(SENDER, [f"SIZE={len(mail)}"] if size else [])[0], 250)
        equal(smtp.rcpt(to)[0], 250)
        equal(smtp.docmd("DATA")[0], 354)
        smtp.send(mail)
        smtp.send(b".\r\n")
        code, text = smtp.getreply()
        assert code == 250, f"{code} {text.decode()}"
        return text.decode().split()[1]


def small_by_smtp(server):
    return by_smtp(server, b"From: me@example.com\r\nSubject: small\r\n\r\nIt works.\r\n", to="small@example.net")


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
    for message_id in ids:
        wait_for("the end of a mail", lambda i=message_id: server.trace(i)["state"] != "pending", PATIENCE)


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


def each_way(name, world):
    def one(door, send):
        def run():
            with world() as server:
                within(server, f"{name}, one by {door}", ONE_MIB, lambda: [send(server)])
        suite.add(f"{name}_one_by_{door.replace(' ', '_')}", run)

    def many(door, sends):
        def run():
            with world() as server:
                jobs = [lambda send=sends[i % len(sends)]: send(server) for i in range(MANY)]
                small = [lambda: by_v2(server, SMALL), lambda: small_by_smtp(server)]
                within(server, f"{name}, {MANY} at once by {door}", MANY_MIB, lambda: together(jobs, small))
        suite.add(f"{name}_{MANY}_at_once_by_{door.replace(' ', '_')}", run)

    doors = {"v2 raw": lambda server: by_v2(server, BY_RAW),
             "v2 simple": lambda server: by_v2(server, request(simple(V2_LIMIT))),
             "v2 template": lambda server: by_v2(server, request(templated(V2_LIMIT))),
             "SMTP": lambda server: by_smtp(server, RAW),
             "SMTP without SIZE": lambda server: by_smtp(server, RAW, size=False)}
    for door, send in doors.items():
        one(door, send)
    for door in ("v2 raw", "SMTP"):
        many(door, [doors[door]])
    many("v2 and SMTP", [doors["v2 raw"], doors["SMTP"]])


each_way("captured", capturing)
each_way("delivered", delivering)
suite.main()
