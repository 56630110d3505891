"""Round trips through boto3, or through the botocore inside Debian's awscli (--library awscli, run by the system's
python3). Requests of every operation the library knows go to model_echo; what it decoded must be what was sent,
and what the library reads back must be what it was told to answer.

usage: drive_python.py --library boto3|awscli --url http://127.0.0.1:PORT --cases FILE --apis ses,sesv2,…
"""

import argparse
import base64
import datetime
import json
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cases import differences, plain  # noqa: E402


class Echo:
    def __init__(self, url):
        self.url = url

    def post(self, path, value):
        request = urllib.request.Request(self.url + path, json.dumps(value).encode(), method="POST")
        urllib.request.urlopen(request).read()

    def last(self):
        return json.loads(urllib.request.urlopen(self.url + "/_echo/last").read())


def make_client(library, api, url):
    """boto3 signs nothing: model_echo does not look, and EndpointId would ask it for SigV4A, which needs a native
    module. The older library of awscli knows no EndpointId rule and signs."""
    if library == "boto3":
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
        make = boto3.session.Session().client
        config = Config(retries={"total_max_attempts": 1}, signature_version=UNSIGNED)
    else:
        import awscli.botocore.session
        from awscli.botocore.config import Config
        make = awscli.botocore.session.get_session().create_client
        config = Config(retries={"max_attempts": 1})
    return make(api, region_name="us-east-1", endpoint_url=url, aws_access_key_id="AKIDEXAMPLE",
                aws_secret_access_key="secret", config=config)


def known(shape, value, path, unknown):
    """The part of a value that the library's model has a place for; what it has none for goes to `unknown`."""
    if isinstance(value, dict) and not {"$t", "$b"} & set(value):
        if shape.type_name == "structure":
            out = {}
            if getattr(shape, "is_tagged_union", False):
                value = dict(list(value.items())[:1])  # the library sends one member only
            for key, inner in value.items():
                if key in shape.members:
                    out[key] = known(shape.members[key], inner, f"{path}.{key}", unknown)
                else:
                    unknown.append(f"{path}.{key}")
            return out
        return {k: known(shape.value, v, f"{path}.{k}", unknown) for k, v in value.items()}
    if isinstance(value, list):
        return [known(shape.member, v, path, unknown) for v in value]
    return value


def to_library(value):
    if isinstance(value, dict):
        if "$t" in value:
            return datetime.datetime.fromtimestamp(value["$t"], datetime.timezone.utc)
        if "$b" in value:
            return base64.b64decode(value["$b"])
        return {k: to_library(v) for k, v in value.items()}
    if isinstance(value, list):
        return [to_library(v) for v in value]
    return value


def from_library(value):
    if isinstance(value, dict):
        return {k: from_library(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_library(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


class Driver:
    def __init__(self, arguments):
        self.arguments = arguments
        self.echo = Echo(arguments.url)
        self.passed, self.failed = 0, 0
        self.unknown_operations, self.unknown_members = [], []

    def report(self, name, faults):
        if faults:
            self.failed += 1
            print(f"not ok - {name}")
            for fault in faults[:8]:
                print(f"    {fault}")
        else:
            self.passed += 1

    def run(self, cases):
        for api in self.arguments.apis.split(","):
            client = make_client(self.arguments.library, api, self.arguments.url)
            methods = {v: k for k, v in client.meta.method_to_api_mapping.items()}
            for case in cases[api]["cases"]:
                if case["operation"] not in methods:
                    self.unknown_operations.append(f"{api}.{case['operation']}")
                    continue
                self.case(api, client, methods[case["operation"]], case)
            for error in cases[api]["errors"]:
                if error["operation"] in methods:
                    self.error(api, client, methods[error["operation"]], cases[api]["cases"], error)

    def prepared(self, client, case):
        model = client.meta.service_model.operation_model(case["operation"])
        unknown = []
        sent = known(model.input_shape, case["input"], case["operation"], unknown) if model.input_shape else {}
        want = known(model.output_shape, case["output"], case["operation"], unknown) if model.output_shape else {}
        self.unknown_members += unknown
        return sent, want

    def case(self, api, client, method, case):
        name = f"{api}.{case['operation']}" + (f" variant {case['choice'] + 1}" if case["choice"] else "")
        sent, want = self.prepared(client, case)
        self.echo.post("/_echo/result", case["plain_output"])
        try:
            got = getattr(client, method)(**to_library(sent))
        except Exception as error:  # noqa: BLE001 - whatever the library raises is a failure of this case
            self.report(name, [f"{type(error).__name__}: {str(error)[:600]}"])
            return
        seen = self.echo.last()
        faults = [] if seen.get("operation") == case["operation"] else [f"arrived as {seen}"]
        faults += ["request " + d for d in differences(plain(sent), seen.get("input", {}))]
        got.pop("ResponseMetadata", None)
        faults += ["answer " + d for d in differences(plain(want), from_library(got))]
        self.report(name, faults)

    def error(self, api, client, method, cases, error):
        case = next(c for c in cases if c["operation"] == error["operation"])
        sent, _ = self.prepared(client, case)
        told = {"code": error["code"], "message": error["message"], "members": error["members"]}
        if api == "sesv2":
            told["v2"] = True
        self.echo.post("/_echo/error", told)
        faults = ["no error was raised"]
        try:
            getattr(client, method)(**to_library(sent))
        except client.exceptions.ClientError as raised:
            response, faults = raised.response, []
            faults += differences(error["code"], response["Error"]["Code"], "code")
            faults += differences(error["message"], response["Error"]["Message"], "message")
            faults += differences(error["status"], response["ResponseMetadata"]["HTTPStatusCode"], "status")
            modelled = {s.name: s for s in client.meta.service_model.error_shapes}
            for member, text in error["members"].items():
                if error["shape"] in modelled and member in modelled[error["shape"]].members:
                    faults += differences(text, response.get(member, response["Error"].get(member)), member)
        self.report(f"{api} error {error['shape']}", faults)


def main():
    parser = argparse.ArgumentParser()
    for name in ("library", "url", "cases", "apis"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    driver = Driver(arguments)
    driver.run(json.loads(Path(arguments.cases).read_text()))
    for name in driver.unknown_operations:
        print(f"# {arguments.library} does not know operation {name}")
    for name in sorted(set(driver.unknown_members)):
        print(f"# {arguments.library} does not know member {name}")
    print(f"{driver.passed} passed, {driver.failed} failed")
    sys.exit(1 if driver.failed else 0)


main()
