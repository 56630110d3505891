"""Runs the conformance cases: each file in cases/ is one. Servers are started as the cases want them (`--- server`),
and forget everything between two cases. Arguments: patterns of case names."""

import fnmatch
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from conformance import speak  # noqa: E402
from conformance.case_file import CaseError, CaseFile, Variables  # noqa: E402
from harness.cases import Suite  # noqa: E402
from harness.server import Sesame  # noqa: E402

CASES = pathlib.Path(__file__).resolve().parent / "cases"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Runner:
    def __init__(self):
        self.servers = {}

    def server(self, flags):
        if flags not in self.servers:
            self.servers[flags] = Sesame(*flags).start()
        else:
            self.servers[flags].reset()
        return self.servers[flags]

    def run(self, case):
        Case(self.server(case.flags), case).run()

    def stop(self):
        for server in self.servers.values():
            server.__exit__(None, None, None)


class Case:
    def __init__(self, server, case):
        self.server, self.case = server, case
        self.variables = Variables(host=server.addresses["http"])
        self.answer = self.protocol = None

    def run(self):
        for section in self.case.sections:
            try:
                self.section(section)
            except AssertionError as error:
                shown = "" if self.answer is None else f"\n  last answer: {self.answer.status} {self.answer.headers} " \
                                                       f"{self.answer.body[:2000]!r}"
                raise CaseError(f"{self.case.path.name}:{section.line} ({section.head}): {error}{shown}") from None

    def section(self, section):
        kind = section.words[0]
        if kind == "server":
            return
        if kind == "define":
            self.variables.define(section.words[1], section.lines)
        elif kind in ("v1", "v2", "raw"):
            make = {"v1": speak.v1, "v2": speak.v2, "raw": speak.raw}[kind]
            data = make(section, self.variables, self.server.addresses["http"])
            self.protocol = kind
            self.answer = speak.exchange(self.server.endpoint("http"), data)
        elif kind == "account":
            self.server.account(**{k: _value(v) for k, v in (w.split("=") for w in section.words[1:])})
        elif kind == "clock":
            self.server.advance(section.words[1])
        elif kind.isdigit():
            self.check_answer(section)
        elif kind in ("smtp", "inbound"):
            self.dialogue(section, self.server.endpoint(kind))
        elif kind == "mail":
            self.check_mail(section)
        elif kind == "events":
            events = self.server.events(self.message_of(section.words[1]))
            tree = {"types": [event["eventType"] for event in events], **{str(n): e for n, e in enumerate(events)}}
            for item in section.items():
                self.check_line(item, None, tree)
        elif section.head.startswith("no mail"):
            query = self.query(section.words[2:])
            found = self.server.messages(**query)
            if found:
                raise CaseError(f"there is mail: {found}")
        else:
            raise CaseError("no such kind of section")

    def message_of(self, word):
        if "=" not in word:
            return self.variables.expand(word)
        return self.server.only_mail(**self.query([word]))[0]["messageId"]

    def query(self, words):
        return {k: self.variables.expand(v) for k, v in (word.split("=", 1) for word in words)}

    def check_answer(self, section):
        answer = self.answer
        if answer.status != int(section.words[0]):
            raise CaseError(f"status {answer.status}")
        protocol = "v1" if (answer.header("content-type") or "").startswith("text/xml") else "v2"
        if self.protocol != "raw":
            if protocol != self.protocol:
                raise CaseError(f"content type {answer.header('content-type')}")
            self.variables.check(answer.header("x-amzn-requestid") or "", f"/{UUID}/", "x-amzn-RequestId")
        code = message = tree = None
        if section.words[1:] or any(not i.startswith(("header ", "body: ")) for i in section.items()):
            code, message, tree = (speak.read_v1 if protocol == "v1" else speak.read_v2)(answer)
        if section.words[1:]:
            self.variables.check(code or "no error", section.words[1], "error code")
        for item in section.items():
            self.check_line(item, message if section.words[1:] else None, tree)

    def check_line(self, item, message, tree):
        header = re.match(r"header ([^:]+): ?(.*)$", item)
        if header:
            value = self.answer.header(header[1])
            if header[2] == "absent":
                if value is not None:
                    raise CaseError(f"header {header[1]}: {value}")
            else:
                self.variables.check(value or "", header[2], f"header {header[1]}")
        elif item.startswith("body: "):
            self.variables.check(self.answer.body.decode("utf-8", "replace"), item[6:], "body")
        elif message is not None and not re.match(r"[#\w.%]+ (= |absent$)", item):
            self.variables.check(message or "", item, "message")
        elif item.endswith(" absent"):
            value = speak.find(tree, item[:-7])
            if value is not None:
                raise CaseError(f"{item[:-7]} is there: {value}")
        else:
            path, mark, pattern = item.partition(" = ")
            if not mark and item.endswith(" ="):
                path, mark = item[:-2], "="
            if not mark:
                raise CaseError(f"not a check: {item}")
            value = speak.find(tree, self.variables.expand(path))
            if value is None:
                raise CaseError(f"{path} is not there: {tree}")
            self.variables.check(value, pattern, path)

    def dialogue(self, section, endpoint):
        smtp = speak.Smtp(endpoint, self.variables)
        try:
            for line in section.lines:
                if not line.strip() or line.startswith("#"):
                    continue
                try:
                    smtp.step(line)
                except (AssertionError, OSError) as error:
                    raise CaseError(f"at `{line}`: {error}") from None
        finally:
            smtp.close()

    def check_mail(self, section):
        _, raw = self.server.only_mail(**self.query(section.words[1:]))
        text = raw.decode("utf-8", "replace")
        head, _, body = text.partition("\r\n\r\n")
        fields = [(name, value.strip()) for name, _, value in
                  (line.partition(":") for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n"))]
        for item in section.items():
            name, _, pattern = item.partition(":")
            pattern = pattern.strip()
            values = [value for field, value in fields if field.lower() == name.lower()]
            if name == "body":
                self.variables.check(body, pattern, "body")
            elif name == "body has":
                if self.variables.expand(pattern) not in body:
                    raise CaseError(f"{pattern!r} is not in the body {body!r}")
            elif name == "raw":
                self.variables.check(text, pattern, "mail")
            elif name == "order":
                order = [field for field, _ in fields]
                wanted = pattern.split()
                if [f for f in order if f in wanted] != wanted:
                    raise CaseError(f"header order is {order}")
            elif name.startswith("no "):
                if any(field.lower() == name[3:].strip().lower() for field, _ in fields):
                    raise CaseError(f"header {name[3:]} is there: {fields}")
            elif len(values) != 1:
                raise CaseError(f"header {name} is there {len(values)} times: {fields}")
            else:
                self.variables.check(values[0], pattern, name)


def _value(text):
    if text in ("true", "false"):
        return text == "true"
    return text if text.isalpha() else float(text)


def main():
    suite, runner = Suite("conformance"), Runner()
    for path in sorted(CASES.glob("**/*.case")):
        name = str(path.relative_to(CASES))[:-5]
        if sys.argv[1:] and not any(fnmatch.fnmatch(name, p) or p in name for p in sys.argv[1:]):
            continue
        suite.add(name, lambda path=path: runner.run(CaseFile(path)))
    suite.add("the servers stop in order", runner.stop)
    sys.exit(1 if suite.run() else 0)


main()
