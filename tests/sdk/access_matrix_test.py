"""Every operation of both APIs before IAM: what lets it through, what keeps it out, and in which words. Operations and
parameters come from the models boto3 has, what they are checked against from model/iam.json."""

import datetime
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import boto3  # noqa: E402
import botocore.exceptions  # noqa: E402
from botocore.config import Config  # noqa: E402
from harness.cases import Suite, equal  # noqa: E402
from harness.server import ROOT, Sesame  # noqa: E402
from harness.users import FULL, User  # noqa: E402
from sdk.clients import client  # noqa: E402
from sdk.inbound import STOP, hand_in, rules  # noqa: E402

suite = Suite("access.matrix")
server = Sesame().start()
IAM = json.loads((ROOT / "model/iam.json").read_text(encoding="utf-8"))["actions"]
bob = User(server, "bob")
HEAD = "arn:aws:ses:us-east-1:000000000000:"
NAME = "matrix.example"
VERSIONS = {"ses": "v1", "sesv2": "v2"}

root_v1, root_v2 = client("ses", server), client("sesv2", server)
root_v2.create_email_identity(EmailIdentity="news@example.com")
root_v2.create_email_template(TemplateName="hello", TemplateContent={"Subject": "Hello", "Text": "{{name}}"})
root_v2.create_custom_verification_email_template(
    TemplateName="welcome", FromEmailAddress="news@example.com", TemplateSubject="Welcome", TemplateContent="Hello",
    SuccessRedirectionURL="https://example.com/yes", FailureRedirectionURL="https://example.com/no")
rules(server, ("take", [STOP], {}), ses=root_v1)
RECEIVED = hand_in(server)

# Where an input names a resource of a kind.
MEMBERS = {
    "identity": ["EmailIdentity", "Domain"], "configuration-set": ["ConfigurationSetName"],
    "template": ["TemplateName"], "custom-verification-email-template": ["TemplateName"],
    "contact-list": ["ContactListName"], "dedicated-ip-pool": ["PoolName", "DestinationPoolName"],
    "deliverability-test-report": ["ReportId"], "export-job": ["JobId"], "import-job": ["JobId"],
    "multi-region-endpoint": ["EndpointName"], "tenant": ["TenantName"]}
ARNS = {"ResourceArn": HEAD + "identity/" + NAME, "ReputationEntityReference": HEAD + "tenant/t/tn-1",
        "ReputationEntityPolicy": "arn:aws:ses:us-east-1:aws:reputation-policy/strict"}
VALUES = {**ARNS, "FromEmailAddress": "a@" + NAME}
SIMPLE = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
TO = {"ToAddresses": ["you@example.org"]}
SENDER = HEAD + "identity/news@example.com"
TEMPLATE = HEAD + "template/hello"
RAW = b"From: news@example.com\nTo: you@example.org\nSubject: s\n\nt\n"

# Sends in their shapes: parameters, actions that must all be allowed, resources that are asked in this order.
SENDS = {
    ("ses", "SendEmail"): (dict(Source="news@example.com", Destination=TO, Message=SIMPLE), ["SendEmail"], [SENDER]),
    ("ses", "SendRawEmail"): (dict(RawMessage={"Data": RAW}), ["SendRawEmail"], [SENDER]),
    ("ses", "SendTemplatedEmail"): (
        dict(Source="news@example.com", Destination=TO, Template="hello", TemplateData="{}"),
        ["SendTemplatedEmail"], [SENDER, TEMPLATE]),
    ("ses", "SendBulkTemplatedEmail"): (
        dict(Source="news@example.com", Template="hello", DefaultTemplateData="{}",
             Destinations=[{"Destination": TO, "ReplacementTemplateData": "{}"}]),
        ["SendBulkTemplatedEmail"], [SENDER, TEMPLATE]),
    ("ses", "SendCustomVerificationEmail"): (
        dict(EmailAddress="new@example.org", TemplateName="welcome"), ["SendCustomVerificationEmail"], [SENDER]),
    ("ses", "SendBounce"): (
        dict(OriginalMessageId=RECEIVED, BounceSender="news@example.com",
             BouncedRecipientInfoList=[{"Recipient": "box@example.com", "BounceType": "Undefined"}]),
        ["SendBounce"], [SENDER]),
    ("sesv2", "SendEmail"): (
        dict(FromEmailAddress="news@example.com", Destination=TO, Content={"Simple": SIMPLE}), ["SendEmail"],
        [SENDER]),
    ("sesv2", "SendEmail", "raw"): (
        dict(Content={"Raw": {"Data": RAW}}), ["SendRawEmail"], [SENDER]),
    ("sesv2", "SendEmail", "template"): (
        dict(FromEmailAddress="news@example.com", Destination=TO,
             Content={"Template": {"TemplateName": "hello", "TemplateData": "{}"}}), ["SendEmail"],
        [SENDER, TEMPLATE]),
    ("sesv2", "SendBulkEmail"): (
        dict(FromEmailAddress="news@example.com", BulkEmailEntries=[{"Destination": TO}],
             DefaultContent={"Template": {"TemplateName": "hello", "TemplateData": "{}"}}),
        ["SendBulkEmail", "SendBulkTemplatedEmail"], [SENDER, TEMPLATE]),
    ("sesv2", "SendCustomVerificationEmail"): (
        dict(EmailAddress="new@example.org", TemplateName="welcome"), ["SendCustomVerificationEmail"],
        [HEAD + "custom-verification-email-template/welcome"]),
}


def unchecked(service):
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1",
                        aws_access_key_id=bob.key["accessKeyId"], aws_secret_access_key=bob.key["secretAccessKey"],
                        config=Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False))


CLIENTS = {service: unchecked(service) for service in VERSIONS}


def value_of(name, shape):
    """Something that decodes; whether it makes sense is looked at after IAM."""
    if name in VALUES:
        return VALUES[name]
    kind = shape.type_name
    if kind == "structure":
        return {n: value_of(n, s) for n, s in shape.members.items() if n in shape.required_members}
    if kind == "list":
        return [value_of("", shape.member)]
    if kind == "map":
        return {"k": value_of("", shape.value)}
    if kind == "string":
        return shape.enum[0] if shape.enum else NAME
    return {"boolean": True, "integer": 1, "long": 1, "double": 1.0, "blob": b"x",
            "timestamp": datetime.datetime(2026, 1, 1)}[kind]


def generic(service, operation):
    """Parameters, actions and resources of an operation that is no send."""
    shape = CLIENTS[service].meta.service_model.operation_model(operation).input_shape
    members = shape.members if shape else {}
    facts = IAM[operation][VERSIONS[service]]
    kinds = [kind.rstrip("*") for kind in facts["resources"]]
    parameters = {name: value_of(name, members[name]) for name in (shape.required_members if shape else [])}
    # Not for the allowed call to spoil what other cases need.
    parameters.update({name: True for name in ("SendingEnabled", "Enabled") if name in members})
    resources = []
    for kind, names in MEMBERS.items():
        for name in names:
            if kind in kinds and name in members:
                parameters[name] = VALUES[name] = NAME
                resources.append(HEAD + kind + "/" + NAME + ("/*" if kind == "tenant" else ""))
    if "FromEmailAddress" in members and "identity" in kinds:
        resources.append(HEAD + "identity/" + NAME)
    for name, arn in ARNS.items():
        if name in members:
            parameters[name] = arn
            if arn.split(":")[5].split("/")[0] in kinds:
                resources.append(arn)
    return parameters, [operation], resources or ["*"]


def call(service, parameters, operation):
    """The code and text of the refusal; nothing where IAM let it through, whatever came of it then."""
    method = boto3.session.botocore.xform_name(operation)
    try:
        getattr(CLIENTS[service], method)(**parameters)
    except botocore.exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status != 403:
            return None
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None


def refusal(service, action, resource, is_send, explicit=False):
    code = "AccessDenied" if service == "ses" else "AccessDeniedException"
    if is_send:
        return code, f"User `{bob.arn}' is not authorized to perform `ses:{action}' on resource `{resource}'"
    where = "" if service == "ses" else f" on resource: {resource}"
    why = (" with an explicit deny in an identity-based policy" if explicit
           else f" because no identity-based policy allows the ses:{action} action")
    return code, f"User: {bob.arn} is not authorized to perform: ses:{action}{where}{why}"


def version_is(value):
    return {"StringEquals": {"ses:ApiVersion": value}}


def other(arn):
    """Of another resource, of the same kind where there is one."""
    return arn.rpartition("/")[0] + "/another" if "/" in arn else HEAD + "identity/another"


def check(service, operation, parameters, actions, resources):
    version, wrong = ("1", "2") if service == "ses" else ("2", "1")
    names = ["ses:" + action for action in actions]
    is_send = operation.startswith("Send")

    def want(what, result, *statements):
        bob.allow(*statements)
        equal(call(service, parameters, operation), result, f"{service} {operation}, {what}")

    def refused(action=actions[0], resource=resources[0], explicit=False):
        return refusal(service, action, resource, is_send, explicit)

    want("allowed", None,
         {"Effect": "Allow", "Action": names, "Resource": resources, "Condition": version_is(version)})
    alternatives = names + (["ses:SendTemplatedEmail"] if is_send else [])
    want("no statement", refused(), {"Effect": "Allow", "NotAction": alternatives, "Resource": "*"})
    want("wrong version", refused(), {**FULL, "Condition": version_is(wrong)})
    want("denied", refused(explicit=True), FULL, {"Effect": "Deny", "Action": names[0], "Resource": "*"})
    for at, resource in enumerate(resources):
        wrong_one = [*resources[:at], other(resource), *resources[at + 1:]]
        want(f"not on {resource}", refused(resource=resource),
             {"Effect": "Allow", "Action": names, "Resource": wrong_one})
    for action in actions[1:]:
        want(f"without {action}", refused(action), FULL,
             {"Effect": "Deny", "Action": "ses:" + action, "Resource": "*"})


def add(service, operation, shape=""):
    def run():
        key = (service, operation, shape) if shape else (service, operation)
        parameters, actions, resources = SENDS.get(key) or generic(service, operation)
        check(service, operation, parameters, actions, resources)
    suite.add(f"{service}.{operation}" + (f".{shape}" if shape else ""), run)


for api, model in VERSIONS.items():
    known = CLIENTS[api].meta.service_model.operation_names
    for name in sorted(n for n, facts in IAM.items() if model in facts and n in known):
        add(api, name)
    missing = [n for n, facts in IAM.items() if model in facts and n not in known
               and not facts[model].get("permissionOnly")]
    suite.add(f"{api}.operations_boto3_does_not_know", lambda missing=missing: equal(missing, []))
for part in ("raw", "template"):
    add("sesv2", "SendEmail", part)

if __name__ == "__main__":
    suite.main()
