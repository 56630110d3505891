"""Templates and templated sends of both APIs, called by boto3: answers, effects, refusals."""

import email
import email.policy
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("templates")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)

SOURCE = {"Subject": "Hello {{name}}", "Text": "Dear {{name}}, your {{animal}}.", "Html": "<b>{{name}}</b> {{animal}}"}


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


def make(name="welcome", **parts):
    v2.create_email_template(TemplateName=name, TemplateContent={**SOURCE, **parts})


def send_v2(to, template, **kwargs):
    return v2.send_email(FromEmailAddress="Me <me@example.com>", Destination={"ToAddresses": [to]},
                         Content={"Template": template}, **kwargs)


def send_v1(to, name="welcome", data='{"name": "Ann", "animal": "cat"}', **kwargs):
    return v1.send_templated_email(Source="me@example.com", Destination={"ToAddresses": [to]}, Template=name,
                                   TemplateData=data, **kwargs)


# The store.


@case
def one_store_for_both():
    v1.create_template(Template={"TemplateName": "a", "SubjectPart": "S", "TextPart": "T"})
    got = v2.get_email_template(TemplateName="a")
    equal(got["TemplateContent"], {"Subject": "S", "Text": "T"})
    equal(got["Tags"], [])
    v2.update_email_template(TemplateName="a", TemplateContent={"Subject": "S2", "Html": "H2"})
    equal(v1.get_template(TemplateName="a")["Template"],
          {"TemplateName": "a", "SubjectPart": "S2", "HtmlPart": "H2"})
    v1.update_template(Template={"TemplateName": "a", "SubjectPart": "S3", "TextPart": "T3"})
    equal(v2.get_email_template(TemplateName="a")["TemplateContent"], {"Subject": "S3", "Text": "T3"})
    v1.delete_template(TemplateName="a")
    v1.delete_template(TemplateName="a")
    refused(v1.get_template, "TemplateDoesNotExist", "Template a does not exist", TemplateName="a")


@case
def tags():
    v2.create_email_template(TemplateName="t", TemplateContent=SOURCE, Tags=[{"Key": "team", "Value": "mail"}])
    equal(v2.get_email_template(TemplateName="t")["Tags"], [{"Key": "team", "Value": "mail"}])


@case
def regions_are_apart():
    make()
    refused(client("sesv2", server, region="eu-west-1").get_email_template, "NotFoundException",
            "Template welcome does not exist", 404, TemplateName="welcome")


@case
def missing():
    source = {"TemplateName": "none", "SubjectPart": "S", "TextPart": "T"}
    error = refused(v1.update_template, "TemplateDoesNotExist", "Template none does not exist", Template=source)
    equal(error.response["Error"].get("TemplateName", error.response.get("TemplateName")), "none")
    refused(v1.test_render_template, "TemplateDoesNotExist", "Template none does not exist", TemplateName="none",
            TemplateData="{}")
    refused(v2.get_email_template, "NotFoundException", "Template none does not exist", 404, TemplateName="none")
    refused(v2.update_email_template, "NotFoundException", "Template none does not exist", 404, TemplateName="none",
            TemplateContent=SOURCE)
    refused(v2.delete_email_template, "NotFoundException", "Template none does not exist", 404, TemplateName="none")
    refused(v2.test_render_email_template, "NotFoundException", "Template none does not exist", 404,
            TemplateName="none", TemplateData="{}")


@case
def bad_sources():
    refused(v1.create_template, "InvalidParameterValue", "The subject must be specified.",
            Template={"TemplateName": "a", "TextPart": "T"})
    refused(v1.create_template, "InvalidParameterValue", "The text or the HTML part must be specified.",
            Template={"TemplateName": "a", "SubjectPart": "S"})
    refused(v1.create_template, "InvalidTemplate",
            Template={"TemplateName": "a", "SubjectPart": "S", "TextPart": "{{#if x}}"})
    refused(v1.create_template, "InvalidTemplate", "The template is larger than 500 KB.",
            Template={"TemplateName": "a", "SubjectPart": "S", "TextPart": "x" * 512001})
    refused(v2.create_email_template, "BadRequestException", TemplateName="a",
            TemplateContent={"Subject": "S", "Text": "{{#if x}}"})
    refused(v2.create_email_template, "BadRequestException", TemplateName=" a ", TemplateContent=SOURCE)
    make("a")
    refused(v1.update_template, "InvalidParameterValue", "The text or the HTML part must be specified.",
            Template={"TemplateName": "a", "SubjectPart": "S"})
    refused(v2.create_email_template, "AlreadyExistsException", "Template a already exists.", TemplateName="a",
            TemplateContent=SOURCE)
    refused(v1.create_template, "AlreadyExists", "Template a already exists.",
            Template={"TemplateName": "a", "SubjectPart": "S", "TextPart": "T"})


@case
def lists():
    for n in range(13):
        make(f"t{n}")
    first = v1.list_templates()
    equal([t["Name"] for t in first["TemplatesMetadata"]], [f"t{n}" for n in range(12, 2, -1)])
    rest = v2.list_email_templates(NextToken=first["NextToken"])
    equal([t["TemplateName"] for t in rest["TemplatesMetadata"]], ["t2", "t1", "t0"])
    equal("NextToken" in rest, False)
    equal(len(v1.list_templates(MaxItems=1000)["TemplatesMetadata"]), 13)
    refused(v2.list_email_templates, "BadRequestException", "The page size must be between 1 and 100", PageSize=101)
    refused(v2.list_email_templates, "BadRequestException", "Invalid PageToken <x>.", NextToken="x")
    refused(v1.list_templates, "InvalidParameterValue", "Invalid PageToken <x>.", NextToken="x")


# Test renderings.


@case
def test_rendering():
    make()
    data = json.dumps({"name": "Ann", "animal": "cat"})
    for text in (v1.test_render_template(TemplateName="welcome", TemplateData=data)["RenderedTemplate"],
                 v2.test_render_email_template(TemplateName="welcome", TemplateData=data)["RenderedTemplate"]):
        mail = email.message_from_string(text, policy=email.policy.default)
        equal(mail["Subject"], "Hello Ann")
        equal(mail["From"], None)
        equal(mail.get_content_type(), "multipart/alternative")
        equal(mail.get_body(("plain",)).get_content().strip(), "Dear Ann, your cat.")
        equal(mail.get_body(("html",)).get_content().strip(), "<b>Ann</b> cat")
        equal(list(mail.keys())[0], "Date")


@case
def test_rendering_refused():
    make()
    missing_text = "Attribute 'animal' is not present in the rendering data."
    refused(v1.test_render_template, "MissingRenderingAttribute", missing_text, TemplateName="welcome",
            TemplateData='{"name": "Ann"}')
    refused(v2.test_render_email_template, "BadRequestException", missing_text, TemplateName="welcome",
            TemplateData='{"name": "Ann"}')
    refused(v1.test_render_template, "InvalidRenderingParameter", "Template rendering data is invalid",
            TemplateName="welcome", TemplateData="[]")
    refused(v2.test_render_email_template, "BadRequestException", "Template rendering data is invalid",
            TemplateName="welcome", TemplateData="nonsense")


# Sends.


@case
def v1_templated():
    make()
    sent = send_v1("v1@example.net", ReplyToAddresses=["answers@example.org"],
                   Tags=[{"Name": "ses:feedback-id-a", "Value": "camp"}])
    line, mail = mail_to("v1@example.net")
    equal(line["messageId"], sent["MessageId"])
    equal(line["subject"], "Hello Ann")
    equal(mail["Subject"], "Hello Ann")
    equal(mail["From"], "me@example.com")
    equal(mail["To"], "v1@example.net")
    equal(mail["Reply-To"], "answers@example.org")
    contains(mail["Message-ID"], sent["MessageId"])
    contains(mail["Feedback-ID"], "camp:")
    equal(mail.get_body(("plain",)).get_content().strip(), "Dear Ann, your cat.")
    equal(mail.get_body(("html",)).get_content().strip(), "<b>Ann</b> cat")
    if not mail["DKIM-Signature"]:
        raise AssertionError("not signed")


@case
def v2_templated():
    make()
    data = json.dumps({"name": "Grüße", "animal": "dog"})
    send_v2("v2@example.net", {"TemplateName": "welcome", "TemplateData": data,
                               "Headers": [{"Name": "X-Campaign", "Value": "autumn"}],
                               "Attachments": [{"RawContent": b"bytes", "FileName": "a.txt"}]})
    line, mail = mail_to("v2@example.net")
    equal(line["subject"], "Hello Grüße")
    equal(mail["Subject"], "Hello Grüße")
    equal(mail["X-Campaign"], "autumn")
    equal(mail["From"], "Me <me@example.com>")
    equal([a.get_filename() for a in mail.iter_attachments()], ["a.txt"])
    arn = "arn:aws:ses:us-east-1:000000000000:template/welcome"
    send_v2("arn@example.net", {"TemplateArn": arn, "TemplateData": data})
    equal(mail_to("arn@example.net")[1]["Subject"], "Hello Grüße")


@case
def inline():
    send_v2("inline@example.net", {"TemplateContent": {"Subject": "Hi {{name}}", "Text": "{{name}}!"},
                                   "TemplateData": '{"name": "Ann"}'})
    equal(mail_to("inline@example.net")[1]["Subject"], "Hi Ann")
    refused(send_v2, "BadRequestException", "Template contains unsupported operations", to="x@example.net",
            template={"TemplateContent": {"Subject": "Hi", "Text": "{{#if a}}x{{/if}}"}, "TemplateData": "{}"})


@case
def send_refused():
    make()
    refused(send_v1, "TemplateDoesNotExist", "Template none does not exist", to="x@example.net", name="none")
    refused(send_v1, "InvalidParameterValue", "The template data is invalid", to="x@example.net", data="[1]")
    refused(send_v2, "NotFoundException", "Template none does not exist", 404, to="x@example.net",
            template={"TemplateName": "none", "TemplateData": "{}"})
    refused(send_v2, "BadRequestException", "The template data is invalid", to="x@example.net",
            template={"TemplateName": "welcome", "TemplateData": "x"})
    refused(v2.send_email, "BadRequestException", "Source cannot be empty", Destination={"ToAddresses": ["x@y.example"]},
            Content={"Template": {"TemplateName": "welcome", "TemplateData": "{}"}})
    refused(send_v2, "BadRequestException", to="x@example.net", template={"TemplateData": "{}"})
    refused(send_v2, "BadRequestException", "Illegal filename 'x.exe'.", to="x@example.net",
            template={"TemplateName": "welcome", "TemplateData": "{}",
                      "Attachments": [{"RawContent": b"x", "FileName": "x.exe"}]})


@case
def rendering_failure():
    make()
    sent = send_v1("held@example.net", data='{"name": "Ann"}')
    server.advance("1s")
    trace = server.trace(sent["MessageId"])
    contains(json.dumps(trace), "Attribute 'animal' is not present in the rendering data.")
    contains(json.dumps(server.messages(to="held@example.net")), "held")


@case
def accepted_version_is_rendered():
    with Sesame("--auto-verify", "--deliver", "capture") as other:
        there = client("sesv2", other)
        there.create_email_template(TemplateName="w", TemplateContent={"Subject": "old", "Text": "old"})
        there.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["v@example.net"]},
                         Content={"Template": {"TemplateName": "w", "TemplateData": "{}"}})
        there.update_email_template(TemplateName="w", TemplateContent={"Subject": "new", "Text": "new"})
        there.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": ["w@example.net"]},
                         Content={"Template": {"TemplateName": "w", "TemplateData": "{}"}})
        equal(other.only_mail(to="v@example.net")[0]["subject"], "old")
        equal(other.only_mail(to="w@example.net")[0]["subject"], "new")


@case
def rendered_after_a_crash():
    """Accepted for a relay that is not there, the process killed, the template changed: the mail accepted arrives."""
    with tempfile.TemporaryDirectory() as data:
        relayed = Sesame("--auto-verify", "--data", data, "--deliver", "relay", "--relay", "127.0.0.1:1").start()
        there = client("sesv2", relayed)
        there.create_email_template(TemplateName="w", TemplateContent=SOURCE)
        send = {"FromEmailAddress": "me@example.com", "DefaultContent": {"Template": {
            "TemplateName": "w", "TemplateData": '{"animal": "cat"}'}}}
        results = there.send_bulk_email(**send, BulkEmailEntries=[
            {"Destination": {"ToAddresses": [f"{name}@example.net"]}, "ReplacementEmailContent": {
                "ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"name": name})}}}
            for name in ("ann", "bob")])["BulkEmailEntryResults"]
        there.update_email_template(TemplateName="w", TemplateContent={"Subject": "other", "Text": "other"})
        relayed.kill()
        with Sesame("--auto-verify", "--data", data) as captured:
            captured.advance("1h")
            for name, result in zip(("ann", "bob"), results):
                line, raw = captured.only_mail(to=f"{name}@example.net")
                equal(line["messageId"], result["MessageId"])
                mail = email.message_from_bytes(raw, policy=email.policy.default)
                equal(mail["Subject"], f"Hello {name}")
                contains(mail.get_body(("plain",)).get_content(), f"Dear {name}, your cat.")


@case
def strict():
    with Sesame("--auto-verify", "--strict-templates") as other:
        there = client("sesv2", other)
        there.create_email_template(TemplateName="w", TemplateContent=SOURCE)
        refused(there.send_email, "BadRequestException", "Attribute 'animal' is not present in the rendering data.",
                FromEmailAddress="me@example.com", Destination={"ToAddresses": ["v@example.net"]},
                Content={"Template": {"TemplateName": "w", "TemplateData": '{"name": "x"}'}})


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
