"""Mail that comes in, for tests: handed in by the control API, and what became of it."""

import json
import urllib.error
import urllib.parse
import urllib.request

from harness.cases import equal
from harness.server import LOOPBACK, wait_for
from sdk.clients import client

STOP = {"StopAction": {"Scope": "RuleSet"}}
MAIL = "From: Ann <ann@example.net>\nTo: box@example.com\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <1@x>\n\nHello.\n"


def rules(server, *given, domain="example.com", region="us-east-1", ses=None):
    """`given` are (name, actions, further members); the client that made them."""
    ses = ses or client("ses", server, region=region)
    ses.verify_domain_identity(Domain=domain)
    ses.create_receipt_rule_set(RuleSetName="set")
    for name, actions, more in reversed(given):
        ses.create_receipt_rule(RuleSetName="set", Rule={"Name": name, "Enabled": True, "Actions": actions, **more})
    ses.set_active_receipt_rule_set(RuleSetName="set")
    return ses


def hand_in(server, mail=MAIL, want=200, **query):
    request = urllib.request.Request(server.url + "/_sesame/inbound?" + urllib.parse.urlencode(query),
                                     data=mail.encode(), method="POST")
    try:
        with LOOPBACK.open(request, timeout=30) as answer:
            status, body = answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        status, body = error.code, json.loads(error.read())
    equal(status, want, f"status ({body})")
    return body.get("messageId")


def received(server, message_id, state="done"):
    def look():
        status, body = server.control("GET", f"/_sesame/received/{message_id}")
        equal(status, 200)
        mail = json.loads(body)
        settled = mail["state"] == state and (state == "done" or mail["results"])
        return mail if settled else None
    return wait_for(f"{message_id} to be {state}", look)


def outcomes(server, message_id, state="done"):
    return [(r["rule"], r["action"], r["result"]) for r in received(server, message_id, state)["results"]]
