"""Tags of everything that bears them (SES §25.3): given when it is made, added, replaced, taken away, and seen in Get* and
ListTagsForResource alike; called by boto3."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("tags")
server = Sesame("--auto-verify").start()
v2 = client("sesv2", server)
CONTENT = {"Subject": "S", "Text": "T"}
VERIFICATION = {"FromEmailAddress": "me@example.com", "TemplateSubject": "S", "TemplateContent": "<p>Welcome</p>",
                "SuccessRedirectionURL": "https://example.com/yes", "FailureRedirectionURL": "https://example.com/no"}


class Kind:
    def __init__(self, arn, noun, make, get, change=None):
        self.noun, self.make, self.get, self.change = noun, make, get, change
        self.kind, self.name = arn.split("/")
        self.arn = self.arn_of(self.name)

    def arn_of(self, name, region="us-east-1", account="000000000000"):
        return f"arn:aws:ses:{region}:{account}:{self.kind}/{name}"


KINDS = [
    Kind("identity/example.org", "EmailIdentity", lambda **k: v2.create_email_identity(EmailIdentity="example.org", **k),
         lambda: v2.get_email_identity(EmailIdentity="example.org")),
    Kind("identity/me@example.org", "EmailIdentity",
         lambda **k: v2.create_email_identity(EmailIdentity="me@example.org", **k),
         lambda: v2.get_email_identity(EmailIdentity="me@example.org")),
    Kind("configuration-set/one", "ConfigurationSet",
         lambda **k: v2.create_configuration_set(ConfigurationSetName="one", **k),
         lambda: v2.get_configuration_set(ConfigurationSetName="one"),
         lambda: v2.put_configuration_set_sending_options(ConfigurationSetName="one", SendingEnabled=False)),
    Kind("template/one", "Template", lambda **k: v2.create_email_template(TemplateName="one", TemplateContent=CONTENT, **k),
         lambda: v2.get_email_template(TemplateName="one"),
         lambda: v2.update_email_template(TemplateName="one", TemplateContent={"Subject": "S2", "Html": "H"})),
    Kind("contact-list/one", "ContactList", lambda **k: v2.create_contact_list(ContactListName="one", **k),
         lambda: v2.get_contact_list(ContactListName="one"),
         lambda: v2.update_contact_list(ContactListName="one", Description="new")),
    Kind("custom-verification-email-template/one", "CustomVerificationEmailTemplate",
         lambda **k: v2.create_custom_verification_email_template(TemplateName="one", **VERIFICATION, **k),
         lambda: v2.get_custom_verification_email_template(TemplateName="one"),
         lambda: v2.update_custom_verification_email_template(TemplateName="one", **VERIFICATION)),
]


def case(function):
    """A case for each kind; each finds a server that knows nothing."""
    for kind in KINDS:
        def run(kind=kind):
            server.reset()
            function(kind)
        suite.add(f"{function.__name__} {kind.kind}/{kind.name}", run)
    return function


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def seen(kind):
    listed = v2.list_tags_for_resource(ResourceArn=kind.arn)["Tags"]
    shown = kind.get()["Tags"]
    equal(shown, listed, "Get and ListTagsForResource")
    return {tag["Key"]: tag["Value"] for tag in listed}


@case
def life(kind):
    kind.make(Tags=tags(team="blue", empty="", über="Grüße / a+b@c_d.e:f=g-h"))
    given = {"team": "blue", "empty": "", "über": "Grüße / a+b@c_d.e:f=g-h"}
    equal(seen(kind), given)
    v2.tag_resource(ResourceArn=kind.arn, Tags=tags(team="red", new="1"))
    equal(seen(kind), {**given, "team": "red", "new": "1"})
    v2.tag_resource(ResourceArn=kind.arn, Tags=[])
    v2.untag_resource(ResourceArn=kind.arn, TagKeys=["über", "never", "empty"])
    equal(seen(kind), {"team": "red", "new": "1"})
    if kind.change:
        kind.change()
        equal(seen(kind), {"team": "red", "new": "1"}, "after an update")
    v2.untag_resource(ResourceArn=kind.arn, TagKeys=["team", "new"])
    equal(seen(kind), {})


@case
def none_at_first(kind):
    kind.make()
    equal(seen(kind), {})
    v2.tag_resource(ResourceArn=kind.arn, Tags=tags(a="b"))
    equal(seen(kind), {"a": "b"})


@case
def fifty(kind):
    many = tags(**{f"k{i}": "v" for i in range(51)})
    refused(kind.make, "BadRequestException", "The number of tags exceeds the maximum of 50.", Tags=many)
    kind.make(Tags=many[:49])
    v2.tag_resource(ResourceArn=kind.arn, Tags=tags(k0="changed", last="1"))
    equal(len(seen(kind)), 50)
    refused(v2.tag_resource, "BadRequestException", "The number of tags exceeds the maximum of 50.", ResourceArn=kind.arn,
            Tags=tags(more="1"))
    equal(len(seen(kind)), 50)


@case
def bad_tags(kind):
    kind.make()
    for bad, message in [
            (tags(**{"aws:x": "1"}), "Tag keys must not start with aws:."),
            (tags(**{"Aws:x": "1"}), "Tag keys must not start with aws:."),
            (tags(a="1") + tags(a="2"), "The tag key a is given more than once."),
            (tags(**{"a!": "1"}), "The tag key a! is invalid."),
            (tags(a="1\n2"), "The tag value 1\n2 is invalid.")]:
        refused(v2.tag_resource, "BadRequestException", message, ResourceArn=kind.arn, Tags=bad)
    equal(seen(kind), {})


@case
def not_there(kind):
    missing = f"No {kind.noun} present with name: {kind.name}"
    refused(v2.list_tags_for_resource, "NotFoundException", missing, 404, ResourceArn=kind.arn)
    refused(v2.tag_resource, "NotFoundException", missing, 404, ResourceArn=kind.arn, Tags=tags(a="b"))
    refused(v2.untag_resource, "NotFoundException", missing, 404, ResourceArn=kind.arn, TagKeys=["a"])


@case
def elsewhere(kind):
    kind.make(Tags=tags(a="b"))
    other = kind.arn_of(kind.name, region="eu-west-1")
    refused(v2.tag_resource, "BadRequestException", "Failed to tag resource", ResourceArn=other, Tags=tags(a="c"))
    refused(v2.untag_resource, "BadRequestException", "Failed to untag resource", ResourceArn=other, TagKeys=["a"])
    equal(v2.list_tags_for_resource(ResourceArn=other)["Tags"], [])
    foreign = kind.arn_of(kind.name, account="999999999999")
    message = "Operations on a resource created in a different account is not allowed"
    refused(v2.list_tags_for_resource, "BadRequestException", message, ResourceArn=foreign)
    refused(v2.tag_resource, "BadRequestException", message, ResourceArn=foreign, Tags=[])
    equal(seen(kind), {"a": "b"})


try:
    suite.main()
finally:
    server.stop()
