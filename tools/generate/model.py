"""Reads model/*.json and model/overrides.json into one checked picture of a service."""

import json
from pathlib import Path

from naming import pascal

SERVICES = {  # name: (file, title)
    "ses": ("ses.json", "SES v1"),
    "sesv2": ("sesv2.json", "SES v2"),
    "iam": ("iam-service.json", "IAM"),
    "sts": ("sts-service.json", "STS"),
    "sns": ("sns-service.json", "SNS"),
}


class Service:
    def __init__(self, name, folder):
        self.name = name
        file, self.title = SERVICES[name]
        data = json.loads((Path(folder) / file).read_text())
        overrides = json.loads((Path(folder) / "overrides.json").read_text())
        self.facts = data["service"]
        self.operations = dict(sorted(data["operations"].items()))
        self.shapes = data["shapes"]
        self.overrides = {
            section: {key.split(".", 1)[1]: value for key, value in overrides[section].items()
                      if key.startswith(name + ".")}
            for section in ("members", "shapes", "enums", "order")
        }
        self.own_order = {key.split(".", 1)[1] for key in overrides["own_order"] if key.startswith(name + ".")}
        self.add_empty_shapes()
        self.structs = self.ordered_structs()
        self.check_overrides()

    def add_empty_shapes(self):
        """Each operation has an input and an output struct, empty where the model has none."""
        for operation, facts in self.operations.items():
            for key, suffix in (("in", "Request"), ("out", "Response")):
                facts["has_" + key] = key in facts
                if key not in facts:
                    facts[key] = operation + suffix
                    if facts[key] in self.shapes:
                        raise ValueError(f"{facts[key]} exists")
                    self.shapes[facts[key]] = {"t": "structure", "m": {}}

    def members(self, name):
        """(member, shape, facts) of a structure."""
        for member, value in self.shapes[name]["m"].items():
            facts = {"s": value} if isinstance(value, str) else value
            yield member, facts["s"], facts

    def is_struct(self, name):
        return self.shapes[name]["t"] in ("structure", "union")

    def ordered_structs(self):
        """The structures that requests and answers consist of, each after what it holds."""
        done, order = set(), []

        def visit(name, above=()):
            if name in above:
                raise ValueError(f"recursive shape {name}")
            if name in done:
                return
            done.add(name)
            shape = self.shapes[name]
            if self.is_struct(name):
                for _, inner, _ in self.members(name):
                    visit(inner, above + (name,))
                order.append(name)
            elif shape["t"] == "list":
                visit(shape["of"], above + (name,))
            elif shape["t"] == "map":
                visit(shape["key"], above + (name,))
                visit(shape["value"], above + (name,))

        for facts in self.operations.values():
            visit(facts["in"])
            visit(facts["out"])
        names = [pascal(name) for name in order]
        if len(set(names)) != len(names):
            raise ValueError("two structures of one C++ name")
        return order

    def errors(self):
        return {name: shape for name, shape in sorted(self.shapes.items()) if "error" in shape}

    def check_overrides(self):
        for key in self.overrides["members"]:
            structure, member = key.split(".")
            if member not in self.shapes[structure]["m"]:
                raise ValueError(f"override of an unknown member {key}")
        for section in ("shapes", "enums", "order"):
            for key in self.overrides[section]:
                if key not in self.shapes:
                    raise ValueError(f"override of an unknown shape {key}")
        for key, values in self.overrides["enums"].items():
            if set(values) != set(self.shapes[key]["enum"]):
                raise ValueError(f"other values than the model's: {key}")
