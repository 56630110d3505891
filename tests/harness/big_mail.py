"""Large mails of an exact size, and how much memory a server takes for them."""

import base64
import functools
import hashlib
import random
import re

V1_LIMIT, V2_LIMIT = 10485760, 41943040
LINE = 78  # 76 characters and CRLF
# What Sesame adds to a captured mail, or puts in the place of the sender's own (SES §12.3).
ADDED = re.compile(rb"^(DKIM-Signature|Date|Message-ID|Feedback-ID|X-SES-Outgoing):", re.I)


@functools.lru_cache(maxsize=4)
def octets(size, seed=1):
    return random.Random(seed).randbytes(size)


@functools.lru_cache(maxsize=2)
def lines(count):
    """Base64 as it stands in a mail, `count` full lines."""
    return base64.encodebytes(octets(count * 57)).replace(b"\n", b"\r\n")


def raw_mail(size, to="you@example.net", sender="me@example.com", more=b""):
    """A mail with one base64 attachment that is `size` octets long; a header is as long as the rest needs."""
    head = (f"From: {sender}\r\nTo: {to}\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
            "Content-Type: application/octet-stream; name=large.bin\r\nContent-Transfer-Encoding: base64\r\n").encode()
    rest = size - len(head) - len(more) - len(b"X-Fill: \r\n\r\n")
    count = (rest - 1) // LINE
    return head + more + b"X-Fill: " + b"x" * (rest - count * LINE) + b"\r\n\r\n" + lines(count)


def body_hash(mail):
    return hashlib.sha256(mail[mail.index(b"\r\n\r\n") + 4:]).hexdigest()


def submitted_size(captured):
    """How long a captured mail was before Sesame's own headers were put into it."""
    head = captured[:captured.index(b"\r\n\r\n") + 2]
    fields = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)
    return len(captured) - sum(len(field) for field in fields if ADDED.match(field))


class Memory:
    """`with Memory(pid) as m:` the rise of the process's peak over what it held before, in MiB."""

    def __init__(self, pid):
        self.pid = pid

    def status(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as lines_of_status:
            return next(int(line.split()[1]) for line in lines_of_status if line.startswith(name + ":")) / 1024

    def __enter__(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as peak:
            peak.write("5")  # proc(5): the peak begins anew
        self.before = self.status("VmRSS")
        return self

    def __exit__(self, *_):
        self.peak = self.status("VmHWM") - self.before
        self.kept = self.status("VmRSS") - self.before
