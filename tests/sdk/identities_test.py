"""Identities, called by boto3: every operation of both APIs, what it does, how it refuses; and verification by DNS as
time goes by."""

import json
import pathlib
import smtplib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.sink import EnvelopeSink  # noqa: E402
from harness.tools import dkim_names  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("identities")
sink = EnvelopeSink()
server = Sesame("--relay", sink.address).start()
v1 = client("ses", server)
v2 = client("sesv2", server)

ARN = "arn:aws:ses:us-east-1:000000000000:identity/"
TOPIC = "arn:aws:sns:us-east-1:000000000000:"
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def send(api, sender, to):
    if api.meta.service_model.service_name == "ses":
        return api.send_email(Source=sender, Destination={"ToAddresses": [to]}, Message=SIMPLE)["MessageId"]
    return api.send_email(FromEmailAddress=sender, Destination={"ToAddresses": [to]},
                          Content={"Simple": SIMPLE})["MessageId"]


def policy(identity, **changes):
    statement = {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "ses:SendEmail",
                 "Resource": ARN + identity, **changes}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def compact(text):
    return json.dumps(json.loads(text), separators=(",", ":"))


# Custom MAIL FROM.


@case
def mail_from_v1():
    v1.verify_domain_identity(Domain="shop.example")
    v1.set_identity_mail_from_domain(Identity="shop.example", MailFromDomain="bounce.shop.example",
                                     BehaviorOnMXFailure="RejectMessage")
    got = v1.get_identity_mail_from_domain_attributes(Identities=["shop.example", "none.example"])
    equal(got["MailFromDomainAttributes"],
          {"shop.example": {"MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "Success",
                            "BehaviorOnMXFailure": "RejectMessage"}})
    sent = send(v1, "me@shop.example", "one@far.example")
    equal(server.messages(to="one@far.example")[0]["envelopeFrom"], sent + "@bounce.shop.example")
    equal(sink.mail_to("one@far.example")[0], sent + "@bounce.shop.example")
    v1.set_identity_mail_from_domain(Identity="shop.example")
    got = v1.get_identity_mail_from_domain_attributes(Identities=["shop.example"])["MailFromDomainAttributes"]
    equal(got["shop.example"]["BehaviorOnMXFailure"], "UseDefaultValue")
    equal(got["shop.example"].get("MailFromDomain", ""), "")
    sent = send(v1, "me@shop.example", "two@far.example")
    equal(sink.mail_to("two@far.example")[0], sent + "@sesame.localhost")


@case
def mail_from_v2():
    v2.create_email_identity(EmailIdentity="shop.example")
    v2.put_email_identity_mail_from_attributes(EmailIdentity="shop.example", MailFromDomain="b.shop.example",
                                               BehaviorOnMxFailure="REJECT_MESSAGE")
    equal(v2.get_email_identity(EmailIdentity="shop.example")["MailFromAttributes"],
          {"MailFromDomain": "b.shop.example", "MailFromDomainStatus": "SUCCESS",
           "BehaviorOnMxFailure": "REJECT_MESSAGE"})
    v2.put_email_identity_mail_from_attributes(EmailIdentity="shop.example")
    equal(v2.get_email_identity(EmailIdentity="shop.example")["MailFromAttributes"],
          {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"})


@case
def mail_from_is_that_of_the_most_specific_identity():
    for identity in ("shop.example", "news.shop.example", "bob@shop.example"):
        v2.create_email_identity(EmailIdentity=identity)
    v2.put_email_identity_mail_from_attributes(EmailIdentity="shop.example", MailFromDomain="m.shop.example")
    v2.put_email_identity_mail_from_attributes(EmailIdentity="news.shop.example",
                                               MailFromDomain="m.news.shop.example")
    for n, (sender, domain) in enumerate((("any@shop.example", "m.shop.example"), ("bob@shop.example", "m.shop.example"),
                                          ("bob+label@shop.example", "m.shop.example"),
                                          ("any@sub.shop.example", "m.shop.example"),
                                          ("any@news.shop.example", "m.news.shop.example"))):
        sent = send(v2, sender, f"spec{n}@far.example")
        equal(sink.mail_to(f"spec{n}@far.example")[0], f"{sent}@{domain}", sender)
    v2.put_email_identity_mail_from_attributes(EmailIdentity="bob@shop.example", MailFromDomain="bob.shop.example")
    sent = send(v2, "bob+x@shop.example", "own@far.example")
    equal(sink.mail_to("own@far.example")[0], sent + "@bob.shop.example")


@case
def mail_from_refused():
    v2.create_email_identity(EmailIdentity="shop.example")
    below = "Provided MAIL-FROM domain <m.far.example> is not subdomain of the domain of the identity <shop.example>."
    refused(v1.set_identity_mail_from_domain, "InvalidParameterValue", below, Identity="shop.example",
            MailFromDomain="m.far.example")
    refused(v2.put_email_identity_mail_from_attributes, "BadRequestException", below, EmailIdentity="shop.example",
            MailFromDomain="m.far.example")
    missing = "Identity <none.example> does not exist."
    refused(v1.set_identity_mail_from_domain, "InvalidParameterValue", missing, Identity="none.example",
            MailFromDomain="m.none.example")
    refused(v2.put_email_identity_mail_from_attributes, "BadRequestException", missing,
            EmailIdentity="none.example", MailFromDomain="m.none.example")
    error = refused(v1.set_identity_mail_from_domain, "ValidationError", Identity="shop.example",
                    MailFromDomain="m.shop.example", BehaviorOnMXFailure="Never")
    contains(error.response["Error"]["Message"], "enum value set: [RejectMessage, UseDefaultValue]")


# Feedback and notifications.


@case
def feedback_and_notifications():
    v1.verify_email_identity(EmailAddress="me@shop.example")
    ask = lambda: v1.get_identity_notification_attributes(Identities=["me@shop.example"])[  # noqa: E731
        "NotificationAttributes"]["me@shop.example"]
    equal(ask(), {"ForwardingEnabled": True, "HeadersInBounceNotificationsEnabled": False,
                  "HeadersInComplaintNotificationsEnabled": False, "HeadersInDeliveryNotificationsEnabled": False})
    refused(v1.set_identity_feedback_forwarding_enabled, "InvalidParameterValue", Identity="me@shop.example",
            ForwardingEnabled=False)
    for kind in ("Bounce", "Complaint", "Delivery"):
        v1.set_identity_notification_topic(Identity="me@shop.example", NotificationType=kind, SnsTopic=TOPIC + kind)
        v1.set_identity_headers_in_notifications_enabled(Identity="me@shop.example", NotificationType=kind,
                                                         Enabled=kind != "Delivery")
    v1.set_identity_feedback_forwarding_enabled(Identity="me@shop.example", ForwardingEnabled=False)
    equal(ask(), {"ForwardingEnabled": False, "BounceTopic": TOPIC + "Bounce", "ComplaintTopic": TOPIC + "Complaint",
                  "DeliveryTopic": TOPIC + "Delivery", "HeadersInBounceNotificationsEnabled": True,
                  "HeadersInComplaintNotificationsEnabled": True, "HeadersInDeliveryNotificationsEnabled": False})
    equal(v2.get_email_identity(EmailIdentity="me@shop.example")["FeedbackForwardingStatus"], False)
    v1.set_identity_notification_topic(Identity="me@shop.example", NotificationType="Bounce")
    assert "BounceTopic" not in ask(), ask()
    v2.put_email_identity_feedback_attributes(EmailIdentity="me@shop.example", EmailForwardingEnabled=True)
    equal(ask()["ForwardingEnabled"], True)
    v2.put_email_identity_feedback_attributes(EmailIdentity="me@shop.example", EmailForwardingEnabled=False)
    equal(ask()["ForwardingEnabled"], False)


@case
def feedback_and_notifications_refused():
    must = "Identity none.example is invalid. Must be a verified email address or domain."
    refused(v1.set_identity_feedback_forwarding_enabled, "InvalidParameterValue", must, Identity="none.example",
            ForwardingEnabled=True)
    refused(v2.put_email_identity_feedback_attributes, "BadRequestException", must, EmailIdentity="none.example",
            EmailForwardingEnabled=True)
    it_must = "Identity none.example is invalid. It must be a verified email address or domain."
    refused(v1.set_identity_notification_topic, "InvalidParameterValue", it_must, Identity="none.example",
            NotificationType="Bounce", SnsTopic=TOPIC + "x")
    refused(v1.set_identity_headers_in_notifications_enabled, "InvalidParameterValue", it_must,
            Identity="none.example", NotificationType="Bounce", Enabled=True)
    v1.verify_domain_identity(Domain="shop.example")
    refused(v1.set_identity_notification_topic, "InvalidParameterValue", "Invalid SNS topic <nonsense>.",
            Identity="shop.example", NotificationType="Bounce", SnsTopic="nonsense")
    refused(v1.set_identity_headers_in_notifications_enabled, "InvalidParameterValue", Identity="shop.example",
            NotificationType="Bounce", Enabled=True)
    equal(v1.get_identity_notification_attributes(Identities=["none.example"])["NotificationAttributes"], {})
    for ask in (v1.get_identity_notification_attributes, v1.get_identity_mail_from_domain_attributes):
        refused(ask, "InvalidParameterValue", Identities=[f"d{i}.example" for i in range(101)])


# Policies.


@case
def policies_v1():
    v1.verify_domain_identity(Domain="shop.example")
    v1.put_identity_policy(Identity="shop.example", PolicyName="one", Policy=policy("shop.example"))
    other = policy("shop.example", Effect="Deny", Principal="*", Action=["ses:SendEmail", "ses:SendRawEmail"])
    v1.put_identity_policy(Identity="shop.example", PolicyName="two", Policy=policy("shop.example"))
    v1.put_identity_policy(Identity="shop.example", PolicyName="two", Policy=other)
    equal(v1.list_identity_policies(Identity="shop.example")["PolicyNames"], ["one", "two"])
    equal(v1.get_identity_policies(Identity="shop.example", PolicyNames=["two", "none"])["Policies"],
          {"two": compact(other)})
    equal(v2.get_email_identity(EmailIdentity="shop.example")["Policies"],
          {"one": compact(policy("shop.example")), "two": compact(other)})
    for _ in range(2):
        v1.delete_identity_policy(Identity="shop.example", PolicyName="one")
    equal(v1.list_identity_policies(Identity="shop.example")["PolicyNames"], ["two"])
    equal(v1.list_identity_policies(Identity="none.example")["PolicyNames"], [])
    equal(v1.get_identity_policies(Identity="none.example", PolicyNames=["x"])["Policies"], {})
    v1.delete_identity_policy(Identity="none.example", PolicyName="x")


@case
def policies_v1_refused():
    v1.verify_domain_identity(Domain="shop.example")
    put = {"Identity": "shop.example", "PolicyName": "p"}
    for bad in ("nonsense", "{}", policy("far.example"), policy("shop.example", Action="s3:GetObject"),
                policy("shop.example", Principal={}), policy("shop.example", Resource="*"),
                policy("shop.example", Sid="x" * 5000)):
        error = refused(v1.put_identity_policy, "InvalidPolicy", Policy=bad, **put)
        assert isinstance(error, v1.exceptions.InvalidPolicyException), error
    names = "PolicyName is invalid. Policy names must only include alpha-numeric characters, dashes, and underscores."
    refused(v1.put_identity_policy, "InvalidParameterValue", names, Identity="shop.example", PolicyName="a b",
            Policy=policy("shop.example"))
    refused(v1.put_identity_policy, "ValidationError",
            "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must have length "
            "less than or equal to 64", Identity="shop.example", PolicyName="x" * 65, Policy=policy("shop.example"))
    refused(v1.put_identity_policy, "InvalidParameterValue", "Identity <none.example> does not exist.",
            Identity="none.example", PolicyName="p", Policy=policy("none.example"))
    for i in range(20):
        v1.put_identity_policy(Identity="shop.example", PolicyName=f"p{i}", Policy=policy("shop.example"))
    many = "Number of policies for <shop.example> exceeds max allowed number of policies per resource"
    refused(v1.put_identity_policy, "InvalidParameterValue", many, Policy=policy("shop.example"), **put)
    refused(v2.create_email_identity_policy, "LimitExceededException", many, EmailIdentity="shop.example",
            PolicyName="p", Policy=policy("shop.example"))


@case
def policies_v2():
    v2.create_email_identity(EmailIdentity="me@shop.example")
    one = {"EmailIdentity": "me@shop.example", "PolicyName": "p"}
    text = policy("me@shop.example")
    refused(v2.update_email_identity_policy, "NotFoundException", "Policy <p> does not exist", 404, Policy=text, **one)
    v2.create_email_identity_policy(Policy=text, **one)
    refused(v2.create_email_identity_policy, "AlreadyExistsException", "Policy <p> already exists", Policy=text, **one)
    other = policy("me@shop.example", Effect="Deny")
    v2.update_email_identity_policy(Policy=other, **one)
    equal(v2.get_email_identity_policies(EmailIdentity="me@shop.example")["Policies"], {"p": compact(other)})
    refused(v2.update_email_identity_policy, "BadRequestException", Policy="{}", **one)
    v2.delete_email_identity_policy(**one)
    refused(v2.delete_email_identity_policy, "NotFoundException", "Policy <p> does not exist", 404, **one)
    missing = "Email identity <none.example> does not exist."
    gone = {"EmailIdentity": "none.example", "PolicyName": "p"}
    for function, more in ((v2.create_email_identity_policy, {"Policy": text}),
                           (v2.update_email_identity_policy, {"Policy": text}), (v2.delete_email_identity_policy, {})):
        refused(function, "NotFoundException", missing, 404, **gone, **more)
    refused(v2.get_email_identity_policies, "NotFoundException", missing, 404, EmailIdentity="none.example")


# Tags and certificates.


@case
def tags():
    v2.create_email_identity(EmailIdentity="shop.example", Tags=[{"Key": "team", "Value": "blue"}])
    arn = ARN + "shop.example"
    v2.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "red"}, {"Key": "größe", "Value": "a b"}])
    v2.tag_resource(ResourceArn=arn, Tags=[])
    want = [{"Key": "team", "Value": "red"}, {"Key": "größe", "Value": "a b"}]
    equal(v2.list_tags_for_resource(ResourceArn=arn)["Tags"], want)
    equal(v2.get_email_identity(EmailIdentity="shop.example")["Tags"], want)
    v2.untag_resource(ResourceArn=arn, TagKeys=["team", "none"])
    equal(v2.list_tags_for_resource(ResourceArn=arn)["Tags"], want[1:])
    equal(v2.list_tags_for_resource(ResourceArn=arn.replace("us-east-1", "eu-west-1"))["Tags"], [])


@case
def tags_refused():
    v2.create_email_identity(EmailIdentity="shop.example")
    arn = ARN + "shop.example"
    tag = [{"Key": "a", "Value": "b"}]
    for bad in ([{"Key": "aws:x", "Value": ""}], [{"Key": "a", "Value": "x" * 257}], [{"Key": "a", "Value": "!"}],
                tag + tag, [{"Key": f"k{i}", "Value": ""} for i in range(51)]):
        refused(v2.tag_resource, "BadRequestException", ResourceArn=arn, Tags=bad)
    v2.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)])
    refused(v2.tag_resource, "BadRequestException", ResourceArn=arn, Tags=tag)
    calls = ((v2.tag_resource, {"Tags": tag}, "Failed to tag resource"),
             (v2.untag_resource, {"TagKeys": ["a"]}, "Failed to untag resource"), (v2.list_tags_for_resource, {}, None))
    for function, more, elsewhere in calls:
        refused(function, "BadRequestException", "Operations on a resource created in a different account is not allowed",
                ResourceArn=arn.replace("000000000000", "999999999999"), **more)
        refused(function, "NotFoundException", "No EmailIdentity present with name: none.example", 404,
                ResourceArn=ARN + "none.example", **more)
        refused(function, "BadRequestException", "Invalid ARN: x", ResourceArn="x", **more)
        if elsewhere:
            refused(function, "BadRequestException", elsewhere, ResourceArn=arn.replace("us-east-1", "eu-west-1"), **more)
    refused(v2.untag_resource, "ValidationException", ResourceArn=arn, TagKeys=[])


@case
def certificates():
    if not hasattr(v2, "associate_email_identity_certificate"):
        return  # this boto3 does not know them; the conformance cases do
    v2.create_email_identity(EmailIdentity="me@shop.example")
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/1"
    v2.associate_email_identity_certificate(EmailIdentity="me@shop.example", CertificateArn=arn)
    listed = v2.list_email_identity_certificates(EmailIdentity="me@shop.example")["Certificates"]
    equal(listed, [{"FromAddress": "me@shop.example", "Status": "PROVISIONING", "CertificateArn": arn}])
    error = refused(v2.delete_email_identity, "BadRequestException", EmailIdentity="me@shop.example")
    contains(error.response["Error"]["Message"], "because it has certificates associated with it")
    v2.disassociate_email_identity_certificate(EmailIdentity="me@shop.example")
    v2.delete_email_identity(EmailIdentity="me@shop.example")


@case
def dkim_switch_of_an_address():
    """It overrides its domain's, both ways."""
    v2.create_email_identity(EmailIdentity="shop.example")
    for name in ("loud", "quiet"):
        v2.create_email_identity(EmailIdentity=name + "@shop.example")

    def signer(sender, to):
        send(v2, sender, to)
        return dkim_names(sink.mail_to(to)[1])[0][0]

    v2.put_email_identity_dkim_attributes(EmailIdentity="quiet@shop.example", SigningEnabled=False)
    equal(signer("any@shop.example", "dkim1@far.example"), "shop.example")
    equal(signer("quiet@shop.example", "dkim2@far.example"), "sesame.localhost")
    v2.put_email_identity_dkim_attributes(EmailIdentity="shop.example", SigningEnabled=False)
    v2.put_email_identity_dkim_attributes(EmailIdentity="loud@shop.example", SigningEnabled=True)
    equal(signer("any@shop.example", "dkim3@far.example"), "sesame.localhost")
    equal(signer("loud@shop.example", "dkim4@far.example"), "shop.example")


@case
def dkim_key_length():
    v2.create_email_identity(EmailIdentity="shop.example")
    change = {"EmailIdentity": "shop.example", "SigningAttributesOrigin": "AWS_SES"}
    refused(v2.put_email_identity_dkim_signing_attributes, "BadRequestException",
            SigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"}, **change)
    v2.put_email_identity_dkim_signing_attributes(SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"}, **change)
    equal(v2.get_email_identity(EmailIdentity="shop.example")["DkimAttributes"]["CurrentSigningKeyLength"],
          "RSA_1024_BIT")
    refused(v2.put_email_identity_dkim_signing_attributes, "BadRequestException",
            SigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"}, **change)
    server.advance("24h")
    v2.put_email_identity_dkim_signing_attributes(SigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"}, **change)


# Verification by DNS, as time goes by.


class World:
    """A server that looks at DNS, and what it looks at."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sesame-test-")
        self.dns = Dns(self.folder.name).__enter__()
        self.server = Sesame("--verify", "dns", "--dns", self.dns.address, "--service-domain", "ses.example",
                             "--relay", sink.address).start()
        self.v1, self.v2 = client("ses", self.server), client("sesv2", self.server)
        return self

    def __exit__(self, *rest):
        self.server.__exit__(*rest)
        self.dns.stop()
        self.folder.cleanup()

    def publish(self, *records):
        self.dns.add(*records)

    def withdraw(self, *kinds):
        self.dns.records = [record for record in self.dns.records if record[1] not in kinds]
        self.dns.add()

    def identity(self, name):
        return self.v2.get_email_identity(EmailIdentity=name)

    def becomes(self, name, want, of):
        """Waits until `of` the identity is `want`: the look at DNS ends a little after the clock has moved."""
        def there():
            return of(self.identity(name)) == want
        try:
            wait_for(f"{name} to be {want}", there)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.identity(name)}") from None

    def verified_domain(self, name):
        tokens = self.v2.create_email_identity(EmailIdentity=name)["DkimAttributes"]["Tokens"]
        equal(self.identity(name)["VerificationStatus"], "PENDING")
        self.publish(*[(f"{t}._domainkey.{name}", "CNAME", f"{t}.dkim.ses.example") for t in tokens])
        self.server.advance("10m")
        self.becomes(name, "SUCCESS", status)
        return tokens


def status(identity):
    return identity["VerificationStatus"]


def dkim_status(identity):
    return identity["DkimAttributes"]["Status"]


def mail_from_status(identity):
    return identity["MailFromAttributes"].get("MailFromDomainStatus")


@suite.case
def dns_mail_from():
    with World() as w:
        w.verified_domain("shop.example")
        w.v2.put_email_identity_mail_from_attributes(EmailIdentity="shop.example", MailFromDomain="m.shop.example")
        equal(mail_from_status(w.identity("shop.example")), "PENDING")
        sent = send(w.v2, "me@shop.example", "pending@far.example")
        equal(sink.mail_to("pending@far.example")[0], sent + "@ses.example", "default while pending")

        w.v1.set_identity_mail_from_domain(Identity="shop.example", MailFromDomain="m.shop.example",
                                           BehaviorOnMXFailure="RejectMessage")
        text = "DNS setup for MAIL FROM domain is invalid."
        error = refused(lambda: send(w.v1, "me@shop.example", "x@far.example"),
                        "MailFromDomainNotVerifiedException", text)
        assert isinstance(error, w.v1.exceptions.MailFromDomainNotVerifiedException), error
        refused(lambda: send(w.v2, "me@shop.example", "x@far.example"), "MailFromDomainNotVerifiedException", text)
        with smtplib.SMTP(*w.server.smtp) as smtp:
            error = raises(smtplib.SMTPDataError, smtp.sendmail, "me@shop.example", ["x@far.example"],
                           "From: me@shop.example\r\nTo: x@far.example\r\nSubject: x\r\n\r\nx\r\n")
        equal((error.smtp_code, error.smtp_error.decode()), (554, "MAIL FROM domain not verified: " + text))

        w.publish(("m.shop.example", "MX", "10 feedback-smtp.us-east-1.ses.example"))
        w.server.advance("10m")
        w.becomes("shop.example", "SUCCESS", mail_from_status)
        sent = send(w.v2, "me@shop.example", "good@far.example")
        equal(sink.mail_to("good@far.example")[0], sent + "@m.shop.example")

        w.publish(("m.shop.example", "MX", "20 mx.shop.example"))
        w.server.advance("25h")
        w.becomes("shop.example", "TEMPORARY_FAILURE", mail_from_status)
        contains(sink.mail_to("postmaster@shop.example")[1], b"within 72 hours")
        refused(lambda: send(w.v2, "me@shop.example", "x@far.example"), "MailFromDomainNotVerifiedException", text)
        w.server.advance("72h")
        w.becomes("shop.example", "FAILED", mail_from_status)
        equal(status(w.identity("shop.example")), "SUCCESS")


@suite.case
def dns_grace_and_expiry():
    with World() as w:
        w.verified_domain("shop.example")
        w.withdraw("CNAME")
        w.server.advance("25h")
        w.becomes("shop.example", "TEMPORARY_FAILURE", status)
        equal(dkim_status(w.identity("shop.example")), "TEMPORARY_FAILURE")
        send(w.v2, "me@shop.example", "grace@far.example")  # it goes on meanwhile
        sink.mail_to("grace@far.example")
        w.server.advance("72h")
        w.becomes("shop.example", "FAILED", status)
        equal(dkim_status(w.identity("shop.example")), "TEMPORARY_FAILURE")
        refused(lambda: send(w.v2, "me@shop.example", "x@far.example"), "MessageRejected")
        w.server.advance("48h")
        w.becomes("shop.example", "FAILED", dkim_status)

        w.v2.create_email_identity(EmailIdentity="late.example")
        w.v1.verify_email_identity(EmailAddress="late@far.example")
        w.server.advance("71h")
        equal(status(w.identity("late.example")), "PENDING")
        w.becomes("late@far.example", "FAILED", status)  # its link was good for 24 hours
        w.server.advance("2h")
        w.becomes("late.example", "FAILED", status)
        info = w.identity("late.example")["VerificationInfo"]
        equal(info["ErrorType"], "HOST_NOT_FOUND")


@suite.case
def dns_check():
    with World() as w:
        tokens = w.verified_domain("shop.example")
        w.v2.put_email_identity_mail_from_attributes(EmailIdentity="shop.example", MailFromDomain="m.shop.example")
        w.publish(("m.shop.example", "MX", "10 mx.shop.example"), ("_dmarc.shop.example", "TXT", "v=DMARC1; p=none"))
        report = w.server.operator("dns", "check", "shop.example")
        states = [(r["purpose"], r["state"]) for r in report["records"]]
        equal(states, [("DKIM", "ok")] * 3 + [("DKIM key", "missing"), ("MAIL FROM", "wrong"),
                                              ("MAIL FROM SPF", "missing"), ("SPF", "advice"), ("DMARC", "ok")])
        equal(report["good"], False)
        wanted = {r["purpose"]: r for r in report["records"]}
        equal(wanted["MAIL FROM"]["found"], ["10 mx.shop.example"])
        equal(wanted["MAIL FROM"]["wanted"], "10 feedback-smtp.us-east-1.ses.example")
        contains(wanted["DKIM key"]["name"], tokens[0])
        w.dns.records = [r for r in w.dns.records if r[1] != "MX"]
        w.publish((wanted["DKIM key"]["name"], "TXT", wanted["DKIM key"]["wanted"]),
                  ("m.shop.example", "MX", "10 feedback-smtp.us-east-1.ses.example"),
                  ("m.shop.example", "TXT", "v=spf1 include:ses.example ~all"))
        report = w.server.operator("dns", "check", "shop.example")
        equal((report["good"], report["verificationStatus"]), (True, "Success"))
        error = raises(AssertionError, w.server.operator, "dns", "check", "none.example")
        contains(str(error), "There is no identity none.example in account 000000000000, us-east-1.")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
