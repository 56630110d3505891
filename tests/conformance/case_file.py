"""A conformance case as text (see README.md): title, notes, and sections that begin with `--- `."""

import base64
import re


class CaseError(AssertionError):
    pass


class Section:
    def __init__(self, head, line):
        self.words = head.split()
        self.head = head
        self.line = line
        self.lines = []

    @property
    def text(self):
        return "\n".join(self.lines).strip("\n")

    def items(self):
        """The lines that say something: no blank ones, no comments."""
        return [line.strip() for line in self.lines if line.strip() and not line.startswith("#")]


class CaseFile:
    def __init__(self, path):
        self.path = path
        lines = path.read_text(encoding="utf-8").split("\n")
        self.title = lines[0].strip()
        self.sections = []
        for number, line in enumerate(lines[1:], 2):
            if line.startswith("--- "):
                self.sections.append(Section(line[4:].strip(), number))
            elif self.sections:
                self.sections[-1].lines.append(line)
        self.flags = ()
        for section in self.sections:
            if section.words[0] == "server":
                self.flags = tuple(section.words[1:])
        if not self.title or not self.sections:
            raise CaseError(f"{path}: no title or no section")


def unescape(text):
    codes = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
    return re.sub(r"\\([rnt0\\]|x[0-9a-f]{2})",
                  lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" else codes[m[1]], text)


class Variables:
    """What `$(…)` stands for: values noted earlier, blocks defined in the file, and a few functions."""

    def __init__(self, **values):
        self.values = dict(values)

    def define(self, name, lines):
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        self.values[name] = self.expand("".join(line + "\r\n" for line in lines))

    def expand(self, text):
        return re.sub(r"\$\(([^()=]+)\)", lambda m: self.one(m[1]), text)

    def one(self, name):
        kind, _, rest = name.partition(":")
        if kind == "b64":
            plain = self.values[rest[1:]] if rest.startswith("@") else unescape(rest)
            return base64.b64encode(plain.encode("utf-8" if rest.startswith("@") else "latin-1")).decode()
        if kind == "repeat":
            what, times = rest.rsplit(":", 1)
            return unescape(what) * int(times)
        if kind == "length":
            return str(len(self.values[rest].encode()))
        if kind == "text":
            return unescape(rest)
        if kind == "list":  # list:A:B:N  A1B A2B …, comma between, each in quotation marks
            before, after, times = rest.split(":")
            return ", ".join(f'"{before}{i}{after}"' for i in range(1, int(times) + 1))
        if name not in self.values:
            raise CaseError(f"nothing is called $({name})")
        return self.values[name]

    def check(self, got, pattern, what):
        """`got` is the text `pattern` says: a plain text, `/a regular expression/`, or `$(=name)`, which notes it."""
        noted = re.fullmatch(r"\$\(=(\w+)\)", pattern)
        if noted:
            self.values[noted[1]] = got
            return
        wanted = self.expand(pattern)
        if len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
            if not re.fullmatch(wanted[1:-1], got, re.DOTALL):
                raise CaseError(f"{what}: got {got!r}, which is not {wanted}")
        elif got != wanted:
            raise CaseError(f"{what}: got {got!r}, wanted {wanted!r}")
