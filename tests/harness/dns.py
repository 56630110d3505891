"""A local DNS server, Debian's dnsmasq, that knows only the records of the test."""

import os
import socket
import subprocess
import time

import dns.exception
import dns.message
import dns.query
import dns.rcode

from harness.tools import free_port

# Names under these are answered from the test's records alone: what is not there does not exist.
LOCAL = ("com", "net", "org", "example", "test", "invalid", "localhost", "arpa")


class Dns:
    """`records` is a list of (name, type, value): A, AAAA, MX ("10 host"), TXT, CNAME. Who asks for a name in `down` is
    told to come again (SERVFAIL)."""

    def __init__(self, folder, records=(), down=(), port=None):
        self.folder = folder
        self.records = list(records)
        self.down = list(down)
        self.fixed, self.port = port, port
        self.process = None

    def __enter__(self):
        for _ in range(5):
            self.port = self.fixed or free_port()
            if self.start():
                return self
        raise AssertionError(f"dnsmasq does not start: {self.log()}")

    def __exit__(self, *_):
        self.stop()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def add(self, *records):
        """dnsmasq reads records at its start only, so it starts again, on the same port."""
        self.records += records
        self.stop()
        if not self.start():
            raise AssertionError(f"dnsmasq does not start again: {self.log()}")

    def log(self):
        with open(os.path.join(self.folder, "dns.log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def start(self):
        lines = ["no-resolv", "no-hosts", "no-daemon", "bind-interfaces", "listen-address=127.0.0.1", "user=root",
                 f"port={self.port}", "pid-file=", "cache-size=0"]
        lines += [f"local=/{zone}/" for zone in LOCAL]
        lines += [f"server=/{name}/127.0.0.1#9" for name in self.down]  # where nobody answers
        lines += [line for record in self.records for line in option(*record)]
        config = os.path.join(self.folder, "dns.conf")
        with open(config, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        with open(os.path.join(self.folder, "dns.log"), "ab") as log:
            self.process = subprocess.Popen(["dnsmasq", "-C", config], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        end = time.monotonic() + 5
        query = dns.message.make_query("here.test", "A")
        while time.monotonic() < end and self.process.poll() is None:
            try:
                dns.query.udp(query, "127.0.0.1", port=self.port, timeout=0.2)
                return True
            except (dns.exception.DNSException, OSError, socket.error):
                time.sleep(0.02)
        self.stop()
        return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def option(name, kind, value):
    """The lines of dnsmasq.conf that make this record."""
    name = name.rstrip(".")
    if kind in ("A", "AAAA"):
        return [f"host-record={name},{value}"]
    if kind == "MX":
        preference, host = value.split()
        if host == ".":  # null MX
            return [f"dns-rr={name},15,{int(preference):04x}00"]
        return [f"mx-host={name},{host.rstrip('.')},{preference}"]
    if kind == "TXT":
        parts = [value[i:i + 250] for i in range(0, len(value), 250)]
        return [f"txt-record={name}," + ",".join(f'"{part}"' for part in parts)]
    if kind == "CNAME":  # as bare data: dnsmasq's own form wants to know the target's address
        wire = b"".join(bytes([len(label)]) + label.encode() for label in value.rstrip(".").split(".")) + b"\0"
        return [f"dns-rr={name},5,{wire.hex()}"]
    raise ValueError(kind)
