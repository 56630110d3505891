"""The examples of docs/guide/access.md and access-policies.md, run as they stand: their policies, their commands, the calls
they let through, and the exact words of those they refuse; the refused calls by boto3 as well."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import botocore.exceptions  # noqa: E402
from harness.cases import Suite, contains, equal, raises  # noqa: E402
from harness.server import ROOT, Sesame, binary, clean_environment  # noqa: E402
from harness.tools import smtp_password  # noqa: E402
from sdk.clients import client  # noqa: E402

suite = Suite("access.guide")
PAGE = (ROOT / "docs/guide/access-policies.md").read_text(encoding="utf-8")
ACCESS = (ROOT / "docs/guide/access.md").read_text(encoding="utf-8")
RUN_OF_ACCESS = ("By AWS's own commands", "The operator's commands")
server = Sesame().start()
folder = tempfile.mkdtemp(prefix="guide-", dir=server.folder)
for name in ("example.com", "news@example.com"):
    client("sesv2", server).create_email_identity(EmailIdentity=name)

# What stands for the reader's own installation.
BEFORE = f"""
sesame() {{ {shlex.quote(binary())} "$@" --json; }}
aws() {{ /usr/bin/aws --endpoint-url {server.url} "$@"; }}
swaks() {{
  local words=()
  for word in "$@"; do [ "$word" = --tls ] || words+=("${{word/#email-smtp.example.com:587/{server.addresses["smtp"]}}}"); done
  command swaks "${{words[@]}}"
}}
"""
keys = {}


def run(block, key=None):
    environment = {**clean_environment(), "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "NO_PROXY": "127.0.0.1",
                   "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    environment.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any")
    if key:
        environment.update(AWS_ACCESS_KEY_ID=keys[key][0], AWS_SECRET_ACCESS_KEY=keys[key][1], SMTP_USER=keys[key][0],
                           SMTP_PASSWORD=keys[key][2])
    text = BEFORE + block.replace("/etc/sesame/data", server.addresses["data"])
    return subprocess.run(["bash", "-ec", text], capture_output=True, text=True, timeout=120, cwd=folder, check=False,
                          env=environment, stdin=subprocess.DEVNULL)


def blocks(section):
    """(kind, words behind it, text) of each fenced block."""
    for kind, words, text in re.findall(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", section, re.M | re.S):
        yield kind, words.split(), text


def remember(user, output):
    """The credentials that the last command of a block printed."""
    key = re.search(r'"(?:accessKeyId|AccessKeyId|smtpUserName)": ?"(\w+)"', output)
    secret = re.search(r'"[sS]ecretAccessKey": ?"([^"]+)"', output)
    password = re.search(r'"us-east-1":"([^"]+)"', output)
    if key:
        secret = secret.group(1) if secret else ""
        keys[user] = (key.group(1), secret, password.group(1) if password else smtp_password(secret, "us-east-1"))


def run_section(section):
    output = ""
    ran = 0
    for kind, words, text in blocks(section):
        if kind in ("json", "python"):
            (pathlib.Path(folder) / words[0]).write_text(text, encoding="utf-8")
        elif kind == "text":
            contains(output, text.strip(), "the reply")
        else:
            options = dict(word.partition("=")[::2] for word in words)
            done = run(text, options.get("key"))
            ran += 1
            output = done.stdout + done.stderr
            equal(done.returncode != 0, "refused" in options, f"{text}{output}\nwhether it is refused")
            if user := re.search(r"create-user (?:--user-name )?(\w+)", text):
                remember(user.group(1), output)
    assert ran, "no command"


def sections():
    def of(page):
        return re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    yield from [(title, text) for title, text in of(ACCESS) if title in RUN_OF_ACCESS]
    yield from [(title, text) for title, text in of(PAGE) if "```sh" in text]


for heading, part in sections():
    suite.add(heading, lambda part=part: run_section(part))


def said(operation):
    """The page's words for a refused call, without the name of the operation that the command line puts before."""
    return re.search(rf"calling the {operation} operation: ([^\n]+)", PAGE).group(1)


@suite.case
def the_same_by_boto3():
    def by(user, service):
        return client(service, server, key=keys[user][0], secret=keys[user][1])
    simple = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    to = {"ToAddresses": ["ann@example.org"]}
    by("modern", "sesv2").send_email(FromEmailAddress="news@example.com", Destination=to, Content={"Simple": simple})
    by("classic", "ses").send_email(Source="news@example.com", Destination=to, Message=simple)
    for function, parameters, operation in (
            (by("modern", "ses").send_email, dict(Source="news@example.com", Destination=to, Message=simple), "SendEmail"),
            (by("modern", "ses").get_send_quota, {}, "GetSendQuota"),
            (by("classic", "sesv2").get_account, {}, "GetAccount")):
        error = raises(botocore.exceptions.ClientError, function, **parameters)
        equal(error.response["Error"]["Message"], said(operation))


@suite.case
def what_was_sent():
    equal(len(server.messages(to="ann@example.org")), 6)
    equal(server.messages(to="bob@example.net"), [])


suite.add("the server stops in order", lambda: server.__exit__(None, None, None))
suite.main()
