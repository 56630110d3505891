"""SES's rules and error strings, section by section of the handbook (docs: SES § numbers), asked of both APIs as plain
calls. What a section says that has a case of its own elsewhere is not repeated here."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.calls import SIMPLE, Calls, accepted  # noqa: E402
from harness.cases import Suite  # noqa: E402
from harness.server import Sesame  # noqa: E402

suite = Suite("handbook")
servers = {}


def server_of(*flags):
    if flags not in servers:
        servers[flags] = Sesame(*flags).start()
    return servers[flags]


class Table:
    """Collects what is not as it should be, so that a section is shown whole."""

    def __init__(self, server):
        self.server, self.wrong = server, []
        self.calls = Calls(server)

    def same(self, what, got, want):
        """`want`: an answer, or the message of a refusal."""
        shown = got[2] if isinstance(want, str) and isinstance(got, tuple) else got
        if shown != want:
            self.wrong.append(f"{what}: got {got!r}, wanted {want!r}")

    def good(self, what, got):
        if not accepted(got):
            self.wrong.append(f"{what}: refused with {got!r}")

    def end(self):
        if self.wrong:
            raise AssertionError("\n".join(self.wrong))


def section(*flags):
    def decorate(function):
        def run():
            server = server_of(*flags)
            server.reset()
            server.account(maxSendRate=100000, max24HourSend=-1, sandbox=False)
            table = Table(server)
            function(table, table.calls)
            table.end()
        suite.add(function.__name__, run)
        return function
    return decorate


def v1(message, code="InvalidParameterValue"):
    return 400, code, message


def v2(message, code="BadRequestException", status=400):
    return status, code, message


UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "
LONG = "a" * 310 + "@example.com"

ADDRESSES = {
    "foo": "Missing final '@domain'", "foo@": "Missing domain", "@example.com": "Missing local name",
    "a@b.c, d@e.f": "Illegal address", "a,b@c.d": "Illegal address", "a(b@c.d": "Missing ')'", "a[b@c.d": "Missing ']'",
    "a;b@c.d": "Illegal semicolon, not in group", "a:b@c.d": "Local address contains illegal character",
    "a]b@c.d": "Local address contains illegal character", "a\tb@c.d": "Local address contains control or whitespace",
    ".a@c.d": "Local address starts with dot", "a.@c.d": "Local address ends with dot",
    "a..b@c.d": "Local address contains dot-dot", "a@c\x01d": "Domain contains control or whitespace",
    "a@c_d.e": "Domain contains illegal character", "a@.c": "Domain starts with dot", "a@c..d": "Domain contains dot-dot",
    "a@c.": "Domain ends with dot", "a@c\u00e9.d": "Domain contains control or whitespace",
    "\u00e9@c.d": "Local address contains control or whitespace", '"a\nb"@x.y': 'Invalid email address "a\nb"@x.y.',
    'a"b"@c.d': "Quote not at start of local address", '"a"b@c.d': "Quote not at end of local address",
    '"ab@c.d': "Missing '\"'", "Jane <a@b.c": "Missing '>'", "Jane a@b.c>": "Missing '<'",
    LONG: f"Address length is more than 320 characters long: '{LONG}'.",
}


@section("--auto-verify")
def s5_1_addresses(t, c):
    for address, text in ADDRESSES.items():
        t.same(f"from {address}, v1", c.send_v1(address), v1(text))
        t.same(f"from {address}, v2", c.send_v2(address), v2(text))
        t.same(f"to {address}, v1", c.send_v1(to=[address]), v1(text))
        t.same(f"to {address}, v2", c.send_v2(to=["ok@example.net", address]), v2(text))
    for address in ("a@b", "Jan\u00e9 <a@b.c>", '"a b"@c.d', "a@[127.0.0.1]", '"Doe, J" <a@b.c>', "a (note) <a@b.c>", "o'x@b.c"):
        t.good(f"to {address}, v1", c.send_v1(to=[address]))
        t.good(f"to {address}, v2", c.send_v2(to=[address]))


@section("--auto-verify")
def s5_order_of_checks(t, c):
    bad_tag = [{"Name": "a b", "Value": "v"}]
    tag_text = "Invalid tag name <a b>: only alphanumeric ASCII characters, '_',  '-' are allowed."
    no_template = {"Template": {"TemplateName": "none"}}
    many = [f"r{i}@example.net" for i in range(51)]
    t.same("shape, then tags", c.send_v2(None, EmailTags=bad_tag), v2(None))
    t.same("tags, then tenant", c.send_v2(TenantName="t", EmailTags=bad_tag), v2(tag_text))
    t.same("tenant, then addresses", c.send_v2("x", TenantName="t"),
           v2("Tenant t for AwsAccountId 000000000000 not found.", "NotFoundException", 404))
    t.same("sender, then To", c.send_v1("x", to=["y@"]), "Missing final '@domain'")
    t.same("To, then Cc", c.send_v1(to={"CcAddresses": ["@z"], "ToAddresses": ["y@"]}), "Missing domain")
    t.same("Cc, then Bcc", c.send_v1(to={"BccAddresses": ["y@"], "CcAddresses": ["@z"]}), "Missing local name")
    t.same("Bcc, then return path", c.send_v1(to={"BccAddresses": ["y@"]}, ReturnPath="@z"), "Missing domain")
    t.same("return path, then Reply-To", c.send_v1(ReplyToAddresses=["y@"], ReturnPath="@z"), "Missing local name")
    t.same("addresses, then their number", c.send_v1(to=[*many, "x"]), "Missing final '@domain'")
    t.same("number, then set", c.send_v1(to=many, ConfigurationSetName="none"), "Recipient count exceeds 50.")
    t.same("set, then length", c.send_v2(LONG, ConfigurationSetName="none"), "Configuration set <none> does not exist.")
    t.same("length, then template", c.send_v2(LONG, content=no_template), ADDRESSES[LONG])
    t.same("set, then template", c.send_v2(ConfigurationSetName="none", content=no_template),
           "Configuration set <none> does not exist.")
    c.v2("PUT", "/account/sending", {"SendingEnabled": False})
    t.same("switch, then addresses, v1", c.send_v1("x"), v1("Account sending is disabled.", "AccountSendingPausedException"))
    t.same("switch, then addresses, v2", c.send_v2("x"), v2("Account sending is disabled.", "SendingPausedException"))


@section("--auto-verify")
def s5_2_counts(t, c):
    many = [f"r{i}@example.net" for i in range(51)]
    head = "From: me@example.com\nTo: "
    t.same("51, v1", c.send_v1(to=many), v1("Recipient count exceeds 50."))
    t.same("51, v2", c.send_v2(to=many), v2("Recipient count exceeds 50."))
    t.same("51 over To, Cc and Bcc", c.send_v1(to={"ToAddresses": many[:20], "CcAddresses": many[20:40], "BccAddresses": many[40:]}),
           v1("Recipient count exceeds 50."))
    t.same("51 of the header", c.raw_v1(head + ", ".join(many) + "\n\nx"), v1("Recipient count exceeds 50."))
    t.same("51 of the call", c.raw_v1(head + "x@y.z\n\nx", Destinations=many), v1("Recipient count exceeds 50."))
    t.same("none, v1", c.send_v1(to=[]), v1("There are no recipients specified"))
    t.same("none, v2", c.send_v2(to=None), v2("There are no recipients specified"))

    def with_headers(*headers):
        return c.send_v2(content={"Simple": {**SIMPLE["Simple"], "Headers": list(headers)}})
    path = "1 validation error detected: Value at 'content.simple.headers"
    t.same("16 headers", with_headers(*({"Name": f"X-{i}", "Value": "v"} for i in range(16))),
           v2(path + "' failed to satisfy constraint: Member must have length less than or equal to 15"))
    t.same("no value", with_headers({"Name": "X"}), v2(path + ".1.member.value' failed to satisfy constraint: Member must not be null"))
    t.same("no name", with_headers({"Value": "x"}), v2(path + ".1.member.name' failed to satisfy constraint: Member must not be null"))
    t.good("name and value of 996", with_headers({"Name": "X" * 100, "Value": "v" * 896}))
    t.same("name and value of 997", with_headers({"Name": "X" * 100, "Value": "v" * 897}),
           v2(f"Header '{'X' * 100}' is longer than 996 characters."))
    for name in ("Message-ID", "date", "Return-Path", "DKIM-Signature", "From", "To", "Cc", "Bcc", "Subject", "Reply-To",
                 "MIME-Version", "Content-Type", "Content-Language"):
        t.same(f"header {name}", with_headers({"Name": name, "Value": "x"}), v2(f"Illegal header '{name}'."))
    t.good("another header", with_headers({"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}))


BLOCKED = (pathlib.Path(__file__).resolve().parents[2] / "data/blocked_extensions.txt").read_text(encoding="utf-8")


@section("--auto-verify")
def s5_2_attachments(t, c):
    names = [line for line in BLOCKED.split("\n") if line and not line.startswith("#")]
    assert len(names) == 90, names

    def attached(name):
        return c.send_v2(content={"Simple": {**SIMPLE["Simple"], "Attachments": [{"FileName": name, "RawContent": "eA=="}]}})

    def raw(name):
        return ("From: me@example.com\nTo: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
                f'x\n--b\nContent-Disposition: attachment; filename="{name}"\n\nx\n--b--\n')
    for extension in [*names, "EXE", "Js"]:
        t.same(f"attachment x.{extension}", attached(f"x.{extension}"), v2(f"Illegal filename 'x.{extension}'."))
    for name in ("x.exe", "x.JS"):
        t.same(f"raw {name}, v1", c.raw_v1(raw(name)), v1(f"Illegal filename '{name}'."))
        t.same(f"raw {name}, v2", c.raw_v2(raw(name)), v2(f"Illegal filename '{name}'."))
    for name in ("x.pdf", "exe", "x.exe.txt"):
        t.good(f"attachment {name}", attached(name))
        t.good(f"raw {name}", c.raw_v1(raw(name)))


TAGS = [
    ("", "v", "The tag name must be specified."), ("n", "", "The tag value must be specified."),
    ("n" * 256, "v", "Tag name cannot exceed 255 characters."), ("n", "v" * 256, "Tag value cannot exceed 255 characters."),
    ("n!", "v", "Invalid tag name <n!>: only alphanumeric ASCII characters, '_',  '-' are allowed."),
    ("\u00fc", "v", "Invalid tag name <\u00fc>: only alphanumeric ASCII characters, '_',  '-' are allowed."),
    ("n", "v!", "Invalid tag value <v!>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed."),
]


@section("--auto-verify")
def s5_3_message_tags(t, c):
    raw = "From: me@example.com\nTo: a@b.c\n\nx"
    for name, value, text in TAGS:
        tag = [{"Name": name, "Value": value}]
        t.same(f"{name}={value}, v1", c.send_v1(Tags=tag), v1(text))
        t.same(f"{name}={value}, raw", c.raw_v1(raw, Tags=tag), v1(text))
        t.same(f"{name}={value}, v2", c.send_v2(EmailTags=tag), v2(text))
    t.good("255", c.send_v1(Tags=[{"Name": "n" * 255, "Value": "v" * 255}]))
    t.good("feedback id", c.send_v1(Tags=[{"Name": "ses:feedback-id-a", "Value": "v"}]))


ONCE = """Accept-Language acceptLanguage Archived-At Auto-Submitted Bounces-to Comments Content-Alternative Content-Base
Content-Class Content-Description Content-Disposition Content-Duration Content-ID Content-Language Content-Length
Content-Location Content-MD5 Content-Transfer-Encoding Content-Type Date Delivered-To Disposition-Notification-Options
Disposition-Notification-To DKIM-Signature DomainKey-Signature Errors-To From Importance In-Reply-To Keywords List-Archive
List-Help List-Id List-Owner List-Post List-Subscribe List-Unsubscribe Message-Context Message-ID MIME-Version Organization
Original-From Original-Message-ID Original-Recipient Original-Subject Precedence Priority References Reply-To Return-Path
Return-Receipt-To Sender Solicitation Sensitivity Subject Thread-Index Thread-Topic User-Agent VBR-Info""".split()


@section("--auto-verify")
def s5_4_raw_headers(t, c):
    for name in ONCE:
        value = {"Content-Type": "text/plain", "Content-Transfer-Encoding": "7bit"}.get(name, "me@example.com")
        sender = "" if name == "From" else "From: me@example.com\n"
        raw = f"{name}: {value}\n{name}: {value}\n{sender}To: a@b.c\n\nx"
        t.same(f"twice {name}", c.raw_v1(raw), v1(f"Duplicate header '{name}'."))
    rest = "From: me@example.com\nTo: a@b.c\n\nx"
    for line, text in {": x": "Empty header names are illegal.", "X Y: x": "Illegal header 'X Y'.",
                       "Content-Type: text/plain; charset": "Expected '=', got 'null'"}.items():
        t.same(f"{line}, v1", c.raw_v1(line + "\n" + rest), v1(text))
        t.same(f"{line}, v2", c.raw_v2(line + "\n" + rest), v2(text))
    t.same("no From, v1", c.raw_v1("To: a@b.c\n\nx"), v1("Missing required header 'From'."))
    t.same("no From, v2", c.raw_v2("To: a@b.c\n\nx"), v2("Missing required header 'From'."))


@section()
def s5_5_verification(t, c):
    c.v1("VerifyEmailIdentity", EmailAddress="me@example.com")
    c.v1("VerifyDomainIdentity", Domain="dom.example")
    t.same("v1", c.send_v1("x@y.z"), v1(UNVERIFIED + "x@y.z", "MessageRejected"))
    t.same("v2, with its name", c.send_v2("Jane <x@y.z>"), v2(UNVERIFIED + "Jane <x@y.z>", "MessageRejected"))
    t.same("return path, v1", c.send_v1(ReturnPath="q@y.z"), UNVERIFIED + "q@y.z")
    t.same("return path, v2", c.send_v2(FeedbackForwardingEmailAddress="q@y.z"), UNVERIFIED + "q@y.z")
    t.same("Sender of raw mail", c.raw_v1("From: me@example.com\nSender: s@y.z\nTo: a@b.c\n\nx"), UNVERIFIED + "s@y.z")
    sender = {"Simple": {**SIMPLE["Simple"], "Headers": [{"Name": "Sender", "Value": "s@y.z"}]}}
    t.same("Sender of simple mail", c.send_v2(content=sender), UNVERIFIED + "s@y.z")
    t.same("From behind Source", c.raw_v1("From: f@y.z\nTo: a@b.c\n\nx", Source="me@example.com"), UNVERIFIED + "f@y.z")
    t.good("Reply-To", c.send_v1(ReplyToAddresses=["z@y.z"]))
    for address in ("x@DOM.Example", "x@a.b.dom.example", "me+label@example.com", "me@EXAMPLE.com"):
        t.good(address, c.send_v1(address))
    t.same("local part in another case", c.send_v1("Me@example.com"), UNVERIFIED + "Me@example.com")
    t.server.account(sandbox=True)
    t.same("recipient in the sandbox", c.send_v1(to=["a@b.c", "me@example.com", "z@dom.example"]), UNVERIFIED + "a@b.c")
    t.good("simulator in the sandbox", c.send_v1(to=["success@simulator.amazonses.com"]))
    refused = c.v1("SendCustomVerificationEmail", EmailAddress="a@b.c", TemplateName="t")
    t.same("custom verification in the sandbox", refused[:2], (400, "ProductionAccessNotGranted"))


@section("--auto-verify")
def s6_templated_sends(t, c):
    c.v1("CreateTemplate", Template={"TemplateName": "t", "SubjectPart": "s {{a}}", "TextPart": "t"})
    to = {"ToAddresses": ["a@b.c"]}
    sent = {"Source": "me@example.com", "Destination": to, "Template": "t"}
    for data in ("x", "[]", "1", "{", "null", ""):
        t.same(f"data {data}, v1", c.v1("SendTemplatedEmail", **sent, TemplateData=data), v1("The template data is invalid"))
        if data:
            t.same(f"data {data}, v2", c.send_v2(content={"Template": {"TemplateName": "t", "TemplateData": data}}),
                   v2("The template data is invalid"))
    t.good("a missing attribute", c.v1("SendTemplatedEmail", **sent, TemplateData="{}"))
    t.same("no template, v1", c.v1("SendTemplatedEmail", **{**sent, "Template": "none"}, TemplateData="{}"),
           v1("Template none does not exist", "TemplateDoesNotExist"))
    t.same("no template, v2", c.send_v2(content={"Template": {"TemplateName": "none"}}),
           v2("Template none does not exist", "NotFoundException", 404))
    arn = "arn:aws:ses:{}:000000000000:template/t"
    t.good("by ARN", c.send_v2(content={"Template": {"TemplateArn": arn.format("us-east-1"), "TemplateData": '{"a":1}'}}))
    t.same("by another region's ARN", c.send_v2(content={"Template": {"TemplateArn": arn.format("eu-west-1")}}),
           v2("Template t does not exist", "NotFoundException", 404))
    t.same("by no ARN", c.send_v2(content={"Template": {"TemplateArn": "x"}}), v2("Invalid ARN: x"))
    t.same("no From", c.send_v2(None, content={"Template": {"TemplateName": "none"}}), v2("Source cannot be empty"))
    for text in ("{{#if a}}x{{/if}}", "{{a.b}}", "{{a_b}}", "{{#each a}}x{{/each}}"):
        content = {"Template": {"TemplateContent": {"Subject": "x", "Text": text}, "TemplateData": '{"a":1,"a_b":1}'}}
        t.same(f"inline {text}", c.send_v2(content=content), v2("Template contains unsupported operations"))

    def bulk(entries, **more):
        call = {"Source": "me@example.com", "Template": "t", "DefaultTemplateData": '{"a":1}', **more}
        return c.v1("SendBulkTemplatedEmail", Destinations=entries, **call)

    def status(entry, **more):
        first = bulk([entry], **more)["Status"][0]
        return first["Status"], first.get("Error")
    one = {"Destination": to, "ReplacementTemplateData": "{}"}
    t.same("entry without data", status({"Destination": to}), ("InvalidParameterValue", "The template data is invalid"))
    t.same("entry with bad data", status({**one, "ReplacementTemplateData": "x"}),
           ("InvalidParameterValue", "The template data is invalid"))
    t.same("entry with a bad address", status({**one, "Destination": {"ToAddresses": ["bad"]}}),
           ("InvalidParameterValue", "Missing final '@domain'"))
    t.same("bad Reply-To", status(one, ReplyToAddresses=["bad"]), ("InvalidParameterValue", "Missing final '@domain'"))
    t.same("bad sender", bulk([one], Source="bad", Template="none"), v1("Invalid email address<bad>."))
    t.same("bad return path", bulk([one], ReturnPath="bad", Template="none"), v1("Invalid email address<bad>."))
    t.same("no template in bulk", bulk([one], Template="none"), v1("Template none does not exist", "TemplateDoesNotExist"))
    t.same("a good entry", status(one), ("Success", None))


@section("--auto-verify")
def s7_quotas(t, c):
    t.server.account(max24HourSend=2)
    t.good("two of two", c.send_v1(to=["a@b.c", "d@e.f"]))
    t.same("quota, v1", c.send_v1(), v1("Daily message quota exceeded.", "Throttling"))
    t.same("quota, v2", c.send_v2(), v2("Daily message quota exceeded.", "TooManyRequestsException", 429))
    t.server.account(max24HourSend=-1, maxSendRate=1)
    many = [f"r{i}@example.net" for i in range(40)]
    c.send_v1(to=many)
    t.same("rate, v1", c.send_v1(to=many), v1("Maximum sending rate exceeded.", "Throttling"))
    t.same("rate, v2", c.send_v2(to=many), v2("Maximum sending rate exceeded.", "TooManyRequestsException", 429))


@section("--auto-verify")
def s8_identities(t, c):
    at = "/identities"
    c.v2("POST", at, {"EmailIdentity": "me@example.com"})
    c.v1("VerifyDomainIdentity", Domain="dom.example")
    gone, invalid = "Email identity none.example does not exist.", "Domain none.example is not verified for DKIM signing."
    topic = "Identity none.example is invalid. It must be a verified email address or domain."
    bad = [{"Key": "aws:x", "Value": ""}]
    rows = [
        ("again", c.v2("POST", at, {"EmailIdentity": "me@example.com"}),
         v2("Email identity me@example.com already exist.", "AlreadyExistsException")),
        ("again before tags and set", c.v2("POST", at, {"EmailIdentity": "me@example.com", "ConfigurationSetName": "no", "Tags": bad}),
         v2("Email identity me@example.com already exist.", "AlreadyExistsException")),
        ("unknown set", c.v2("POST", at, {"EmailIdentity": "q.example", "ConfigurationSetName": "none"}),
         v2("Configuration set <none> does not exist.", "NotFoundException", 404)),
        ("nothing made", c.v2("GET", at + "/q.example"), v2("Email identity q.example does not exist.", "NotFoundException", 404)),
        ("get", c.v2("GET", at + "/none.example"), v2(gone, "NotFoundException", 404)),
        ("delete", c.v2("DELETE", at + "/none.example"), v2(gone, "NotFoundException", 404)),
        ("signing of an address", c.v2("PUT", at + "/me%40example.com/dkim/signing", {"SigningAttributesOrigin": "AWS_SES"}),
         v2("The EmailIdentity value must be a valid domain.")),
        ("signing of none", c.v2("PUT", at + "/none.example/dkim/signing", {"SigningAttributesOrigin": "AWS_SES"}),
         v2(gone, "NotFoundException", 404)),
        ("DKIM of none, v2", c.v2("PUT", at + "/none.example/dkim", {"SigningEnabled": True}), v2(invalid)),
        ("DKIM of none, v1", c.v1("SetIdentityDkimEnabled", Identity="none.example", DkimEnabled=True), v1(invalid)),
        ("DKIM of an address", c.v1("VerifyDomainDkim", Domain="a@b.c"), v1("Domain a@b.c is invalid.")),
        ("MAIL FROM of none, v1", c.v1("SetIdentityMailFromDomain", Identity="none.example", MailFromDomain="m.none.example"),
         v1("Identity <none.example> does not exist.")),
        ("MAIL FROM of none, v2", c.v2("PUT", at + "/none.example/mail-from", {"MailFromDomain": "m.none.example"}),
         v2("Identity <none.example> does not exist.")),
        ("nonsense", c.v1("DeleteIdentity", Identity="foobar"),
         v1("Identity foobar is invalid. Must be a verified email address or domain.")),
        ("topic", c.v1("SetIdentityNotificationTopic", Identity="none.example", NotificationType="Bounce"), v1(topic)),
        ("headers", c.v1("SetIdentityHeadersInNotificationsEnabled", Identity="none.example", NotificationType="Bounce",
                         Enabled=True), v1(topic)),
        ("forwarding, v1", c.v1("SetIdentityFeedbackForwardingEnabled", Identity="none.example", ForwardingEnabled=True),
         v1("Identity none.example is invalid. Must be a verified email address or domain.")),
        ("forwarding, v2", c.v2("PUT", at + "/none.example/feedback", {"EmailForwardingEnabled": True}),
         v2("Identity none.example is invalid. Must be a verified email address or domain.")),
        ("bad domain", c.v1("VerifyDomainIdentity", Domain="x_y"), v1("Domain x_y is invalid.")),
        ("set of none", c.v2("PUT", at + "/none.example/configuration-set", {"ConfigurationSetName": "x"}),
         v2("Identity <none.example> does not exist.", "NotFoundException", 404)),
    ]
    for what, got, want in rows:
        t.same(what, got, want)
    for action, name in (("DeleteIdentity", {"Identity": "none.example"}), ("DeleteVerifiedEmailAddress", {"EmailAddress": "no@x.y"}),
                         ("DeleteIdentityPolicy", {"Identity": "none.example", "PolicyName": "p"}),
                         ("VerifyEmailIdentity", {"EmailAddress": "me@example.com"})):
        t.good(action, c.v1(action, **name))
    for action in ("VerifyDomainIdentity", "VerifyDomainDkim"):
        t.same(f"{action} twice", c.v1(action, Domain="dom.example"), c.v1(action, Domain="DOM.example"))


@section("--auto-verify")
def s13_templates(t, c):
    at = "/templates"

    def make(name, **parts):
        return c.v2("POST", at, {"TemplateName": name, "TemplateContent": parts})
    t.good("made", make("t", Subject="{{a}}", Text="{{favoriteanimal}}", Html="{{#if z}}{{z}}{{/if}}"))
    absent = "Attribute 'favoriteanimal' is not present in the rendering data."
    parts = {"SubjectPart": "s", "TextPart": "t"}
    rows = [
        ("again, v2", make("t", Subject="s", Text="t"), v2("Template t already exists.", "AlreadyExistsException")),
        ("again, v1", c.v1("CreateTemplate", Template={"TemplateName": "t", **parts}), v1("Template t already exists.", "AlreadyExists")),
        ("no subject", c.v1("CreateTemplate", Template={"TemplateName": "u", "TextPart": "t"}), v1("The subject must be specified.")),
        ("update, v1", c.v1("UpdateTemplate", Template={"TemplateName": "none", **parts}),
         v1("Template none does not exist", "TemplateDoesNotExist")),
        ("update, v2", c.v2("PUT", at + "/none", {"TemplateContent": {"Subject": "s", "Text": "t"}}),
         v2("Template none does not exist", "NotFoundException", 404)),
        ("delete, v2", c.v2("DELETE", at + "/none"), v2("Template none does not exist", "NotFoundException", 404)),
        ("get, v1", c.v1("GetTemplate", TemplateName="none"), v1("Template none does not exist", "TemplateDoesNotExist")),
        ("render, v1", c.v1("TestRenderTemplate", TemplateName="t", TemplateData='{"a":1}'), v1(absent, "MissingRenderingAttribute")),
        ("render, v2", c.v2("POST", at + "/t/render", {"TemplateData": '{"a":1}'}), v2(absent)),
        ("null", c.v2("POST", at + "/t/render", {"TemplateData": '{"a":1,"favoriteanimal":null}'}), v2(absent)),
        ("bad data, v1", c.v1("TestRenderTemplate", TemplateName="t", TemplateData="x"),
         v1("Template rendering data is invalid", "InvalidRenderingParameter")),
        ("bad data, v2", c.v2("POST", at + "/t/render", {"TemplateData": "x"}), v2("Template rendering data is invalid")),
        ("render none", c.v1("TestRenderTemplate", TemplateName="none", TemplateData="{}"),
         v1("Template none does not exist", "TemplateDoesNotExist")),
        ("syntax", c.v1("CreateTemplate", Template={**parts, "TemplateName": "u", "SubjectPart": "{{#if"})[:2], (400, "InvalidTemplate")),
        ("no body", c.v1("UpdateTemplate", Template={"TemplateName": "t", "SubjectPart": "s"})[:2], (400, "InvalidParameterValue")),
    ]
    for what, got, want in rows:
        t.same(what, got, want)
    t.good("delete, v1", c.v1("DeleteTemplate", TemplateName="none"))
    t.good("an attribute asked for by if", c.v2("POST", at + "/t/render", {"TemplateData": '{"a":1.5,"favoriteanimal":true}'}))


@section("--auto-verify")
def s14_custom_verification(t, c):
    at, send = "/custom-verification-email-templates", "/outbound-custom-verification-emails"
    made = {"TemplateName": "c", "FromEmailAddress": "me@example.com", "TemplateSubject": "s", "TemplateContent": "<p>x</p>",
            "SuccessRedirectionURL": "https://e.x/y", "FailureRedirectionURL": "https://e.x/n"}
    t.good("made", c.v2("POST", at, made))
    none, twice = "Custom verification email template <none> does not exist", "Custom verification email template <c> already exists"
    rows = [
        ("again, v2", c.v2("POST", at, made), v2(twice, "AlreadyExistsException")),
        ("again, v1", c.v1("CreateCustomVerificationEmailTemplate", **made), v1(twice, "CustomVerificationEmailTemplateAlreadyExists")),
        ("success", c.v2("POST", at, {**made, "TemplateName": "d", "SuccessRedirectionURL": "/x"}),
         v2("The success redirection URL is invalid")),
        ("failure", c.v2("POST", at, {**made, "TemplateName": "d", "FailureRedirectionURL": "/x"}),
         v2("The failure redirection URL is invalid")),
        ("get, v1", c.v1("GetCustomVerificationEmailTemplate", TemplateName="none"),
         v1(none, "CustomVerificationEmailTemplateDoesNotExist")),
        ("get, v2", c.v2("GET", at + "/none"), v2(none, "NotFoundException", 404)),
        ("update, v1", c.v1("UpdateCustomVerificationEmailTemplate", TemplateName="none"),
         v1(none, "CustomVerificationEmailTemplateDoesNotExist")),
        ("delete, v2", c.v2("DELETE", at + "/none"), v2(none, "NotFoundException", 404)),
        ("send, v1", c.v1("SendCustomVerificationEmail", EmailAddress="a@b.c", TemplateName="none"),
         v1("Template <none> does not exist", "CustomVerificationEmailTemplateDoesNotExist")),
        ("send, v2", c.v2("POST", send, {"EmailAddress": "a@b.c", "TemplateName": "none"}), v2(none, "NotFoundException", 404)),
        ("blank", c.v2("POST", send, {"EmailAddress": " ", "TemplateName": "none"}), v2("Email address not specified.")),
        ("malformed, v2", c.v2("POST", send, {"EmailAddress": "foo", "TemplateName": "none"}), v2("Invalid email address<foo>.")),
        ("malformed, v1", c.v1("SendCustomVerificationEmail", EmailAddress="foo", TemplateName="none"),
         v1("Invalid email address<foo>.")),
    ]
    for what, got, want in rows:
        t.same(what, got, want)
    t.good("delete, v1", c.v1("DeleteCustomVerificationEmailTemplate", TemplateName="none"))


PAGES_V1 = [
    ("ListIdentities", {"MaxItems": 0}, "Value 0 for parameter MaxItems is invalid. MaxItems must be between 1 and 1000."),
    ("ListIdentities", {"MaxItems": 1001}, "Value 1001 for parameter MaxItems is invalid. MaxItems must be between 1 and 1000."),
    ("ListIdentities", {"NextToken": "x"}, "Invalid NextToken <x>."), ("ListTemplates", {"NextToken": "x"}, "Invalid PageToken <x>."),
    ("ListConfigurationSets", {"NextToken": "x"}, None),
    ("ListCustomVerificationEmailTemplates", {"NextToken": "x"}, "Invalid nextToken <x>."),
]
PAGES_V2 = {
    "/identities?PageSize=0": "Value 0 for parameter PageSize is invalid. PageSize must be between 1 and 1000.",
    "/identities?NextToken=x": "Invalid NextToken <x>.",
    "/configuration-sets?PageSize=0": "The page size must be between 1 and 1000",
    "/configuration-sets?NextToken=x": "invalid nextToken x",
    "/templates?PageSize=101": "The page size must be between 1 and 100", "/templates?NextToken=x": "Invalid PageToken <x>.",
    "/custom-verification-email-templates?PageSize=51": "The page size must be between 1 and 50",
    "/custom-verification-email-templates?NextToken=x": "Invalid nextToken <x>.",
    "/contact-lists?PageSize=0": "The page size must be between 1 and 1000",
    "/contact-lists?NextToken=x": "Provided NextToken is invalid", "/contact-lists?NextToken=": "Provided NextToken is invalid",
    "/suppression/addresses?PageSize=0": "Page size 0 is invalid, expected a number between 1 and 1000",
}
FILTERS = [
    ("/list-configuration-sets", {"CONFIGURATION_SET_NAME_CONTAINS": "ab"},
     "CONFIGURATION_SET_NAME_CONTAINS must be between 3 and 64 characters"),
    ("/list-identities", {"IDENTITY_NAME_CONTAINS": " ab "}, "Filter IDENTITY_NAME_CONTAINS must be at least 3 characters."),
    ("/list-identities", {"IDENTITY_NAME_CONTAINS": "a" * 321}, "Filter IDENTITY_NAME_CONTAINS must be at most 320 characters."),
    ("/list-identities", {"IDENTITY_TYPE": "MANAGED_DOMAIN"}, "Invalid identity type <MANAGED_DOMAIN> in filter."),
    ("/list-identities", {"VERIFICATION_STATUS": "X"}, "Invalid verification status <X> in filter."),
    ("/list-identities", {"VERIFICATION_STATUS": "NOT_STARTED"}, "Invalid verification status <NotStarted>."),
]


@section("--auto-verify")
def s25_2_pages_and_filters(t, c):
    for action, parameters, text in PAGES_V1:
        got = c.v1(action, **parameters)
        t.same(f"{action} {parameters}", (*got[:2], got[2] or None), v1(text))
    for path, text in PAGES_V2.items():
        t.same(path, c.v2("GET", path), v2(text))
    for token in ("x", ""):
        t.same(f"token '{token}'", c.v2("GET", "/suppression/addresses?NextToken=" + token),
               v2("Token is invalid.", "InvalidNextTokenException"))
    for path, keys, text in FILTERS:
        t.same(f"{path} {keys}", c.v2("POST", path, {"Filter": keys}), v2(text))
    t.same("token with a filter", c.v2("POST", "/list-identities", {"NextToken": "x", "Filter": {"IDENTITY_TYPE": "DOMAIN"}}),
           v2("Invalid NextToken."))
    for action, parameters in (("ListTemplates", {"MaxItems": 101}), ("ListConfigurationSets", {"MaxItems": 0})):
        t.good(f"{action} {parameters}", c.v1(action, **parameters))


@section("--auto-verify")
def s17_texts(t, c):
    at = "/configuration-sets"
    c.v2("POST", at, {"ConfigurationSetName": "cs"})
    names = {"": "The configuration set name must be specified.", "x" * 65: "Configuration set name cannot exceed 64 characters.",
             "a b": "Invalid configuration set name <a b>: only alphanumeric ASCII characters, '_', and '-' are allowed."}
    for name, text in names.items():
        t.same(f"name {name}, v1", c.v1("CreateConfigurationSet", ConfigurationSet={"Name": name}), v1(text))
        t.same(f"name {name}, v2", c.v2("POST", at, {"ConfigurationSetName": name}), v2(text))
    rows = [
        ("again, v1", c.v1("CreateConfigurationSet", ConfigurationSet={"Name": "cs"}),
         v1("Configuration set <cs> already exists.", "ConfigurationSetAlreadyExists")),
        ("again, v2", c.v2("POST", at, {"ConfigurationSetName": "cs"}),
         v2("Configuration set <cs> already exists.", "AlreadyExistsException")),
        ("describe", c.v1("DescribeConfigurationSet", ConfigurationSetName="none"),
         v1("Configuration set <none> does not exist.", "ConfigurationSetDoesNotExist")),
        ("send, v1", c.send_v1(ConfigurationSetName="none"),
         v1("Configuration set <none> does not exist.", "ConfigurationSetDoesNotExist")),
        ("send, v2", c.send_v2(ConfigurationSetName="none"),
         v2("Configuration set <none> does not exist.", "NotFoundException", 404)),
        ("destination, v1", c.v1("DeleteConfigurationSetEventDestination", ConfigurationSetName="cs", EventDestinationName="d"),
         v1("No EventDestination found for d", "EventDestinationDoesNotExist")),
        ("destination, v2", c.v2("DELETE", at + "/cs/event-destinations/d"),
         v2("An event destination with name <d> does not exist for configuration set <cs>.", "NotFoundException", 404)),
        ("no tracking options", c.v1("DeleteConfigurationSetTrackingOptions", ConfigurationSetName="cs"),
         v1("There are no tracking options for configuration set <cs>", "TrackingOptionsDoesNotExistException")),
        ("policy without domain", c.v2("PUT", at + "/cs/tracking-options", {"HttpsPolicy": "REQUIRE"}),
         v2("CustomRedirectDomain must be specified.")),
        ("blank pool", c.v2("PUT", at + "/cs/delivery-options", {"SendingPoolName": " "}), v2("sendingPoolName can't be blank.")),
    ]
    for what, got, want in rows:
        t.same(what, got, want)


try:
    suite.main()
finally:
    for running in servers.values():
        running.stop()
