"""The verdicts on received mail held against other verifiers: a table of mails, each handed in, checked by the server
over DNS (dnsmasq) and by mailauth, pyspf and dkimpy over the same records. Where another one says something else, the
case names it and why."""

import base64
import email
import email.policy
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import dkim  # noqa: E402
import nacl.signing  # noqa: E402
import spf  # noqa: E402
from harness.cases import Suite, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.server import LOOPBACK, ROOT, Sesame, wait_for  # noqa: E402
from harness.tools import rsa_key  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("verdicts")
IP, OTHER_IP = "192.0.2.7", "198.51.100.9"
BODY = "Hello,\r\n\r\n this  is it. \r\n\r\n\r\n"


# ---- Keys and records

RSA, RSA_TXT = rsa_key(2048)
WEAK, WEAK_TXT = rsa_key(1024)
SEED = nacl.signing.SigningKey.generate()
ED, ED_TXT = base64.b64encode(SEED.encode()), "v=DKIM1; k=ed25519; p=" + base64.b64encode(SEED.verify_key.encode()).decode()

SPF = {
    "pass.example": "v=spf1 ip4:192.0.2.0/24 -all", "fail.example": "v=spf1 ip4:203.0.113.1 -all",
    "soft.example": "v=spf1 ip4:203.0.113.1 ~all", "neutral.example": "v=spf1 ?all", "six.example": "v=spf1 ip6:2001:db8::/32 -all",
    "include.example": "v=spf1 include:soft.example include:pass.example -all", "redirect.example": "v=spf1 redirect=pass.example",
    "macro.example": "v=spf1 exists:%{ir}.%{v}.%{l}.%{d2}.macro.example -all", "a.example": "v=spf1 a:host.example/28 -all",
    "mx.example": "v=spf1 mx -all", "helo.example": "v=spf1 ip4:192.0.2.7 -all", "loop.example": "v=spf1 include:loop.example -all",
    "broken.example": "v=spf1 ip4:192.0.2.300 -all", "gone.example": "v=spf1 include:nothing.example -all",
    "many.example": "v=spf1 include:n1.example -all", "toadown.example": "v=spf1 include:down.example -all",
    "voids.example": "v=spf1 a:v1.example a:v2.example a:v3.example ip4:192.0.2.7 -all",
    # DMARC's own: whose SPF fails or passes for a domain beside or below.
    "reject.example": "v=spf1 -all", "strict.example": "v=spf1 ip4:192.0.2.7 -all", "b.strict.example": "v=spf1 ip4:192.0.2.7 -all",
    "bounce.relaxed.example": "v=spf1 ip4:192.0.2.7 -all",
}
SPF.update({f"n{i}.example": f"v=spf1 include:n{i + 1}.example -all" for i in range(1, 12)})
DMARC = {
    "pass.example": "v=DMARC1; p=none", "reject.example": "v=DMARC1; p=reject", "quarantine.example": "v=DMARC1; p=quarantine",
    "relaxed.example": "v=DMARC1; p=reject; sp=quarantine", "strict.example": "v=DMARC1; p=reject; adkim=s; aspf=s",
    "bad.example": "v=DMARC1; p=dance",
}
RECORDS = [(name, "TXT", text) for name, text in SPF.items()]
RECORDS += [("two.example", "TXT", "v=spf1 -all"), ("two.example", "TXT", "v=spf1 +all"),
            ("host.example", "A", "192.0.2.1"), ("mail.mx.example", "A", IP), ("mx.example", "MX", "10 mail.mx.example"),
            (f"{'.'.join(reversed(IP.split('.')))}.in-addr.ann.macro.example.macro.example", "A", "127.0.0.2")]
RECORDS += [(f"_dmarc.{name}", "TXT", text) for name, text in DMARC.items()]
SIGNERS = ["pass.example", "fail.example", "reject.example", "quarantine.example", "relaxed.example", "news.relaxed.example",
           "strict.example", "b.strict.example", "other.example"]
for signer in SIGNERS:
    RECORDS += [(f"rsa._domainkey.{signer}", "TXT", RSA_TXT), (f"ed._domainkey.{signer}", "TXT", ED_TXT)]
RECORDS += [("weak._domainkey.pass.example", "TXT", WEAK_TXT), ("revoked._domainkey.pass.example", "TXT", "v=DKIM1; p="),
            ("testing._domainkey.pass.example", "TXT", RSA_TXT.replace("k=rsa", "k=rsa; t=y")),
            ("wrong._domainkey.pass.example", "TXT", WEAK_TXT), ("sel._domainkey.elsewhere.example", "TXT", ED_TXT)]
DOWN = ["down.example", "_dmarc.down.example", "rsa._domainkey.down.example"]


# ---- Mails

class Dated(dkim.DKIM):
    """Signs with t= and x= of its own."""
    times = ()

    def gen_header(self, fields, *args, **more):
        kept = [field for field in fields if field[0] != b"t"]
        return super().gen_header(kept[:-1] + list(self.times) + kept[-1:], *args, **more)


def mail(*signatures, sender="ann@pass.example", head="", body=BODY, change=None):
    """`signatures` are (domain, selector[, canonicalisation[, more]]), the last on top."""
    raw = (f"From: Ann <{sender}>\r\nTo: box@inbox.example\r\nSubject: A  test\r\n of it\r\nDate: Wed, 1 Jul 2026 10:00:00 +0000\r\n"
           f"Message-ID: <1@x.example>\r\n{head}\r\n{body}").encode()
    for domain, selector, *rest in signatures:
        canonical, more = (rest + ["relaxed/simple", {}][len(rest):])[:2]
        algorithm = b"ed25519-sha256" if selector == "ed" else b"rsa-sha256"
        key = {"ed": ED, "weak": WEAK}.get(selector, RSA)
        signer = Dated(raw, signature_algorithm=algorithm)
        signer.times = more.get("times", ())
        raw = signer.sign(selector.encode(), domain.encode(), key, canonicalize=tuple(part.encode() for part in canonical.split("/")),
                          include_headers=[b"from", b"to", b"subject", b"date", b"message-id"],
                          length=more.get("length", False)) + raw
    if change:
        old, new = change
        assert old in raw, old
        raw = raw.replace(old, new, 1)
    return raw


def expired(age):
    now = int(time.time())
    return {"times": ((b"t", str(now - age).encode()), (b"x", str(now - age + 3600).encode()))}


PLAIN = mail()
OK = ("pass.example", "rsa")
CASES = []


def case(name, raw, spf_, dkim_, dmarc, *, sender="ann@pass.example", ip=IP, helo="mx.pass.example", policy=None, verdict=None,
         differs=None):
    """What the server must say; `differs`: what mailauth, pyspf or dkimpy say instead ({"mailauth.spf": ...}); `verdict`:
    dkimVerdict where it is not the one of the signatures alone; `policy`: dmarcPolicy."""
    CASES.append({"name": name, "raw": raw, "spf": spf_, "dkim": dkim_, "dmarc": dmarc, "sender": sender, "ip": ip, "helo": helo,
                  "policy": policy, "verdict": verdict, "differs": differs or {}})


def spf_case(name, domain, want, **more):
    """Of SPF alone: the mail is unsigned and its From has no DMARC."""
    more.setdefault("sender", f"ann@{domain}")
    case("spf_" + name, mail(sender="ann@nodmarc.example"), want, [], "none", **more)


spf_case("pass", "pass.example", "pass")
spf_case("fail", "fail.example", "fail")
spf_case("softfail", "soft.example", "softfail")
spf_case("neutral", "neutral.example", "neutral")
spf_case("none", "nospf.example", "none")
spf_case("ipv6", "six.example", "pass", ip="2001:db8::9")
spf_case("ipv6_fails_ip4", "pass.example", "fail", ip="2001:db8::9")
spf_case("include", "include.example", "pass")
spf_case("include_no_match", "include.example", "fail", ip=OTHER_IP)
spf_case("redirect", "redirect.example", "pass")
spf_case("redirect_fail", "redirect.example", "fail", ip=OTHER_IP)
spf_case("macros", "macro.example", "pass")
spf_case("macros_other_local_part", "macro.example", "fail", sender="bob@macro.example")
spf_case("a_with_prefix", "a.example", "pass")
spf_case("mx", "mx.example", "pass")
spf_case("mx_fail", "mx.example", "fail", ip=OTHER_IP)
spf_case("syntax", "broken.example", "permerror")
spf_case("two_records", "two.example", "permerror")
spf_case("loop", "loop.example", "permerror")
spf_case("more_than_ten_questions", "many.example", "permerror")
spf_case("include_of_nothing", "gone.example", "permerror")
spf_case("void_questions", "voids.example", "permerror")
spf_case("dns_down", "down.example", "temperror")
spf_case("dns_of_an_include_down", "toadown.example", "temperror")
spf_case("null_sender_helo_pass", "", "pass", sender="", helo="helo.example")
spf_case("null_sender_helo_fail", "", "fail", sender="", helo="helo.example", ip=OTHER_IP)
spf_case("null_sender_helo_none", "", "none", sender="", helo="nospf.example")

for canonical in ("relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"):
    case("dkim_rsa_" + canonical.replace("/", "_"), mail(("pass.example", "rsa", canonical)), "pass", ["pass"], "pass")
    case("dkim_ed25519_" + canonical.replace("/", "_"), mail(("pass.example", "ed", canonical)), "pass", ["pass"], "pass")
case("dkim_both_algorithms", mail(OK, ("pass.example", "ed")), "pass", ["pass", "pass"], "pass")
case("dkim_several_signers", mail(("other.example", "rsa"), OK), "pass", ["pass", "pass"], "pass")
case("dkim_of_another_alone", mail(("other.example", "rsa")), "pass", ["pass"], "pass", verdict="GRAY")
case("dkim_body_changed", mail(OK, change=(b"this", b"that")), "pass", ["fail"], "pass")
case("dkim_header_changed", mail(OK, change=(b"A  test", b"No test")), "pass", ["fail"], "pass")
case("dkim_blanks_relaxed", mail(("pass.example", "rsa", "relaxed/relaxed"), change=(b" this  is it. ", b" this is it.")), "pass",
     ["pass"], "pass")
case("dkim_blanks_simple", mail(("pass.example", "rsa", "simple/simple"), change=(b" this  is it. ", b" this is it.")), "pass",
     ["fail"], "pass")
case("dkim_one_of_two_broken", mail(("other.example", "rsa", "simple/simple"), ("pass.example", "rsa", "relaxed/relaxed"),
                                    change=(b"it. \r\n", b"it.\r\n")), "pass", ["pass", "fail"], "pass")
# What RFC 6376 §6.1 calls PERMFAIL is "neutral" to mailauth where the signature itself was not tried.
case("dkim_expired", mail(("pass.example", "rsa", "relaxed/relaxed", expired(7 * 86400))), "pass", ["fail"], "pass",
     differs={"mailauth.dkim": ["neutral"]})
case("dkim_not_yet_expired", mail(("pass.example", "rsa", "relaxed/relaxed", expired(60))), "pass", ["pass"], "pass")
case("dkim_length", mail(("pass.example", "rsa", "relaxed/simple", {"length": True})), "pass", ["pass"], "pass")
case("dkim_no_key", mail(("pass.example", "absent")), "pass", ["permerror"], "pass", differs={"mailauth.dkim": ["neutral"]})
case("dkim_key_revoked", mail(("pass.example", "revoked")), "pass", ["permerror"], "pass",
     differs={"mailauth.dkim": ["neutral"]})
case("dkim_another_key", mail(("pass.example", "wrong")), "pass", ["fail"], "pass")
case("dkim_short_key", mail(("pass.example", "weak")), "pass", ["pass"], "pass")
case("dkim_key_in_test", mail(("pass.example", "testing")), "pass", ["pass"], "pass")
case("dkim_dns_down", mail(("down.example", "rsa"), sender="ann@nodmarc.example"), "pass", ["temperror"], "none")
# Of what cannot be read as a signature our header has nothing to say, as SES's.
case("dkim_unreadable", mail(OK, change=(b"; bh=", b"; hb=")), "pass", [], "pass", differs={"mailauth.dkim": ["neutral"], "dkimpy": [False]})
case("dkim_unsigned", PLAIN, "pass", [], "pass")

case("dmarc_by_spf", mail(sender="ann@relaxed.example"), "pass", [], "pass", sender="b@bounce.relaxed.example")
case("dmarc_by_spf_of_helo", mail(sender="ann@relaxed.example"), "pass", [], "pass", sender="", helo="bounce.relaxed.example")
case("dmarc_by_dkim", mail(("reject.example", "rsa"), sender="ann@reject.example"), "fail", ["pass"], "pass",
     sender="ann@fail.example")
case("dmarc_by_dkim_of_the_domain_above", mail(("relaxed.example", "rsa"), sender="ann@news.relaxed.example"), "fail", ["pass"],
     "pass", sender="ann@fail.example")
case("dmarc_by_dkim_of_a_domain_below", mail(("news.relaxed.example", "rsa"), sender="ann@relaxed.example"), "fail", ["pass"],
     "pass", sender="ann@fail.example")
case("dmarc_reject", mail(sender="ann@reject.example"), "fail", [], "fail", sender="ann@reject.example", policy="reject")
case("dmarc_quarantine", mail(sender="ann@quarantine.example"), "none", [], "fail", sender="ann@nospf.example",
     policy="quarantine")
case("dmarc_policy_of_subdomains", mail(sender="ann@news.relaxed.example"), "fail", [], "fail", sender="ann@fail.example",
     policy="quarantine")
case("dmarc_policy_none", PLAIN, "fail", [], "fail", sender="ann@fail.example", policy="none")
case("dmarc_signed_by_another", mail(("other.example", "rsa"), sender="ann@reject.example"), "pass", ["pass"], "fail",
     policy="reject", verdict="GRAY")
case("dmarc_strict_pass", mail(("strict.example", "rsa"), sender="ann@strict.example"), "pass", ["pass"], "pass",
     sender="b@b.strict.example")
case("dmarc_strict_dkim_below", mail(("b.strict.example", "rsa"), sender="ann@strict.example"), "pass", ["pass"], "fail",
     sender="b@b.strict.example", policy="reject")
case("dmarc_strict_spf", mail(sender="ann@strict.example"), "pass", [], "pass", sender="b@strict.example")
case("dmarc_no_record", mail(sender="ann@nodmarc.example"), "pass", [], "none")
case("dmarc_bad_record", mail(sender="ann@bad.example"), "pass", [], "none")
case("dmarc_dns_down", mail(sender="ann@down.example"), "pass", [], "temperror")
# Without one author domain (RFC 7489 §6.6.1) mailauth says nothing. A second From, which nobody signed, is enough for
# dkimpy to fail the signature (RFC 6376 §8.15); we leave it to DMARC.
NOTHING = {"mailauth.dmarc": "none"}
case("dmarc_two_from", mail(OK, head="From: Eve <eve@reject.example>\r\n"), "pass", ["pass"], "permerror",
     differs={"dkimpy": [False], **NOTHING})
case("dmarc_two_addresses", mail(sender="ann@pass.example>, <eve@pass.example"), "pass", [], "pass")
case("dmarc_two_domains", mail(sender="ann@pass.example>, <eve@reject.example"), "pass", [], "permerror", differs=NOTHING)
case("dmarc_no_from", mail(change=(b"From: Ann <ann@pass.example>\r\n", b"")), "pass", [], "permerror", differs=NOTHING)


# ---- Who is asked

def by_pyspf(one):
    def look_up(name, kind, strict=True, timeout=None):
        del strict, timeout
        name = name.lower().rstrip(".")
        if name in DOWN:
            raise spf.TempError("DNS timeout")
        for have, what, value in RECORDS:
            if have == name and what == kind:
                if kind == "MX":
                    value = (int(value.split()[0]), value.split()[1])
                if kind == "AAAA":
                    value = socket.inet_pton(socket.AF_INET6, value)
                yield (name, kind), (value.encode(),) if kind == "TXT" else value
    spf.DNSLookup = look_up
    return spf.query(i=one["ip"], s=one["sender"], h=one["helo"], strict=True).check()[0]


def by_dkimpy(one):
    """Of each signature whether it passes."""
    def look_up(name, timeout=5):
        del timeout
        name = name.decode().lower().rstrip(".")
        texts = [value for have, kind, value in RECORDS if have == name and kind == "TXT"]
        return texts[0].encode() if texts else None
    out = []
    for index in range(len(re.findall(rb"(?mi)^dkim-signature:", one["raw"]))):
        try:
            out.append(dkim.DKIM(one["raw"]).verify(index, dnsfunc=look_up))
        except dkim.DKIMException:
            out.append(False)
    return out


def by_mailauth():
    question = {"records": RECORDS, "down": DOWN,
                "mails": [{"mail": base64.b64encode(one["raw"]).decode(), "ip": one["ip"], "helo": one["helo"],
                           "sender": one["sender"]} for one in CASES]}
    done = subprocess.run([str(ROOT / ".cache/venv/bin/node"), str(ROOT / "tests/harness/mailauth_verify.mjs")],
                          input=json.dumps(question).encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


folder = tempfile.TemporaryDirectory(prefix="sesame-test-")
dns = Dns(folder.name, RECORDS, down=DOWN).__enter__()
server = Sesame("--dns", dns.address).start()
ses = client("ses", server)
ses.verify_domain_identity(Domain="inbox.example")
ses.create_receipt_rule_set(RuleSetName="set")
ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Enabled": True,
                                                 "Actions": [{"S3Action": {"BucketName": "bucket"}}]})
ses.set_active_receipt_rule_set(RuleSetName="set")


def hand_in(one):
    query = urllib.parse.urlencode({"from": one["sender"], "to": "box@inbox.example", "ip": one["ip"], "helo": one["helo"]})
    request = urllib.request.Request(f"{server.url}/_sesame/inbound?{query}", data=one["raw"], method="POST")
    with LOOPBACK.open(request, timeout=60) as answer:
        return json.loads(answer.read())["messageId"]


handed_in = [hand_in(one) for one in CASES]  # they wait for DNS beside each other
mailauth = by_mailauth()


def by_us(message_id):
    def look():
        got = json.loads(server.control("GET", f"/_sesame/received/{message_id}")[1])
        return got if got["state"] == "done" else None
    verdicts = wait_for(f"{message_id} to be done", look, 60)["verdicts"]
    raw = (pathlib.Path(server.addresses["data"]) / "buckets/bucket" / message_id).read_bytes()
    stored = email.message_from_bytes(raw, policy=email.policy.default)
    results = str(stored["Authentication-Results"])
    assert results.startswith("sesame.localhost; "), results
    equal(str(stored["Received-SPF"]).split(" ")[0], re.search(r"\bspf=(\w+)", results)[1], "Received-SPF")
    return results, verdicts


IN_WORDS = {"pass": "PASS", "fail": "FAIL", "softfail": "GRAY", "neutral": "GRAY", "none": "GRAY", "temperror": "PROCESSING_FAILED",
            "permerror": "PROCESSING_FAILED"}


def check(one, message_id, other):
    results, verdicts = by_us(message_id)
    got = {"spf": re.search(r"\bspf=(\w+)", results)[1], "dkim": re.findall(r"\bdkim=(\w+)", results),
           "dmarc": re.search(r"\bdmarc=(\w+)", results)[1]}
    for method in ("spf", "dkim", "dmarc"):
        equal(got[method], one[method], f"{method} in {results}")
    equal(verdicts["spf"], IN_WORDS[one["spf"]])
    equal(verdicts.get("dmarcPolicy"), one["policy"], "dmarcPolicy")
    if one["verdict"]:
        equal(verdicts["dkim"], one["verdict"])
    differs = one["differs"]
    for method in ("spf", "dkim", "dmarc"):
        equal(other[method], differs.get("mailauth." + method, one[method]), f"mailauth's {method}")
    if one["policy"] and other["dmarc"] == "fail":
        equal(other["policy"], differs.get("mailauth.policy", one["policy"]), "mailauth's policy")
    equal(by_pyspf(one), differs.get("pyspf", one["spf"]), "pyspf")
    equal(by_dkimpy(one), differs.get("dkimpy", [result == "pass" for result in one["dkim"]]), "dkimpy")


for given in zip(CASES, handed_in, mailauth):
    suite.add(given[0]["name"], lambda asked=given: check(*asked))


@suite.case
def servers_stop():
    server.stop()
    dns.stop()
    folder.cleanup()


if __name__ == "__main__":
    try:
        suite.main()
    finally:
        dns.stop()
