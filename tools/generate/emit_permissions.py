"""Writes permissions.cc: what IAM knows of each action of SES (model/iam.json)."""

import json
from pathlib import Path

from naming import literal

LEVELS = {"Read": "read", "List": "list", "Write": "write", "Tagging": "tagging",
          "Permissions management": "permissions_management"}
APIS = {"v1": "ses", "v2": "sesv2"}


def list_of(kind, name, values):
    """The definition of a constant list, and how it is used."""
    return (f"constexpr {kind} {name}[] = {{{', '.join(values)}}};", name) if values else (None, "{}")


def permission_tables(folder):
    iam = json.loads((Path(folder) / "iam.json").read_text())
    kinds = set(iam["resourceTypes"])
    lists, rows = {}, {api: [] for api in APIS.values()}

    def shared(kind, prefix, values):
        """Equal lists are written once."""
        key = (kind, tuple(values))
        if key not in lists:
            lists[key] = list_of(kind, f"{prefix}{len(lists)}", values)
        return lists[key][1]

    for action, versions in sorted(iam["actions"].items()):
        for version, facts in versions.items():
            resources = []
            for name in facts["resources"]:
                kind = name.rstrip("*")
                if kind not in kinds:
                    raise ValueError(f"{action}: {kind} is no resource type")
                resources.append("{%s, %s}" % (literal(kind), "true" if name.endswith("*") else "false"))
            keys = [literal(key.replace("${TagKey}", "")) for key in facts["conditions"]]
            rows[APIS[version]].append("  {%s, AccessLevel::%s, %s, %s}," % (
                literal(action), LEVELS[facts["level"]], shared("ResourceUse", "kResources", resources),
                shared("std::string_view", "kKeys", keys)))

    out = ["// What IAM knows of the actions of SES, generated from model/iam.json.", '#include "aws/permissions.h"', "",
           "namespace aws {", "namespace {", ""]
    out += [text for text, _ in lists.values() if text]
    for api, lines in rows.items():
        out += ["", f"constexpr Permission k_{api}[] = {{", *lines, "};"]
    out += ["", "}  // namespace", "", "std::span<const Permission> permissions(Api api) {",
            "  if (api == Api::ses) return k_ses;", "  if (api == Api::sesv2) return k_sesv2;", "  return {};", "}", "",
            "}  // namespace aws", ""]
    return "\n".join(out)
