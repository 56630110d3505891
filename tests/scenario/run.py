"""What goes wrong in life: the power goes, the disk is full, the far end is slow or says later, clients are slow. In each
case: what was acknowledged arrives, and nothing arrives twice but what was in flight when the process was killed."""

import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from harness.cases import Skip, Suite, equal, raises  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.load import Load, Sink  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import free_port  # noqa: E402
from sdk.clients import client  # noqa: E402
from sdk.inbound import STOP, rules  # noqa: E402

KILLS = int(os.environ.get("SESAME_KILLS", "50"))
IN_FLIGHT_SECONDS = 2.0  # the longest time between a remote's yes and its record being durable, on a busy machine
suite = Suite("scenario")


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="sesame-test-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def delivering(path, *sink_options, data=None):
    """Dev mode that delivers for real, by MX, into a sink; fixed ports, so that a restart is found again."""
    domains = [f"d{i}.example" for i in range(8)]
    records = [(d, "MX", "10 mx.example") for d in domains] + [("mx.example", "A", "127.0.0.1")]
    with Sink(path, *sink_options) as sink, Dns(path, records) as dns:
        http, smtp = free_port(), free_port()
        server = Sesame(command=["dev", "--http", f"127.0.0.1:{http}", "--smtp", f"127.0.0.1:{smtp}", "--data",
                                 data or os.path.join(path, "data"), "--auto-verify", "--deliver", "mx", "--dns",
                                 dns.address, "--mx-port", str(sink.port)])
        with server:
            unlimited(server)
            yield server, sink


def unlimited(server):
    server.account(max24HourSend=-1, maxSendRate=1000000)


def loads(server, path, *options, clients=4):
    """One load by the API and one by SMTP, each with ids of its own."""
    common = ["--clients", clients, "--rcpt", "user@d%.example", "--domains", 8, *options]
    return [Load(mode, server.addresses[name], "--run", mode, *common, log=os.path.join(path, mode + ".acked"))
            for mode, name in (("api", "http"), ("smtp", "smtp"))]


def wait_for_all(sink, acknowledged, server=None, seconds=300):
    """Until every acknowledged id arrived. The clock is moved, so that retries do not take their minutes."""
    end = time.monotonic() + seconds
    while True:
        missing = acknowledged - sink.ids()
        if not missing:
            return
        if time.monotonic() > end:
            raise AssertionError(f"{len(missing)} of {len(acknowledged)} acknowledged mails never arrived, e.g. "
                                 f"{sorted(missing)[:5]}")
        if server is not None:
            server.advance("10m")
        time.sleep(0.5)


@suite.case
def fifty_kills_under_load():
    with folder() as path, delivering(path) as (server, sink):
        sources = loads(server, path, "--size", 4000, "--persist", "--seconds", 2 + KILLS)
        kills, chance = [], random.Random(50)
        stop = time.monotonic() + KILLS
        for number in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.9))
            server.kill()
            kills.append(time.monotonic_ns())
            server.start()
            if time.monotonic() > stop + 60:
                raise AssertionError(f"only {number + 1} kills in {KILLS + 60} s")
        reports = [source.finish() for source in sources]
        acknowledged = set().union(*(source.acknowledged() for source in sources))
        assert len(acknowledged) > 20 * KILLS, f"only {len(acknowledged)} mails under {KILLS} kills"
        wait_for_all(sink, acknowledged, server)
        arrivals = collections.defaultdict(list)
        for mail, at in sink.arrivals():
            arrivals[mail].append(at)
        repeated = {mail: times for mail, times in arrivals.items() if len(times) > 1}
        strange = [mail for mail, times in repeated.items() if not explained(times, kills)]
        assert not strange, f"{len(strange)} of {len(repeated)} repeats were not in flight at a kill: {strange[:5]}"
        print(f"    {KILLS} kills, {len(acknowledged)} acknowledged ({[r['acknowledged'] for r in reports]}), "
              f"{len(arrivals)} arrived, {len(repeated)} of them more than once, all in flight at a kill")


def explained(times, kills):
    """Each repeat follows a kill that came shortly after the arrival before it."""
    for before, after in zip(times, times[1:]):
        if not any(before - 1e9 * IN_FLIGHT_SECONDS <= kill <= after and kill <= before + 1e9 * IN_FLIGHT_SECONDS
                   for kill in kills):
            return False
    return True


@suite.case
def orderly_restarts_repeat_nothing():
    with folder() as path, delivering(path) as (server, sink):
        sources = loads(server, path, "--size", 2000, "--persist", "--seconds", 8)
        for _ in range(4):
            time.sleep(1)
            server.stop()
            server.start()
        for source in sources:
            source.finish()
        acknowledged = set().union(*(source.acknowledged() for source in sources))
        wait_for_all(sink, acknowledged, server)
        report = sink.finish()
        equal(report["duplicates"], 0, "duplicates")


@suite.case
def a_far_end_that_says_later():
    """A third of the recipients are deferred at each attempt; with the time moved on, all arrive, once."""
    with folder() as path, delivering(path, "--defer", 33) as (server, sink):
        sources = loads(server, path, "--size", 2000, "--count", 400)
        reports = [source.finish() for source in sources]
        equal([r["acknowledged"] for r in reports], [400, 400])
        acknowledged = set().union(*(source.acknowledged() for source in sources))
        wait_for_all(sink, acknowledged, server)
        report = sink.finish()
        assert report["deferred"] > 200, report
        equal(report["duplicates"], 0, "duplicates")


@suite.case
def a_far_end_that_refuses():
    """What is refused for good bounces and is not tried again."""
    with folder() as path, delivering(path, "--reject", 100) as (server, sink):
        ses = client("sesv2", server)
        sent = [ses.send_email(FromEmailAddress="a@example.com", Destination={"ToAddresses": [f"u@d{i % 8}.example"]},
                               Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
                for i in range(20)]

        def bounced():
            return all(server.trace(s["MessageId"])["state"] == "bounced" for s in sent)
        wait_for("the bounces", bounced)
        server.advance("5h")
        equal(sink.finish()["rejected"], 20, "attempts")
        points = client("ses", server).get_send_statistics()["SendDataPoints"]
        equal(sum(p["Bounces"] for p in points), 20, "bounces in the statistics")


@suite.case
def a_slow_far_end():
    """A remote that takes 300 ms a mail does not slow the acceptance."""
    with folder() as path, delivering(path, "--latency", 300) as (server, sink):
        source = Load("api", server.addresses["http"], "--count", 500, "--clients", 8, "--size", 2000, "--rcpt",
                      "user@d%.example", "--domains", 8, log=os.path.join(path, "acked"))
        report = source.finish()
        assert report["p50_ms"] < 100, report
        wait_for_all(sink, source.acknowledged())


@suite.case
def large_and_small_mixed():
    with folder() as path, delivering(path) as (server, sink):
        source = Load("smtp", server.addresses["smtp"], "--count", 600, "--clients", 8, "--size", 10000, "--big-size",
                      39000000, "--big-every", 100, "--rcpt", "user@d%.example", "--domains", 8,
                      log=os.path.join(path, "acked"))
        report = source.finish()
        equal((report["acknowledged"], report["failed"]), (600, 0))
        wait_for_all(sink, source.acknowledged())
        report = sink.finish()
        assert report["bytes"] > 6 * 38000000, report


def tmpfs(path, size):
    os.makedirs(path)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Skip(f"a small tmpfs cannot be mounted here: {done.stderr.strip()}")


@suite.case
def full_disk():
    """When the disk is full calls are refused and nothing is half accepted; with room again it goes on by itself."""
    with folder() as path:
        data = os.path.join(path, "small")
        tmpfs(data, "96m")
        try:
            full_disk_on(data)
        finally:
            subprocess.run(["umount", "-l", data], check=False)


def fill(data):
    with open(os.path.join(data, "ballast"), "ab", buffering=0) as ballast:
        size = 1 << 20
        while size >= 4096:
            try:
                ballast.write(b"\0" * size)
            except OSError:
                size //= 2


def full_disk_on(data):
    with Sesame("--auto-verify", "--data", data) as server:
        unlimited(server)
        ses = client("sesv2", server)
        accepted, refused = [], []

        def send(size):
            try:
                answer = ses.send_email(FromEmailAddress="a@example.com", Destination={"ToAddresses": ["b@example.net"]},
                                        Content={"Simple": {"Subject": {"Data": "x"},
                                                            "Body": {"Text": {"Data": "y" * 70 * size}}}})
                accepted.append(answer["MessageId"])
            except botocore.exceptions.ClientError as error:
                refused.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

        for _ in range(20):
            send(10)
        fill(data)
        for size in (10, 1000, 10000, 100000) * 10:  # rows, and files of their own
            send(size)
        assert refused, "nothing was refused on a full disk"
        assert all(500 <= status < 600 for status in refused), refused
        with smtplib.SMTP(*server.smtp) as smtp:
            text = "From: a@example.com\r\nTo: b@example.net\r\nSubject: x\r\n\r\n" + ("y" * 70 + "\r\n") * 50000
            error = raises(smtplib.SMTPException, smtp.sendmail, "a@example.com", ["b@example.net"], text)
            code = getattr(error, "smtp_code", None)
            assert code in (452, 451, 454), error
        equal(server.control("GET", "/_sesame/health")[0], 200)
        os.unlink(os.path.join(data, "ballast"))
        before = len(accepted)

        def goes_on():
            send(10)
            return len(accepted) > before
        wait_for("sending with room again", goes_on, 15)
        wait_for("the inbox", lambda: in_inbox(server) == set(accepted), 15)
        server.stop()
        server.start()
        equal(in_inbox(server), set(accepted), "after a restart")


@suite.case
def full_disk_and_mail_from_outside():
    """Of a mail that is kept twice there is room for one copy: it is refused for now, and none stays behind."""
    with folder() as path:
        data = os.path.join(path, "small")
        tmpfs(data, "48m")
        try:
            with Sesame("--auto-verify", "--data", data) as server:
                for region in ("us-east-1", "eu-west-1"):
                    rules(server, ("stop", [STOP], {}), region=region)
                large = "Subject: x\r\n\r\n" + ("y" * 70 + "\r\n") * 400000
                with smtplib.SMTP(*server.inbound) as smtp:
                    smtp.mail("ann@far.example")
                    smtp.rcpt("box@example.com")
                    equal(smtp.data(large)[0], 452)
                equal(list(pathlib.Path(data).glob("received/bodies/*")), [])
        finally:
            subprocess.run(["umount", "-l", data], check=False)


def in_inbox(server):
    status, body = server.control("GET", "/_sesame/messages?limit=10000")
    equal(status, 200)
    return {m["messageId"] for m in json.loads(body)["messages"]}


def resident(server):
    """Bytes of memory the server holds."""
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@suite.case
def slow_clients_pin_no_memory():
    """Many connections that announce large bodies and then stand still; others are served, and memory stays bounded."""
    with Sesame("--auto-verify") as server:
        address = server.endpoint("http")
        held = []
        head = (f"POST /v2/email/outbound-emails HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Content-Length: {50 << 20}\r\n\r\n").encode()
        for _ in range(150):
            connection = socket.create_connection(address, 20)
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.send(head + b"{" + b" " * (4 << 20))
            held.append(connection)
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            for connection in held:
                with contextlib.suppress(OSError):
                    connection.send(b" " * (1 << 20))
            time.sleep(0.2)
        small = socket.create_connection(address, 20)
        small.sendall(b"GET /_sesame/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert small.recv(100).startswith(b"HTTP/1.1 200"), "health"
        memory = resident(server)
        assert memory < 700 << 20, f"{memory >> 20} MiB are held by clients that stand still"
        for connection in [*held, small]:
            connection.close()
        client("ses", server).send_email(Source="a@example.com", Destination={"ToAddresses": ["b@example.net"]},
                                         Message={"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}})


@suite.case
def a_backlog_survives_and_is_bounded():
    """The far end is away: mail waits on the disk through a kill, and it all goes when the far end is back."""
    with folder() as path, delivering(path) as (server, sink):
        sink.__exit__()
        source = Load("smtp", server.addresses["smtp"], "--count", 3000, "--clients", 8, "--size", 8000, "--rcpt",
                      "user@d%.example", "--domains", 8, log=os.path.join(path, "acked"))
        equal(source.finish()["acknowledged"], 3000)
        server.kill()
        server.start()
        with sink:
            wait_for_all(sink, source.acknowledged(), server)


suite.main()
