"""A real Postfix that takes a mail and finds only then that nobody is there: its notification comes back to the return
path over SMTP, by the MX of the default and of a custom MAIL FROM domain."""

import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Suite, contains, equal  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.postfix import Postfix  # noqa: E402
from harness.server import Sesame, wait_for  # noqa: E402
from harness.tools import free_port  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("interop.feedback")
FAR = "far.example"
CONTENT = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}}


class World:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="sesame-test-")
        port = free_port()
        back = "sesame.localhost", "bounce.own.example"
        routes = " ".join(f"{{{domain} = smtp:[127.0.0.1]:{port}}}" for domain in back)
        self.postfix = Postfix(self.folder, [FAR], extra=[
            f"virtual_mailbox_maps=inline:{{ {{ann@{FAR} = box/}} }}", "smtpd_reject_unlisted_recipient=no",
            f"transport_maps=inline:{{ {routes} }}"]).start()
        self.dns = Dns(self.folder, [(FAR, "MX", f"10 mx.{FAR}"), (f"mx.{FAR}", "A", "127.0.0.1")]).__enter__()
        ports = ["--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--inbound", f"127.0.0.1:{port}"]
        self.sesame = Sesame("--auto-verify", "--deliver", "mx", "--dns", self.dns.address, "--mx-port",
                             str(self.postfix.port), "--data", os.path.join(self.folder, "data"),
                             command=["dev", *ports]).start()
        self.v1, self.v2 = client("ses", self.sesame), client("sesv2", self.sesame)

    def send(self, sender, *to):
        message = self.v2.send_email(FromEmailAddress=sender, Destination={"ToAddresses": list(to)},
                                     Content=CONTENT)["MessageId"]
        wait_for("the notification", lambda: any(t["kind"] == "returned" for t in self.sesame.trace(message)["trace"]))
        return self.sesame.trace(message)

    def stop(self):
        self.sesame.stop()
        self.dns.stop()
        self.postfix.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


world = None


@suite.case
def the_servers_start():
    global world
    world = World()


def bounced_behind_delivery(trace, address):
    kinds = [e["eventType"] for e in trace["events"]]
    equal(kinds, ["Send", "Delivery", "Bounce"])
    bounce = trace["events"][2]["bounce"]
    equal((bounce["bounceType"], bounce["bounceSubType"], bounce["reportingMTA"]),
          ("Permanent", "NoEmail", "dns; mx.example"))
    recipient, = bounce["bouncedRecipients"]
    equal((recipient["emailAddress"], recipient["action"], recipient["status"]), (address, "failed", "5.1.1"))
    contains(recipient["diagnosticCode"].encode(), b"unknown user")


@suite.case
def a_bounce_comes_back_and_suppresses():
    trace = world.send("me@shop.example", f"ann@{FAR}", f"gone@{FAR}")
    bounced_behind_delivery(trace, f"gone@{FAR}")
    equal([r["state"] for r in trace["recipients"]], ["delivered", "bounced"])
    world.postfix.wait_for_mail(f"ann@{FAR}")
    listed = world.v2.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    equal([(s["EmailAddress"], s["Reason"]) for s in listed], [(f"gone@{FAR}", "BOUNCE")])
    equal(sum(p["Bounces"] for p in world.v1.get_send_statistics()["SendDataPoints"]), 1)


@suite.case
def a_bounce_comes_back_to_a_custom_mail_from_domain():
    world.v1.verify_domain_identity(Domain="own.example")
    world.v1.set_identity_mail_from_domain(Identity="own.example", MailFromDomain="bounce.own.example")
    trace = world.send("me@own.example", f"Nobody@{FAR}")
    bounced_behind_delivery(trace, f"Nobody@{FAR}")
    line = next(m for m in world.sesame.messages() if m["messageId"] == trace["messageId"])
    equal(line["envelopeFrom"], f"{trace['messageId']}@bounce.own.example")


@suite.case
def the_servers_stop():
    world.stop()


if __name__ == "__main__":
    suite.main()
