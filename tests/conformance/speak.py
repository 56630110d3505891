"""The three ways a case speaks to the server: calls of API v1 and v2, bytes as they are, and SMTP."""

import json
import re
import socket
import urllib.parse
import xml.etree.ElementTree

from conformance.case_file import CaseError, unescape

AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=case/20240101/us-east-1/ses/aws4_request, SignedHeaders=host, "
                 "Signature=0000000000000000000000000000000000000000000000000000000000000000")
OPERATIONS = {"SendEmail": "POST /v2/email/outbound-emails", "CreateEmailIdentity": "POST /v2/email/identities",
              "ListEmailIdentities": "GET /v2/email/identities", "GetAccount": "GET /v2/email/account"}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None


def exchange(address, data, timeout=30):
    """Sends the bytes on a connection of their own and reads one answer."""
    with socket.create_connection(address, timeout) as connection:
        connection.sendall(data)
        stream = connection.makefile("rb")
        status = stream.readline().decode("latin-1")
        if not status:
            raise CaseError("the connection was closed without an answer")
        headers = []
        while (line := stream.readline().decode("latin-1").rstrip("\r\n")):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        answer = Answer(int(status.split()[1]), headers, b"")
        length = answer.header("content-length")
        answer.body = stream.read(int(length)) if length is not None else stream.read()
        return answer


def request(method, target, host, body=b"", content_type=None, authorization=AUTHORIZATION):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    if authorization:
        lines += ["X-Amz-Date: 20240101T000000Z", "Authorization: " + authorization]
    if content_type:
        lines.append("Content-Type: " + content_type)
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def v1(section, variables, host):
    words = section.words[1:]
    get = words[0] == "GET"
    form = [("Action", words[-1]), ("Version", "2010-12-01")]
    for line in section.items():
        name, mark, value = line.partition("=")
        if not mark:
            raise CaseError(f"line is not NAME = VALUE: {line}")
        form.append((name.strip(), variables.expand(value.strip())))
    encoded = urllib.parse.urlencode(form)
    if get:
        return request("GET", "/?" + encoded, host)
    return request("POST", "/", host, encoded.encode(), "application/x-www-form-urlencoded; charset=utf-8")


def v2(section, variables, host):
    words = section.words[1:]
    if len(words) == 1:
        words = OPERATIONS[words[0]].split()
    body = variables.expand(section.text).encode()
    return request(words[0], variables.expand(words[1]), host, body, "application/json" if body else None)


def raw(section, variables, host):
    """Lines with CRLF between them; the body is what comes after the empty line, without a line end after it."""
    head, _, body = section.text.partition("\n\n")
    body = unescape(variables.expand(body)).encode("latin-1")
    head = variables.expand(head).replace("{host}", host).replace("{length}", str(len(body))).replace("\n", "\r\n")
    return head.encode("latin-1") + b"\r\n\r\n" + body


def local_name(element):
    """Without its name space, which each service has of its own."""
    return element.tag.rpartition("}")[2]


def tree_of(element):
    """XML as the values an SDK makes of it: `member` children are a list, `entry` children a map."""
    children = list(element)
    if not children:
        return element.text or ""
    names = [local_name(child) for child in children]
    if set(names) == {"member"}:
        return [tree_of(child) for child in children]
    if set(names) == {"entry"}:
        return {child.find("{*}key").text: tree_of(child.find("{*}value")) for child in children}
    return {name: tree_of(child) for name, child in zip(names, children)}


def read_v1(answer):
    """(error code or None, message, result) of an answer in XML."""
    root = xml.etree.ElementTree.fromstring(answer.body)
    if local_name(root) == "ErrorResponse":
        error = tree_of(root)["Error"]
        return error["Code"], error.get("Message"), error
    result = [child for child in root if child.tag.endswith("Result")]
    return None, None, tree_of(result[0]) if result else {}


def read_v2(answer):
    body = json.loads(answer.body) if answer.body.strip() else {}
    if answer.status >= 400:
        kind = (answer.header("x-amzn-errortype") or body.get("__type", "")).split(":")[0].split("#")[-1]
        message = body.get("message", body.get("Message"))
        return kind, "null" if message is None else message, body
    return None, None, body


def find(tree, path):
    """The value at `A.B.0.C` as text; None if there is none. `#A.B` is the length."""
    count = path.startswith("#")
    for part in path.lstrip("#").split("."):
        part = part.replace("%2E", ".")
        if isinstance(tree, list):
            index = int(part)
            tree = tree[index] if index < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, dict) else None
        if tree is None:
            return None
    if count:
        return str(len(tree))
    if tree is True or tree is False:
        return str(tree).lower()
    return tree if isinstance(tree, str) else json.dumps(tree)


class Smtp:
    """One SMTP dialogue, line by line."""

    def __init__(self, address, variables):
        self.variables = variables
        self.connection = socket.create_connection(address, 30)
        self.stream = self.connection.makefile("rb")

    def close(self):
        self.stream.close()
        self.connection.close()

    def line(self):
        line = self.stream.readline().decode("utf-8", "replace")
        if not line:
            raise CaseError("the server closed the connection")
        return line.rstrip("\r\n")

    def step(self, text):
        kind, rest = text[:2], text[2:].strip()
        if kind == "C:":
            self.connection.sendall((self.variables.expand(rest) + "\r\n").encode())
        elif kind == "C+":
            self.connection.sendall(unescape(self.variables.expand(rest)).encode("latin-1"))
        elif kind == "D:":
            data = re.sub(r"(?m)^\.", "..", self.variables.expand(f"$({rest})"))
            self.connection.sendall(data.encode() + b".\r\n")
        elif kind == "S:":
            self.variables.check(self.line(), rest, "the server's line")
        elif kind == "S ":
            line = self.line()
            lines = [line]
            while line[3:4] == "-":
                line = self.line()
                lines.append(line)
            if line[:3] != rest:
                raise CaseError(f"got {lines}, wanted {rest}")
        elif text == "E":
            rest = self.stream.read()
            if rest:
                raise CaseError(f"the connection should be closed, but: {rest!r}")
        else:
            raise CaseError(f"not a line of a dialogue: {text}")
