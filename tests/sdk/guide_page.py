"""Reads the guide's pages on sending: the tables, whose cells link to examples, and the examples, which can be run."""

import dataclasses
import os
import re
import subprocess
import sys

from harness.server import ROOT, clean_environment

GUIDE = ROOT / "docs/guide"
LANGUAGES = ("sh", "python", "js")
DOORS = ("API v1", "API v2", "SMTP")
LINK = re.compile(r"\[([^\]]*)\]\(sending-examples\.md#([\w-]+)\)")


@dataclasses.dataclass
class Example:
    slug: str
    language: str
    code: str
    prints: str | None = None  # None: nothing that matters


def slug(heading):
    """The anchor GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def examples():
    """slug: example, in the page's order. A `text` block belongs to the example before it."""
    page = (GUIDE / "sending-examples.md").read_text(encoding="utf-8")
    found = {}
    here = None
    for match in re.finditer(r"^### ([^\n]+)$|^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        heading, language, text = match.groups()
        if heading:
            here = slug(heading)
            assert here not in found, f"two sections are called {heading}"
        elif language == "text":
            found[here].prints = text.strip()
        else:
            assert language in LANGUAGES, f"{here}: nothing runs a block in {language}"
            assert here not in found, f"{here}: two examples in one section"
            found[here] = Example(here, language, text)
    return found


def tables():
    """The tables of sending.md, each a list of (row's name, door, cell) with what the cell holds."""
    out, current = [], None
    for line in (GUIDE / "sending.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            current = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if current is None:
            assert tuple(cells[1:]) == DOORS, cells
            current = []
            out.append(current)
        elif not cells[0].startswith("---"):
            assert len(cells) == 4, line
            current += [(cells[0], door, cell) for door, cell in zip(DOORS, cells[1:])]
    return out


class Runner:
    """Runs examples as a reader would: first what the page says about where the server is, then the example."""

    def __init__(self, server, where):
        self.server, self.where = server, where
        self.folder = os.path.join(server.folder, "examples")
        os.makedirs(self.folder)
        os.symlink(ROOT / "tests/sdk/node_modules", os.path.join(self.folder, "node_modules"))

    def environment(self):
        host, port = self.server.smtp
        return {**clean_environment(), "AWS_ENDPOINT_URL": self.server.url, "SESAME_SMTP": f"{host}:{port}",
                "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": "",
                "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "HOME": self.folder, "LC_ALL": "C.UTF-8",
                "PATH": "/usr/bin:/bin"}

    def run(self, example):
        """Runs it, and holds what it prints against the page."""
        name = os.path.join(self.folder, example.slug + {"sh": ".sh", "python": ".py", "js": ".mjs"}[example.language])
        with open(name, "w", encoding="utf-8") as out:
            out.write(example.code)
        node = str(ROOT / ".cache/venv/bin/node")
        run = {"sh": f". {name}", "python": f"{sys.executable} {name}", "js": f"{node} {name}"}[example.language]
        done = subprocess.run(["bash", "-euc", f"{self.where.code}\n{run}"], capture_output=True, text=True, timeout=120,
                              env=self.environment(), cwd=self.folder, check=False)
        printed = (done.stdout + done.stderr).strip()
        if done.returncode != 0 or (example.prints is not None and printed != example.prints):
            raise AssertionError(f"{example.slug}: ended with {done.returncode}, and printed\n{printed}"
                                 + (f"\ninstead of\n{example.prints}" if example.prints is not None else ""))
