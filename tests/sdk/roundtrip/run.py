#!/usr/bin/env python3
"""Round trips of every operation of the models through real SDKs against model_echo.

usage: run.py ECHO-BINARY [--venv DIR] [--node-modules DIR] [--node NODE] [--only boto3,awscli,javascript,cli]

--venv: a Python environment with tests/sdk/requirements.txt (or SESAME_SDK_VENV); --node-modules: a folder in which
`npm ci` of tests/sdk/package.json has run (or SESAME_SDK_NODE). A driver whose packages are not there is reported and
counts as a failure unless --only leaves it out. Each driver ends with "N passed, N failed".
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from cases import all_cases  # noqa: E402

CLI_CALLS = [  # a few calls of the real command, about a second each
    ("ses", "SendEmail", ["ses", "send-email", "--from", "a@x.y", "--to", "b@x.y", "c@x.y", "--subject", "S \u00e9",
                          "--text", "T <&>"],
     {"Source": "a@x.y", "Destination": {"ToAddresses": ["b@x.y", "c@x.y"]},
      "Message": {"Subject": {"Data": "S \u00e9"}, "Body": {"Text": {"Data": "T <&>"}}}}),
    ("ses", "ListIdentities", ["ses", "list-identities", "--identity-type", "Domain", "--page-size", "3"],
     {"IdentityType": "Domain", "MaxItems": 3}),
    ("ses", "GetSendQuota", ["ses", "get-send-quota"], {}),
    ("ses", "SendRawEmail", ["ses", "send-raw-email", "--raw-message", "Data=RnJvbTogYUB4LnkNCg0K"],
     {"RawMessage": {"Data": "RnJvbTogYUB4LnkNCg0K"}}),
    ("sesv2", "SendEmail", ["sesv2", "send-email", "--from-email-address", "a@x.y", "--destination",
                            "ToAddresses=b@x.y", "--content",
                            "Simple={Subject={Data=S},Body={Text={Data=T}}}"],
     {"FromEmailAddress": "a@x.y", "Destination": {"ToAddresses": ["b@x.y"]},
      "Content": {"Simple": {"Subject": {"Data": "S"}, "Body": {"Text": {"Data": "T"}}}}}),
    ("sesv2", "ListEmailIdentities", ["sesv2", "list-email-identities", "--page-size", "5"], {"PageSize": 5}),
    ("sesv2", "GetEmailIdentity", ["sesv2", "get-email-identity", "--email-identity", "a+b@x.y"],
     {"EmailIdentity": "a+b@x.y"}),
    ("sesv2", "ListContacts", ["sesv2", "list-contacts", "--contact-list-name", "L", "--filter",
                               "FilteredStatus=OPT_IN", "--page-size", "7"],
     {"ContactListName": "L", "Filter": {"FilteredStatus": "OPT_IN"}, "PageSize": 7}),
    ("sesv2", "PutConfigurationSetSendingOptions",
     ["sesv2", "put-configuration-set-sending-options", "--configuration-set-name", "c", "--no-sending-enabled"],
     {"ConfigurationSetName": "c", "SendingEnabled": False}),
    ("sts", "GetCallerIdentity", ["sts", "get-caller-identity"], {}),
]


class EchoServer:
    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().split()[1]}"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def clean_environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.lower().endswith("_proxy")}
    kept.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_DEFAULT_REGION="us-east-1",
                AWS_PAGER="", PYTHONDONTWRITEBYTECODE="1")
    return kept


def drive(title, command, extra=None):
    print(f"== {title}", flush=True)
    environment = clean_environment()
    environment.update(extra or {})
    return subprocess.run(command, env=environment).returncode == 0


def drive_cli(url, cases):
    from drive_cli import run_calls
    print("== the aws command of Debian", flush=True)
    return run_calls(url, CLI_CALLS, cases, clean_environment())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("echo")
    parser.add_argument("--venv", default=os.environ.get("SESAME_SDK_VENV"))
    parser.add_argument("--node-modules", default=os.environ.get("SESAME_SDK_NODE"))
    parser.add_argument("--node", default=os.environ.get("NODE", "node"))
    parser.add_argument("--only", default="boto3,javascript,awscli,cli")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")

    cases = all_cases(HERE.parents[2] / "model")
    server = EchoServer(arguments.echo)
    results = {}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(cases, file)
        file.flush()
        python = [str(HERE / "drive_python.py"), "--url", server.url, "--cases", file.name]
        if "boto3" in wanted:
            interpreter = str(Path(arguments.venv, "bin", "python")) if arguments.venv else sys.executable
            results["boto3"] = drive("boto3", [interpreter, *python, "--library", "boto3", "--apis",
                                               "ses,sesv2,iam,sts,sns"])
        if "javascript" in wanted:
            modules = {"SDK_MODULES": str(Path(arguments.node_modules).resolve())} if arguments.node_modules else {}
            results["javascript"] = drive("JavaScript SDK v3", [
                arguments.node, str(HERE / "drive_javascript.mjs"), server.url, file.name, "ses", "sesv2", "iam",
                "sts"], modules)
        if "awscli" in wanted:
            results["awscli"] = drive("the library inside Debian's awscli", [
                "/usr/bin/python3", *python, "--library", "awscli", "--apis", "ses,sesv2,iam,sts,sns"])
        if "cli" in wanted:
            results["cli"] = drive_cli(server.url, cases)
    server.stop()
    for name, good in results.items():
        print(f"{'ok' if good else 'not ok'} - {name}")
    sys.exit(0 if all(results.values()) else 1)


if __name__ == "__main__":
    main()
