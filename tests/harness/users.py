"""IAM users of the server under test: made by its operator, with a key and whatever policy a test gives them."""

import json

from harness.tools import smtp_password

FULL = {"Effect": "Allow", "Action": "ses:*", "Resource": "*"}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def grant(server, user, *statements, account=None):
    """The user's one inline policy becomes these statements; without any it goes."""
    where = ["--account", account] if account else []
    if statements:
        server.operator("iam", "put-user-policy", user, "test", "--document", json.dumps(document(*statements)), *where)
    else:
        server.operator("iam", "delete-user-policy", user, "test", *where)


class User:
    def __init__(self, server, name, *statements, account=None):
        self.server, self.name, self.account = server, name, account or "000000000000"
        self.where = ["--account", account] if account else []
        self.arn = server.operator("iam", "create-user", name, *self.where)["arn"]
        self.key = server.operator("iam", "create-access-key", name, *self.where)
        if statements:
            self.allow(*statements)

    def allow(self, *statements):
        grant(self.server, self.name, *statements, account=self.where[1] if self.where else None)

    @property
    def credentials(self):
        return {"key": self.key["accessKeyId"], "secret": self.key["secretAccessKey"]}

    def smtp_login(self, smtp, region="us-east-1"):
        smtp.login(self.key["accessKeyId"], smtp_password(self.key["secretAccessKey"], region))
