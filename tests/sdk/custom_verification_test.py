"""Custom verification mail by boto3, in both APIs: templates, the mail, its link and where it leads, the refusals."""

import email
import email.policy
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("custom_verification")
server = Sesame().start()
v1 = client("ses", server)
v2 = client("sesv2", server)
FIXED = ("If you did not request to verify this email address, please disregard this message. If you have any concerns, please "
         "forward this message to the following email address along with your questions or comments.")
TEMPLATE = {"TemplateName": "t", "FromEmailAddress": "me@example.com", "TemplateSubject": "Please confirm",
            "TemplateContent": "<h1>Welcome</h1><img src='data:image/png;base64,AA=='>",
            "SuccessRedirectionURL": "https://shop.example/good?x=1", "FailureRedirectionURL": "http://shop.example/bad"}
SHORT = {k: v for k, v in TEMPLATE.items() if k != "TemplateContent"}


def case(function):
    def run():
        server.reset()
        v1.verify_email_identity(EmailAddress="me@example.com")
        function()
    suite.add(function.__name__, run)
    return function


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def fetch(path, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    try:
        with OPENER.open(server.url + path, data=data, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def link_of(address, **more):
    _, raw = server.only_mail(to=address, **more)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = mail.get_body(("plain",)).get_content()
    return mail, re.search(r"https?://\S+?(/verify\?t=(\S+))", text).groups()


def status(address):
    return v1.get_identity_verification_attributes(Identities=[address])["VerificationAttributes"][address]["VerificationStatus"]


def both(name):
    return [(v1, getattr(v1, name)), (v2, getattr(v2, name))]


def create_and_send(send_client, address="new@example.net"):
    v1.create_custom_verification_email_template(**TEMPLATE)
    return send_client.send_custom_verification_email(EmailAddress=address, TemplateName="t")


@case
def templates_live_in_both():
    v1.create_custom_verification_email_template(**TEMPLATE)
    v2.create_custom_verification_email_template(**dict(TEMPLATE, TemplateName="u"), Tags=[{"Key": "k", "Value": "v"}])
    for name in ("t", "u"):
        for _, get in both("get_custom_verification_email_template"):
            got = get(TemplateName=name)
            for key, value in dict(TEMPLATE, TemplateName=name).items():
                equal(got[key], value, key)
    equal(v2.get_custom_verification_email_template(TemplateName="u")["Tags"], [{"Key": "k", "Value": "v"}])
    for _, listed in both("list_custom_verification_email_templates"):
        equal(listed()["CustomVerificationEmailTemplates"], [SHORT, dict(SHORT, TemplateName="u")])
    v1.update_custom_verification_email_template(TemplateName="t", TemplateSubject="other")
    equal(v2.get_custom_verification_email_template(TemplateName="t")["TemplateSubject"], "other")
    equal(v2.get_custom_verification_email_template(TemplateName="t")["TemplateContent"], TEMPLATE["TemplateContent"])
    v2.update_custom_verification_email_template(**TEMPLATE)
    equal(v1.get_custom_verification_email_template(TemplateName="t")["TemplateSubject"], "Please confirm")
    v2.delete_custom_verification_email_template(TemplateName="u")
    v1.delete_custom_verification_email_template(TemplateName="t")
    v1.delete_custom_verification_email_template(TemplateName="t")
    equal(v1.list_custom_verification_email_templates().get("CustomVerificationEmailTemplates", []), [])


@case
def lists_have_pages():
    for n in range(5):
        v1.create_custom_verification_email_template(**dict(TEMPLATE, TemplateName=f"t{n}"))
    for call, size in ((v1.list_custom_verification_email_templates, "MaxResults"),
                       (v2.list_custom_verification_email_templates, "PageSize")):
        first = call(**{size: 3})
        second = call(**{size: 3}, NextToken=first["NextToken"])
        names = [t["TemplateName"] for t in first["CustomVerificationEmailTemplates"] + second["CustomVerificationEmailTemplates"]]
        equal(names, ["t0", "t1", "t2", "t3", "t4"])
        equal("NextToken" in second, False)
    refused(v2.list_custom_verification_email_templates, "BadRequestException", "Invalid nextToken <x>.", NextToken="x")
    refused(v1.list_custom_verification_email_templates, "InvalidParameterValue", "Invalid nextToken <x>.", NextToken="x")


def confirm_by(send_client):
    sent = create_and_send(send_client)
    equal(status("new@example.net"), "Pending")
    mail, (path, token) = link_of("new@example.net")
    equal(mail["From"], "me@example.com")
    equal(mail["Subject"], "Please confirm")
    contains(mail["Message-ID"], sent["MessageId"])
    html = mail.get_body(("html",)).get_content()
    contains(html, TEMPLATE["TemplateContent"])
    contains(html, FIXED)
    contains(html, path)
    code, _, body = fetch(path)
    equal(code, 200)
    contains(body, "new@example.net")
    equal(status("new@example.net"), "Pending", "after a look")
    code, headers, _ = fetch("/verify", {"t": token})
    equal((code, headers["Location"]), (302, TEMPLATE["SuccessRedirectionURL"]))
    equal(status("new@example.net"), "Success")


@case
def v1_link_confirms():
    confirm_by(v1)


@case
def v2_link_confirms():
    confirm_by(v2)


@case
def link_ends_after_24_hours_and_again_restarts():
    create_and_send(v1)
    _, (path, token) = link_of("new@example.net")
    server.advance("25h")
    for answer in (fetch(path), fetch("/verify", {"t": token})):
        equal((answer[0], answer[1]["Location"]), (302, TEMPLATE["FailureRedirectionURL"]))
    wait_for("the end of the link", lambda: status("new@example.net") == "Failed")
    v1.update_custom_verification_email_template(TemplateName="t", TemplateSubject="Again")
    v2.send_custom_verification_email(EmailAddress="new@example.net", TemplateName="t")
    equal(status("new@example.net"), "Pending")
    _, (_, token) = link_of("new@example.net", subject="Again")
    equal(fetch("/verify", {"t": token})[1]["Location"], TEMPLATE["SuccessRedirectionURL"])
    equal(status("new@example.net"), "Success")


@case
def link_of_what_is_gone():
    create_and_send(v2)
    _, (_, token) = link_of("new@example.net")
    v1.delete_identity(Identity="new@example.net")
    answer = fetch("/verify", {"t": token})
    equal((answer[0], answer[1]["Location"]), (302, TEMPLATE["FailureRedirectionURL"]))
    equal(fetch("/verify", {"t": token[:-4] + "AAAA"})[0], 400)
    v1.delete_custom_verification_email_template(TemplateName="t")
    equal(fetch("/verify", {"t": token})[0], 410)


@case
def addresses_refused():
    for c, call in both("send_custom_verification_email"):
        code = "InvalidParameterValue" if c is v1 else "BadRequestException"
        refused(call, code, "Email address not specified.", EmailAddress=" ", TemplateName="none")
        refused(call, code, "Invalid email address<foo>.", EmailAddress="foo", TemplateName="none")


@case
def templates_missing():
    words = "Custom verification email template <none> does not exist"
    v1_code = "CustomVerificationEmailTemplateDoesNotExist"
    refused(v1.send_custom_verification_email, v1_code, "Template <none> does not exist", EmailAddress="a@b.example",
            TemplateName="none")
    refused(v2.send_custom_verification_email, "NotFoundException", words, 404, EmailAddress="a@b.example", TemplateName="none")
    refused(v1.get_custom_verification_email_template, v1_code, words, TemplateName="none")
    refused(v2.get_custom_verification_email_template, "NotFoundException", words, 404, TemplateName="none")
    refused(v1.update_custom_verification_email_template, v1_code, words, TemplateName="none")
    refused(v2.update_custom_verification_email_template, "NotFoundException", words, 404, **dict(TEMPLATE, TemplateName="none"))
    refused(v2.delete_custom_verification_email_template, "NotFoundException", words, 404, TemplateName="none")


@case
def templates_refused():
    v1.create_custom_verification_email_template(**TEMPLATE)
    words = "Custom verification email template <t> already exists"
    refused(v1.create_custom_verification_email_template, "CustomVerificationEmailTemplateAlreadyExists", words, **TEMPLATE)
    refused(v2.create_custom_verification_email_template, "AlreadyExistsException", words, **TEMPLATE)
    for c, name in ((v1, "InvalidParameterValue"), (v2, "BadRequestException")):
        for method in ("create", "update"):
            call = getattr(c, method + "_custom_verification_email_template")
            use = dict(TEMPLATE, TemplateName="t" if method == "update" else "u")
            if c is v1:
                refused(call, "FromEmailAddressNotVerified", "The from email address <x@other.example> is not verified",
                        **dict(use, FromEmailAddress="x@other.example"))
            else:
                refused(call, "NotFoundException", "The from email address <x@other.example> is not verified", 404,
                        **dict(use, FromEmailAddress="x@other.example"))
            refused(call, name, "The success redirection URL is invalid", **dict(use, SuccessRedirectionURL="/good"))
            refused(call, name, "The failure redirection URL is invalid", **dict(use, FailureRedirectionURL="ftp://x/bad"))
            for content, what in (("<script>", "<script>"), ("<!-- x -->", "a comment"), ("x<A href='y'>", "<a>")):
                refused(call, "CustomVerificationEmailInvalidContent" if c is v1 else name,
                        f"The template content is invalid: it has {what}.", **dict(use, TemplateContent=content))


@case
def at_most_fifty():
    for n in range(50):
        v1.create_custom_verification_email_template(**dict(TEMPLATE, TemplateName=f"t{n}"))
    words = "The number of custom verification email templates exceeds the maximum of 50."
    refused(v1.create_custom_verification_email_template, "LimitExceeded", words, **TEMPLATE)
    refused(v2.create_custom_verification_email_template, "LimitExceededException", words, **TEMPLATE)


@case
def sandbox_and_configuration_sets():
    v1.create_custom_verification_email_template(**TEMPLATE)
    unknown = {"EmailAddress": "a@b.example", "TemplateName": "t", "ConfigurationSetName": "none"}
    refused(v1.send_custom_verification_email, "ConfigurationSetDoesNotExist", "Configuration set <none> does not exist.", **unknown)
    equal("a@b.example" in v1.list_identities()["Identities"], False, "no identity of a refused call")
    server.account(sandbox=True)
    words = "Production access has not been granted to this account."
    refused(v1.send_custom_verification_email, "ProductionAccessNotGranted", words, EmailAddress="a@b.example", TemplateName="t")
    refused(v2.send_custom_verification_email, "BadRequestException", words, EmailAddress="a@b.example", TemplateName="t")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
