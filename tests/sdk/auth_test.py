"""Signature Version 4 as clients make it and as attackers do: keys made by the operator, in dev mode and strictly."""

import datetime
import json
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from botocore.auth import SigV4Auth, SigV4QueryAuth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from conformance.speak import Answer, exchange, read_v1, read_v2  # noqa: E402,F401
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame  # noqa: E402
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
