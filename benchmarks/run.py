"""`./bench`: Sesame and its peer, Debian's Postfix with OpenDKIM, under the same load in one go, on this machine.

Each run is honest from end to end: every mail is acknowledged only when it is durable, is signed with RSA-2048, and counts when
it has arrived in the sink. Source and sink use the same cores. The runs of the systems take turns, and the median counts.
What is printed is one line for each run and a summary; `--json FILE` keeps it all. The last three parts measure one piece
of the server each, beside the limit that is set for it."""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import dkim

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.dns import Dns  # noqa: E402
from harness.load import Load, Sink  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import free_port, own_dkim_key  # noqa: E402
from sdk.clients import client  # noqa: E402

SENDER = "sender@shop.example"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        text = file.read()
    name = re.search(r"model name\s*: (.*)", text)
    return (name[1] if name else "unknown CPU") + (", AVX512-IFMA" if "avx512ifma" in text else ", no AVX512-IFMA")


def signature_ms():
    """What one RSA-2048 signature costs a core, by OpenSSL's own measure."""
    done = subprocess.run(["openssl", "speed", "-seconds", "2", "rsa2048"], capture_output=True, text=True, check=True)
    found = re.search(r"rsa 2048 bits\s+([\d.]+)s", done.stdout)
    return float(found[1]) * 1000


def cpu_seconds(pid):
    """User and system time of a process and of its children that have ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(x) for x in fields[11:15]) / TICKS


class Peer:
    """Postfix on one port, signing through OpenDKIM on a Unix socket (signed) or not, relaying to the sink."""

    def __init__(self, folder, sink, signed=True):
        self.folder, self.signed, self.opendkim = folder, signed, None
        milter = self.start_opendkim() if signed else None
        self.postfix = Postfix(folder, relay=f"127.0.0.1:{sink.port}", milter=milter,
                               extra=["default_process_limit=100", "smtpd_client_connection_rate_limit=0"]).start()
        self.address = f"127.0.0.1:{self.postfix.port}"

    def start_opendkim(self):
        key, socket = os.path.join(self.folder, "dkim.pem"), os.path.join(self.folder, "dkim.sock")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
        config = os.path.join(self.folder, "opendkim.conf")
        with open(config, "w", encoding="utf-8") as out:
            out.write(f"Mode s\nDomain shop.example\nSelector bench\nKeyFile {key}\nSocket local:{socket}\nSyslog no\n"
                      "Canonicalization relaxed/simple\nRequireSafeKeys no\nUMask 000\nInternalHosts 127.0.0.1\n")
        self.opendkim = subprocess.Popen(["opendkim", "-f", "-x", config])
        wait_for("OpenDKIM", lambda: os.path.exists(socket))
        os.chmod(socket, 0o777)
        path = self.folder
        while path not in ("/", "/tmp"):
            os.chmod(path, os.stat(path).st_mode | 0o055)
            path = os.path.dirname(path)
        return f"unix:{socket}"

    def cpu(self):
        pids = self.postfix.pids() + ([self.opendkim.pid] if self.opendkim else [])
        return sum(cpu_seconds(pid) for pid in pids)

    def source(self, mode, options, log=None):
        return Load(mode, self.address, *options, log=log)

    def stop(self):
        self.postfix.stop()
        if self.opendkim:
            self.opendkim.kill()
            self.opendkim.wait()
        shutil.rmtree(os.path.join(self.folder, "postfix"), ignore_errors=True)


class Ours:
    """`sesame dev` with a data folder and the real engine: durable as production is, and the mail goes to the sink. The
    sender's domain has an RSA-2048 key of its own; calls are signed with a key made here, so they are checked."""

    def __init__(self, folder, sink=None):
        self.folder = os.path.join(folder, "sesame")
        deliver = ["--deliver", "relay", "--relay", f"127.0.0.1:{sink.port}"] if sink else []
        self.server = Sesame("--data", self.folder, *deliver)
        self.server.start()
        self.server.account(max24HourSend=-1, maxSendRate=10000000)
        self.server.operator("iam", "create-user", "bench")
        self.server.operator("iam", "attach-user-policy", "bench", "AdministratorAccess")
        made = self.server.operator("iam", "create-access-key", "bench")
        self.keys = ["--key", made["accessKeyId"], "--secret", made["secretAccessKey"]]
        private, _ = own_dkim_key()
        client("sesv2", self.server, made["accessKeyId"], made["secretAccessKey"]).create_email_identity(
            EmailIdentity="shop.example",
            DkimSigningAttributes={"DomainSigningSelector": "bench", "DomainSigningPrivateKey": private})

    def cpu(self):
        return cpu_seconds(self.server.process.pid)

    def source(self, mode, options, log=None):
        to, keys = ("http", self.keys) if mode == "api" else ("smtp", [])
        return Load(mode, self.server.addresses[to], *keys, *options, log=log)

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def options_for(count, clients, size):
    return ["--clients", clients, "--count", count, "--size", size, "--from", SENDER, "--rcpt", "user@d%.example",
            "--domains", 8]


class Run:
    """One system under one load, until everything acknowledged has arrived."""

    def __init__(self, system, mode, count, clients, size):
        self.system, self.mode, self.count, self.clients, self.size = system, mode, count, clients, size

    def measure(self):
        folder = tempfile.mkdtemp(prefix="sesame-bench-")
        try:
            with Sink(folder, "--expect", self.count, "--timeout", 300) as sink:
                system = self.start(folder, sink)
                try:
                    return self.drive(system, sink)
                finally:
                    system.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def start(self, folder, sink):
        if self.system == "sesame":
            return Ours(folder, sink)
        return Peer(folder, sink, signed=self.system == "postfix+opendkim")

    def drive(self, system, sink):
        before = system.cpu()
        source = system.source(self.mode, options_for(self.count, self.clients, self.size))
        accepted = source.finish(600)
        arrived = sink.finish(300)
        if accepted["acknowledged"] != self.count or arrived["unique"] != self.count:
            raise SystemExit(f"{self.system}: {accepted['acknowledged']} acknowledged and {arrived['unique']} arrived of "
                             f"{self.count}: {accepted['errors']}")
        if self.system != "postfix" and arrived["signed"] != arrived["messages"]:
            raise SystemExit(f"{self.system}: only {arrived['signed']} of {arrived['messages']} were signed")
        wait_for("the last result to be written", lambda: settled(system), 30)
        whole = (arrived["last_ns"] - accepted["start_ns"]) / 1e9
        return {"system": self.system, "mode": self.mode, "delivered_per_s": self.count / whole,
                "accepted_per_s": accepted["rate"], "p50_ms": accepted["p50_ms"], "p99_ms": accepted["p99_ms"],
                "cpu_s_per_1000": (system.cpu() - before) * 1000 / self.count, "duplicates": arrived["duplicates"]}


def settled(system, pause=0.3):
    """Nothing was worked on for a while."""
    before = system.cpu()
    time.sleep(pause)
    return system.cpu() - before < 0.02


def median(rows):
    out = dict(rows[0])
    for name, value in rows[0].items():
        if isinstance(value, float):
            out[name] = statistics.median(row[name] for row in rows)
    return out


def show(row):
    print(f"{row['system']:<18} {row['mode']:<5} {row['delivered_per_s']:8.0f} {row['accepted_per_s']:9.0f} "
          f"{row['p50_ms']:8.2f} {row['p99_ms']:8.2f} {row['cpu_s_per_1000']:8.2f}", flush=True)


HEAD = f"{'system':<18} {'door':<5} {'del./s':>8} {'accept/s':>9} {'p50 ms':>8} {'p99 ms':>8} {'CPU s/k':>8}"


def take_turns(systems, rounds, count, clients, size):
    """{(system, mode): median row}"""
    rows = {}
    print(HEAD)
    for _ in range(rounds):
        for system, mode in systems:
            number = count if system == "sesame" else count // 4
            row = Run(system, mode, number, clients, size).measure()
            rows.setdefault((system, mode), []).append(row)
            show(row)
    return {key: median(found) for key, found in rows.items()}


def delivery(options, machine):
    """Signed 10 KB mails from 16 clients into the sink, against Postfix with OpenDKIM."""
    print(f"\ndelivery: 10 KB, 16 clients, {options.count} mails a run (Postfix: a quarter), {options.rounds} rounds")
    result = take_turns([("sesame", "smtp"), ("sesame", "api"), ("postfix+opendkim", "smtp"), ("postfix", "smtp")],
                        options.rounds, options.count, 16, 10240)
    peer = result["postfix+opendkim", "smtp"]
    for mode in ("smtp", "api"):
        ours = result["sesame", mode]
        rest = ours["cpu_s_per_1000"] - machine["signature_ms"]
        print(f"sesame by {mode}: {ours['delivered_per_s'] / peer['delivered_per_s']:.1f} times Postfix+OpenDKIM; "
              f"{ours['cpu_s_per_1000']:.2f} CPU s per 1,000, of which the signature {machine['signature_ms']:.2f} and "
              f"the rest {rest:.2f}")
    return {f"{system} {mode}": row for (system, mode), row in result.items()}


def accept_once(count):
    folder = tempfile.mkdtemp(prefix="sesame-bench-")
    try:
        system = Ours(folder)
        try:
            before = system.cpu()
            report = system.source("api", options_for(count, 16, 2048)).finish(600)
            if report["acknowledged"] != count:
                raise SystemExit(f"{report['acknowledged']} of {count} were accepted: {report['errors']}")
            wait_for("the last capture", lambda: settled(system), 60)
            return {"system": "sesame", "mode": "api", "delivered_per_s": 0.0, "accepted_per_s": report["rate"],
                    "p50_ms": report["p50_ms"], "p99_ms": report["p99_ms"],
                    "cpu_s_per_1000": (system.cpu() - before) * 1000 / count}
        finally:
            system.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def accept(options, _machine):
    """v2 SendEmail Simple, 2 KB, signed calls on 16 connections, durable. What is accepted is composed, signed and captured
    meanwhile, as a developer's server does; then the same with delivery to the sink going on beside it."""
    count = options.count * 2
    print(f"\naccept: v2 SendEmail Simple, 2 KB, 16 connections, {count} calls a run, {options.rounds} rounds, captured")
    print(HEAD)
    rows = []
    for _ in range(options.rounds):
        rows.append(accept_once(count))
        show(rows[-1])
    row = median(rows)
    print(f"accepted {row['accepted_per_s']:.0f}/s, p50 {row['p50_ms']:.2f} ms")
    print("the same while all of it is delivered:")
    busy = take_turns([("sesame", "api")], options.rounds, count, 16, 2048)["sesame", "api"]
    return {"captured": row, "delivered": busy}


def signed_mail(folder, size):
    """A mail of 10 KB that SPF, DKIM and DMARC pass: (its file, the records that say so)."""
    private, record = own_dkim_key()
    lines = b"A line of some words that a person might have written down for somebody else.\r\n"
    mail = (b"From: Ann <ann@far.example>\r\nTo: box@inbox.example\r\nSubject: dinner\r\nMessage-ID: <1@far.example>\r\n"
            b"Date: Wed, 12 Apr 2023 09:58:45 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
            + lines * (size // len(lines)))
    key = f"-----BEGIN PRIVATE KEY-----\n{private}\n-----END PRIVATE KEY-----\n".encode()
    signature = dkim.sign(mail, b"mine", b"far.example", key, canonicalize=(b"relaxed", b"relaxed"),
                          include_headers=[b"from", b"to", b"subject", b"date", b"message-id"])
    path = pathlib.Path(folder) / "mail.eml"
    path.write_bytes(signature + mail)
    return path, [("mine._domainkey.far.example", "TXT", record), ("far.example", "TXT", "v=spf1 ip4:127.0.0.0/8 -all"),
                  ("_dmarc.far.example", "TXT", "v=DMARC1; p=reject")]


def receive_once(count):
    folder = tempfile.mkdtemp(prefix="sesame-bench-")
    try:
        path, records = signed_mail(folder, 10240)
        with Dns(folder, records) as dns, Sesame("--data", os.path.join(folder, "sesame"), "--dns", dns.address) as server:
            ses = client("ses", server)
            ses.verify_domain_identity(Domain="inbox.example")
            ses.create_receipt_rule_set(RuleSetName="set")
            ses.create_receipt_rule(RuleSetName="set", Rule={
                "Name": "keep", "Enabled": True, "Actions": [{"S3Action": {"BucketName": "bucket"}}]})
            ses.set_active_receipt_rule_set(RuleSetName="set")
            return received_all(server, path, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def received_all(server, path, count):
    before = cpu_seconds(server.process.pid)
    source = Load("smtp", server.addresses["inbound"], "--clients", 32, "--count", count, "--from", "ann@far.example",
                  "--rcpt", "box@inbox.example", "--mail", path)
    accepted = source.finish(600)
    if accepted["acknowledged"] != count:
        raise SystemExit(f"{accepted['acknowledged']} of {count} were taken: {accepted['errors']}")
    bucket = pathlib.Path(server.addresses["data"]) / "buckets/bucket"
    wait_for("the last object", lambda: len(objects(bucket)) == count, 600)
    spent = cpu_seconds(server.process.pid) - before
    last = max((bucket / name).stat().st_mtime_ns for name in objects(bucket)) - (time.time_ns() - time.monotonic_ns())
    for name in objects(bucket):
        text = (bucket / name).read_bytes()
        if b"dkim=pass" not in text or b"dmarc=pass" not in text or b"spf=pass" not in text:
            raise SystemExit(f"not all verdicts of {name} are pass:\n{text[:2000].decode()}")
    return {"stored_per_s": count / ((last - accepted["start_ns"]) / 1e9), "accepted_per_s": accepted["rate"],
            "p50_ms": accepted["p50_ms"], "cpu_s_per_1000": spent * 1000 / count}


def objects(bucket):
    return [name for name in os.listdir(bucket) if not name.startswith((".", "AMAZON"))] if bucket.exists() else []


def receive(options, _machine):
    """Mail by SMTP from outside: durable, SPF, DKIM and DMARC looked at, then an object in a folder for each."""
    count = options.count * 2
    print(f"\nreceive: 10 KB, 32 connections, verdicts and a folder S3 action, {count} mails a run, {options.rounds} rounds")
    rows = []
    for _ in range(options.rounds):
        rows.append(receive_once(count))
        print("  " + ", ".join(f"{name} {value:.2f}" for name, value in rows[-1].items()), flush=True)
    row = median(rows)
    verdict = "" if row["stored_per_s"] >= 1500 else ", which is BELOW it"
    print(f"received and stored {row['stored_per_s']:.0f}/s; the limit is 1500/s{verdict}; "
          f"{row['cpu_s_per_1000']:.2f} CPU s per 1,000")
    return row


def bulk_once(count):
    """Templated recipients, 50 a call, from 16 connections, into a server that captures."""
    folder = tempfile.mkdtemp(prefix="sesame-bench-")
    try:
        system = Ours(folder)
        try:
            client("sesv2", system.server, system.keys[1], system.keys[3]).create_email_template(
                TemplateName="load", TemplateContent={"Subject": "Hello {{name}}", "Text": "Dear {{name}}, number {{n}}."})
            options = ["--bulk", 50, "--template", "load", *options_for(count, 16, 2048)]
            report = system.source("api", options).finish(600)
            if report["acknowledged"] != count:
                raise SystemExit(f"{report['acknowledged']} of {count} were accepted: {report['errors']}")
            return report
        finally:
            system.server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bulk(options, _machine):
    """v2 SendBulkEmail, 50 templated entries a call, durable before the answer; rendering and sending come after it."""
    count = options.count * 10
    print(f"\nbulk: v2 SendBulkEmail, 50 entries a call, 16 connections, {count} recipients a run, {options.rounds} rounds")
    rates = [bulk_once(count)["rate"] for _ in range(options.rounds)]
    print(f"accepted {statistics.median(rates):.0f} recipients/s (of {', '.join(f'{r:.0f}' for r in rates)})")
    return {"recipients_per_s": statistics.median(rates)}


FIRST_CALL = (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n")
FIRST_FORM = (b"Action=SendEmail&Version=2010-12-01&Source=a%40example.com&Destination.ToAddresses.member.1=b%40example.net"
              b"&Message.Subject.Data=x&Message.Body.Text.Data=y")


def start_once():
    """(milliseconds from the start of the process to the first accepted call, MiB resident when idle after it)"""
    port = free_port()
    begun = time.monotonic()
    process = subprocess.Popen([str(ROOT / "build/release/sesame"), "dev", "--auto-verify", "--http", f"127.0.0.1:{port}",
                                "--smtp", "127.0.0.1:0"], stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.0002)
        connection.sendall(FIRST_CALL % len(FIRST_FORM) + FIRST_FORM)
        answer = connection.recv(4096)
        took = (time.monotonic() - begun) * 1000
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the first call was answered {answer[:200]}")
        time.sleep(0.5)
        with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
        return took, resident
    finally:
        process.terminate()
        process.wait()


def start(options, _machine):
    """Dev mode: how soon it serves, and what it holds when it has nothing to do."""
    times, resident = zip(*(start_once() for _ in range(max(5, options.rounds))))
    print(f"\nstart: first accepted call {statistics.median(times):.0f} ms after the start of the process, "
          f"{statistics.median(resident):.0f} MiB resident when idle")
    return {"first_call_ms": statistics.median(times), "idle_mib": statistics.median(resident)}


def tool(name, *arguments):
    """What a benchmark of a part of the server prints; none of them starts a server."""
    command = [str(ROOT / "build/release/benchmarks" / name), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=3600)
    print("".join(f"  {line.strip()}\n" for line in done.stdout.splitlines()), end="", flush=True)
    return done.stdout


def beside_limit(what, figure, limit, unit):
    verdict = "" if figure <= limit else ", which is OVER it"
    print(f"{what}: {figure:.2f} {unit}; the limit is {limit:g} {unit}{verdict}", flush=True)


def contacts(options, _machine):
    """A page of ListContacts at the default size, out of a large list, for each form of its filter."""
    print(f"\ncontacts: pages of ListContacts over {options.contacts} contacts")
    text = tool("contact_pages", options.contacts)
    pages = re.findall(r"page of +50: median +([\d.]+) ms, slowest +([\d.]+) ms", text)
    medians, slowest = zip(*((float(m), float(s)) for m, s in pages))
    beside_limit("page of 50, the median of the slowest filter", max(medians), 5, "ms")
    return {"contacts": options.contacts, "page_ms": max(medians), "slowest_page_ms": max(slowest)}


def render(_options, _machine):
    """The template engine alone: 4 KB with 10 variables."""
    print("\nrender: a template of 4 KB with 10 variables")
    took = float(re.search(r"10 variables +([\d.]+) us", tool("handlebars_bench"))[1])
    beside_limit("one rendering", took, 10, "\u00b5s")
    return {"render_us": took}


def suppression(options, _machine):
    """Look-ups as sends make them, one in a hundred of an address that is on the list."""
    print(f"\nsuppression: look-ups in {options.entries} entries")
    took = float(re.search(r"([\d.]+) us of CPU each", tool("suppression_bench", "--entries", options.entries))[1])
    beside_limit("one look-up", took, 20, "\u00b5s")
    return {"entries": options.entries, "look_up_us": took}


def takers(_options, _machine):
    """Who takes a mail from outside, asked as each RCPT does."""
    print("\ntakers: who takes a recipient, of 1 and of 10,000 accounts that receive")
    text = tool("takers_bench", 10000)
    one, many = (float(took) for took in re.findall(r"accounts: +([\d.]+) us", text))
    beside_limit("one recipient, of 10,000 accounts", many, 50, "\u00b5s")
    return {"one_account_us": one, "ten_thousand_accounts_us": many}


PARTS = {"delivery": delivery, "accept": accept, "receive": receive, "bulk": bulk, "start": start, "contacts": contacts, "render": render,
         "suppression": suppression, "takers": takers}


def main():
    parser = argparse.ArgumentParser(prog="./bench", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=10000, help="mails a run")
    parser.add_argument("--contacts", type=int, default=1000000, metavar="N", help="on the list (contacts)")
    parser.add_argument("--entries", type=int, default=1000000, metavar="N",
                        help="on the suppression list; its limit is for 10000000, which take minutes to fill in")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(unknown)}")
    machine = {"cpu": cpu_name(), "cores": os.cpu_count(), "signature_ms": signature_ms()}
    print(f"{machine['cpu']}, {machine['cores']} cores; one RSA-2048 signature: {machine['signature_ms']:.2f} ms of a core")
    results = {"machine": machine}
    for name in options.parts or PARTS:
        results[name] = PARTS[name](options, machine)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(results, out, indent=1)


if __name__ == "__main__":
    main()
