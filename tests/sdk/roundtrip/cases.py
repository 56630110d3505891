"""Deterministic requests and answers for every operation, with every member filled, read from model/*.json alone.

Values are plain JSON but for {"$t": epoch seconds} (a timestamp) and {"$b": base64} (bytes)."""

import base64
import hashlib
import json
from pathlib import Path

FILES = {"ses": "ses.json", "sesv2": "sesv2.json", "iam": "iam-service.json", "sts": "sts-service.json",
         "sns": "sns-service.json"}
STRUCTURES = ("structure", "union")


def number(path):
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:4], "big")


class Model:
    def __init__(self, folder, api):
        data = json.loads((Path(folder) / FILES[api]).read_text())
        self.api, self.shapes, self.operations = api, data["shapes"], data["operations"]

    def members(self, name):
        for member, facts in self.shapes[name]["m"].items():
            facts = {"s": facts} if isinstance(facts, str) else facts
            yield member, facts["s"], facts

    def text(self, shape, path, plain):
        if path.endswith(".EndpointId"):
            return "abcdef12g"  # SDKs check that it can be part of a host name
        n = number(path)
        if plain:  # a label or query parameter: what URLs find hard, and no more
            text = f"{path.rsplit('.', 1)[-1]}/{n % 1000}@a+b.c d%2F\u00e9?&=#"
        else:
            text = f"{path.rsplit('.', 1)[-1]} {n % 1000} <\u00e9\u65e5\U0001f600> & \"'\\/ a+b=c%41\ttab\nline"
        low = shape.get("min", 0)
        return text + "x" * max(0, low - len(text))

    def value(self, name, path, choice=0, plain=False):
        shape = self.shapes[name]
        kind, n = shape["t"], number(path)
        if kind in STRUCTURES:
            members = list(self.members(name))
            if kind == "union":
                members = [members[choice % len(members)]]
            return {m: self.value(inner, f"{path}.{m}", choice, facts.get("location") in ("uri", "querystring"))
                    for m, inner, facts in members}
        if kind == "list":
            return [self.value(shape["of"], f"{path}.{i}", choice, plain) for i in (1, 2)]
        if kind == "map":
            return {key: self.value(shape["value"], f"{path}.{key}", choice) for key in self.keys(shape, path)}
        if kind == "enum":
            return shape["enum"][n % len(shape["enum"])]
        if kind == "boolean":
            return n % 3 != 0
        if kind in ("integer", "long"):
            low, high = shape.get("min", 1), shape.get("max", 100000 if kind == "integer" else 10 ** 12)
            return low + n % (high - low + 1)
        if kind in ("double", "float"):
            return n % 1000 + (0.25 if n % 2 else 0.0)
        if kind == "timestamp":
            # With milliseconds; a query string carries whole seconds only.
            return {"$t": 1600000000 + n % 100000000 + (0 if plain else (n % 999 + 1) / 1000)}
        if kind == "blob":
            return {"$b": base64.b64encode(bytes(range(256)) + path.encode()).decode()}
        return self.text(shape, path, plain)

    def keys(self, shape, path):
        key = self.shapes[shape["key"]]
        if key["t"] == "enum":
            return key["enum"][:2]
        return [f"key-1 {path.rsplit('.', 1)[-1]}", "key-2 <&'\">"]

    def choices(self, name, seen=()):
        """How many variants a shape needs so that each member of each union in it is seen."""
        shape = self.shapes[name]
        if shape["t"] in STRUCTURES:
            inner = [self.choices(s) for _, s, _ in self.members(name)]
            return max(inner + [len(shape["m"]) if shape["t"] == "union" else 1, 1])
        if shape["t"] == "list":
            return self.choices(shape["of"])
        if shape["t"] == "map":
            return self.choices(shape["value"])
        return 1

    def cases(self):
        out = []
        for name, facts in sorted(self.operations.items()):
            shapes = [facts[k] for k in ("in", "out") if k in facts]
            for choice in range(max([self.choices(s) for s in shapes] + [1])):
                case = {"operation": name, "choice": choice, "input": {}, "output": {}}
                for key, side in (("in", "input"), ("out", "output")):
                    if key in facts:
                        case[side] = self.value(facts[key], f"{name}.{side}", choice)
                out.append(case)
        return out

    def errors(self):
        """Each error shape once, by an operation that lists it."""
        users = {}
        for name, facts in sorted(self.operations.items()):
            for error in facts["errors"]:
                users.setdefault(error, name)
        out = []
        for shape, operation in sorted(users.items()):
            facts = self.shapes[shape]
            members = {m: self.text({}, f"{shape}.{m}", False) for m in facts["m"] if m.lower() != "message"}
            out.append({"shape": shape, "code": facts["error"].get("code", shape), "status": facts["error"]["http"],
                        "operation": operation, "members": members,
                        "message": f"{shape} <\u00e9> & 'quoted' \"twice\""})
        return out


def plain(value):
    """The value as the JSON form of v2 spells it."""
    if isinstance(value, dict):
        if "$t" in value:
            return value["$t"]
        if "$b" in value:
            return value["$b"]
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def differences(want, got, path=""):
    """Paths at which two plain values differ."""
    if isinstance(want, dict) and isinstance(got, dict):
        out = []
        for key in sorted(set(want) | set(got)):
            here = f"{path}.{key}" if path else key
            if key not in got:
                out.append(f"{here}: lost")
            elif key not in want:
                out.append(f"{here}: not expected: {got[key]!r}")
            else:
                out += differences(want[key], got[key], here)
        return out
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [d for i, (w, g) in enumerate(zip(want, got), 1) for d in differences(w, g, f"{path}.{i}")]
    numbers = (int, float)
    if isinstance(want, numbers) and isinstance(got, numbers) and not isinstance(want, bool):
        return [] if abs(want - got) < 1e-6 * max(1, abs(want)) * 1e-3 + 5e-7 else [f"{path}: {want!r} became {got!r}"]
    return [] if want == got and isinstance(got, bool) == isinstance(want, bool) else [
        f"{path}: {want!r} became {got!r}"]


def all_cases(folder):
    out = {}
    for api in FILES:
        model = Model(folder, api)
        out[api] = {"cases": model.cases(), "errors": model.errors()}
        for case in out[api]["cases"]:
            case["plain_input"], case["plain_output"] = plain(case["input"]), plain(case["output"])
    return out
