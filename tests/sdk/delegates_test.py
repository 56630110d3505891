"""Sending authorization: accounts that send for identities of another one, as its policies let them (SES handbook §9)."""

import json
import pathlib
import re
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame  # noqa: E402
from harness.users import FULL, User  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("delegates")
server = Sesame("--strict-auth").start()
OWNER, DELEGATE, STRANGER = "111122223333", "444455556666", "777788889999"
for account in (OWNER, DELEGATE):
    server.account(account=account, maxSendRate=10000)
owner = User(server, "owner", FULL, account=OWNER)
delegate = User(server, "delegate", FULL, account=DELEGATE)
stranger = User(server, "stranger", FULL, account=STRANGER)
mine, theirs = client("sesv2", server, **owner.credentials), client("sesv2", server, **delegate.credentials)
mine.create_email_identity(EmailIdentity="shop.example")
mine.create_email_identity(EmailIdentity="news@shop.example")
theirs.create_email_identity(EmailIdentity="agency.example")

HEAD = f"arn:aws:ses:us-east-1:{OWNER}:identity/"
SHOP, NEWS = HEAD + "shop.example", HEAD + "news@shop.example"
SIMPLE = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
TO = {"ToAddresses": ["you@far.example"]}
UNVERIFIED = ("Email address is not verified. The following identities failed the check in region US-EAST-1: ")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def let(identity, who=DELEGATE, effect="Allow", action="ses:Send*", condition=None):
    statement = {"Effect": effect, "Principal": {"AWS": who}, "Action": action, "Resource": HEAD + identity}
    return {**statement, "Condition": condition} if condition else statement


def policies(identity, *statements):
    """The identity's only policy; without statements it has none."""
    for name in mine.get_email_identity_policies(EmailIdentity=identity)["Policies"]:
        mine.delete_email_identity_policy(EmailIdentity=identity, PolicyName=name)
    if statements:
        mine.create_email_identity_policy(EmailIdentity=identity, PolicyName="p", Policy=policy(*statements))


def raw(sender="a@shop.example", headers=""):
    return f"{headers}From: {sender}\r\nTo: you@far.example\r\nSubject: s\r\n\r\nt\r\n".encode()


def by_v1(who, sender="a@shop.example", arn=SHOP, **more):
    return client("ses", server, **who.credentials).send_email(
        Source=sender, SourceArn=arn, Destination=TO, Message=SIMPLE, **more)["MessageId"]


def by_v1_raw(who, sender="a@shop.example", arn=SHOP, **more):
    return client("ses", server, **who.credentials).send_raw_email(
        RawMessage={"Data": raw(sender)}, **({"SourceArn": arn} if arn else {}), **more)["MessageId"]


def by_v1_header(who, sender="a@shop.example", arn=SHOP):
    return client("ses", server, **who.credentials).send_raw_email(
        RawMessage={"Data": raw(sender, f"X-SES-SOURCE-ARN: {arn}\r\n")})["MessageId"]


def by_v2(who, sender="a@shop.example", arn=SHOP, **more):
    return client("sesv2", server, **who.credentials).send_email(
        FromEmailAddress=sender, FromEmailAddressIdentityArn=arn, Destination=TO, Content={"Simple": SIMPLE},
        **more)["MessageId"]


def by_v2_raw(who, sender="a@shop.example", arn=SHOP):
    return client("sesv2", server, **who.credentials).send_email(
        FromEmailAddressIdentityArn=arn, Content={"Raw": {"Data": raw(sender)}})["MessageId"]


def by_smtp(who, sender="a@shop.example", arn=SHOP, headers=None):
    headers = headers if headers is not None else f"X-SES-SOURCE-ARN: {arn}\r\nX-SES-FROM-ARN: {arn}\r\n"
    with smtplib.SMTP(*server.smtp) as smtp:
        who.smtp_login(smtp)
        smtp.mail(sender)
        smtp.rcpt("you@far.example")
        code, text = smtp.data(raw(sender, headers))
        if code != 250:
            raise smtplib.SMTPDataError(code, text)
        return text.decode().split()[-1]


WAYS = {by_v1: "SendEmail", by_v1_raw: "SendRawEmail", by_v1_header: "SendRawEmail", by_v2: "SendEmail",
        by_v2_raw: "SendRawEmail", by_smtp: "SendRawEmail"}


def refusal(way, who=delegate, **kwargs):
    try:
        way(who, **kwargs)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Message"]
    except smtplib.SMTPDataError as error:
        return re.sub(r"^(Access denied|Message rejected|Transaction failed): ", "", error.smtp_error.decode())
    return None


def denial(action, resource=SHOP, who=delegate):
    return f"User `{who.arn}' is not authorized to perform `ses:{action}' on resource `{resource}'"


def each_way(want, **kwargs):
    for way, action in WAYS.items():
        equal(refusal(way, **kwargs), want(action) if want else None, way.__name__)


@suite.case
def without_a_policy():
    policies("shop.example")
    each_way(denial)


@suite.case
def without_an_arn():
    policies("shop.example", let("shop.example"))
    equal(refusal(by_v1_raw, arn=None), UNVERIFIED + "a@shop.example")
    equal(refusal(by_smtp, headers=""), UNVERIFIED + "a@shop.example")


@suite.case
def with_a_policy():
    for who in (DELEGATE, f"arn:aws:iam::{DELEGATE}:root", delegate.arn, "*"):
        policies("shop.example", let("shop.example", who))
        each_way(None)
    for who in (STRANGER, f"arn:aws:iam::{DELEGATE}:user/other"):
        policies("shop.example", let("shop.example", who))
        each_way(denial)


@suite.case
def both_sides_must_allow():
    policies("shop.example", let("shop.example"))
    delegate.allow({"Effect": "Allow", "Action": "ses:*", "Resource": HEAD.replace(OWNER, DELEGATE) + "*"})
    each_way(denial)
    delegate.allow({"Effect": "Allow", "Action": "ses:*", "Resource": SHOP})
    each_way(None)
    delegate.allow(FULL)


@suite.case
def conditions_of_the_owner():
    policies("shop.example", let("shop.example", condition={"StringLike": {"ses:FromAddress": "offers@*"}}))
    each_way(denial)
    each_way(None, sender="offers@shop.example")
    policies("shop.example", let("shop.example", action="ses:SendRawEmail"))
    equal(refusal(by_v1), denial("SendEmail"))
    equal(refusal(by_v2_raw), None)
    policies("shop.example", let("shop.example"),
             let("shop.example", effect="Deny", condition={"Bool": {"aws:SecureTransport": "false"}}))
    each_way(denial)


@suite.case
def the_policy_of_the_address_decides_alone():
    policies("shop.example", let("shop.example"))
    policies("news@shop.example")
    each_way(lambda action: denial(action, NEWS), sender="news@shop.example")
    each_way(lambda action: denial(action, NEWS), sender="news@shop.example", arn=NEWS)
    policies("news@shop.example", let("news@shop.example"))
    policies("shop.example")
    each_way(None, sender="news@shop.example")
    each_way(None, sender="news@shop.example", arn=NEWS)


@suite.case
def arns_that_do_not_fit():
    policies("shop.example", let("shop.example"))
    for arn in ("nonsense", HEAD.replace("us-east-1", "eu-west-1") + "shop.example", SHOP.replace("identity", "template")):
        each_way(lambda action, arn=arn: f"Invalid ARN <{arn}>.", arn=arn)
    error = raises(botocore.exceptions.ClientError, by_v1, delegate, arn="nonsense")
    equal(error.response["Error"]["Code"], "InvalidParameterValue")
    error = raises(botocore.exceptions.ClientError, by_v2, delegate, arn="nonsense")
    equal(error.response["Error"]["Code"], "BadRequestException")
    # Of an identity that does not cover the sender, or that is not there.
    for arn in (HEAD + "other.example", NEWS):
        each_way(lambda action: UNVERIFIED + "a@shop.example", arn=arn)


@suite.case
def source_and_from_and_return_path():
    policies("shop.example", let("shop.example"))
    # The mail is from the shop, its feedback goes to the agency.
    both = f"X-SES-FROM-ARN: {SHOP}\r\n"
    with smtplib.SMTP(*server.smtp) as smtp:
        delegate.smtp_login(smtp)
        smtp.sendmail("bounces@agency.example", ["you@far.example"], raw(headers=both))
    by_v1_raw(delegate, arn=None, FromArn=SHOP, Source="bounces@agency.example")
    by_v1(delegate, ReturnPath="bounces@agency.example")
    by_v1(delegate, ReturnPath="bounces@shop.example")
    by_v1(delegate, ReturnPath="bounces@shop.example", ReturnPathArn=SHOP)
    equal(refusal(by_v1, ReturnPath="bounces@agency.example", ReturnPathArn=SHOP),
          UNVERIFIED + "bounces@agency.example")
    by_v2(delegate, FeedbackForwardingEmailAddress="bounces@shop.example",
          FeedbackForwardingEmailAddressIdentityArn=SHOP)
    # The parameters come before the headers.
    equal(refusal(lambda who: client("ses", server, **who.credentials).send_raw_email(
        RawMessage={"Data": raw(headers=both)}, FromArn=NEWS, Source="bounces@agency.example")),
        UNVERIFIED + "a@shop.example")


@suite.case
def what_the_mail_becomes():
    policies("shop.example", let("shop.example"))
    before = client("ses", server, **delegate.credentials).get_send_quota()["SentLast24Hours"]
    owners = client("ses", server, **owner.credentials).get_send_quota()["SentLast24Hours"]
    ids = [way(delegate) for way in WAYS]
    for sent in ids:
        content = server.raw(sent).decode()
        contains(content, "d=shop.example;", "the signature is the owner's")
        assert "X-SES-" not in content, content
        trace = json.dumps(server.trace(sent))
        contains(trace, SHOP)
        contains(trace, DELEGATE)
    equal(client("ses", server, **delegate.credentials).get_send_quota()["SentLast24Hours"], before + len(ids))
    equal(client("ses", server, **owner.credentials).get_send_quota()["SentLast24Hours"], owners)
    # The configuration sets are the delegate's.
    mine.create_configuration_set(ConfigurationSetName="owners")
    theirs.create_configuration_set(ConfigurationSetName="delegates")
    by_v2(delegate, ConfigurationSetName="delegates")
    equal(refusal(by_v2, ConfigurationSetName="owners"), "Configuration set <owners> does not exist.")


@suite.case
def denials_reach_the_owner_too():
    policies("shop.example", let("shop.example", who="*", effect="Deny", action="ses:SendEmail"))
    for arn in ({}, {"SourceArn": SHOP}):
        equal(refusal(lambda who, arn=arn: client("ses", server, **who.credentials).send_email(
            Source="a@shop.example", Destination=TO, Message=SIMPLE, **arn), who=owner),
            denial("SendEmail", who=owner))
    equal(refusal(by_v2_raw, who=owner), None)
    policies("shop.example")
    equal(refusal(by_v1, who=owner), None)


@suite.case
def roots_and_the_lenient_mode_of_dev():
    """Root needs no policy of its own, but an identity's policy holds for it: a Deny at home, an Allow abroad."""
    with Sesame() as dev:
        home, abroad = (client("ses", dev, key=account) for account in (OWNER, DELEGATE))
        home.verify_domain_identity(Domain="shop.example")

        def send(api, **more):
            try:
                api.send_email(Source="a@shop.example", Destination=TO, Message=SIMPLE, **more)
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]["Message"]
            return None

        def denied(account):
            return (f"User `arn:aws:iam::{account}:root' is not authorized to perform `ses:SendEmail'"
                    f" on resource `{SHOP}'")
        equal(send(home), None)
        equal(send(abroad, SourceArn=SHOP), denied(DELEGATE))
        home.put_identity_policy(Identity="shop.example", PolicyName="p", Policy=policy(let("shop.example")))
        equal(send(abroad, SourceArn=SHOP), None)
        deny = let("shop.example", who="*", effect="Deny", condition={"StringLike": {"ses:Recipients": "*@far.example"}})
        home.put_identity_policy(Identity="shop.example", PolicyName="p", Policy=policy(deny))
        equal(send(home), denied(OWNER))
        equal(send(abroad, SourceArn=SHOP), denied(DELEGATE))
        home.delete_identity_policy(Identity="shop.example", PolicyName="p")
        equal(send(home), None)


@suite.case
def an_address_of_its_own_is_not_the_owners():
    """Somebody else's identity of the same name is another identity."""
    policies("shop.example")
    client("sesv2", server, **stranger.credentials).create_email_identity(EmailIdentity="shop.example")
    equal(refusal(by_v1, who=stranger), denial("SendEmail", who=stranger))
    equal(refusal(by_v1, who=stranger, arn=SHOP.replace(OWNER, STRANGER)), None)


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
