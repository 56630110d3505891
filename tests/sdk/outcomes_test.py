"""What becomes of accepted mail that cannot be made, must not leave, or finds nobody at home: by real clients against the
real engine, with a far end that is dead or only counts who calls."""

import contextlib
import json
import pathlib
import shutil
import socket
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("outcomes")
SENDER = "me@example.com"
SOURCE = {"Subject": "Hello {{name}}", "Text": "Dear {{name}}, your {{animal}}.", "Html": "<b>{{name}}</b> {{animal}}"}
MISSING = "Attribute 'animal' is not present in the rendering data."
# In two parts, or scanners would take this file for a virus.
EICAR_HEAD, EICAR_TAIL = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Counter:
    """A far end that hangs up on everybody and knows how many came."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self.count, daemon=True).start()

    def count(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.calls += 1
                connection.close()

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def dead_port():
    """A port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextlib.contextmanager
def dead_relay(*flags):
    relay = "--auto-verify", "--deliver", "relay", "--relay"
    with dead_port() as port, Sesame(*relay, f"127.0.0.1:{port}", *flags) as dev:
        dev.account(maxSendRate=1000000)
        yield dev, client("sesv2", dev)


def make(v2, name="welcome", **parts):
    v2.create_email_template(TemplateName=name, TemplateContent={**SOURCE, **parts})


def send(v2, *to, data=None, template=None, **kwargs):
    content = {"TemplateData": json.dumps(data or {}), **(template or {"TemplateName": "welcome"})}
    return v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": list(to)}, Content={"Template": content},
                         **kwargs)["MessageId"]


def ended(dev, message):
    return wait_for(f"the end of {message}", lambda: (t := dev.trace(message))["state"] != "pending" and t)


def held_for_rendering(dev, message, name="welcome"):
    """It ended as a Rendering Failure, told once, and was never tried."""
    trace = ended(dev, message)
    equal(trace["state"], "held")
    equal([e["eventType"] for e in trace["events"]], ["Send", "Rendering Failure"])
    failure = trace["events"][1]["failure"]
    equal(failure["errorMessage"], MISSING)
    equal(failure.get("templateName"), name)
    kinds = [e["kind"] for e in trace["trace"]]
    assert "attempt" not in kinds, kinds
    equal(kinds.count("held"), 1, "held")


def attempts(dev, message):
    return [e for e in dev.trace(message)["trace"] if e["kind"] == "attempt"]


# Mail that cannot be made of its template (SES §13).


@suite.case
def a_rendering_failure_waits_for_no_host():
    """The relay is dead: what cannot be made is known at once, what can be made is tried again."""
    with dead_relay() as (dev, v2):
        make(v2)
        bad = send(v2, "a@one.example", "b@two.example", "c@one.example", data={"name": "Ann"})
        good = send(v2, "a@one.example", data={"name": "Ann", "animal": "cat"})
        held_for_rendering(dev, bad)
        wait_for("the first attempt", lambda: attempts(dev, good))
        equal([e["eventType"] for e in dev.events(good)], ["Send", "DeliveryDelay"])
        dev.advance("1h")
        held_for_rendering(dev, bad)
        assert len(attempts(dev, good)) > 1


@suite.case
def a_rendering_failure_seeks_no_connection():
    counter = Counter()
    with Sesame("--auto-verify", "--deliver", "relay", "--relay", f"127.0.0.1:{counter.port}") as dev:
        v1, v2 = client("ses", dev), client("sesv2", dev)
        make(v2)
        held_for_rendering(dev, send(v2, "a@one.example", data={"name": "Ann"}))
        sent = v1.send_templated_email(Source=SENDER, Destination={"ToAddresses": ["b@one.example"]}, Template="welcome",
                                       TemplateData='{"name": "Ann"}')
        held_for_rendering(dev, sent["MessageId"])
        equal(counter.calls, 0, "connections")
        good = send(v2, "a@one.example", data={"name": "Ann", "animal": "cat"})
        wait_for("the first attempt", lambda: attempts(dev, good))
        assert counter.calls > 0
    counter.close()


@suite.case
def a_rendering_failure_asks_no_dns():
    """By MX: a domain that does not exist and one whose host is dead."""
    folder = tempfile.mkdtemp(prefix="sesame-test-")
    try:
        with dead_port() as port, Dns(folder, [("dead.example", "MX", "10 mx.dead.example"),
                                               ("mx.dead.example", "A", "127.0.0.1")]) as dns, \
                Sesame("--auto-verify", "--deliver", "mx", "--dns", dns.address, "--mx-port", str(port)) as dev:
            v2 = client("sesv2", dev)
            make(v2)
            for domain in ("dead.example", "nowhere.invalid"):
                held_for_rendering(dev, send(v2, f"a@{domain}", data={"name": "Ann"}))
            bounced = send(v2, "a@nowhere.invalid", data={"name": "Ann", "animal": "cat"})
            equal(ended(dev, bounced)["state"], "bounced")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@suite.case
def a_bulk_entry_that_fails_keeps_no_other():
    with dead_relay() as (dev, v2):
        make(v2)

        def entry(i, data):
            return {"Destination": {"ToAddresses": [f"r{i}@one.example"]},
                    "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(data)}}}
        answer = v2.send_bulk_email(
            FromEmailAddress=SENDER, DefaultContent={"Template": {"TemplateName": "welcome", "TemplateData": '{"name": "you"}'}},
            BulkEmailEntries=[entry(i, {} if i % 7 == 0 else {"animal": f"cat {i}"}) for i in range(50)])
        ids = [r["MessageId"] for r in answer["BulkEmailEntryResults"]]
        for i, message in enumerate(ids):
            if i % 7 == 0:
                held_for_rendering(dev, message)
            else:
                wait_for("the first attempt", lambda m=message: attempts(dev, m))


@suite.case
def a_rendering_failure_is_found_after_a_restart():
    """Accepted, then the power went before anything was tried: a template that is inline, and one that is stored."""
    folder = tempfile.mkdtemp(prefix="sesame-test-")
    try:
        with dead_relay("--data", folder) as (dev, v2):
            make(v2)
            messages = [send(v2, "a@one.example", data={"name": "Ann"}) for _ in range(20)]
            dev.kill()
            dev.start()
            for message in messages:
                held_for_rendering(dev, message)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# Bad content in what a template makes (SES §21).


def rejected(dev, message):
    trace = ended(dev, message)
    equal(trace["state"], "held")
    equal([e["eventType"] for e in trace["events"]], ["Send", "Reject"])
    equal(trace["events"][1]["reject"], {"reason": "Bad content"})
    assert "attempt" not in [e["kind"] for e in trace["trace"]], trace["trace"]


def rejects(dev):
    points = client("ses", dev).get_send_statistics()["SendDataPoints"]
    return sum(p["Rejects"] for p in points)


@suite.case
def bad_content_of_a_template_is_rejected():
    """In the stored text, in an inline one, and made of two harmless halves: each as one Reject, and nothing leaves."""
    with Sesame("--auto-verify") as dev:
        v2 = client("sesv2", dev)
        eicar = EICAR_HEAD + EICAR_TAIL
        make(v2, Text=f"Dear {{{{name}}}}: {eicar}")
        make(v2, "html", Html=f"<p>{eicar}</p>")
        make(v2, "half", Subject=EICAR_HEAD + "{{name}}")
        data = {"name": "Ann", "animal": "cat"}
        inline = {"TemplateContent": {"Subject": "x", "Text": f"Dear {{{{name}}}}: {eicar}"}}
        sent = [
            send(v2, "a@one.example", "b@two.example", data=data),
            send(v2, "a@one.example", data=data, template={"TemplateName": "html"}),
            send(v2, "a@one.example", data=data, template=inline),
            send(v2, "a@one.example", data={**data, "name": EICAR_TAIL}, template={"TemplateName": "half"}),
        ]
        for message in sent:
            rejected(dev, message)
        equal(rejects(dev), 5, "rejects")
        ended(dev, send(v2, "a@one.example", data=data, template={"TemplateName": "half"}))
        equal(len(dev.messages(to="a@one.example")), 5)
        states = {m["messageId"]: m["state"] for m in dev.messages(to="a@one.example") if "state" in m}
        equal([states.get(m, "held") for m in sent], ["held"] * 4)


@suite.case
def bad_content_is_rejected_before_a_connection():
    counter = Counter()
    with Sesame("--auto-verify", "--strict-templates", "--deliver", "relay", "--relay", f"127.0.0.1:{counter.port}") as dev:
        v2 = client("sesv2", dev)
        make(v2, Text=EICAR_HEAD + EICAR_TAIL)
        answer = v2.send_bulk_email(
            FromEmailAddress=SENDER, BulkEmailEntries=[{"Destination": {"ToAddresses": [f"{n}@one.example"]}} for n in "abc"],
            DefaultContent={"Template": {"TemplateName": "welcome", "TemplateData": '{"name": "x", "animal": "cat"}'}})
        for result in answer["BulkEmailEntryResults"]:
            equal(result["Status"], "SUCCESS")
            rejected(dev, result["MessageId"])
        equal(rejects(dev), 3, "rejects")
        equal(counter.calls, 0, "connections")
    counter.close()


# A time of its own (SES §17, §18).


@suite.case
def max_delivery_seconds_end_in_a_bounce_of_their_own():
    """With MaxDeliverySeconds the attempts end early, as Transient/CustomTimeoutExceeded; without, at the usual time."""
    with dead_relay() as (dev, v2):
        v2.create_configuration_set(ConfigurationSetName="quick", DeliveryOptions={"MaxDeliverySeconds": 300})
        v2.create_configuration_set(ConfigurationSetName="slow")
        make(v2)
        data = {"name": "Ann", "animal": "cat"}
        quick = send(v2, "a@one.example", data=data, ConfigurationSetName="quick")
        slow = send(v2, "a@one.example", data=data, ConfigurationSetName="slow")
        for message in (quick, slow):
            wait_for("the first attempt", lambda m=message: attempts(dev, m))
            equal([e["eventType"] for e in dev.events(message)], ["Send", "DeliveryDelay"])
        delay = dev.events(quick)[1]["deliveryDelay"]
        accepted = dev.events(quick)[0]["mail"]["timestamp"]
        equal(delay["expirationTime"][:10], accepted[:10], "expiration")
        dev.advance("299s")
        equal(dev.trace(quick)["state"], "pending")
        dev.advance("2s")
        trace = ended(dev, quick)
        equal(trace["state"], "bounced")
        equal([e["eventType"] for e in trace["events"]], ["Send", "DeliveryDelay", "Bounce"])
        bounce = trace["events"][2]["bounce"]
        equal((bounce["bounceType"], bounce["bounceSubType"]), ("Transient", "CustomTimeoutExceeded"))
        (recipient,) = bounce["bouncedRecipients"]
        equal((recipient["emailAddress"], recipient["action"], recipient["status"]), ("a@one.example", "failed", "4.4.7"))
        contains(recipient["diagnosticCode"], "smtp; 550 4.4.7 Message expired: unable to deliver in 5 minutes.<")
        equal(trace["events"][2]["mail"]["tags"]["ses:configuration-set"], ["quick"])
        equal(dev.trace(slow)["state"], "pending")
        dev.advance("15h")
        trace = ended(dev, slow)
        bounce = trace["events"][-1]["bounce"]
        equal((bounce["bounceType"], bounce["bounceSubType"]), ("Transient", "General"))
        # A soft end says nothing about the address (SES §16).
        equal(v2.list_suppressed_destinations()["SuppressedDestinationSummaries"], [])


# What a call says beside its mail (SES §6.2, §20, §24).


@suite.case
def overrides_and_tenants_of_a_call():
    """Tracking overrides are checked and kept, for each mail of a bulk call too; a tenant that is not there is refused."""
    with Sesame("--auto-verify") as dev:
        v2 = client("sesv2", dev)
        make(v2)
        tracking = {"Tracking": {"OpenTrackingEnabled": "ENABLED", "ClickTrackingEnabled": "DISABLED"}}
        template = {"Template": {"TemplateName": "welcome", "TemplateData": '{"name": "x", "animal": "cat"}'}}
        call = {"FromEmailAddress": SENDER, "DefaultContent": template,
                "BulkEmailEntries": [{"Destination": {"ToAddresses": [f"{n}@one.example"]}} for n in "ab"]}
        bulk = v2.send_bulk_email(**call, ConfigurationOverrides=tracking)["BulkEmailEntryResults"]
        messages = [send(v2, "c@one.example", ConfigurationOverrides=tracking), *(result["MessageId"] for result in bulk)]
        for message in messages:
            status, shown = dev.control("GET", f"/_sesame/messages/{message}")
            equal(status, 200)
            shown = json.loads(shown)
            equal((shown["trackOpens"], shown["trackClicks"]), (True, False))
        wrong = {"Tracking": {"OpenTrackingEnabled": "MAYBE"}}
        for function, more in ((v2.send_email, {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": ["c@one.example"]},
                                                "Content": template}), (v2.send_bulk_email, call)):
            error = raises(v2.exceptions.BadRequestException, function, **more, ConfigurationOverrides=wrong)
            contains(str(error), "Member must satisfy enum value set: [ENABLED, DISABLED]")
            error = raises(v2.exceptions.NotFoundException, function, **more, TenantName="acme")
            contains(str(error), "Tenant acme for AwsAccountId 000000000000 not found.")


suite.main()
