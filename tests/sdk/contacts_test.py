"""Contact lists by boto3: every operation with what it answers, does and refuses; sends that are tied to a list; the links
by which recipients leave it."""

import email
import email.policy
import html
import http.client
import json
import pathlib
import re
import smtplib
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import dkim_passes  # noqa: E402
from sdk.clients import client, refused  # noqa: E402

suite = Suite("contacts")
server = Sesame("--auto-verify").start()
v1 = client("ses", server)
v2 = client("sesv2", server)
MARK = "{{amazonSESUnsubscribeUrl}}"
TOPICS = [{"TopicName": "news", "DisplayName": "Daily <news>", "Description": "All & more",
           "DefaultSubscriptionStatus": "OPT_IN"},
          {"TopicName": "ads", "DisplayName": "Offers", "DefaultSubscriptionStatus": "OPT_OUT"}]


def case(function):
    """A case that finds a server that knows nothing."""
    def run():
        server.reset()
        function()
    suite.add(function.__name__, run)
    return function


def no_list(function, **kwargs):
    refused(function, "NotFoundException", "List with name: gone doesn't exist.", 404, ContactListName="gone", **kwargs)


def make_list(**more):
    v2.create_contact_list(ContactListName="list", Topics=TOPICS, **more)


def add(address, unsubscribe_all=False, **choices):
    v2.create_contact(ContactListName="list", EmailAddress=address, UnsubscribeAll=unsubscribe_all,
                      TopicPreferences=preferences(choices))


def preferences(choices):
    return [{"TopicName": topic, "SubscriptionStatus": status} for topic, status in choices.items()]


def contact(address):
    return v2.get_contact(ContactListName="list", EmailAddress=address)


def chosen(address):
    """The explicit preferences, and whether the contact left the whole list."""
    got = contact(address)
    return {p["TopicName"]: p["SubscriptionStatus"] for p in got["TopicPreferences"]}, got["UnsubscribeAll"]


# Lists.


@case
def create_contact_list():
    make_list(Description="all of it", Tags=[{"Key": "team", "Value": "a"}])
    got = v2.get_contact_list(ContactListName="list")
    equal(got["ContactListName"], "list")
    equal(got["Topics"], TOPICS)
    equal(got["Description"], "all of it")
    equal(got["Tags"], [{"Key": "team", "Value": "a"}])
    equal(got["CreatedTimestamp"], got["LastUpdatedTimestamp"])
    equal(client("sesv2", server, region="eu-west-1").list_contact_lists()["ContactLists"], [])


@case
def create_contact_list_refused():
    def bad(message, **kwargs):
        refused(v2.create_contact_list, "BadRequestException", message, **{"ContactListName": "list", **kwargs})
    rule = " can contain up to 64 characters. Only alphanumeric characters, underscores(_) and hyphens(-) are allowed."
    topic = TOPICS[0]
    bad("ContactListName can't be blank.", ContactListName=" ")
    bad("ContactListName" + rule, ContactListName="a b")
    bad("TopicName" + rule, Topics=[{**topic, "TopicName": "a/b"}])
    bad("Topic DisplayName can contain up to <128> characters.", Topics=[{**topic, "DisplayName": "x" * 129}])
    bad("List description can contain up to 500 characters.", Description="x" * 501)
    bad("Maximum of <20> topics allowed per ContactList", Topics=[{**topic, "TopicName": f"t{i}"} for i in range(21)])
    bad("Duplicate topic names are not allowed within a List.", Topics=[topic, topic])
    bad("1 validation error detected: Value at 'topics.1.member.defaultSubscriptionStatus' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OPT_OUT, OPT_IN]", Topics=[{**topic, "DefaultSubscriptionStatus": "MAYBE"}])
    make_list()
    for name in ("list", "other"):
        bad("A maximum of 1 Lists allowed per account.", ContactListName=name)


@case
def list_contact_lists():
    equal(v2.list_contact_lists()["ContactLists"], [])
    make_list()
    lists = v2.list_contact_lists(PageSize=1)
    equal([one["ContactListName"] for one in lists["ContactLists"]], ["list"])
    assert "LastUpdatedTimestamp" in lists["ContactLists"][0] and "NextToken" not in lists, lists
    for size in (0, 1001):
        refused(v2.list_contact_lists, "BadRequestException", "The page size must be between 1 and 1000", PageSize=size)
    for token in ("", "nonsense"):
        refused(v2.list_contact_lists, "BadRequestException", "Provided NextToken is invalid", NextToken=token)


@case
def get_contact_list_refused():
    no_list(v2.get_contact_list)


@case
def update_contact_list():
    make_list(Description="old")
    add("a@example.net", news="OPT_OUT", ads="OPT_IN")
    v2.update_contact_list(ContactListName="list")
    equal(v2.get_contact_list(ContactListName="list")["Description"], "old", "an empty body")
    v2.update_contact_list(ContactListName="list", Topics=TOPICS[1:])
    got = v2.get_contact_list(ContactListName="list")
    equal(got["Topics"], TOPICS[1:])
    assert "Description" not in got, "replaced as a whole"
    equal(chosen("a@example.net")[0], {"ads": "OPT_IN"}, "a topic that stays keeps what was chosen")
    no_list(v2.update_contact_list)
    refused(v2.update_contact_list, "BadRequestException", "Duplicate topic names are not allowed within a List.",
            ContactListName="list", Topics=[TOPICS[0], TOPICS[0]])


@case
def delete_contact_list():
    make_list()
    add("a@example.net", news="OPT_OUT")
    v2.delete_contact_list(ContactListName="list")
    equal(v2.list_contact_lists()["ContactLists"], [])
    no_list(v2.delete_contact_list)
    make_list()
    equal(v2.list_contacts(ContactListName="list")["Contacts"], [], "the contacts went with it")


# Contacts.


@case
def create_contact():
    make_list()
    v2.create_contact(ContactListName="list", EmailAddress="Ann+x@Example.NET", AttributesData='{"name":"Ann"}',
                      TopicPreferences=preferences({"ads": "OPT_IN"}))
    got = contact("Ann+x@example.net")
    equal(got["EmailAddress"], "Ann+x@example.net")
    equal(got["ContactListName"], "list")
    equal(got["TopicPreferences"], preferences({"ads": "OPT_IN"}))
    equal(got["TopicDefaultPreferences"], preferences({"news": "OPT_IN"}))
    equal(got["UnsubscribeAll"], False)
    equal(got["AttributesData"], '{"name":"Ann"}')
    equal(got["CreatedTimestamp"], got["LastUpdatedTimestamp"])


@case
def create_contact_refused():
    refused(v2.create_contact, "BadRequestException", "EmailAddress <foo> is invalid", ContactListName="gone",
            EmailAddress="foo")
    refused(v2.create_contact, "BadRequestException", "EmailAddress can't be blank.", ContactListName="gone",
            EmailAddress=" ")
    no_list(v2.create_contact, EmailAddress="a@example.net")
    make_list()
    refused(v2.create_contact, "BadRequestException", "List: list doesn't contain Topic: none", ContactListName="list",
            EmailAddress="a@example.net", TopicPreferences=preferences({"none": "OPT_IN"}))
    add("a@example.net")
    refused(v2.create_contact, "AlreadyExistsException", "a@example.net already exists in List.", ContactListName="list",
            EmailAddress="a@example.net")


@case
def get_contact_refused():
    no_list(v2.get_contact, EmailAddress="a@example.net")
    make_list()
    refused(v2.get_contact, "NotFoundException", "a@example.net doesn't exist in List.", 404, ContactListName="list",
            EmailAddress="a@example.net")
    refused(v2.get_contact, "BadRequestException", "EmailAddress <foo> is invalid", ContactListName="list",
            EmailAddress="foo")


@case
def update_contact():
    make_list()
    v2.create_contact(ContactListName="list", EmailAddress="a@example.net", UnsubscribeAll=True, AttributesData="{}",
                      TopicPreferences=preferences({"news": "OPT_OUT"}))
    v2.update_contact(ContactListName="list", EmailAddress="a@example.net",
                      TopicPreferences=preferences({"ads": "OPT_IN"}))
    equal(chosen("a@example.net"), ({"news": "OPT_OUT", "ads": "OPT_IN"}, False), "merged; the rest is replaced")
    assert "AttributesData" not in contact("a@example.net")
    no_list(v2.update_contact, EmailAddress="a@example.net")
    refused(v2.update_contact, "NotFoundException", "b@example.net doesn't exist in List.", 404, ContactListName="list",
            EmailAddress="b@example.net")
    refused(v2.update_contact, "BadRequestException", "List: list doesn't contain Topic: none", ContactListName="list",
            EmailAddress="a@example.net", TopicPreferences=preferences({"none": "OPT_IN"}))


@case
def delete_contact():
    make_list()
    add("a@example.net", news="OPT_OUT")
    v2.delete_contact(ContactListName="list", EmailAddress="a@example.net")
    refused(v2.delete_contact, "NotFoundException", "a@example.net doesn't exist in List.", 404, ContactListName="list",
            EmailAddress="a@example.net")
    no_list(v2.delete_contact, EmailAddress="a@example.net")
    add("a@example.net")
    equal(chosen("a@example.net"), ({}, False), "made anew, it has chosen nothing")


def listed(status=None, topic=None, default=None, **more):
    wanted = {}
    if status:
        wanted["FilteredStatus"] = status
    if topic:
        wanted["TopicFilter"] = {"TopicName": topic, "UseDefaultIfPreferenceUnavailable": bool(default)}
    found, token = [], None
    while True:
        page = v2.list_contacts(ContactListName="list", Filter=wanted, PageSize=2,
                                **({"NextToken": token} if token else {}), **more)
        found += [one["EmailAddress"][0] for one in page["Contacts"]]
        token = page.get("NextToken")
        if not token:
            return "".join(found)


@case
def list_contacts():
    make_list()
    add("a@example.net")
    add("b@example.net", news="OPT_OUT")
    add("c@example.net", news="OPT_IN", ads="OPT_IN")
    add("d@example.net", unsubscribe_all=True)
    equal(listed(), "abcd")
    equal(listed("OPT_OUT"), "d")
    equal(listed("OPT_IN"), "abc")
    equal(listed("OPT_IN", "news"), "c")
    equal(listed("OPT_IN", "news", True), "acd")
    equal(listed("OPT_OUT", "news", True), "b")
    equal(listed("OPT_OUT", "ads", True), "abd")
    equal(listed("OPT_OUT", "ads"), "")
    got = v2.list_contacts(ContactListName="list")["Contacts"][1]
    equal(got["TopicPreferences"], preferences({"news": "OPT_OUT"}))
    equal(got["TopicDefaultPreferences"], preferences({"ads": "OPT_OUT"}))
    equal(got["UnsubscribeAll"], False)
    assert "LastUpdatedTimestamp" in got


@case
def list_contacts_refused():
    no_list(v2.list_contacts)
    make_list()
    add("a@example.net")
    add("b@example.net")
    for size in (0, 1001):
        refused(v2.list_contacts, "BadRequestException", "The page size must be between 1 and 1000",
                ContactListName="list", PageSize=size)
    refused(v2.list_contacts, "BadRequestException", "List: list doesn't contain Topic: none", ContactListName="list",
            Filter={"FilteredStatus": "OPT_IN", "TopicFilter": {"TopicName": "none"}})
    token = v2.list_contacts(ContactListName="list", PageSize=1)["NextToken"]
    for wrong, status in (("", None), ("nonsense", None), (token, "OPT_IN")):
        refused(v2.list_contacts, "BadRequestException", "Provided NextToken is invalid", ContactListName="list",
                NextToken=wrong, **({"Filter": {"FilteredStatus": status}} if status else {}))


# Sending.


def send(to="you@example.net", topic="news", html_body=None, text=None, **more):
    body = {"Text": {"Data": text or "hello"}}
    if html_body:
        body["Html"] = {"Data": html_body}
    options = {"ContactListName": "list", **({"TopicName": topic} if topic else {})}
    return v2.send_email(FromEmailAddress="me@example.com", Destination={"ToAddresses": [to]},
                         ListManagementOptions=options,
                         Content={"Simple": {"Subject": {"Data": "x"}, "Body": body}}, **more)["MessageId"]


def mail_of(message_id):
    raw = server.raw(message_id)
    return raw, email.message_from_bytes(raw, policy=email.policy.default)


def states(message_id):
    """What became of each recipient, once that is settled."""
    def settled():
        found = {r["address"]: r["state"] for r in server.trace(message_id)["recipients"]}
        return found if "pending" not in found.values() else None
    return wait_for("the end of the message", settled)


def events(message_id, kind):
    """The objects of the message's events of this type, as the trace shows them."""
    return [e[kind.lower()] for e in server.events(message_id) if e["eventType"] == kind]


def header_link(mail):
    assert mail["List-Unsubscribe"], mail.items()
    found = re.fullmatch(r"<(https?://[^>]*/unsubscribe\?t=[^>]*)>,<mailto:(unsub-[0-9a-f]{52}@[^>?]*)"
                         r"\?subject=unsubscribe%20([^>]*)>", "".join(mail["List-Unsubscribe"].split()))
    assert found, mail["List-Unsubscribe"]
    equal((found[2].split("@")[1], found[3]), ("sesame.localhost", mail["Message-ID"][1:].split("@")[0]))
    return found[1]


def signed_names(raw):
    head = raw.split(b"\r\n\r\n")[0].decode()
    signature = re.search(r"^DKIM-Signature:(.*?)(?=^\S)", head, re.S | re.M | re.I)[1]
    return "".join(re.search(r"\bh=([^;]*)", signature)[1].split()).lower().split(":")


def visit(method, url, body=None, content_type="application/x-www-form-urlencoded"):
    """The page behind the link, on the port where this server listens."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(*server.endpoint("http"), timeout=20)
    headers = {"Content-Type": content_type} if body is not None else {}
    connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


@case
def headers_and_link():
    make_list()
    message = send(text=f"one {MARK} two {MARK} three {MARK}", html_body=f'<a href="{MARK}">leave</a>')
    raw, mail = mail_of(message)
    link = header_link(mail)
    contains(link, server.url, "dev mode's links lead to its own port")
    equal(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
    names = signed_names(raw)
    for name in ("list-unsubscribe", "list-unsubscribe-post"):
        assert name in names, names
    text = mail.get_body(("plain",)).get_content()
    pages = re.findall(r"http\S+unsubscribe\?t=[\w-]+", text)
    equal(len(pages), 2)
    equal(text.strip(), f"one {pages[0]} two {pages[0]} three {MARK}", "the first two")
    contains(mail.get_body(("html",)).get_content(), f'<a href="{pages[0]}">leave</a>')
    assert pages[0] != link, "the link of the body has another purpose"


@case
def dkim_holds():
    """The identity's signature covers both headers, as RFC 8058 §4 asks, and what the link changed."""
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, capture_output=True, check=True).stdout
    bare = "".join(line for line in key.decode().splitlines() if "-----" not in line)
    v2.create_email_identity(EmailIdentity="example.com",
                             DkimSigningAttributes={"DomainSigningSelector": "mine", "DomainSigningPrivateKey": bare})
    make_list()
    raw, _ = mail_of(send(text=MARK))
    names = signed_names(raw)
    assert "list-unsubscribe" in names and "list-unsubscribe-post" in names, names
    record = "v=DKIM1; k=rsa; p=" + "".join(x for x in public.decode().splitlines() if "-----" not in x)
    assert dkim_passes(raw, {"mine._domainkey.example.com": record}), raw


@case
def senders_headers_are_replaced():
    make_list()
    raw = ("From: me@example.com\r\nTo: you@example.net\r\nSubject: x\r\nList-Unsubscribe: <mailto:old@example.com>\r\n"
           "List-Unsubscribe-Post: old\r\nX-SES-LIST-MANAGEMENT-OPTIONS: list; topic=news\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
           f"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
           f"aGVsbG8ge3thbWF6b25TRVNVbnN1YnNjcmliZVVybH19IQ==\r\n"
           f"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
           f"gr=C3=BC=C3=9Fe <a href=3D\"{{{{amazonSES=\r\nUnsubscribeUrl}}}}\">x</a>\r\n--b--\r\n").encode()
    for sent in (v2.send_email(Content={"Raw": {"Data": raw}})["MessageId"],
                 v1.send_raw_email(RawMessage={"Data": raw})["MessageId"]):
        _, mail = mail_of(sent)
        header_link(mail)
        equal(mail.get_all("List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"])
        equal(mail["X-SES-LIST-MANAGEMENT-OPTIONS"], None)
        page = re.fullmatch(r"hello (\S+)!", mail.get_body(("plain",)).get_content().strip())
        equal(mail.get_body(("html",)).get_content().strip(), f'grüße <a href="{page[1]}">x</a>')
        equal(visit("GET", page[1])[0].status, 200)


@case
def smtp_header():
    make_list()
    add("out@example.net", news="OPT_OUT")

    def by_smtp(to, options):
        text = (f"From: me@example.com\r\nTo: {to}\r\nSubject: smtp\r\nX-SES-LIST-MANAGEMENT-OPTIONS: {options}\r\n\r\n"
                f"leave: {MARK}\r\n")
        with smtplib.SMTP(*server.smtp, timeout=20) as door:
            door.sendmail("me@example.com", [to], text)
        return server.messages()[-1]["messageId"]

    _, mail = mail_of(by_smtp("in@example.net", "list; topic=news"))
    header_link(mail)
    contains(mail.get_content(), "/unsubscribe?t=")
    equal(states(by_smtp("out@example.net", "list; topic=news")), {"out@example.net": "held"})
    equal(states(by_smtp("out@example.net", "list")), {"out@example.net": "captured"})
    error = raises(smtplib.SMTPDataError, by_smtp, "in@example.net", "gone")
    equal((error.smtp_code, error.smtp_error),
          (554, b"Transaction failed: List with name: gone doesn't exist."))
    error = raises(smtplib.SMTPDataError, by_smtp, "in@example.net", "list; topic=none")
    equal((error.smtp_code, error.smtp_error),
          (554, b"Transaction failed: List: list doesn't contain Topic: none"))


@case
def list_options_refused():
    make_list()
    for options, code, text, status in (
            ({"ContactListName": "gone"}, "NotFoundException", "List with name: gone doesn't exist.", 404),
            ({"ContactListName": "list", "TopicName": "none"}, "BadRequestException",
             "List: list doesn't contain Topic: none", 400)):
        refused(v2.send_email, code, text, status, FromEmailAddress="me@example.com", ListManagementOptions=options,
                Destination={"ToAddresses": ["you@example.net"]},
                Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}})
    equal(server.messages(), [])


@case
def several_recipients():
    """No links: they would be everybody's. Opt-outs count one by one."""
    make_list()
    add("out@example.net", news="OPT_OUT")
    add("all@example.net", unsubscribe_all=True)
    message = v2.send_email(
        FromEmailAddress="me@example.com", ListManagementOptions={"ContactListName": "list", "TopicName": "news"},
        Destination={"ToAddresses": ["in@example.net", "out@example.net"], "BccAddresses": ["all@example.net"]},
        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": MARK}}}})["MessageId"]
    equal(states(message), {"in@example.net": "captured", "out@example.net": "held", "all@example.net": "held"})
    bounce, = events(message, "Bounce")
    equal((bounce["bounceType"], bounce["bounceSubType"]), ("Permanent", "UnsubscribedRecipient"))
    equal([r["emailAddress"] for r in bounce["bouncedRecipients"]], ["out@example.net", "all@example.net"])
    _, mail = mail_of(message)
    equal(mail["List-Unsubscribe"], None)
    equal(mail.get_content().strip(), MARK)


@case
def recipients_become_contacts():
    make_list()
    send(to="New@Example.NET")
    equal(chosen("New@example.net"), ({}, False))
    equal(states(send(to="other@example.net", topic="ads")), {"other@example.net": "held"}, "out by default")
    equal(chosen("other@example.net"), ({}, False), "known all the same")
    message = send(to="third@example.net", topic=None)
    equal(states(message), {"third@example.net": "captured"})


@case
def a_change_holds_from_the_next_send():
    make_list()
    add("a@example.net", ads="OPT_IN")
    equal(states(send(to="a@example.net", topic="ads")), {"a@example.net": "captured"})
    v2.update_contact(ContactListName="list", EmailAddress="a@example.net",
                      TopicPreferences=preferences({"ads": "OPT_OUT"}))
    equal(states(send(to="a@example.net", topic="ads")), {"a@example.net": "held"})
    v2.update_contact(ContactListName="list", EmailAddress="a@example.net", UnsubscribeAll=True)
    equal(states(send(to="a@example.net", topic="news")), {"a@example.net": "held"})


# The links.


def in_event(unsubscribe_all, **topics):
    return {"unsubscribeAll": unsubscribe_all,
            "topicSubscriptionStatus": [{"topicName": t, "subscriptionStatus": s} for t, s in topics.items()]}


@case
def one_click():
    make_list()
    message = send(to="a@example.net")
    _, mail = mail_of(message)
    link = header_link(mail)
    answer, text = visit("GET", link)
    equal(answer.status, 200)
    contains(text, "<form")
    equal(chosen("a@example.net"), ({}, False), "a GET changes nothing")
    for body in ("", "List-Unsubscribe=No", "x=y"):
        equal(visit("POST", link, body)[0].status, 400)
    equal(chosen("a@example.net"), ({}, False), "nor does any other POST")
    equal(visit("POST", link, "List-Unsubscribe=One-Click")[0].status, 200)
    equal(chosen("a@example.net"), ({"news": "OPT_OUT"}, False))
    equal(states(send(to="a@example.net")), {"a@example.net": "held"})
    equal(visit("POST", link, "List-Unsubscribe=One-Click")[0].status, 200, "again")
    event, = events(message, "Subscription")
    assert event.pop("timestamp"), event
    equal(event, {"contactList": "list", "source": "UnsubscribeHeader",
                  "newTopicPreferences": in_event(False, news="OptOut", ads="OptOut"),
                  "oldTopicPreferences": in_event(False, news="OptIn", ads="OptOut")})


@case
def one_click_in_multipart():
    """RFC 8058 §3.2 prefers multipart/form-data."""
    make_list()
    _, mail = mail_of(send(to="a@example.net", topic=None))
    body = "--xyz\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--xyz--\r\n"
    equal(visit("POST", header_link(mail), body, "multipart/form-data; boundary=xyz")[0].status, 200)
    equal(chosen("a@example.net"), ({}, True), "without a topic: from all")


@case
def landing_page():
    make_list()
    add("a@example.net", ads="OPT_IN")
    message = send(to="a@example.net", text=MARK)
    _, mail = mail_of(message)
    link = mail.get_content().strip()
    answer, text = visit("GET", link)
    equal(answer.status, 200)
    equal(answer.headers["Content-Type"], "text/html; charset=utf-8")
    contains(answer.headers["Content-Security-Policy"], "default-src 'none'")
    equal(answer.headers["Cache-Control"], "no-store")
    assert "<script" not in text.lower()
    contains(text, "Daily &lt;news&gt;")
    contains(text, "All &amp; more")
    boxes = {}
    for box in re.findall(r"<input type=\"checkbox\"[^>]*>", text):
        ident = re.search(r'id="([^"]*)"', box)[1]
        contains(text, f'<label for="{ident}">')
        boxes[re.search(r'value="([^"]*)"', box)[1]] = " checked" in box
    equal(boxes, {"news": True, "ads": True, "1": False})

    hidden = [(name, html.unescape(value)) for name, value in
              re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text)]
    action = re.search(r'action="([^"]*)"', text)[1]
    save = lambda **more: visit("POST", action, urllib.parse.urlencode(hidden + list(more.items())))  # noqa: E731
    equal(visit("POST", link, "List-Unsubscribe=One-Click")[0].status, 400)
    equal(chosen("a@example.net"), ({"ads": "OPT_IN"}, False), "no one-click on the body's link")
    equal(save(topic="news")[0].status, 200)
    equal(chosen("a@example.net"), ({"news": "OPT_IN", "ads": "OPT_OUT"}, False))
    equal(save(topic="ads", all="1")[0].status, 200)
    equal(chosen("a@example.net"), ({"news": "OPT_OUT", "ads": "OPT_IN"}, True))
    equal(save(topic="news")[0].status, 200)
    equal(chosen("a@example.net"), ({"news": "OPT_IN", "ads": "OPT_OUT"}, False), "back again")
    equal([(e["source"], e["newTopicPreferences"]["unsubscribeAll"]) for e in events(message, "Subscription")],
          [("PreferenceCenter", False), ("PreferenceCenter", True), ("PreferenceCenter", False)])


@case
def links_are_guarded():
    make_list()
    _, mail = mail_of(send(to="a@example.net"))
    link = header_link(mail)
    for bad in (link[:-2], link.replace("?t=", "?t=A"), link.split("?")[0], link.split("=")[0] + "=%00"):
        for method, body in (("GET", None), ("POST", "List-Unsubscribe=One-Click")):
            equal(visit(method, bad, body)[0].status, 400, f"{method} {bad}")
    equal(visit("PUT", link, "x=1")[0].status, 405)
    equal(visit("POST", link, "x" * 20000)[0].status, 413)
    v2.delete_contact_list(ContactListName="list")
    equal(visit("POST", link, "List-Unsubscribe=One-Click")[0].status, 410)
    equal(visit("GET", link)[0].status, 410)


@case
def a_deleted_contact_can_still_leave():
    make_list()
    _, mail = mail_of(send(to="a@example.net"))
    v2.delete_contact(ContactListName="list", EmailAddress="a@example.net")
    equal(visit("POST", header_link(mail), "List-Unsubscribe=One-Click")[0].status, 200)
    equal(chosen("a@example.net"), ({"news": "OPT_OUT"}, False))


def mailbox_of(mail):
    """The address of the mailto:, and the subject it gives."""
    found = re.search(r"<mailto:([^?]*)\?subject=([^>]*)>", "".join(mail["List-Unsubscribe"].split()))
    return found[1], urllib.parse.unquote(found[2])


def write_to(mailbox, subject="", sender="somebody@example.org"):
    """By SMTP; what became of it."""
    with smtplib.SMTP(*server.inbound, timeout=30) as smtp:
        smtp.ehlo()
        equal((smtp.mail(sender)[0], smtp.rcpt(mailbox)[0]), (250, 250))
        _, answer = smtp.data(f"From: {sender}\r\nTo: {mailbox}\r\nSubject: {subject}\r\n\r\nbye\r\n".encode())

    def done():
        mail = json.loads(server.control("GET", "/_sesame/received/" + answer.decode().split()[1])[1])
        return mail if mail["state"] == "done" else None
    mail = wait_for("the mail to be done", done)
    equal((mail["kind"], len(mail["results"])), ("unsubscribe", 1))
    return mail["results"][0]


@case
def a_mail_to_the_mailbox_leaves_as_one_click_does():
    make_list()
    message = send(to="a@example.net")
    mailbox, subject = mailbox_of(mail_of(message)[1])
    equal(subject, f"unsubscribe {message}")
    got = write_to(mailbox.upper(), "Re: " + subject)
    equal((got["result"], got["message"]), ("recorded", message))
    equal(chosen("a@example.net"), ({"news": "OPT_OUT"}, False))
    equal(write_to(mailbox, subject)["result"], "noted")
    event, = events(message, "Subscription")
    assert event.pop("timestamp"), event
    equal(event, {"contactList": "list", "source": "UnsubscribeHeader",
                  "newTopicPreferences": in_event(False, news="OptOut", ads="OptOut"),
                  "oldTopicPreferences": in_event(False, news="OptIn", ads="OptOut")})
    equal(states(send(to="a@example.net")), {"a@example.net": "held"})


@case
def a_mailbox_is_of_one_contact_list_and_topic():
    make_list()
    first, second = send(to="a@example.net"), send(to="b@example.net")
    mailbox, _ = mailbox_of(mail_of(first)[1])
    got = write_to(mailbox, f"unsubscribe {second}")  # the message of somebody else
    equal((got["result"], "message" in got, events(second, "Subscription")), ("recorded", False, []))
    equal((chosen("a@example.net"), chosen("b@example.net")), (({"news": "OPT_OUT"}, False), ({}, False)))
    local, domain = mailbox.split("@")
    for address in (f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}", f"{local}@elsewhere.example"):
        with smtplib.SMTP(*server.inbound, timeout=30) as smtp:
            smtp.ehlo()
            smtp.mail("x@example.org")
            equal(smtp.rcpt(address)[0], 550, address)
    v2.delete_contact(ContactListName="list", EmailAddress="a@example.net")
    equal(write_to(mailbox)["detail"], "The address is not on the list.")
    equal(write_to(mailbox, sender="a@example.net")["result"], "recorded", "by its own address")
    equal(chosen("a@example.net"), ({"news": "OPT_OUT"}, False))
    v2.update_contact_list(ContactListName="list", Topics=[])
    equal(write_to(mailbox)["detail"], "The topic is gone.")
    v2.delete_contact_list(ContactListName="list")
    equal(write_to(mailbox)["detail"], "The list is gone.")


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
