"""The servers the table of errors is tried on: one that has one of everything, one whose tables are full, one whose
MAIL FROM domain fails, and one that counts management calls."""

import email
import email.policy
import json
import os
import re
import sqlite3
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from harness.server import LOOPBACK, Sesame

ACCOUNT = "000000000000"
ARN = f"arn:aws:ses:us-east-1:{ACCOUNT}:"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:events"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1"
SIMPLE = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "It works."}}}
CUSTOM = {"TemplateName": "confirm", "FromEmailAddress": "me@example.com", "TemplateSubject": "Confirm",
          "TemplateContent": "<p>Hi</p>", "SuccessRedirectionURL": "https://example.com/good",
          "FailureRedirectionURL": "https://example.com/bad"}


def policy(identity):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "ses:SendEmail",
        "Resource": ARN + "identity/" + identity}]})


class World:
    """A server and its clients. These do not check what they send: that is the server's to do."""

    def __init__(self, *flags):
        self.server = Sesame(*flags).start()
        self.v1, self.v2 = self.client("ses"), self.client("sesv2")

    def client(self, service):
        return boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1", aws_access_key_id="any",
                            aws_secret_access_key="any", config=Config(
                                parameter_validation=False, retries={"total_max_attempts": 1}, proxies={}))

    def tidy(self):
        """Before a row: undoes what the one before it did."""

    def last_of(self, method, call, enough):
        """Makes the call; what it answers or raises."""
        return method(**call)

    def stop(self):
        self.server.__exit__(None, None, None)


class Standing(World):
    """One of everything. `tidy()` makes it so again."""

    def __init__(self):
        super().__init__()
        self.changed = True

    def tidy(self):
        if not self.changed:
            return
        self.changed = False
        self.server.reset()
        v1, v2 = self.v1, self.v2
        v2.create_email_identity(EmailIdentity="example.com")
        v2.create_email_identity_policy(EmailIdentity="example.com", PolicyName="p", Policy=policy("example.com"))
        v1.create_configuration_set(ConfigurationSet={"Name": "one"})
        v2.create_configuration_set_event_destination(
            ConfigurationSetName="one", EventDestinationName="topic",
            EventDestination={"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}})
        v2.create_email_template(TemplateName="welcome", TemplateContent={"Subject": "Hi {{name}}", "Text": "Hello"})
        v2.create_custom_verification_email_template(**CUSTOM)
        v2.create_contact_list(ContactListName="list", Topics=[
            {"TopicName": "news", "DisplayName": "News", "DefaultSubscriptionStatus": "OPT_OUT"}])
        v2.create_contact(ContactListName="list", EmailAddress="a@example.net")


class Full(World):
    """As many sets, identities and templates as an account may have. A row of each is made by a call; the others are
    copies of it under other names, put into the data while the server is down: thousands of calls would take minutes."""

    LIMITS = {"configuration_set": 10000, "identity": 10000, "template": 20000}

    def __init__(self):
        super().__init__()
        self.server.stop()
        data = os.path.join(self.server.folder, "kept")
        self.server.flags += ["--data", data]
        self.server.start()
        self.v1, self.v2 = self.client("ses"), self.client("sesv2")
        self.v2.create_configuration_set(ConfigurationSetName="a")
        self.v2.create_email_identity(EmailIdentity="a@a.example")
        self.v2.create_email_template(TemplateName="a", TemplateContent={"Subject": "s", "Text": "t"})
        self.server.stop()
        self.fill(os.path.join(data, "sesame.db"))
        self.server.start()
        self.v1, self.v2 = self.client("ses"), self.client("sesv2")

    def fill(self, file):
        with sqlite3.connect(file) as db:
            for table, limit in self.LIMITS.items():
                columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                name = "'n' || value" + (" || '@a.example'" if table == "identity" else "")
                made = ", ".join(name if c == "name" else c for c in columns)
                db.execute(f"WITH RECURSIVE n(value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < {limit}) "
                           f"INSERT INTO {table} ({', '.join(columns)}) SELECT {made} FROM n, {table}")


class FailingMailFrom(World):
    """An address verified by its link, whose MAIL FROM domain stays pending (nobody answers for DNS) and rejects mail."""

    def __init__(self):
        super().__init__("--verify", "dns", "--dns", "127.0.0.1:1")
        self.v2.create_email_identity(EmailIdentity="me@example.com")
        mail = email.message_from_bytes(self.server.only_mail(to="me@example.com")[1], policy=email.policy.default)
        path, token = re.search(r"https?://[^/\s]+(/\S+)\?t=(\S+)", mail.get_body(("plain",)).get_content()).groups()
        LOOPBACK.open(self.server.url + path, data=urllib.parse.urlencode({"t": token}).encode()).close()
        self.v2.put_email_identity_mail_from_attributes(EmailIdentity="me@example.com", MailFromDomain="m.example.com",
                                                        BehaviorOnMxFailure="REJECT_MESSAGE")
        self.v2.create_email_template(TemplateName="welcome", TemplateContent={"Subject": "Hi", "Text": "Hello"})
        self.v2.create_custom_verification_email_template(**CUSTOM)


class Counting(World):
    """Takes each management call once a second."""

    def __init__(self):
        super().__init__("--management-rate", "1")

    def last_of(self, method, call, enough):
        """Calls again and again until it is `enough`. Two at once pass, and more while time goes by."""
        for _ in range(500):
            try:
                method(**call)
            except ClientError as error:
                if enough(error):
                    raise
        return method(**call)
