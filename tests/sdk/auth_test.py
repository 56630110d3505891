"""Signature Version 4 as clients make it and as attackers do: keys made by the operator, in dev mode and strictly."""

import datetime
import json
import pathlib
import smtplib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from botocore.auth import SigV4Auth, SigV4QueryAuth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from conformance.speak import Answer, exchange, read_v1, read_v2  # noqa: E402,F401
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import smtp_password  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("auth")
server = Sesame("--strict-auth", "--auto-verify").start()
server.operator("iam", "create-user", "bob")
server.operator("iam", "attach-user-policy", "bob", "AdministratorAccess")
KEY = server.operator("iam", "create-access-key", "bob")
ID, SECRET = KEY["accessKeyId"], KEY["secretAccessKey"]
FORM = "Action=GetSendQuota&Version=2010-12-01"


def signed(method="GET", path="/v2/email/account", body="", key=ID, secret=SECRET, service="ses", region="us-east-1",
           at=None, headers=(), query=False):
    """A signed request as botocore makes it: (method, target, headers, body)."""
    request = AWSRequest(method, server.url + path, data=body.encode(), headers=dict(headers))
    signer = (SigV4QueryAuth if query else SigV4Auth)(Credentials(key, secret), service, region)
    moment = at or datetime.datetime.now(datetime.timezone.utc)
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = stamp
    if query:
        request.context["payload_signing_enabled"] = True
        sign_query(signer, request, stamp)
    else:
        request.headers["X-Amz-Date"] = stamp
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        names = signer.signed_headers(signer.headers_to_sign(request))
        request.headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, "
                                            f"SignedHeaders={names}, Signature={signature}")
    return method, request.url[len(server.url):], list(request.headers.items()), body


def sign_query(signer, request, stamp):
    signer._modify_request_before_signing(request)  # pylint: disable=protected-access
    request.url = request.url.replace(stamp_in(request.url), stamp)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    request.url += "&X-Amz-Signature=" + signature


def stamp_in(url):
    return url.split("X-Amz-Date=")[1].split("&")[0]


def send(method, target, headers, body=""):
    lines = [f"{method} {target} HTTP/1.1"]
    if not any(n.lower() == "host" for n, _ in headers):
        lines.append("Host: " + server.addresses["http"])
    lines += [f"{n}: {v}" for n, v in headers]
    lines.append(f"Content-Length: {len(body)}")
    return exchange(server.endpoint("http"), ("\r\n".join(lines) + "\r\n\r\n" + body).encode())


def fault(answer):
    v1 = (answer.header("content-type") or "").startswith("text/xml")
    code, message, _ = (read_v1 if v1 else read_v2)(answer)
    return answer.status, code, message


def v1_call(**kwargs):
    return signed("POST", "/", FORM, headers=[("Content-Type", "application/x-www-form-urlencoded")], **kwargs)


def changed(request, name, change):
    method, target, headers, body = request
    return method, target, [(n, change(v) if n.lower() == name.lower() else v) for n, v in headers], body


WRONG = ("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
         "Key and signing method. Consult the service documentation for details.")
UNKNOWN = "The security token included in the request is invalid."


@suite.case
def right_signatures():
    equal(send(*signed()).status, 200)
    equal(send(*v1_call()).status, 200)
    client("ses", server, key=ID, secret=SECRET).get_send_quota()
    client("sesv2", server, key=ID, secret=SECRET).get_account()


@suite.case
def spaces_in_the_header_do_not_matter():
    request = changed(signed(), "Authorization", lambda v: v.replace(", ", ","))
    equal(send(*request).status, 200)


@suite.case
def paths_are_encoded_twice():
    sesv2 = client("sesv2", server, key=ID, secret=SECRET)
    sesv2.create_email_identity(EmailIdentity="a+b/c=d@example.com")
    equal(sesv2.get_email_identity(EmailIdentity="a+b/c=d@example.com")["IdentityType"], "EMAIL_ADDRESS")


@suite.case
def query_signature():
    equal(send(*signed(path="/?" + FORM, query=True)).status, 200)
    equal(send(*signed(path="/v2/email/identities?PageSize=10", query=True)).status, 200)


@suite.case
def wrong_secret():
    equal(fault(send(*v1_call(secret="wrong"))), (403, "SignatureDoesNotMatch", WRONG))
    equal(fault(send(*signed(secret="wrong"))), (403, "InvalidSignatureException", WRONG))
    equal(fault(send(*signed(path="/?" + FORM, query=True, secret="wrong")))[:2], (403, "SignatureDoesNotMatch"))


@suite.case
def changed_after_signing():
    method, target, headers, body = v1_call()
    equal(fault(send(method, target, headers, body + "&X=1"))[1], "SignatureDoesNotMatch")
    method, target, headers, body = signed()
    equal(fault(send(method, target + "?X=1", headers, body))[1], "InvalidSignatureException")
    request = signed(headers=[("X-Amz-Meta", "one")])
    equal(fault(send(*changed(request, "X-Amz-Meta", lambda v: "two")))[1], "InvalidSignatureException")


@suite.case
def unknown_key():
    equal(fault(send(*v1_call(key="AKIANOBODY0000000000"))), (403, "InvalidClientTokenId", UNKNOWN))
    equal(fault(send(*signed(key="AKIANOBODY0000000000"))), (403, "UnrecognizedClientException", UNKNOWN))


@suite.case
def stale():
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=16)
    status, code, message = fault(send(*v1_call(at=past)))
    equal((status, code), (403, "SignatureDoesNotMatch"))
    contains(message, "Signature expired: " + past.strftime("%Y%m%dT%H%M%SZ") + " is now earlier than ")
    future = past + datetime.timedelta(minutes=32)
    status, code, message = fault(send(*signed(at=future)))
    equal((status, code), (403, "InvalidSignatureException"))
    contains(message, "Signature not yet current: " + future.strftime("%Y%m%dT%H%M%SZ") + " is still later than ")


@suite.case
def within_the_allowed_skew():
    near = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=14)
    equal(send(*signed(at=near)).status, 200)


@suite.case
def wrong_scope():
    contains(fault(send(*v1_call(service="email")))[2], "Credential should be scoped to correct service: 'ses'")
    equal(fault(send(*signed(service="sesv2")))[1], "InvalidSignatureException")
    request = changed(signed(), "X-Amz-Date", lambda v: "2001" + v[4:])
    equal(fault(send(*request))[0], 403)


@suite.case
def malformed():
    for part in ("Signature", "SignedHeaders", "Credential"):
        request = changed(signed(), "Authorization", lambda v, p=part: v.replace(p + "=", "Other="))
        status, code, message = fault(send(*request))
        equal((status, code), (400, "IncompleteSignatureException"))
        contains(message, f"Authorization header requires '{part}' parameter.")
    for value in ("", "AWS4-HMAC-SHA256", "Basic abc", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=, Signature="):
        answer = send(*changed(signed(), "Authorization", lambda v, new=value: new))
        assert answer.status in (400, 403), (value, answer.status, answer.body)


@suite.case
def inactive_key():
    second = server.operator("iam", "create-access-key", "bob")
    pair = {"key": second["accessKeyId"], "secret": second["secretAccessKey"]}
    equal(send(*signed(**pair)).status, 200)
    server.operator("iam", "update-access-key", "bob", pair["key"], "--status", "inactive")
    equal(fault(send(*signed(**pair)))[:2], (403, "UnrecognizedClientException"))
    server.operator("iam", "delete-access-key", "bob", pair["key"])
    equal(fault(send(*signed(**pair)))[:2], (403, "UnrecognizedClientException"))


@suite.case
def smtp_password_is_derived():
    host, port = server.smtp
    with smtplib.SMTP(host, port) as smtp:
        smtp.login(ID, smtp_password(SECRET, "us-east-1"))
        smtp.sendmail("a@example.com", ["b@example.net"], "From: a@example.com\r\nSubject: x\r\n\r\ny\r\n")
    server.only_mail(to="b@example.net")
    for password in (SECRET, smtp_password(SECRET, "us-east-1")[:-4] + "AAAA", ""):
        with smtplib.SMTP(host, port) as smtp:
            error = raises(smtplib.SMTPAuthenticationError, smtp.login, ID, password)
            equal((error.smtp_code, error.smtp_error), (535, b"Authentication Credentials Invalid"))


@suite.case
def nothing_unsigned_gives_authority():
    method, target, headers, body = signed()
    authorization = next(v for n, v in headers if n == "Authorization")
    other = authorization.replace(ID, "AKIANOBODY0000000000")
    equal(send(method, target, headers, body).status, 200)
    for added, code in (([("X-Amz-Security-Token", "t")], "UnrecognizedClientException"),
                        ([("X-Amz-Date", "20200101T000000Z")], "InvalidSignatureException"),
                        ([("Authorization", other)], "IncompleteSignatureException"),
                        ([("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")], "InvalidSignatureException"),
                        ([("X-Amz-Content-Sha256", "0" * 64)], "InvalidSignatureException")):
        equal(fault(send(method, target, headers + added, body))[1], code)
    host = server.addresses["http"]
    equal(send(method, target, [*headers, ("Host", host), ("Host", host)], body).status, 400)
    both = target + "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Signature=00"
    equal(fault(send(method, both, headers, body))[1], "InvalidSignatureException")
    equal(send(method, target, [*headers, ("X-Forwarded-For", "192.0.2.1"), ("X-Amz-User", "root")], body).status, 200)


@suite.case
def a_path_that_was_tidied_is_no_operation():
    method, _, headers, body = signed(path="/v2/email/identities")
    for target in ("/v2/email//identities", "/v2/email/./identities", "/v2/email/tags/../identities"):
        status, code, _ = fault(send(method, target, headers, body))
        equal((status, code), (404, "UnknownOperationException"))


@suite.case
def a_presigned_url_ends():
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)
    contains(fault(send(*signed(path="/?" + FORM, query=True, at=past)))[2], "Signature expired: ")
    method, target, headers, body = signed(path="/?" + FORM, query=True)
    longer = target.replace("X-Amz-Expires=3600", "X-Amz-Expires=86400")
    assert longer != target, target
    equal(fault(send(method, longer, headers, body))[1], "SignatureDoesNotMatch")


def send_from(source, request):
    """The answer and how long it took, sent from that address of the loopback network."""
    method, target, headers, body = request
    began = time.monotonic()
    with socket.create_connection(server.endpoint("http"), 60, source_address=(source, 0)) as connection:
        lines = [f"{method} {target} HTTP/1.1", "Host: " + server.addresses["http"]]
        lines += [f"{n}: {v}" for n, v in headers] + [f"Content-Length: {len(body)}", "", body]
        connection.sendall("\r\n".join(lines).encode())
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
            head += more
    return int(head.split()[1]), time.monotonic() - began, b"connection: close" in head.lower()


@suite.case
def guessing_slows_the_source_and_nobody_else():
    bad, good = "127.0.0.66", "127.0.0.67"
    for _ in range(8):
        equal(send_from(bad, signed(secret="wrong"))[0], 403)
    status, took, _ = send_from(bad, signed(secret="wrong"))  # the fourth over those that are free
    equal(status, 403)
    assert took > 0.9, took
    ended = []
    guess = threading.Thread(target=lambda: ended.append(send_from(bad, signed(secret="wrong"))))
    guess.start()
    for _ in range(3):
        equal(send_from(good, signed())[0], 200)  # the same key, while the guess waits
    equal(ended, [])
    guess.join()
    equal(ended[0][0], 403)


@suite.case
def only_a_few_answers_are_held_back():
    bad, answers = "127.0.0.68", []
    for n in range(13):
        send_from(bad, signed(key=f"AKIAGUESS{n:011}"))
    for n in range(12):  # the first of them waits a second, the next longer
        threading.Thread(target=lambda n=n: answers.append(send_from(bad, signed(key=f"AKIAOTHER{n:011}"))),
                         daemon=True).start()
    wait_for("those that are refused unseen", lambda: len(answers) >= 4)
    equal([(status, closed) for status, _, closed in answers[:4]], [(403, True)] * 4)


@suite.case
def smtp_and_http_share_the_count():
    bad = "127.0.0.69"
    for _ in range(6):
        equal(send_from(bad, signed(secret="wrong"))[0], 403)
    with smtplib.SMTP(*server.smtp, source_address=(bad, 0)) as smtp:
        began = time.monotonic()
        raises(smtplib.SMTPAuthenticationError, smtp.login, ID, "wrong")
        assert time.monotonic() - began > 0.4
    with smtplib.SMTP(*server.smtp, source_address=("127.0.0.70", 0)) as smtp:
        smtp.login(ID, smtp_password(SECRET, "us-east-1"))


@suite.case
def a_stranger_sends_no_large_body():
    for key, code in (("AKIANOBODY0000000000", "UnrecognizedClientException"), (None, "MissingAuthenticationToken")):
        method, target, headers, _ = signed("POST", "/v2/email/outbound-emails", key=key or ID)
        headers = headers if key else []
        lines = [f"{method} {target} HTTP/1.1", "Host: " + server.addresses["http"], "Content-Length: 50000000"]
        lines += [f"{n}: {v}" for n, v in headers]
        answer = exchange(server.endpoint("http"), ("\r\n".join(lines) + "\r\n\r\n").encode())  # none of the body
        status, found, _ = fault(answer)
        equal((status, found), (403, code + ("" if key else "Exception")))


@suite.case
def failed_log_ins_are_recorded():
    source = "127.0.0.71"
    equal(send_from(source, signed(secret="wrong", headers=[("User-Agent", "guesser/1.0")]))[0], 403)
    equal(send_from(source, v1_call(key="AKIANOBODY0000000000"))[0], 403)
    with smtplib.SMTP(*server.smtp, source_address=(source, 0)) as smtp:
        smtp.ehlo("guesser.example")
        raises(smtplib.SMTPAuthenticationError, smtp.login, ID, "wrong")
    rows = server.operator("audit", "--denied", "--source", source)["records"]
    equal([(r["api"], r["action"], r["accessKeyId"], r["count"]) for r in rows],
          [("smtp", "smtp:Login", ID, 2), ("v1", "ses:GetSendQuota", "AKIANOBODY0000000000", 1),
           ("v2", "ses:GetAccount", ID, 1)])  # smtplib tries PLAIN and LOGIN
    equal({r["effect"] for r in rows}, {"BadCredentials"})
    equal([r["principalArn"] for r in rows], ["arn:aws:iam::000000000000:user/bob", "",
                                              "arn:aws:iam::000000000000:user/bob"])
    equal([r["userAgent"] for r in rows], ["guesser.example", "", "guesser/1.0"])
    page = server.operator("audit", "--denied", "--source", source, "--limit", "2")
    equal(len(page["records"]), 2)
    rest = server.operator("audit", "--denied", "--source", source, "--before", str(page["next"]))
    equal(([r["api"] for r in rest["records"]], rest["next"]), (["v2"], None))
    equal(len(server.operator("audit", "--source", source, "--principal", "bob", "--action", "smtp:*")["records"]), 1)
    equal(server.operator("audit", "--source", source, "--to", "2020-01-01T00:00:00Z")["records"], [])
    for wrong in (("--limit", "0"), ("--from", "yesterday"), ("--nothing", "1"), ("all",)):
        raises(AssertionError, server.operator, "audit", *wrong)


@suite.case
def allowed_sends_are_counted_by_minute():
    ses = client("ses", server, key=ID, secret=SECRET)
    message = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}
    for n in range(12):
        ses.send_email(Source="counted@example.com", Destination={"ToAddresses": [f"c{n}@example.net"]}, Message=message)
    rows = [r for r in server.operator("audit", "--action", "ses:SendEmail", "--principal", "bob")["records"]
            if "counted@example.com" in str(r["resources"]) or "identity/example.com" in str(r["resources"])]
    equal(sum(r["count"] for r in rows), 12)
    assert len(rows) <= 2, rows  # a minute may end in between
    equal({(r["effect"], r["api"], r["principalArn"]) for r in rows},
          {("Allowed", "v1", "arn:aws:iam::000000000000:user/bob")})


@suite.case
def the_record_outlives_a_restart():
    with Sesame("--strict-auth") as other:
        folder = pathlib.Path(other.folder) / "kept"
    with Sesame("--strict-auth", "--data", str(folder)) as other:
        raises(Exception, client("sesv2", other, key="AKIANOBODY0000000000", secret="x").get_account)
        other.stop()
        other.start()
        modes = {path.stat().st_mode & 0o077 for path in [folder, *folder.iterdir()]}
        equal(modes, {0})  # nobody else looks into it
        rows = other.operator("audit", "--denied")["records"]
        equal([r["accessKeyId"] for r in rows], ["AKIANOBODY0000000000"])
        other.reset()
        equal(other.operator("audit")["records"], [])


@suite.case
def a_web_page_is_not_let_in_as_root():
    """In dev mode, where no signature is needed, a page of another site could send forms here."""
    with Sesame() as lenient:
        for headers in ([("Origin", "http://evil.example")], [("Origin", "null")]):
            data = "\r\n".join(["POST / HTTP/1.1", "Host: " + lenient.addresses["http"],
                                "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(FORM)}",
                                *(f"{n}: {v}" for n, v in headers), "", FORM]).encode()
            answer = exchange(lenient.endpoint("http"), data)
            equal(fault(answer)[:2], (403, "MissingAuthenticationToken"))


@suite.case
def a_key_made_here_is_always_checked():
    """In dev mode any other key is let in, but not a wrong signature of this one."""
    with Sesame() as lenient:
        lenient.operator("iam", "create-user", "carol")
        lenient.operator("iam", "attach-user-policy", "carol", "AdministratorAccess")
        made = lenient.operator("iam", "create-access-key", "carol")
        client("sesv2", lenient, key="AKIAANYTHING", secret="x").get_account()
        client("sesv2", lenient, key=made["accessKeyId"], secret=made["secretAccessKey"]).get_account()
        wrong = client("sesv2", lenient, key=made["accessKeyId"], secret="x")
        contains(str(raises(Exception, wrong.get_account)), "InvalidSignatureException")


@suite.case
def secrets_are_sealed():
    """Neither the folder of the data nor the log holds the secret as it is."""
    for path in pathlib.Path(server.addresses["data"]).rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in server.log()
    assert json.dumps(KEY)


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
