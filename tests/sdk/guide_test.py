"""The guide's page of examples, run as it stands: each block does what its cell of the table says, and no cell, block or
check is without the others."""

import email
import email.policy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from sdk import guide_page  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("guide")
EXAMPLES = guide_page.examples()
ACTIONS, PARAMETERS, LIMITS = guide_page.tables()
WHERE, USES = "where-the-server-is", "what-the-examples-use"
server = Sesame().start()
runner = guide_page.Runner(server, EXAMPLES[WHERE])
v2 = client("sesv2", server)
CHECKS = {}


def check(slug):
    """Decorator: the function looks at what the example with this slug has done."""
    def add(function):
        assert slug not in CHECKS, slug
        CHECKS[slug] = function
        return function
    return add


def received(subject, operation, to="ann@example.net"):
    """The one mail with this subject for `to`, sent by `operation`: what the control API says of it, and the mail."""
    line, raw = server.only_mail(to=to, subject=subject)
    seen = json.loads(server.control("GET", "/_sesame/messages/" + line["messageId"])[1])
    equal(seen["operation"], operation, "operation")
    equal(seen["subject"], subject, "subject")
    return seen, email.message_from_bytes(raw, policy=email.policy.default)


def all_parameters(seen, mail):
    """What the parameter table's first six rows have in common, whichever door the mail came in by."""
    equal(seen["from"], "Shop <shop@example.com>", "sender")
    equal(seen["returnPath"], "bounces@example.com", "where feedback goes")
    equal(mail["Reply-To"], "help@example.com", "Reply-To")
    equal(seen["tags"], {"campaign": "spring"}, "tags")
    equal(seen["configurationSet"], "shop", "configuration set")


def to_three(seen):
    equal((seen["to"], seen["cc"], seen["bcc"]), (["ann@example.net"], ["bob@example.net"], ["archive@example.net"]))


def listed(mail):
    contains(mail["List-Unsubscribe"], "/unsubscribe")
    equal(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
    equal(mail["X-SES-LIST-MANAGEMENT-OPTIONS"], None, "the control header")


def nothing_sent():
    """Refused examples leave no mail."""
    for subject in ("News", "Bill", "Large", "Party", "Hello"):
        equal([m for m in server.messages() if m["subject"] == subject], [], subject)


@check(USES)
def _():
    equal(v2.get_email_identity(EmailIdentity="example.com")["VerifiedForSendingStatus"], True)
    equal(v2.list_configuration_sets()["ConfigurationSets"], ["shop"])
    equal(v2.get_email_template(TemplateName="order")["TemplateContent"]["Subject"], "Order {{number}}, {{name}}")
    equal(v2.get_contact_list(ContactListName="shop")["Topics"][0]["TopicName"], "news")
    v2.get_custom_verification_email_template(TemplateName="confirm")


@check("v1-sendemail")
def _():
    _, mail = received("v1 parts", "SendEmail")
    equal(mail.get_body(("html",)).get_content().strip(), "<p>It is on its way.</p>")


@check("v1-sendrawemail")
def _():
    seen, mail = received("v1 raw", "SendRawEmail")
    equal(sorted(r["address"] for r in seen["recipients"]), ["ann@example.net", "archive@example.net"])
    equal((seen["source"], seen["returnPath"]), ("bounces@example.com", "bounces@example.com"))
    equal([part.get_filename() for part in mail.iter_attachments()], ["bill.pdf"])


@check("v1-sendtemplatedemail")
def _():
    seen, mail = received("Order v1 template, Ann", "SendTemplatedEmail")
    all_parameters(seen, mail)
    to_three(seen)
    equal(mail.get_content().strip(), "Dear Ann, it is on its way.")


@check("v1-sendbounce")
def _():
    _, mail = received("Delivery Status Notification (Failure)", "SendBounce")
    equal((mail["From"], mail.get_content_type()), ("shop@example.com", "multipart/report"))


@check("v1-sendbulktemplatedemail")
def _():
    received("Order v1 bulk, Ann", "SendBulkTemplatedEmail")
    received("Order v1 bulk, customer", "SendBulkTemplatedEmail", to="bob@example.net")


def custom_verification(door):
    _, mail = received("Please confirm", "SendCustomVerificationEmail", to=f"{door}.partner@example.net")
    contains(mail.get_body(("html",)).get_content(), "Is this your address?")
    pending = v2.get_email_identity(EmailIdentity=f"{door}.partner@example.net")
    equal(pending["VerificationStatus"], "PENDING")


@check("v1-sendcustomverificationemail")
def _():
    custom_verification("v1")


@check("v1-contact-list")
def _():
    listed(received("v1 list", "SendRawEmail")[1])
    equal(v2.get_contact(ContactListName="shop", EmailAddress="ann@example.net")["UnsubscribeAll"], False)


@check("v2-sendemail-with-simple")
def _():
    seen, mail = received("v2 parts", "SendEmail")
    all_parameters(seen, mail)
    to_three(seen)


@check("v2-attachments-and-headers")
def _():
    _, mail = received("v2 attachment", "SendEmail")
    equal(mail["X-Order"], "17")
    equal([part.get_content() for part in mail.iter_attachments()], [b"%PDF-"])


@check("v2-sendemail-with-raw")
def _():
    received("v2 raw", "SendRawEmail")


@check("v2-stored-template")
def _():
    received("Order v2 template, Ann", "SendEmail")


@check("v2-stored-template-by-arn")
def _():
    received("Order v2 ARN, Ann", "SendEmail")


@check("v2-template-in-the-call")
def _():
    equal(received("v2 inline for Ann", "SendEmail")[1].get_content().strip(), "Dear Ann")


@check("v2-sendbulkemail")
def _():
    received("Order v2 bulk, Ann", "SendBulkEmail")
    received("Order v2 bulk, customer", "SendBulkEmail", to="bob@example.net")


@check("v2-sendcustomverificationemail")
def _():
    custom_verification("v2")


@check("v2-contact-list")
def _():
    listed(received("v2 list", "SendEmail")[1])


@check("v2-tracking-of-a-call")
def _():
    received("v2 tracking", "SendEmail")


@check("smtp-message")
def _():
    seen, mail = received("SMTP message", "SendSmtpEmail")
    all_parameters(seen, mail)
    equal(sorted(r["address"] for r in seen["recipients"]), ["ann@example.net", "archive@example.net"])


@check("smtp-contact-list")
def _():
    listed(received("SMTP list", "SendSmtpEmail")[1])


for refused in ("v1-sendemail-has-no-list-management", "v1-sendemail-has-no-attachments",
                "v1-has-no-template-in-the-call", "v2-has-no-sendbounce", "message-size", "recipients-of-a-message",
                "entries-of-a-bulk-call", "extra-headers", "headers-of-the-service", "names-of-attachments", "v2-tenant",
                "smtp-tenant-and-endpoint"):
    check(refused)(nothing_sent)


def kebab(name):
    """ReturnPath as the AWS command spells it: --return-path."""
    return "--" + "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")


def spelled(name, code):
    """True where the example gives this parameter, in its own language's spelling."""
    wire = {"MAIL FROM": "--from ", "RCPT TO": "--to "}.get(name)
    return any(form in code for form in ([wire] if wire else [name.split(".")[-1], kebab(name.split(".")[-1]) + " "]))


for slug, example in EXAMPLES.items():
    if slug == WHERE:
        continue

    def run(slug=slug, example=example):
        runner.run(example)
        CHECKS[slug]()
    suite.add(slug, run)


@suite.case
def every_block_is_checked_and_every_check_has_a_block():
    equal(sorted(CHECKS), sorted(slug for slug in EXAMPLES if slug != WHERE))
    for slug in [s for s, c in CHECKS.items() if c is nothing_sent]:
        assert EXAMPLES[slug].prints, f"{slug}: a refusal that the page does not show"


@suite.case
def every_filled_cell_links_to_an_example():
    linked = set()
    for row, door, cell in ACTIONS + PARAMETERS + LIMITS:
        slugs = [slug for _, slug in guide_page.LINK.findall(cell)]
        assert slugs or not cell, f"{row}, {door}: {cell} has no example"
        for slug in slugs:
            assert slug in EXAMPLES, f"{row}, {door}: no example is called {slug}"
            language = EXAMPLES[slug].language
            assert language in guide_page.LANGUAGES
        linked.update(slugs)
    equal(sorted(set(EXAMPLES) - linked - {WHERE, USES}), [], "examples that no cell leads to")
    equal({e.language for e in EXAMPLES.values()}, set(guide_page.LANGUAGES))


@suite.case
def every_parameter_is_in_its_example():
    for row, door, cell in PARAMETERS:
        for text, slug in guide_page.LINK.findall(cell):
            if "`" not in text:
                continue
            assert slug.startswith({"API v1": "v1-", "API v2": "v2-", "SMTP": "smtp-"}[door]), f"{row}, {door}: {slug}"
            for name in text.split("`")[1::2]:
                assert spelled(name, EXAMPLES[slug].code), f"{row}, {door}: {name} is not in the example {slug}"


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
