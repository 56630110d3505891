"""Calls of both APIs as plain values, for tests that ask hundreds of them: (status, code, message) of a refusal, else the
answer as an SDK would show it."""

import base64
import json
import urllib.parse

from conformance import speak

SIMPLE = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}}
SENDER = "me@example.com"


def form_of(name, value):
    """The fields of one parameter of a Query call."""
    if isinstance(value, dict):
        return [field for key, item in value.items() for field in form_of(f"{name}.{key}", item)]
    if isinstance(value, list):
        if not value:
            return [(name, "")]
        return [field for i, item in enumerate(value, 1) for field in form_of(f"{name}.member.{i}", item)]
    if isinstance(value, bytes):
        return [(name, base64.b64encode(value).decode())]
    if isinstance(value, bool):
        return [(name, str(value).lower())]
    return [(name, str(value))]


class Calls:
    def __init__(self, server):
        self.server = server

    def exchange(self, method, target, body=b"", content_type=None):
        address = self.server.endpoint("http")
        return speak.exchange(address, speak.request(method, target, f"{address[0]}:{address[1]}", body, content_type))

    def v1(self, action, **parameters):
        form = [("Action", action), ("Version", "2010-12-01")]
        for name, value in parameters.items():
            form += form_of(name, value)
        answer = self.exchange("POST", "/", urllib.parse.urlencode(form).encode(),
                               "application/x-www-form-urlencoded; charset=utf-8")
        code, message, result = speak.read_v1(answer)
        return (answer.status, code, message) if code else result

    def v2(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        answer = self.exchange(method, "/v2/email" + path, data, "application/json" if data else None)
        value = json.loads(answer.body) if answer.body else None
        if answer.status < 400:
            return value
        return answer.status, answer.header("x-amzn-ErrorType"), (value or {}).get("message")

    # A small mail, changed by what is given.

    def send_v1(self, source=SENDER, to=("a@example.net",), **more):
        destination = to if isinstance(to, dict) else {"ToAddresses": list(to)}
        return self.v1("SendEmail", Source=source, Destination=destination, Message=SIMPLE["Simple"], **more)

    def send_v2(self, source=SENDER, to=("a@example.net",), content=None, **more):
        body = {"Content": content or SIMPLE, **more}
        if source is not None:
            body["FromEmailAddress"] = source
        if to is not None:
            body["Destination"] = to if isinstance(to, dict) else {"ToAddresses": list(to)}
        return self.v2("POST", "/outbound-emails", body)

    def raw_v1(self, text, **more):
        return self.v1("SendRawEmail", RawMessage={"Data": text.encode()}, **more)

    def raw_v2(self, text, **more):
        return self.send_v2(None, None, {"Raw": {"Data": base64.b64encode(text.encode()).decode()}}, **more)


def accepted(answer):
    return not isinstance(answer, tuple)
