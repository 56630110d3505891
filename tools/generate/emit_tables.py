"""Writes the descriptor tables: SERVICE_tables.h, SERVICE_types_N.cc, SERVICE_structs_N.cc, SERVICE_operations.cc."""

from emit_types import cpp_type
from naming import lower_camel, literal, pascal, snake

KINDS = {
    "string": "string", "enum": "string", "boolean": "boolean", "integer": "integer", "long": "integer",
    "double": "number", "float": "number", "timestamp": "timestamp", "blob": "blob", "structure": "structure",
    "union": "structure", "list": "list", "map": "map",
}
STRUCTS_PER_FILE = 200


def head(service, extra=()):
    out = [f"// Descriptor tables of {service.title}, generated from model/.",
           f'#include "model/{service.name}_tables.h"', ""]
    out += ['#include "aws/shape_ops.h"', '#include "model/patterns.h"', *extra, "",
            "#pragma GCC diagnostic ignored \"-Winvalid-offsetof\"", "",
            f"namespace aws::{service.name} {{", ""]
    return out


class Tables:
    """Collects the TypeInfos a service needs; equal ones are written once."""

    def __init__(self, service, patterns):
        self.service = service
        self.patterns = patterns
        self.types = {}       # definition -> variable
        self.constraints = {}  # definition -> variable
        self.lines = []
        self.by_key = {}

    def constraint(self, name, extra, drop, element_extra=None):
        shape = self.service.shapes[name]
        found = {k: shape[k] for k in ("min", "max", "pattern") if k in shape}
        if shape["t"] == "enum":
            found["enum"] = self.service.overrides["enums"].get(name, shape["enum"])
        found.update(extra)
        for key in drop:
            found.pop(key, None)
        if not found:
            return "nullptr"
        parts = [
            "true" if "min" in found else "false", "true" if "max" in found else "false",
            str(found.get("min", 0)), str(found.get("max", 0)),
            "&patterns::" + self.patterns.name(found["pattern"]) if "pattern" in found else "nullptr",
        ]
        values = "{}"
        if "enum" in found:
            values = self.define("std::string_view", "Values", ", ".join(map(literal, found["enum"])), array=True)
        text = ", ".join(parts) + ", " + values
        return "&" + self.define("Constraints", "Limits", text)

    def define(self, cpp, stem, text, array=False):
        key = (cpp, text)
        if key not in self.constraints:
            name = f"k{stem}{len(self.constraints)}"
            self.constraints[key] = name
            self.lines.append(f"static constexpr {cpp} {name}{'[]' if array else ''} = {{{text}}};")
        return self.constraints[key]

    def type(self, name, extra=None, drop=()):
        """The variable of the TypeInfo of a shape, with a member's overrides applied."""
        service = self.service
        shape = service.shapes[name]
        shape_extra = service.overrides["shapes"].get(name, {})
        key = (name, str(sorted((extra or {}).items())), str(sorted(drop)))
        if key in self.by_key:
            return self.by_key[key]
        kind = KINDS[shape["t"]]
        cpp = cpp_type(service, name)
        fields = [f"Kind::{kind}", literal(name), f"&ops::Optional<{cpp}>::table",
                  self.constraint(name, extra or {}, drop)]
        if kind == "structure":
            fields.append(f"&k{pascal(name)}Info")
        elif kind == "list":
            element = self.type(shape["of"], shape_extra.get("element"))
            fields += ["nullptr", "nullptr", "&" + element, f"&ops::List<{cpp_type(service, shape['of'])}>::table"]
        elif kind == "map":
            fields += ["nullptr", "&" + self.type(shape["key"]), "&" + self.type(shape["value"]), "nullptr",
                       f"&ops::Map<{cpp_type(service, shape['value'])}>::table",
                       literal(shape.get("keyName", "key")), literal(shape.get("valueName", "value"))]
        variable = f"kType{len(self.by_key)}"
        self.by_key[key] = variable
        self.lines.append(f"constexpr TypeInfo {variable} = {{{', '.join(fields)}}};")
        return variable


def member_row(service, tables, structure, member, inner, facts):
    override = service.overrides["members"].get(f"{structure}.{member}", {})
    drop = set(override.get("drop", ()))
    type_name = tables.type(inner, override.get("add"), drop - {"null", "element"})
    location = {"uri": "uri", "querystring": "query"}.get(facts.get("location"), "body")
    flags = [
        "true" if facts.get("req") and "null" not in drop else "false",
        "true" if override.get("show_value") else "false",
        "false" if "element" in drop else "true",
    ]
    return ("    {%s, %s, %s, Location::%s, %s, offsetof(%s, %s), &%s}," % (
        literal(member), literal(lower_camel(member)), literal(facts.get("locationName", member)), location,
        ", ".join(flags), pascal(structure), snake(member), type_name))


def struct_tables(service, patterns):
    """Yields (file name, text)."""
    header = [f"// Descriptor tables of {service.title}, generated from model/.", "#pragma once", "",
              '#include "aws/shape.h"', f'#include "model/{service.name}_types.h"', "",
              f"namespace aws::{service.name} {{", ""]
    header += [f"extern const StructInfo k{pascal(name)}Info;" for name in service.structs]
    header += ["", f"}}  // namespace aws::{service.name}", ""]
    yield f"{service.name}_tables.h", "\n".join(header)

    for number, start in enumerate(range(0, len(service.structs), STRUCTS_PER_FILE), 1):
        tables = Tables(service, patterns)
        body = []
        for name in service.structs[start:start + STRUCTS_PER_FILE]:
            rows = [member_row(service, tables, name, *m) for m in service.members(name)]
            cpp = pascal(name)
            members = order = "{}"
            if rows:
                body += [f"static constexpr MemberInfo k{cpp}Members[] = {{", *rows, "};"]
                members = f"k{cpp}Members"
            if name in service.overrides["order"]:
                names = [m for m, _, _ in service.members(name)]
                first = service.overrides["order"][name]
                indices = [names.index(m) for m in first + [m for m in names if m not in first]]
                body.append(f"static constexpr std::uint8_t k{cpp}Order[] = {{{', '.join(map(str, indices))}}};")
                order = f"k{cpp}Order"
            union = "true" if service.shapes[name]["t"] == "union" else "false"
            body += [f"constexpr StructInfo k{cpp}Info = {{{literal(name)}, {members}, {order}, {union}}};",
                     f"const StructInfo& describe(const {cpp}*) {{ return k{cpp}Info; }}", ""]
        text = head(service)
        text += ["namespace {", *tables.lines, "}  // namespace", "", *body,
                 f"}}  // namespace aws::{service.name}", ""]
        yield f"{service.name}_structs_{number}.cc", "\n".join(text)


def string_array(names):
    return ", ".join(map(literal, names))


def operation_table(service):
    out = [f"// Operations and errors of {service.title}, generated from model/.",
           '#include "aws/shape_ops.h"', f'#include "model/{service.name}_tables.h"',
           f'#include "model/{service.name}_types.h"', "", f"namespace aws::{service.name} {{", "namespace {", ""]
    rows = []
    for name, facts in service.operations.items():
        alternates = errors = "{}"
        if facts.get("alt"):
            pairs = ", ".join("{%s, %s}" % (literal(m), literal(p)) for m, p in facts["alt"])
            out.append(f"constexpr Binding k{name}Alternates[] = {{{pairs}}};")
            alternates = f"k{name}Alternates"
        if facts["errors"]:
            out.append(f"constexpr std::string_view k{name}Errors[] = {{{string_array(facts['errors'])}}};")
            errors = f"k{name}Errors"
        page = facts.get("page", {})
        rows.append("    {%s, Api::%s, {%s, %s}, %s, &k%sInfo, &k%sInfo, %s, %s, %s, %s, %s, {%s}, &ops::make<%s>}," % (
            literal(name), service.name, literal(facts["method"]), literal(facts["uri"]), alternates,
            pascal(facts["in"]), pascal(facts["out"]), str(facts["has_in"]).lower(),
            str(facts["has_out"]).lower(), str(name in service.own_order).lower(),
            literal(facts.get("resultWrapper", "")), errors,
            ", ".join(literal(page_name(page.get(k))) for k in ("in", "out", "limit")), pascal(facts["in"])))
    out += ["", "constexpr OperationInfo kOperations[] = {", *rows, "};", ""]
    rows = []
    for name, shape in service.errors().items():
        members = "{}"
        names = [m for m in shape["m"] if m.lower() != "message"]
        if names:
            out.append(f"constexpr std::string_view k{pascal(name)}Members[] = {{{string_array(names)}}};")
            members = f"k{pascal(name)}Members"
        error = shape["error"]
        rows.append("    {%s, %s, %d, %s}," % (
            literal(name), literal(error.get("code", name)), error["http"], members))
    out += ["constexpr ErrorInfo kErrors[] = {", *rows, "};", ""]
    f = service.facts
    out += ["}  // namespace", "", "extern const ServiceInfo kService;",
            "constexpr ServiceInfo kService = {Api::%s, %s, %s, %s, %s, %s, kOperations, kErrors};" % (
                service.name, literal(service.name), literal(service.title), literal(f["apiVersion"]),
                literal(f.get("xmlNamespace", "")), literal(f["signingName"])),
            "", f"}}  // namespace aws::{service.name}", ""]
    return "\n".join(out)


def page_name(value):
    if isinstance(value, list):
        value = value[0] if value else ""
    return value or ""
