"""What policies let through and keep out, over both APIs and SMTP: condition keys, resources, sending authorization
between accounts, and that a change holds at once."""

import json
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from harness.cases import Suite, equal, raises  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.users import FULL, User  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("access")
server = Sesame("--strict-auth").start()
server.account(maxSendRate=10000)
boss = User(server, "boss", FULL)
v1, v2 = client("ses", server, **boss.credentials), client("sesv2", server, **boss.credentials)
for name in ("example.com", "news@example.com", "other.example"):
    v2.create_email_identity(EmailIdentity=name)
v2.create_email_template(TemplateName="hello", TemplateContent={"Subject": "Hello", "Text": "{{name}}"})

ACCOUNT, OWNER = "000000000000", "111122223333"
HEAD = f"arn:aws:ses:us-east-1:{ACCOUNT}:"
SIMPLE = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
numbers = iter(range(1000))


def user(*statements, **kwargs):
    return User(server, f"user{next(numbers)}", *statements, **kwargs)


def allow(condition=None, action="ses:*", resource="*", effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


# The same mail by each way in. Each answers nothing, or the text of the refusal.


def by_v1(who, sender="news@example.com", to=("a@example.org",), **more):
    client("ses", server, **who.credentials).send_email(Source=sender, Destination={"ToAddresses": list(to)},
                                                        Message=SIMPLE, **more)


def by_v1_raw(who, sender="news@example.com", to=("a@example.org",), **more):
    client("ses", server, **who.credentials).send_raw_email(RawMessage={"Data": raw(sender, to)}, **more)


def by_v2(who, sender="news@example.com", to=("a@example.org",), **more):
    client("sesv2", server, **who.credentials).send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": list(to)}, Content={"Simple": SIMPLE}, **more)


def by_v2_raw(who, sender="news@example.com", to=("a@example.org",), **more):
    client("sesv2", server, **who.credentials).send_email(Content={"Raw": {"Data": raw(sender, to)}}, **more)


def by_v2_template(who, sender="news@example.com", to=("a@example.org",), **more):
    client("sesv2", server, **who.credentials).send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": list(to)},
        Content={"Template": {"TemplateName": "hello", "TemplateData": "{}"}}, **more)


def by_v1_bulk(who, sender="news@example.com", to=("a@example.org",), **more):
    client("ses", server, **who.credentials).send_bulk_templated_email(
        Source=sender, Template="hello", DefaultTemplateData="{}",
        Destinations=[{"Destination": {"ToAddresses": [a]}, "ReplacementTemplateData": "{}"} for a in to], **more)


def by_v2_bulk(who, sender="news@example.com", to=("a@example.org",), **more):
    client("sesv2", server, **who.credentials).send_bulk_email(
        FromEmailAddress=sender, DefaultContent={"Template": {"TemplateName": "hello", "TemplateData": "{}"}},
        BulkEmailEntries=[{"Destination": {"ToAddresses": [a]}} for a in to], **more)


def by_smtp(who, sender="news@example.com", to=("a@example.org",), headers="", envelope_from=None):
    with smtplib.SMTP(*server.smtp) as smtp:
        who.smtp_login(smtp)
        smtp.sendmail(envelope_from or bare(sender), list(to), headers.encode() + raw(sender, to))


WAYS = {"SendEmail": [by_v1, by_v2], "SendRawEmail": [by_v1_raw, by_v2_raw, by_smtp]}
BULK = {"SendBulkTemplatedEmail": [by_v1_bulk], "SendBulkEmail": [by_v2_bulk]}


def bare(sender):
    return sender.rpartition("<")[2].rstrip(">")


def raw(sender, to):
    return f"From: {sender}\r\nTo: {', '.join(to)}\r\nSubject: s\r\n\r\nt\r\n".encode()


def outcome(way, who, **kwargs):
    try:
        way(who, **kwargs)
    except botocore.exceptions.ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
        wanted = "AccessDenied" if way in (by_v1, by_v1_raw, by_v1_bulk) else "AccessDeniedException"
        if code == wanted:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 403)
            return text
        return f"{code}: {text}"
    except smtplib.SMTPDataError as error:
        text = error.smtp_error.decode()
        return text.removeprefix("Access denied: ") if text.startswith("Access denied: ") else f"{error.smtp_code} {text}"
    return None


def denial(who, action, resource):
    return f"User `{who.arn}' is not authorized to perform `ses:{action}' on resource `{resource}'"


NEWS = HEAD + "identity/news@example.com"


def check_ways(who, ways=WAYS, resource=NEWS, refused=True, **kwargs):
    for action, those in ways.items():
        for way in those:
            want = denial(who, action, resource) if refused else None
            equal(outcome(way, who, **kwargs), want, way.__name__)


@suite.case
def nobody_without_a_policy():
    who = user()
    check_ways(who)
    check_ways(who, BULK)


@suite.case
def address_keys_over_all_ways():
    cases = [
        ({"StringEquals": {"ses:FromAddress": "news@example.com"}}, {}, {"sender": "shop@example.com"}),
        ({"StringLike": {"ses:FromAddress": "*@example.com"}}, {}, {"sender": "a@other.example"}),
        ({"StringEquals": {"ses:FromDisplayName": "The News"}}, {"sender": "The News <news@example.com>"},
         {"sender": "Others <news@example.com>"}),
        ({"StringEquals": {"ses:FromDisplayName": "The News"}}, {"sender": "The News <news@example.com>"}, {}),
        ({"ForAllValues:StringLike": {"ses:Recipients": ["*@example.org"]}}, {"to": ["a@example.org", "b@example.org"]},
         {"to": ["a@example.org", "b@example.net"]}),
        ({"StringEquals": {"ses:FeedbackAddress": "news@example.com"}}, {}, {"sender": "shop@example.com"}),
    ]
    for condition, good, bad in cases:
        who = user(allow(condition))
        for ways in (WAYS, {"SendBulkTemplatedEmail": [by_v1_bulk]}):
            check_ways(who, ways, refused=False, **good)
            domain = bare(bad.get("sender", "news@example.com"))
            used = {"shop@example.com": "example.com", "a@other.example": "other.example"}.get(domain, domain)
            check_ways(who, ways, HEAD + "identity/" + used, **bad)


@suite.case
def other_feedback_addresses():
    who = user(allow({"StringEquals": {"ses:FeedbackAddress": "bounces@example.com"}}))
    check_ways(who)
    for way, more in ((by_v1, {"ReturnPath": "bounces@example.com"}),
                      (by_v2, {"FeedbackForwardingEmailAddress": "bounces@example.com"}),
                      (by_v2_raw, {"FeedbackForwardingEmailAddress": "bounces@example.com"}),
                      (by_v1_raw, {"Source": "bounces@example.com"}),
                      (by_smtp, {"envelope_from": "bounces@example.com"})):
        equal(outcome(way, who, **more), None, way.__name__)


@suite.case
def bulk_of_v2_has_no_address_keys():
    who = user(allow({"StringEquals": {"ses:FromAddress": "news@example.com"}}))
    equal(outcome(by_v2_bulk, who), denial(who, "SendBulkEmail", NEWS))
    # A denial by address reaches it by the other action that it performs.
    who = user(FULL, allow({"StringNotEquals": {"ses:FromAddress": "news@example.com"}}, effect="Deny",
                           action="ses:SendBulkTemplatedEmail"))
    equal(outcome(by_v2_bulk, who), None)
    equal(outcome(by_v2_bulk, who, sender="shop@example.com"),
          denial(who, "SendBulkTemplatedEmail", HEAD + "identity/example.com"))


@suite.case
def template_content_by_either_action():
    for action in ("ses:SendEmail", "ses:SendTemplatedEmail"):
        equal(outcome(by_v2_template, user(allow(action=action))), None, action)
    who = user(FULL, allow(action="ses:SendTemplatedEmail", effect="Deny"))
    equal(outcome(by_v2_template, who), denial(who, "SendEmail", NEWS))


@suite.case
def overrides_of_tracking():
    overrides = {"ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": "ENABLED"}}}
    who = user(FULL)
    equal(outcome(by_v2, who, **overrides), None)
    who.allow(allow(action=["ses:Send*"]))
    for way in (by_v2, by_v2_raw, by_v2_template, by_v2_bulk):
        equal(outcome(way, who), None, way.__name__)
        equal(outcome(way, who, **overrides),
              f"User '{who.arn}' is not authorized to perform 'ses:ApplyTrackingConfigurationOverrides'", way.__name__)
    equal(outcome(by_v2, who, ConfigurationOverrides={"Tracking": {}}), None)


@suite.case
def the_address_identity_is_asked_before_its_domain():
    who = user(allow(resource=HEAD + "identity/example.com"))
    check_ways(who)
    check_ways(who, sender="shop@example.com", refused=False)


@suite.case
def recipients_that_are_identities():
    who = user(allow(resource=HEAD + "identity/example.com"))
    check_ways(who, sender="shop@example.com", to=["news@example.com"])
    check_ways(who, sender="shop@example.com", to=["bob@example.com"], refused=False)
    check_ways(who, {"SendBulkTemplatedEmail": [by_v1_bulk]}, sender="shop@example.com",
               to=["a@example.org", "news@example.com"])


@suite.case
def recipients_in_the_sandbox():
    """Each is an identity, or in the domain of one."""
    server.account(sandbox=True)
    try:
        who = user(allow(resource=NEWS))
        check_ways(who, to=["bob@example.com"], resource=HEAD + "identity/example.com")
        check_ways(who, to=["news@example.com", "success@simulator.amazonses.com"], refused=False)
    finally:
        server.account(sandbox=False, maxSendRate=10000)


@suite.case
def configuration_sets_and_templates():
    v2.create_configuration_set(ConfigurationSetName="tracked", Tags=[{"Key": "stage", "Value": "test"}])
    who = user(allow(resource=HEAD + "identity/*"))
    for way in (by_v1, by_v1_raw, by_v2, by_v2_raw):
        action = "SendRawEmail" if way in (by_v1_raw, by_v2_raw) else "SendEmail"
        equal(outcome(way, who, ConfigurationSetName="tracked"),
              denial(who, action, HEAD + "configuration-set/tracked"), way.__name__)
    equal(outcome(by_smtp, who, headers="X-SES-CONFIGURATION-SET: tracked\r\n"),
          denial(who, "SendRawEmail", HEAD + "configuration-set/tracked"))
    equal(outcome(by_v2_template, who), denial(who, "SendEmail", HEAD + "template/hello"))
    who = user(allow(resource=HEAD + "identity/*"),
               allow({"StringEquals": {"aws:ResourceTag/stage": "test"}}, resource=HEAD + "configuration-set/*"))
    equal(outcome(by_v2, who, ConfigurationSetName="tracked"), None)


@suite.case
def several_from_addresses():
    who = user(allow({"StringEquals": {"ses:FromAddress": "news@example.com"}}))
    for way in (by_v1_raw, by_v2_raw):
        equal(outcome(way, who, sender="news@example.com, shop@example.com"), denial(who, "SendRawEmail", NEWS))


@suite.case
def keys_of_every_request():
    now = {"aws:CurrentTime": "2020-01-01T00:00:00Z"}
    good = [
        {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {"DateGreaterThan": now},
        {"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {"StringEquals": {"aws:PrincipalType": "User"}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/user*"}},
        {"StringLike": {"aws:username": "user*"}}, {"StringLike": {"aws:userid": "AIDA*"}},
        {"Null": {"aws:MultiFactorAuthPresent": "true", "aws:TokenIssueTime": "true"}}]
    bad = [
        {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, {"DateLessThan": now},
        {"Bool": {"aws:SecureTransport": "true"}}, {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringEquals": {"aws:username": "somebody"}}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}]
    for condition in good:
        who = user(allow(condition))
        check_ways(who, refused=False)
        client("sesv2", server, **who.credentials).get_account()
        client("ses", server, **who.credentials).get_send_quota()
    for condition in bad:
        who = user(allow(condition))
        check_ways(who)
        refused(client("sesv2", server, **who.credentials).get_account, who, "GetAccount", " on resource: *")
        refused(client("ses", server, **who.credentials).get_send_quota, who, "GetSendQuota", "")
    who = user(allow({"StringLike": {"aws:UserAgent": "*Boto3*"}}))
    equal(outcome(by_v2, who), None)
    equal(outcome(by_smtp, who), denial(who, "SendRawEmail", NEWS))


def refused(method, who, action, where, **kwargs):
    error = raises(botocore.exceptions.ClientError, method, **kwargs)
    equal(error.response["Error"]["Message"],
          f"User: {who.arn} is not authorized to perform: ses:{action}{where}"
          f" because no identity-based policy allows the ses:{action} action")


@suite.case
def tags_of_requests_and_resources():
    tagged = allow({"StringEquals": {"aws:RequestTag/team": "news"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
                   action=["ses:CreateEmailIdentity", "ses:TagResource"])
    who = user(tagged)
    api = client("sesv2", server, **who.credentials)
    identity = HEAD + "identity/tagged.example"
    refused(api.create_email_identity, who, "CreateEmailIdentity", f" on resource: {identity}",
            EmailIdentity="tagged.example")
    refused(api.create_email_identity, who, "CreateEmailIdentity", f" on resource: {identity}",
            EmailIdentity="tagged.example", Tags=[{"Key": "team", "Value": "news"}, {"Key": "more", "Value": "x"}])
    # Making something with tags is tagging too.
    who.allow({**tagged, "Action": "ses:CreateEmailIdentity"})
    refused(api.create_email_identity, who, "TagResource", f" on resource: {identity}",
            EmailIdentity="tagged.example", Tags=[{"Key": "team", "Value": "news"}])
    who.allow(tagged)
    api.create_email_identity(EmailIdentity="tagged.example", Tags=[{"Key": "team", "Value": "news"}])

    v2.create_contact_list(ContactListName="readers", Tags=[{"Key": "team", "Value": "news"}])
    who.allow(allow({"StringEquals": {"aws:ResourceTag/team": "news"}}))
    api.get_email_identity(EmailIdentity="tagged.example")
    equal(outcome(by_v2, who, sender="a@tagged.example"), None)
    refused(api.get_email_identity, who, "GetEmailIdentity", f" on resource: {HEAD}identity/other.example",
            EmailIdentity="other.example")
    equal(outcome(by_v2, who, sender="a@other.example"), denial(who, "SendEmail", HEAD + "identity/other.example"))


@suite.case
def arns_of_others():
    """That a resource is another account's is no matter of policies."""
    api = client("sesv2", server, **user(FULL).credentials)
    error = raises(botocore.exceptions.ClientError, api.list_tags_for_resource,
                   ResourceArn=HEAD.replace(ACCOUNT, "999999999999") + "identity/example.com")
    equal(error.response["Error"]["Message"],
          "Operations on a resource created in a different account is not allowed")


@suite.case
def handing_over_a_role():
    who = user(FULL)
    role = f"arn:aws:iam::{ACCOUNT}:role/firehose"
    api = client("sesv2", server, **who.credentials)
    asked = dict(ConfigurationSetName="none", EventDestinationName="d", EventDestination={
        "MatchingEventTypes": ["SEND"], "KinesisFirehoseDestination": {"IamRoleArn": role, "DeliveryStreamArn": "x"}})
    error = raises(botocore.exceptions.ClientError, api.create_configuration_set_event_destination, **asked)
    equal(error.response["Error"]["Message"],
          f"User: {who.arn} is not authorized to perform: iam:PassRole on resource: {role}"
          " because no identity-based policy allows the iam:PassRole action")
    who.allow(FULL, allow({"StringEquals": {"iam:PassedToService": "ses.amazonaws.com"}}, action="iam:PassRole"))
    error = raises(botocore.exceptions.ClientError, api.create_configuration_set_event_destination, **asked)
    equal(error.response["Error"]["Code"], "NotFoundException")


@suite.case
def a_change_holds_at_once():
    who = user(FULL)
    api = client("sesv2", server, **who.credentials)
    with smtplib.SMTP(*server.smtp) as smtp:
        who.smtp_login(smtp)

        def send():
            return smtp.sendmail("news@example.com", ["a@example.org"], raw("news@example.com", ["a@example.org"]))
        send()
        api.get_account()
        who.allow(allow(action="ses:GetSendQuota"))
        error = raises(smtplib.SMTPDataError, send)
        equal((error.smtp_code, error.smtp_error.decode()),
              (554, "Access denied: " + denial(who, "SendRawEmail", NEWS)))
        refused(api.get_account, who, "GetAccount", " on resource: *")
        who.allow(FULL)
        send()
        api.get_account()
        server.operator("iam", "update-access-key", who.name, who.key["accessKeyId"], "inactive")
        error = raises(smtplib.SMTPResponseException, send)
        equal((error.smtp_code, error.smtp_error.decode()), (535, "Authentication Credentials Invalid"))
        error = raises(botocore.exceptions.ClientError, api.get_account)
        equal(error.response["Error"]["Code"], "UnrecognizedClientException")


@suite.case
def decisions_are_recorded():
    who = user(allow(action=["ses:SendEmail", "ses:GetAccount"]),
               {**allow(action="ses:GetAccount", effect="Deny", condition={"StringEquals": {"ses:ApiVersion": "1"}}),
                "Sid": "never"},
               {**allow(action="ses:GetSendQuota", effect="Deny"), "Sid": "NoQuota"})
    api = client("sesv2", server, **who.credentials)
    api.get_account()
    equal(outcome(by_v2, who), None)
    equal(outcome(by_smtp, who), denial(who, "SendRawEmail", NEWS))
    error = raises(botocore.exceptions.ClientError, client("ses", server, **who.credentials).get_send_quota)
    equal(error.response["Error"]["Message"], f"User: {who.arn} is not authorized to perform: ses:GetSendQuota"
          " with an explicit deny in an identity-based policy")

    def rows():
        found = server.operator("audit", "--principal", who.name)["records"]
        return found if len(found) >= 3 else None
    kept = {row["action"]: row for row in wait_for("the records", rows)}
    denied = kept["ses:GetSendQuota"]
    equal((denied["effect"], denied["api"], denied["resources"], denied["statement"], denied["sid"]),
          ("ExplicitDeny", "v1", ["*"], 2, "NoQuota"))
    equal((denied["principalArn"], denied["accessKeyId"], denied["sourceIp"]),
          (who.arn, who.key["accessKeyId"], "127.0.0.1"))
    equal((kept["ses:SendRawEmail"]["effect"], kept["ses:SendRawEmail"]["api"], kept["ses:SendRawEmail"]["resources"],
           kept["ses:SendRawEmail"]["statement"]), ("ImplicitDeny", "smtp", [NEWS], None))
    got = kept["ses:GetAccount"]
    equal((got["effect"], got["resources"], got["statement"]), ("Allowed", ["*"], 0))
    assert got["policy"].endswith("test"), got["policy"]


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
if __name__ == "__main__":
    suite.main()
