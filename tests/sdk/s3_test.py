"""S3 actions against an S3 server of other people, which checks signatures: the Versity S3 Gateway."""

import email
import email.policy
import pathlib
import random
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from harness.cases import Skip, Suite, contains, equal  # noqa: E402
from harness.server import Sesame  # noqa: E402
from harness.versitygw import Versitygw  # noqa: E402
from sdk.clients import client, refused  # noqa: E402
from sdk.inbound import MAIL, hand_in, outcomes, received, rules  # noqa: E402

suite = Suite("s3")
BUCKET = "mails"


def action(bucket=BUCKET, prefix="in/"):
    return {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": prefix}}


class World:
    """A gateway with one bucket, and Sesame in front of it, which signs with the key `test` and the secret `test`."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="sesame-test-")
        self.gateway = Versitygw(self.folder).start()
        self.server = Sesame("--aws-endpoint", self.gateway.url).start()
        self.s3 = boto3.client("s3", endpoint_url=self.gateway.url, region_name="us-east-1", aws_access_key_id="test",
                               aws_secret_access_key="test", config=Config(proxies={}))
        self.s3.create_bucket(Bucket=BUCKET)

    def stop(self):
        self.server.stop()
        self.gateway.stop()
        shutil.rmtree(self.folder)

    def again(self, secret="test"):
        """The gateway stops, and starts on the same port with that secret."""
        self.gateway.stop()
        self.gateway.start(secret=secret)

    def object(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def rules(self, *actions):
        return rules(self.server, ("keep", list(actions), {}))

    def only_result(self, message_id, state="done"):
        results = received(self.server, message_id, state)["results"]
        equal(len(results), 1, "results")
        return results[0]["result"], results[0]["detail"]


def case(function):
    def run():
        if isinstance(world, Skip):
            raise world
        world.server.reset()
        function()
    suite.add(function.__name__, run)


try:
    world = World()
except Skip as lacking:
    world = lacking


@case
def a_mail_arrives_to_the_octet():
    """Under names that a signature has to spell with care; a small one, and one that lies in a file here."""
    noise = "".join(map(chr, random.Random(1).choices([*range(32, 127), 0xe9, 0x20ac, 0x1f600], k=900)))
    body = "\n".join(noise[i:i + 70] for i in range(0, 900, 70)) + "\n"
    prefixes = ["", "in/", "a b+c%41/", "Gr\u00fc\u00dfe/\u20ac=&?#/", "~!*'()/x."]
    world.rules(*(action(prefix=prefix) for prefix in prefixes))
    for size in (1, 2000):
        mail = MAIL + body * size
        message_id = hand_in(world.server, mail)
        equal(outcomes(world.server, message_id), [("keep", "S3", "done")] * len(prefixes))
        first, *others = (world.object(prefix + message_id) for prefix in prefixes)
        wire = mail.replace("\n", "\r\n").encode()
        assert first.endswith(wire), f"{len(first)} octets"
        head = email.message_from_bytes(first[:-len(wire)], policy=email.policy.default)
        equal((head["Return-Path"], head["X-SES-Spam-Verdict"]), ("<ann@example.net>", "DISABLED"))
        assert all(other == first for other in others)


@case
def a_rule_needs_a_bucket_that_takes_it():
    world.rules()
    ses = client("ses", world.server)

    def no(message, bucket):
        refused(ses.create_receipt_rule, "InvalidS3Configuration", message, RuleSetName="set",
                Rule={"Name": "r", "Actions": [action(bucket)]})

    no("No such bucket: missing", "missing")
    world.again(secret="another")
    no(f"Could not write to bucket: {BUCKET}", BUCKET)
    world.gateway.stop()
    no(f"Could not write to bucket: {BUCKET}", BUCKET)
    world.gateway.start()
    ses.create_receipt_rule(RuleSetName="set", Rule={"Name": "r", "Actions": [action()]})
    contains(world.object("in/AMAZON_SES_SETUP_NOTIFICATION"), b"Amazon SES Setup Notification")


@case
def a_mail_waits_for_a_secret_that_is_exchanged():
    world.rules(action())
    world.again(secret="another")
    try:
        message_id = hand_in(world.server)
        result, detail = world.only_result(message_id, "waiting")
        equal(result, "retry")
        contains(detail, "HTTP 403")
        contains(detail, "SignatureDoesNotMatch")
    finally:
        world.again()
    world.server.advance("1m")
    equal(outcomes(world.server, message_id), [("keep", "S3", "retry"), ("keep", "S3", "done")])
    contains(world.object("in/" + message_id), b"\r\n\r\nHello.\r\n")


@case
def a_bucket_that_goes_shows_and_may_come_back():
    world.s3.create_bucket(Bucket="brief")
    world.rules(action("brief"))
    for found in world.s3.list_objects_v2(Bucket="brief")["Contents"]:
        world.s3.delete_object(Bucket="brief", Key=found["Key"])
    world.s3.delete_bucket(Bucket="brief")
    message_id = hand_in(world.server)
    result, detail = world.only_result(message_id, "waiting")
    equal(result, "retry")
    contains(detail, "NoSuchBucket")
    world.s3.create_bucket(Bucket="brief")
    world.server.advance("1m")
    equal(outcomes(world.server, message_id), [("keep", "S3", "retry"), ("keep", "S3", "done")])


@case
def a_server_that_is_away_is_waited_for():
    world.rules(action())
    world.gateway.stop()
    message_id = hand_in(world.server)
    equal(world.only_result(message_id, "waiting")[0], "retry")
    world.gateway.start()
    world.server.advance("1m")
    equal(outcomes(world.server, message_id), [("keep", "S3", "retry"), ("keep", "S3", "done")])
    contains(world.object("in/" + message_id), b"\r\n\r\nHello.\r\n")


@suite.case
def everything_stops():
    if not isinstance(world, Skip):
        world.stop()


if __name__ == "__main__":
    suite.main()
