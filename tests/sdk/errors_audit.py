"""What the service models say can go wrong, held against the table of cases: for each operation that is built, each
of its modelled errors has a row that provokes it, or a reason why it cannot happen."""

import dataclasses
import functools
import json
import subprocess

from harness.server import ROOT, binary, clean_environment


@dataclasses.dataclass(frozen=True)
class Row:
    """One refusal: `operation` called with `call` in the standing world, after `given`, answers `error` with `text`."""
    api: str
    operation: str
    error: str
    text: str
    call: dict
    given: object = None
    at: str = "standing"

    @property
    def pair(self):
        return self.api, self.operation, self.error

    @property
    def name(self):
        return f"{self.api} {self.operation} {self.error}"


class Table:
    def __init__(self, api):
        self.api = api
        self.rows = []

    def row(self, operation, error, text, given=None, at="standing", **call):
        self.rows.append(Row(self.api, operation, error, text, call, given, at))


@functools.cache
def model(api):
    return json.loads((ROOT / f"model/{api}.json").read_text(encoding="utf-8"))


@functools.cache
def built(api):
    """The operations that the server has, by its own word."""
    told = subprocess.run([binary(), "api", "--coverage"], capture_output=True, text=True, check=True,
                          env=clean_environment()).stdout
    missing, current = {}, None
    for line in told.splitlines():
        if not line.startswith(" "):
            current = missing.setdefault(line.split()[0], set())
        else:
            current.add(line.strip())
    return [name for name in model(api)["operations"] if name not in missing[api]]


def modelled(api):
    return [(api, name, error) for name in built(api) for error in model(api)["operations"][name].get("errors", [])]


def spelling(api, error):
    """(code, status) of a modelled error on the wire."""
    facts = model(api)["shapes"][error]["error"]
    return facts["code"], facts["http"]


def members(api, error):
    """The members of a modelled error beside its message, which SDKs hand to the caller."""
    return [name for name in model(api)["shapes"][error].get("m", {}) if name.lower() != "message"]


def labels(api, operation):
    """The members that stand in the path, without which no SDK can make the call."""
    given = model(api)["shapes"][model(api)["operations"][operation]["in"]].get("m", {})
    return [name for name, facts in given.items() if isinstance(facts, dict) and facts.get("location") == "uri"]


def is_reasoned(pair, reasons):
    return any(r[0] == pair[0] and r[1] in ("*", pair[1]) and r[2] == pair[2] for r in reasons)


def faults(rows, reasons):
    """What the table lacks or has too much of, a line each. `reasons` maps (api, operation or *, error) to a text."""
    pairs = [pair for api in ("ses", "sesv2") for pair in modelled(api)]
    told = {row.pair for row in rows}
    out = [f"{' '.join(pair)}: no row provokes it, and no reason says why not" for pair in pairs
           if pair not in told and not is_reasoned(pair, reasons)]
    out += [f"{' '.join(pair)}: has a row and a reason why it cannot happen" for pair in pairs
            if pair in told and is_reasoned(pair, reasons)]
    out += [f"{' '.join(pair)}: the model has no such error of a built operation" for pair in sorted(told - set(pairs))]
    for reason in reasons:
        if not any(is_reasoned(pair, [reason]) for pair in pairs):
            out.append(f"{' '.join(reason)}: a reason for what the model does not have")
    return out
