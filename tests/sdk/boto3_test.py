"""Every operation that is built, called by boto3: what it answers, what it does, how it refuses."""

import base64
import email
import email.policy
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
import dkim  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame  # noqa: E402
from harness.tools import dkim_names, dkim_passes, mailauth_passes, own_dkim_key  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("boto3")
server = Sesame().start()
v1 = client("ses", server)
v2 = client("sesv2", server)


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def mail_to(address):
    line, raw = server.only_mail(to=address)
    return line, email.message_from_bytes(raw, policy=email.policy.default)


SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}, "Html": {"Data": "<b>It works.</b>"}}}
RAW = (b"From: me@example.com\r\nTo: you@example.net\r\nSubject: raw\r\nMIME-Version: 1.0\r\n"
       b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n")


def unverified(identities):
    return f"Email address is not verified. The following identities failed the check in region US-EAST-1: {identities}"


# Sending, v1.


@case
def v1_send_email():
    v1.verify_email_identity(EmailAddress="me@example.com")
    sent = v1.send_email(Source="Me <me@example.com>",
                         Destination={"ToAddresses": ["you@example.net"], "CcAddresses": ["cc@example.net"],
                                      "BccAddresses": ["bcc@example.net"]},
                         Message=SIMPLE, ReplyToAddresses=["answers@example.org"],
                         Tags=[{"Name": "campaign", "Value": "autumn"}])
    line, mail = mail_to("bcc@example.net")
    equal(line["messageId"], sent["MessageId"])
    equal(mail["From"], "Me <me@example.com>")
    equal(mail["To"], "you@example.net")
    equal(mail["Cc"], "cc@example.net")
    equal(mail["Bcc"], None)
    equal(mail["Reply-To"], "answers@example.org")
    equal(mail.get_body(("plain",)).get_content().strip(), "It works.")
    equal(mail.get_body(("html",)).get_content().strip(), "<b>It works.</b>")
    contains(mail["Message-ID"], sent["MessageId"])


@case
def v1_send_email_refused():
    refused(v1.send_email, "MessageRejected", unverified("me@example.com"), Source="me@example.com",
            Destination={"ToAddresses": ["you@example.net"]}, Message=SIMPLE)
    v1.verify_domain_identity(Domain="example.com")
    refused(v1.send_email, "InvalidParameterValue", "Missing final '@domain'", Source="me@example.com",
            Destination={"ToAddresses": ["you"]}, Message=SIMPLE)
    refused(v1.send_email, "InvalidParameterValue", "Recipient count exceeds 50.", Source="me@example.com",
            Destination={"ToAddresses": [f"u{i}@example.net" for i in range(51)]}, Message=SIMPLE)
    refused(v1.send_email, "InvalidParameterValue", "The tag name must be specified.", Source="me@example.com",
            Destination={"ToAddresses": ["you@example.net"]}, Message=SIMPLE, Tags=[{"Name": "", "Value": "x"}])
    error = refused(v1.send_email, "ConfigurationSetDoesNotExist", "Configuration set <gone> does not exist.",
                    Source="me@example.com", Destination={"ToAddresses": ["you@example.net"]}, Message=SIMPLE,
                    ConfigurationSetName="gone")
    assert isinstance(error, v1.exceptions.ConfigurationSetDoesNotExistException), error
    equal(server.messages(), [])


@case
def v1_send_raw_email():
    v1.verify_email_identity(EmailAddress="me@example.com")
    sent = v1.send_raw_email(RawMessage={"Data": RAW})
    line, mail = mail_to("you@example.net")
    equal(line["messageId"], sent["MessageId"])
    equal(mail.get_content().strip(), "Grüße")
    sent = v1.send_raw_email(RawMessage={"Data": RAW}, Source="me@example.com", Destinations=["other@example.net"])
    equal(server.only_mail(to="other@example.net")[0]["messageId"], sent["MessageId"])


@case
def v1_send_raw_email_refused():
    v1.verify_email_identity(EmailAddress="me@example.com")
    refused(v1.send_raw_email, "InvalidParameterValue", "Duplicate header 'Subject'.",
            RawMessage={"Data": RAW.replace(b"Subject: raw", b"Subject: raw\r\nSubject: again")})
    refused(v1.send_raw_email, "InvalidParameterValue", "Missing required header 'From'.",
            RawMessage={"Data": RAW.split(b"\r\n", 1)[1]})
    big = RAW + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 140000
    error = refused(v1.send_raw_email, "InvalidParameterValue", RawMessage={"Data": big})
    contains(error.response["Error"]["Message"], "Message length is more than 10485760 bytes long: '")


@case
def v1_other_region():
    """An identity belongs to one region."""
    v1.verify_email_identity(EmailAddress="me@example.com")
    elsewhere = client("ses", server, region="eu-west-1")
    equal(elsewhere.list_identities()["Identities"], [])
    error = refused(elsewhere.send_email, "MessageRejected", Source="me@example.com",
                    Destination={"ToAddresses": ["you@example.net"]}, Message=SIMPLE)
    contains(error.response["Error"]["Message"], "in region EU-WEST-1: me@example.com")


@case
def accounts_are_apart():
    """A 12-digit access key id is taken as an account."""
    one, two = (client("sesv2", server, key=k) for k in ("111111111111", "222222222222"))
    one.create_email_identity(EmailIdentity="example.com")
    equal(len(one.list_email_identities()["EmailIdentities"]), 1)
    equal(two.list_email_identities()["EmailIdentities"], [])
    equal(v2.list_email_identities()["EmailIdentities"], [])


# Sending, v2.


@case
def v2_send_simple():
    v2.create_email_identity(EmailIdentity="example.com")
    sent = v2.send_email(
        FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.net"]},
        ReplyToAddresses=["r@example.org"], FeedbackForwardingEmailAddress="bounces@example.com",
        EmailTags=[{"Name": "a", "Value": "b"}],
        Content={"Simple": {**SIMPLE, "Headers": [{"Name": "X-Trace", "Value": "42"}],
                            "Attachments": [{"FileName": "data.csv", "RawContent": b"a,b\r\n1,2\r\n",
                                             "ContentType": "text/csv"},
                                            {"FileName": "dot.gif", "RawContent": b"GIF89a\0\1",
                                             "ContentDisposition": "INLINE", "ContentId": "dot"}]}})
    line, mail = mail_to("you@example.net")
    equal(line["messageId"], sent["MessageId"])
    equal(mail["X-Trace"], "42")
    equal(mail["Reply-To"], "r@example.org")
    parts = {p.get_filename(): p for p in mail.walk() if p.get_filename()}
    equal(sorted(parts), ["data.csv", "dot.gif"])
    equal(parts["data.csv"].get_payload(decode=True), b"a,b\r\n1,2\r\n")
    equal(parts["data.csv"].get_content_type(), "text/csv")
    equal(parts["dot.gif"].get_payload(decode=True), b"GIF89a\0\1")
    equal(parts["dot.gif"]["Content-ID"], "<dot>")


@case
def v2_send_international():
    v2.create_email_identity(EmailIdentity="example.com")
    v2.send_email(FromEmailAddress="=?UTF-8?B?SsO8cmdlbg==?= <me@example.com>",
                  Destination={"ToAddresses": ["you@example.net"]},
                  Content={"Simple": {"Subject": {"Data": "日本語の件名 " * 12, "Charset": "UTF-8"},
                                      "Body": {"Text": {"Data": "Ünïcödé\n" * 200, "Charset": "UTF-8"}},
                                      "Attachments": [{"FileName": "Übersicht.txt", "RawContent": b"x"}]}})
    _, mail = mail_to("you@example.net")
    equal(mail["Subject"].strip(), ("日本語の件名 " * 12).strip())
    equal(mail["From"], "Jürgen <me@example.com>")
    equal(mail.get_body(("plain",)).get_content().strip().splitlines()[0], "Ünïcödé")
    equal([p.get_filename() for p in mail.iter_attachments()], ["Übersicht.txt"])


@case
def v2_send_raw():
    v2.create_email_identity(EmailIdentity="me@example.com")
    sent = v2.send_email(Content={"Raw": {"Data": RAW}})
    equal(server.only_mail(to="you@example.net")[0]["messageId"], sent["MessageId"])
    v2.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["other@example.net"]},
                  Content={"Raw": {"Data": RAW}})
    _, raw = server.only_mail(to="other@example.net")
    contains(raw, b"To: you@example.net")


@case
def v2_send_refused():
    refused(v2.send_email, "MessageRejected", unverified("me@example.com"), FromEmailAddress="me@example.com",
            Destination={"ToAddresses": ["you@example.net"]}, Content={"Simple": SIMPLE})
    v2.create_email_identity(EmailIdentity="example.com")
    refused(v2.send_email, "BadRequestException", "Domain contains dot-dot", FromEmailAddress="me@example.com",
            Destination={"ToAddresses": ["you@example..net"]}, Content={"Simple": SIMPLE})
    error = refused(v2.send_email, "NotFoundException", "Configuration set <gone> does not exist.", 404,
                    FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.net"]},
                    Content={"Simple": SIMPLE}, ConfigurationSetName="gone")
    assert isinstance(error, v2.exceptions.NotFoundException), error
    refused(v2.send_email, "BadRequestException", "Illegal filename 'run.exe'.", FromEmailAddress="me@example.com",
            Destination={"ToAddresses": ["you@example.net"]},
            Content={"Simple": {**SIMPLE, "Attachments": [{"FileName": "run.exe", "RawContent": b"x"}]}})
    equal(server.messages(), [])


@case
def v2_large():
    """More than v1 may, and more than the cap of ordinary calls."""
    v2.create_email_identity(EmailIdentity="example.com")
    content = bytes(range(256)) * (15 * 4096)  # 15 MiB
    v2.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.net"]},
                  Content={"Simple": {**SIMPLE, "Attachments": [{"FileName": "big.bin", "RawContent": content}]}})
    _, mail = mail_to("you@example.net")
    assert [p.get_payload(decode=True) == content for p in mail.iter_attachments()] == [True]
    raw = RAW + (b"z" * 76 + b"\r\n") * 540000  # 42 MB
    error = raises(botocore.exceptions.ClientError, v2.send_email, Content={"Raw": {"Data": raw}})
    contains(error.response["Error"]["Message"], "Message length is more than 41943040 bytes long: '")


@case
def v2_sdk_retry_sends_once():
    v2.create_email_identity(EmailIdentity="example.com")
    request = {"FromEmailAddress": "me@example.com", "Destination": {"ToAddresses": ["you@example.net"]},
               "Content": {"Simple": SIMPLE}}

    def same_id(request, **_):  # as late as can be: botocore makes an id of its own for each call
        request.headers["amz-sdk-invocation-id"] = "5f0c5f0e-0000-4000-8000-000000000002"

    repeating = client("sesv2", server)
    repeating.meta.events.register("before-send.sesv2.SendEmail", same_id)
    first, second = (repeating.send_email(**request)["MessageId"] for _ in range(2))
    equal(second, first)
    equal(len(server.messages(to="you@example.net", wait=1)), 1)


# Identities, v1.


@case
def v1_identities():
    v1.verify_email_identity(EmailAddress="one@example.com")
    v1.verify_email_address(EmailAddress="two@example.com")
    token = v1.verify_domain_identity(Domain="example.org")["VerificationToken"]
    equal(len(base64.b64decode(token)), 32)
    equal(v1.verify_domain_identity(Domain="example.org")["VerificationToken"], token)
    equal(sorted(v1.list_identities()["Identities"]), ["example.org", "one@example.com", "two@example.com"])
    equal(v1.list_identities(IdentityType="Domain")["Identities"], ["example.org"])
    pages = [page["Identities"] for page in
             v1.get_paginator("list_identities").paginate(PaginationConfig={"PageSize": 2})]
    equal([len(page) for page in pages], [2, 1])
    states = v1.get_identity_verification_attributes(Identities=["one@example.com", "example.org", "no@x.example"])
    equal(states["VerificationAttributes"],
          {"one@example.com": {"VerificationStatus": "Success"},
           "example.org": {"VerificationStatus": "Success", "VerificationToken": token}})
    for identity in ("one@example.com", "two@example.com", "example.org", "never@example.com"):
        v1.delete_identity(Identity=identity)
    equal(v1.list_identities()["Identities"], [])


@case
def v1_dkim():
    tokens = v1.verify_domain_dkim(Domain="example.com")["DkimTokens"]
    equal(len(set(tokens)), 3)
    equal(v1.verify_domain_dkim(Domain="example.com")["DkimTokens"], tokens)
    state = v1.get_identity_dkim_attributes(Identities=["example.com"])["DkimAttributes"]["example.com"]
    equal(state, {"DkimEnabled": True, "DkimVerificationStatus": "Success", "DkimTokens": tokens})
    v1.set_identity_dkim_enabled(Identity="example.com", DkimEnabled=False)
    state = v1.get_identity_dkim_attributes(Identities=["example.com"])["DkimAttributes"]["example.com"]
    equal(state["DkimEnabled"], False)
    refused(v1.verify_domain_dkim, "InvalidParameterValue", "Domain a@b.example is invalid.", Domain="a@b.example")
    refused(v1.set_identity_dkim_enabled, "InvalidParameterValue",
            "Domain none.example is not verified for DKIM signing.", Identity="none.example", DkimEnabled=True)


# Identities, v2.


@case
def v2_identities():
    made = v2.create_email_identity(EmailIdentity="example.com", Tags=[{"Key": "team", "Value": "blue"}])
    equal(made["IdentityType"], "DOMAIN")
    equal(len(made["DkimAttributes"]["Tokens"]), 3)
    seen = v2.get_email_identity(EmailIdentity="example.com")
    equal(seen["DkimAttributes"]["Tokens"], made["DkimAttributes"]["Tokens"])
    equal((seen["VerificationStatus"], seen["VerifiedForSendingStatus"]), ("SUCCESS", True))
    equal(seen["Tags"], [{"Key": "team", "Value": "blue"}])
    equal(seen["Policies"], {})
    v2.create_email_identity(EmailIdentity="a+b@example.org")
    equal(v2.get_email_identity(EmailIdentity="a+b@example.org")["IdentityType"], "EMAIL_ADDRESS")
    listed = v2.list_email_identities()["EmailIdentities"]
    equal(sorted(i["IdentityName"] for i in listed), ["a+b@example.org", "example.com"])
    equal({i["SendingEnabled"] for i in listed}, {True})
    pages = []
    token = {}
    while True:
        page = v2.list_email_identities(PageSize=1, **token)
        pages.append(len(page["EmailIdentities"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    equal(pages, [1, 1])
    error = refused(v2.create_email_identity, "AlreadyExistsException", "Email identity example.com already exist.",
                    EmailIdentity="example.com")
    assert isinstance(error, v2.exceptions.AlreadyExistsException), error
    v2.delete_email_identity(EmailIdentity="example.com")
    refused(v2.delete_email_identity, "NotFoundException", "Email identity example.com does not exist.", 404,
            EmailIdentity="example.com")
    refused(v2.get_email_identity, "NotFoundException", None, 404, EmailIdentity="example.com")


@case
def v2_byodkim():
    pem = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    key = "".join(line for line in pem.decode().splitlines() if "-----" not in line)
    made = v2.create_email_identity(EmailIdentity="example.com",
                                    DkimSigningAttributes={"DomainSigningSelector": "mine",
                                                           "DomainSigningPrivateKey": key})
    equal(made["DkimAttributes"]["SigningAttributesOrigin"], "EXTERNAL")
    equal(made["DkimAttributes"]["Tokens"], ["mine"])
    v2.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.net"]},
                  Content={"Simple": SIMPLE})
    _, raw = server.only_mail(to="you@example.net")
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=pem, capture_output=True, check=True).stdout
    record = "v=DKIM1; k=rsa; p=" + "".join(x for x in public.decode().splitlines() if "-----" not in x)
    assert dkim_passes(raw, {"mine._domainkey.example.com": record}), raw


@case
def v2_dkim_attributes():
    v2.create_email_identity(EmailIdentity="example.com")
    v2.put_email_identity_dkim_attributes(EmailIdentity="example.com", SigningEnabled=False)
    equal(v2.get_email_identity(EmailIdentity="example.com")["DkimAttributes"]["SigningEnabled"], False)
    v2.put_email_identity_dkim_attributes(EmailIdentity="example.com", SigningEnabled=True)
    refused(v2.put_email_identity_dkim_attributes, "BadRequestException",
            "Domain none.example is not verified for DKIM signing.", EmailIdentity="none.example", SigningEnabled=True)
    changed = v2.put_email_identity_dkim_signing_attributes(
        EmailIdentity="example.com", SigningAttributesOrigin="AWS_SES",
        SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"})
    equal(len(changed["DkimTokens"]), 3)
    refused(v2.put_email_identity_dkim_signing_attributes, "BadRequestException",
            "The EmailIdentity value must be a valid domain.", EmailIdentity="a@example.com",
            SigningAttributesOrigin="AWS_SES")


@case
def both_apis_see_one_store():
    v1.verify_domain_identity(Domain="one.example")
    v2.create_email_identity(EmailIdentity="two@example.com")
    equal(sorted(v1.list_identities()["Identities"]), ["one.example", "two@example.com"])
    equal(sorted(i["IdentityName"] for i in v2.list_email_identities()["EmailIdentities"]),
          ["one.example", "two@example.com"])


# The account.


@case
def account_reads():
    v1.verify_domain_identity(Domain="example.com")
    equal(v1.get_account_sending_enabled()["Enabled"], True)
    for count in (1, 2):
        v1.send_email(Source="me@example.com", Message=SIMPLE,
                      Destination={"ToAddresses": [f"u{count}-{i}@example.net" for i in range(count)]})
    server.only_mail(to="u2-1@example.net")
    quota = v1.get_send_quota()
    equal({k: quota[k] for k in ("Max24HourSend", "MaxSendRate", "SentLast24Hours")},
          {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 3.0})
    points = v1.get_send_statistics()["SendDataPoints"]
    equal(sum(p["DeliveryAttempts"] for p in points), 3)
    account = v2.get_account()
    equal(account["SendQuota"], {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 3.0})
    equal((account["ProductionAccessEnabled"], account["SendingEnabled"], account["EnforcementStatus"]),
          (True, True, "HEALTHY"))
    server.account(sandbox=True)
    equal(v2.get_account()["ProductionAccessEnabled"], False)
    equal(v1.get_send_quota()["Max24HourSend"], 200.0)


@case
def account_rate():
    """More recipients a second than the account may."""
    v1.verify_domain_identity(Domain="example.com")
    server.account(maxSendRate=1)
    outcomes = []
    for i in range(20):
        try:
            v1.send_email(Source="me@example.com", Message=SIMPLE, Destination={"ToAddresses": [f"u{i}@example.net"]})
        except botocore.exceptions.ClientError as error:
            outcomes.append((error.response["Error"]["Code"], error.response["Error"]["Message"]))
    assert outcomes, "twenty mails in a moment, and no refusal"
    equal(set(outcomes), {("Throttling", "Maximum sending rate exceeded.")})
    refused(v2.send_email, "TooManyRequestsException", "Maximum sending rate exceeded.", 429,
            FromEmailAddress="me@example.com", Destination={"ToAddresses": [f"x{i}@example.net" for i in range(40)]},
            Content={"Simple": SIMPLE})


@case
def not_built_is_501():
    """Every operation that is in the model but not built says so."""
    error = raises(botocore.exceptions.ClientError, v2.list_dedicated_ip_pools)
    equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 501)
    contains(error.response["Error"]["Message"], "ListDedicatedIpPools")


@case
def look_alikes():
    """LocalStack's and aws-ses-v2-local's inboxes."""
    v2.create_email_identity(EmailIdentity="example.com")
    sent = v2.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.net"]},
                         Content={"Simple": SIMPLE})
    server.only_mail(to="you@example.net")
    status, body = server.control("GET", "/_aws/ses")
    equal(status, 200)
    messages = json.loads(body)["messages"]
    equal(messages[0]["Id"], sent["MessageId"])
    equal(messages[0]["Source"], "me@example.com")
    equal(messages[0]["Destination"]["ToAddresses"], ["you@example.net"])
    equal(server.control("GET", "/health-check")[0], 200)
    status, body = server.control("GET", "/store")
    equal(status, 200)
    equal(json.loads(body)["emails"][0]["messageId"], sent["MessageId"])
    equal(server.control("POST", "/clear-store")[0], 200)
    equal(json.loads(server.control("GET", "/store")[1])["emails"], [])
    equal(server.control("DELETE", "/_aws/ses")[0], 204)
    equal(json.loads(server.control("GET", "/_aws/ses")[1])["messages"], [])


@suite.case
def ed25519_beside_rsa():
    """With --dkim-ed25519 each mail has two signatures, and others' verifiers pass both (RFC 8463)."""
    private, record = own_dkim_key()
    with Sesame("--dkim-ed25519") as other:
        client("sesv2", other).create_email_identity(EmailIdentity="two.example", DkimSigningAttributes={
            "DomainSigningSelector": "mine", "DomainSigningPrivateKey": private})
        client("sesv2", other).send_email(FromEmailAddress="a@two.example", Destination={"ToAddresses": ["b@example.net"]},
                                          Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
        _, raw = other.only_mail(to="b@example.net")
        wanted = other.operator("dns", "check", "two.example")["records"]
        beside = next(r["wanted"] for r in wanted if r["name"] == "mine-ed25519._domainkey.two.example")
        equal(dkim_names(raw), [("two.example", "mine"), ("two.example", "mine-ed25519")])
        keys = {"mine._domainkey.two.example": record, "mine-ed25519._domainkey.two.example": beside}
        for first in range(2):  # dkimpy looks at one: the RSA signature, then the other
            assert dkim.DKIM(raw).verify(first, lambda name, timeout=5: keys.get(name.decode().rstrip("."), "").encode()), first
        assert mailauth_passes(raw, keys)


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
