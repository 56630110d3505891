"""Bulk sends of both APIs, called by boto3: answers of entries, effects, refusals of calls."""

import email
import email.policy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("bulk")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)

SOURCE = {"Subject": "Hello {{name}}", "Text": "Dear {{name}}, your {{animal}}."}
DEFAULTS = json.dumps({"name": "friend", "animal": "animal"})


def case(function):
    """A case that finds a server that knows the template `welcome`."""
    def run():
        server.reset()
        v2.create_email_template(TemplateName="welcome", TemplateContent=SOURCE)
        function()
    suite.add(function.__name__, run)
    return function


def mail_to(address):
    line, raw = server.only_mail(to=address)
    return line, email.message_from_bytes(raw, policy=email.policy.default)


def entry1(to, data="{}", **kwargs):
    out = {"Destination": {"ToAddresses": [to]}, **kwargs}
    if data is not None:
        out["ReplacementTemplateData"] = data
    return out


def entry2(to, data=None, **kwargs):
    out = {"Destination": {"ToAddresses": [to]}, **kwargs}
    if data is not None:
        out["ReplacementEmailContent"] = {"ReplacementTemplate": {"ReplacementTemplateData": data}}
    return out


def bulk1(entries, source="me@example.com", **kwargs):
    given = {"Template": "welcome", "DefaultTemplateData": DEFAULTS, **kwargs}
    return v1.send_bulk_templated_email(Source=source, Destinations=entries, **given)


def bulk2(entries, source="Me <me@example.com>", template=None, **kwargs):
    content = template or {"TemplateName": "welcome", "TemplateData": DEFAULTS}
    return v2.send_bulk_email(FromEmailAddress=source, DefaultContent={"Template": content},
                              BulkEmailEntries=entries, **kwargs)["BulkEmailEntryResults"]


@case
def v1_success():
    status = bulk1([entry1("a@example.net", '{"name": "Ann"}'), entry1("b@example.net")],
                   ReplyToAddresses=["r@example.org"])["Status"]
    equal([s["Status"] for s in status], ["Success", "Success"])
    equal("Error" in status[0], False)
    line, mail = mail_to("a@example.net")
    equal(line["messageId"], status[0]["MessageId"])
    equal(mail["Subject"], "Hello Ann")
    equal(mail["To"], "a@example.net")
    equal(mail["Reply-To"], "r@example.org")
    equal(mail.get_body(("plain",)).get_content().strip(), "Dear Ann, your animal.")
    line, mail = mail_to("b@example.net")
    equal(line["messageId"], status[1]["MessageId"])
    equal(mail["Subject"], "Hello friend")


@case
def v1_entries_fail_alone():
    status = bulk1([entry1("a@example.net"), entry1("bad"), entry1("c@example.net", None),
                    entry1("d@example.net", "[]"), entry1("e@example.net", ReplacementTags=[{"Name": "a b", "Value": "x"}]),
                    entry1("g@example.net")])["Status"]
    equal([s["Status"] for s in status], ["Success"] + ["InvalidParameterValue"] * 4 + ["Success"])
    equal([s.get("Error") for s in status[1:4]],
          ["Missing final '@domain'", "The template data is invalid", "The template data is invalid"])
    contains(status[4]["Error"], "Invalid tag name <a b>")
    equal("MessageId" in status[1], False)
    equal(mail_to("g@example.net")[1]["Subject"], "Hello friend")
    equal(server.messages(to="c@example.net"), [])


@case
def v1_refused():
    entries = [entry1("a@example.net")]
    refused(bulk1, "TemplateDoesNotExist", "Template none does not exist", entries=entries, Template="none")
    refused(bulk1, "InvalidParameterValue", "The template data is invalid", entries=entries, DefaultTemplateData="x")
    refused(bulk1, "InvalidParameterValue", "Invalid email address<bad>.", entries=entries, source="bad",
            Template="none")
    refused(bulk1, "ConfigurationSetDoesNotExist", "Configuration set <none> does not exist.", entries=entries,
            ConfigurationSetName="none")
    refused(bulk1, "InvalidParameterValue", entries=[entry1("a@example.net")] * 51)


@case
def v2_success():
    template = {"TemplateName": "welcome", "TemplateData": DEFAULTS,
                "Headers": [{"Name": "X-One", "Value": "1"}, {"Name": "X-Two", "Value": "2"}],
                "Attachments": [{"RawContent": b"bytes", "FileName": "a.txt"}]}
    results = bulk2([entry2("a@example.net", '{"name": "Ann"}', ReplacementHeaders=[{"Name": "x-two", "Value": "zwei"}]),
                     entry2("b@example.net")], template=template)
    equal([r["Status"] for r in results], ["SUCCESS", "SUCCESS"])
    line, mail = mail_to("a@example.net")
    equal(line["messageId"], results[0]["MessageId"])
    equal((mail["Subject"], mail["X-One"], mail["X-Two"]), ("Hello Ann", "1", "zwei"))
    equal([a.get_filename() for a in mail.iter_attachments()], ["a.txt"])
    mail = mail_to("b@example.net")[1]
    equal((mail["Subject"], mail["X-Two"]), ("Hello friend", "2"))


@case
def v2_inline():
    results = bulk2([entry2("a@example.net", '{"name": "Ann"}')],
                    template={"TemplateContent": {"Subject": "Hi {{name}}", "Text": "x"}, "TemplateData": "{}"})
    equal(results[0]["Status"], "SUCCESS")
    equal(mail_to("a@example.net")[1]["Subject"], "Hi Ann")


@case
def v2_entries_fail_alone():
    results = bulk2([entry2("bad"), entry2("b@example.net", "x"), entry2("c@example.net"), {"Destination": {}}])
    equal([r["Status"] for r in results], ["INVALID_PARAMETER", "INVALID_PARAMETER", "SUCCESS", "INVALID_PARAMETER"])
    equal(results[3]["Error"], "There are no recipients specified")
    equal(results[0]["Error"], "Missing final '@domain'")
    equal(results[1]["Error"], "The template data is invalid")
    results = bulk2([entry2("a@example.net"), entry2("b@example.net")], ReplyToAddresses=["bad"])
    equal([r["Status"] for r in results], ["INVALID_PARAMETER"] * 2)


@case
def v2_refused():
    entries = [entry2("a@example.net")]
    refused(bulk2, "NotFoundException", "Template none does not exist", 404, entries=entries,
            template={"TemplateName": "none", "TemplateData": "{}"})
    refused(bulk2, "NotFoundException", "Configuration set <none> does not exist.", 404, entries=entries,
            ConfigurationSetName="none")
    refused(bulk2, "BadRequestException", "Invalid email address<bad>.", entries=entries, source="bad")
    refused(bulk2, "BadRequestException", entries=entries, template={"TemplateData": "{}"})


@case
def unverified_sender():
    with Sesame() as other:
        there = client("sesv2", other)
        there.create_email_template(TemplateName="welcome", TemplateContent=SOURCE)
        refused(there.send_bulk_email, "MessageRejected", FromEmailAddress="me@example.com",
                DefaultContent={"Template": {"TemplateName": "welcome", "TemplateData": "{}"}},
                BulkEmailEntries=[entry2("a@example.net")])


@case
def quota_by_entry():
    server.account(max24HourSend=2)
    results = bulk2([entry2(f"q{n}@example.net") for n in range(4)])
    equal([r["Status"] for r in results], ["SUCCESS", "SUCCESS"] + ["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 2)
    equal(results[3]["Error"], "Daily message quota exceeded.")


@case
def rate_by_entry():
    results = bulk2([entry2(f"r{n}@example.net") for n in range(50)])  # 14 a second
    equal(results[0]["Status"], "SUCCESS")
    equal(results[49], {"Status": "ACCOUNT_THROTTLED", "Error": "Maximum sending rate exceeded."})


@case
def rendering_failure():
    v2.create_email_template(TemplateName="need", TemplateContent={"Subject": "S", "Text": "{{need}}"})
    results = bulk2([entry2("a@example.net"), entry2("b@example.net", '{"need": "x"}')],
                    template={"TemplateName": "need", "TemplateData": "{}"})
    equal([r["Status"] for r in results], ["SUCCESS", "SUCCESS"])
    server.only_mail(to="b@example.net")
    server.advance("1s")
    contains(json.dumps(server.trace(results[0]["MessageId"])),
             "Attribute 'need' is not present in the rendering data.")


@case
def fifty():
    server.account(maxSendRate=1000)
    results = bulk2([entry2(f"n{n}@example.net", json.dumps({"name": f"N{n}"})) for n in range(50)])
    equal(len({r["MessageId"] for r in results}), 50)
    equal(mail_to("n49@example.net")[1]["Subject"], "Hello N49")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
