"""Writes SERVICE_types.h: the plain structs."""

from naming import pascal, snake

SCALARS = {
    "string": "std::string", "enum": "std::string", "boolean": "bool", "integer": "std::int64_t",
    "long": "std::int64_t", "double": "double", "float": "double", "timestamp": "base::WallTime", "blob": "Blob",
}


def cpp_type(service, name):
    shape = service.shapes[name]
    kind = shape["t"]
    if kind in ("structure", "union"):
        return pascal(name)
    if kind == "list":
        return f"std::vector<{cpp_type(service, shape['of'])}>"
    if kind == "map":
        return f"std::map<std::string, {cpp_type(service, shape['value'])}>"
    return SCALARS[kind]


def types_header(service):
    out = [
        f"// Structs of {service.title}, generated from model/; see aws/shape.h. Any thread.",
        "#pragma once", "", '#include "aws/types.h"', "", f"namespace aws::{service.name} {{", "",
    ]
    for name in service.structs:
        out.append(f"struct {pascal(name)} {{")
        for member, inner, facts in service.members(name):
            note = "  // required" if facts.get("req") else ""
            out.append(f"  std::optional<{cpp_type(service, inner)}> {snake(member)};{note}")
        out += ["};", ""]
    for name in service.structs:
        out.append(f"const StructInfo& describe(const {pascal(name)}*);")
    out += ["", f"}}  // namespace aws::{service.name}", ""]
    return "\n".join(out)
