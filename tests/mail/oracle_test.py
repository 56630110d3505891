"""The checks of received mail held against other implementations: SPF against pyspf over generated zones, DKIM
against dkimpy's signatures, our delivery status notifications against Python's email package and back."""

import base64
import email
import email.message
import email.policy
import ipaddress
import json
import pathlib
import random
import subprocess
import sys

import dkim
import nacl.signing
import spf

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NOW = 1681293525
MESSAGE = (b"From: Joe <joe@example.com>\r\nTo: a@example.org\r\nSubject: Is  dinner\r\n ready?\r\n"
           b"Date: Wed, 12 Apr 2023 09:58:45 +0000\r\nMessage-ID: <m@example.com>\r\n\r\n"
           b"Hi.\r\n\r\nWe lost  the game. \r\n\r\n\r\n")


class Check:
    """mail_check: a question, an answer."""

    def __init__(self):
        self.process = subprocess.Popen([str(ROOT / "build/release/mail_check")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, op, **question):
        self.process.stdin.write(json.dumps({"op": op, **question}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def encoded(message):
    return base64.b64encode(message).decode()


# ---- SPF

HOSTS = ["a.example.net", "b.example.net", "c.example.net", "nothing.example.net", "down.example.net",
         "alias.example.net", "many.example.net"]
RECORDS = ["r0.example.net", "r1.example.net", "r2.example.net", "r3.example.net"]
ADDRESSES = ["192.0.2.1", "192.0.2.7", "198.51.100.9", "2001:db8::1", "2001:db8:1::7"]


def base_zone():
    zone = [["a.example.net", "A", "192.0.2.1"], ["a.example.net", "AAAA", "2001:db8::1"],
            ["b.example.net", "A", "198.51.100.9"], ["c.example.net", "AAAA", "2001:db8:1::7"],
            ["a.example.net", "MX", "b.example.net"], ["a.example.net", "MX", "c.example.net"],
            ["b.example.net", "MX", "down.example.net"], ["c.example.net", "MX", "nothing.example.net"],
            ["down.example.net", "TIMEOUT", ""], ["alias.example.net", "CNAME", "a.example.net"],
            ["1.2.0.192.in-addr.arpa", "PTR", "a.example.net"], ["9.100.51.198.in-addr.arpa", "PTR", "a.example.net"],
            ["9.100.51.198.in-addr.arpa", "PTR", "b.example.net"], ["7.2.0.192.in-addr.arpa", "PTR", "a.example.net"]]
    # Every client has a name: pyspf counts one without anew for each ptr.
    zone += [[ipaddress.ip_address(ip).reverse_pointer, "PTR", "a.example.net"] for ip in ADDRESSES if ":" in ip]
    return zone + [["many.example.net", "MX", f"m{i}.example.net"] for i in range(11)]


def random_term(rng, own):
    qualifier = rng.choice(["", "", "+", "-", "~", "?"])
    host = rng.choice(HOSTS)
    record = rng.choice([name for name in RECORDS if name != own] + HOSTS[:1])  # pyspf refuses a loop on sight
    cidr = rng.choice(["", "", "", "/24", "/32", "/0", "//64", "/24//48", "/33", "//129", "/024"])
    four = rng.choice(["192.0.2.1", "192.0.2.0/24", "198.51.100.0/25", "0.0.0.0/0", "192.0.2", "192.0.2.1/40", "::1"])
    six = rng.choice(["2001:db8::1", "2001:db8::/32", "::/0", "2001:db8::/129", "1.2.3.4"])
    macro = rng.choice(["%{ir}.%{v}.example.net", "%{d}", "%{d2}", "%{o1r}.example.net", "%{l}.example.net", "%{h}",
                        "%{L-}.%{d1r}.x.example.net", "a.%{d2}", "%{x}.example.net", "a%%b.example.net",
                        "%{s}", "%{lr-}.example.net"])
    return qualifier + rng.choice([
        f"a:{host}{cidr}", f"a{cidr}", f"mx:{host}{cidr}", f"mx{cidr}", f"ptr:{rng.choice(HOSTS + ['example.net'])}",
        f"include:{record}", f"include:{record}", f"ip4:{four}", f"ip4:{four}", f"ip6:{six}", f"exists:{host}",
        f"exists:{macro}", f"a:{macro}", "all"])


def random_record(rng, own):
    terms = [random_term(rng, own) for _ in range(rng.randrange(6))]
    if rng.random() < 0.3:
        terms.append(rng.choice(["redirect=", "redirect="]) + rng.choice(RECORDS + ["nothing.example.net", "%{d2}"]))
    if rng.random() < 0.15:
        terms.append(rng.choice(["exp=e.example.net", "moo=%{d}x", "exp=", "redirect=", "bad term", "x=y", "all:", "a:"]))
    if rng.random() < 0.5:
        terms.append(rng.choice(["-all", "~all", "?all", "+all"]))
    return "v=spf1" + "".join((" " if rng.random() < 0.95 else "  ") + term for term in terms)


def pyspf_look_up(zone):
    """What pyspf asks instead of DNS."""
    rows = {}
    for name, kind, value in zone:
        rows.setdefault(name.lower(), []).append((kind, value))

    def look_up(name, kind, strict=True, timeout=None, depth=0):
        del strict, timeout
        for have, value in rows.get(name.lower().rstrip("."), []):
            if have == "TIMEOUT":
                raise spf.TempError("DNS timeout")
            if have == "CNAME" and depth < 5:
                yield (name, "CNAME"), value
                yield from look_up(value, kind, depth=depth + 1)
            elif have == kind:
                if kind == "TXT":
                    value = (value.encode(),)
                if kind == "AAAA":
                    import socket
                    value = socket.inet_pton(socket.AF_INET6, value)
                yield (name, kind), (10, value) if kind == "MX" else value

    return look_up


def spf_by_pyspf(zone, ip, mail_from, helo):
    spf.DNSLookup = pyspf_look_up(zone)
    query = spf.query(i=ip, s=mail_from, h=helo, strict=True)
    return query.check()[0]


def spf_zones(check):
    """3,000 random policies decide alike."""
    rng = random.Random(7208)
    seen, differ = {}, []
    for _ in range(3000):
        zone = base_zone() + [[name, "TXT", random_record(rng, name)] for name in RECORDS if rng.random() < 0.9]
        ip, local = rng.choice(ADDRESSES), rng.choice(["joe", "strong-bad", "a"])
        mail_from = f"{local}@{RECORDS[0]}"
        ours = check.ask("spf", zone=zone, ip=ip, mail_from=mail_from, helo="a.example.net")
        theirs = spf_by_pyspf(zone, ip, mail_from, "a.example.net")
        seen[theirs] = seen.get(theirs, 0) + 1
        if ours["result"] != theirs:
            differ.append((ours, theirs, ip, [row for row in zone if row[1] == "TXT"]))
    for row in differ[:5]:
        print("   ", row)
    assert not differ, f"{len(differ)} of 3000 differ"
    for result in ("none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"):
        assert seen.get(result, 0) > 20, seen


# ---- DKIM

def rsa_key(bits=1024):
    pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, capture_output=True,
                         check=True).stdout
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def ed25519_key():
    key = nacl.signing.SigningKey.generate()
    return (base64.b64encode(key.encode()),
            "v=DKIM1; k=ed25519; p=" + base64.b64encode(key.verify_key.encode()).decode())


def dkim_results(check, message, record, now=NOW):
    zone = [["sel._domainkey.example.com", "TXT", record]]
    return check.ask("dkim", message=encoded(message), zone=zone, now=now)["verdicts"]


def dkim_signatures(check):
    """What dkimpy signs passes, and fails when it was changed."""
    for (key, record), algorithm in ((rsa_key(), b"rsa-sha256"), (rsa_key(2048), b"rsa-sha256"),
                                     (ed25519_key(), b"ed25519-sha256")):
        for canonical in ((b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple"),
                          (b"simple", b"relaxed")):
            for length in (False, True):
                if length and algorithm != b"rsa-sha256":
                    continue
                message = dkim.sign(MESSAGE, b"sel", b"example.com", key, canonicalize=canonical,
                                    signature_algorithm=algorithm, length=length,
                                    include_headers=[b"from", b"from", b"to", b"subject", b"date"]) + MESSAGE
                what = (algorithm, canonical, length)
                results = dkim_results(check, message, record, 4102444800 - 1)
                assert [r["result"] for r in results] == ["pass"], (what, results)
                assert results[0]["domain"] == "example.com" and results[0]["selector"] == "sel", results
                for old, new in ((b"lost", b"won "), (b"To: a", b"To: b"), (b"\r\nDate:", b"\r\nFrom: x@y.z\r\nDate:")):
                    changed = dkim_results(check, message.replace(old, new, 1), record, 4102444800 - 1)
                    assert [r["result"] for r in changed] == ["fail"], (what, old, changed)
                longer = dkim_results(check, message + b"more\r\n", record, 4102444800 - 1)
                assert longer[0]["result"] == ("pass" if length else "fail"), (what, longer)


def dkim_alike(check):
    """Messages mangled at random: where dkimpy says pass we do, and the other way round."""
    key, record = rsa_key()
    rng = random.Random(6376)
    seen = {True: 0, False: 0}
    for _ in range(400):
        canonical = rng.choice([(b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")])
        message = bytearray(dkim.sign(MESSAGE, b"sel", b"example.com", key, canonicalize=canonical) + MESSAGE)
        for _ in range(rng.randrange(3)):
            # dkimpy knows no blank before the colon and no base64 without its "=".
            at = rng.choice([rng.randrange(20, message.index(b" bh=")), rng.randrange(message.index(b"From:"), len(message))])
            if message[at] in b"\r\n" or message[at - 1] == 13:  # nor a line end that is not CRLF
                continue
            message[at:at + rng.randrange(2)] = rng.choice([b" ", b"  ", b"x", b"", b"\r\n ", b"\t"])
        message = bytes(message)
        try:
            theirs = dkim.verify(message, dnsfunc=lambda *_, **__: record.encode())
        except Exception:  # pylint: disable=broad-except
            theirs = False
        ours = [r["result"] for r in dkim_results(check, message, record, 4102444800 - 1)] == ["pass"]
        assert ours == theirs, (ours, theirs, message)
        seen[theirs] += 1
    assert min(seen.values()) > 20, seen


# ---- DSN

def dsn_is_read(check):
    """Python's email package reads our notifications as their standards say."""
    question = {"from": "Bouncer <b@example.com>", "to": "joe@example.org", "subject": "Caf\u00e9 failed",
                "explanation": "D\u00e9sol\u00e9.\n.\nFrom " + "x" * 2000, "reporting_mta": "dns; mx.example.com",
                "recipients": ["u@example.com", "rfc822;v@example.com"], "diagnostic": "smtp; 550 5.1.1 " + "no " * 400,
                "note": "a\r\nX-Evil: b", "original": encoded(MESSAGE)}
    raw = base64.b64decode(check.ask("dsn", **question)["message"])
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998 and b"\r" not in line and b"\n" not in line, line
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message.get_content_type() == "multipart/report" and message.get_param("report-type") == "delivery-status"
    assert message["Subject"] == question["subject"] and message["To"] == "joe@example.org"
    assert message["Auto-Submitted"] == "auto-replied"
    text, status, headers = message.get_payload()
    assert text.get_content().replace("\r\n", "\n").strip() == question["explanation"].strip()
    whole, *recipients = status.get_payload()
    assert whole["Reporting-MTA"] == "dns; mx.example.com" and whole["Arrival-Date"], whole
    assert [r["Final-Recipient"] for r in recipients] == ["rfc822; u@example.com", "rfc822;v@example.com"], recipients
    for recipient in recipients:
        assert recipient["Action"] == "failed" and recipient["Status"] == "5.1.1"
        assert recipient["X-Evil"] is None and recipient["X-Note"]
    assert headers.get_content_type() == "text/rfc822-headers"
    assert email.message_from_string(headers.get_payload())["Message-ID"] == "<m@example.com>"
    assert not [d for part in message.walk() for d in part.defects], "defects"
    ours = check.ask("returned", message=encoded(raw))
    assert [r["address"] for r in ours["recipients"]] == ["u@example.com", "v@example.com"], ours
    assert ours["kind"] == 1 and ours["message_id"] == "m@example.com", ours


def python_reports_are_read(check):
    """Reports that Python's email package writes."""
    def report(kind, subtype, fields):
        message = email.message.EmailMessage()
        message["From"] = "MAILER-DAEMON@example.org"
        message.set_content("for people \u00e9")
        message.make_mixed()
        message.replace_header("Content-Type", f'multipart/report; report-type={kind}; boundary="=_b_=1"')
        for type_, text in ((f"message/{subtype}", fields), ("text/rfc822-headers",
                            "Return-Path: <id@bounce.example.com>\nMessage-ID: <m@example.com>\n")):
            part = email.message.Message()
            part["Content-Type"] = type_
            part._payload = text  # pylint: disable=protected-access
            if type_.startswith("message/"):
                part._payload = list(map(email.message_from_string, fields.split("\n\n")))
            message.attach(part)
        return message.as_bytes(policy=email.policy.SMTP)

    ours = check.ask("returned", message=encoded(report("delivery-status", "delivery-status",
                     "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; u@example.org\nAction: failed\n"
                     "Status: 5.2.2\nDiagnostic-Code: smtp; 552 full\n")))
    assert ours["recipients"] == [{"address": "u@example.org", "action": "failed", "status": "5.2.2",
                                   "diagnostic": "552 full"}], ours
    assert ours["return_path"] == "id@bounce.example.com" and ours["message_id"] == "m@example.com", ours
    ours = check.ask("feedback", message=encoded(report("feedback-report", "feedback-report",
                     "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <u@example.org>\n"
                     "Source-IP: 192.0.2.1\n")))
    assert ours == {"type": "abuse", "recipients": ["u@example.org"], "ip": "192.0.2.1"}, ours


def main():
    check, failed = Check(), 0
    for case in (spf_zones, dkim_signatures, dkim_alike, dsn_is_read, python_reports_are_read):
        try:
            case(check)
            print(f"ok {case.__name__}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {case.__name__}: {type(error).__name__}: {error}", flush=True)
    check.close()
    return 1 if failed else 0


sys.exit(main())
