#!/usr/bin/env python3
"""Turns the service models (model/*.json) into C++: structs, descriptor tables, operations, errors, patterns.

usage: generate_model.py MODEL-FOLDER OUTPUT-FOLDER [--list]

--list prints the names of the files it would write, one a line. A file whose text did not change keeps its time,
so that nothing is compiled twice.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "generate"))

from emit_objects import objects_header, objects_index, objects_source  # noqa: E402
from emit_permissions import permission_tables  # noqa: E402
from emit_tables import operation_table, struct_tables  # noqa: E402
from emit_types import types_header  # noqa: E402
from model import SERVICES, Service  # noqa: E402
from naming import literal  # noqa: E402
from patterns import compile_pattern  # noqa: E402


class Patterns:
    """All patterns of all services; equal ones are compiled once."""

    def __init__(self):
        self.names = {}
        self.classes = {}

    def name(self, text):
        return self.names.setdefault(text, f"k{len(self.names)}")

    def header(self):
        out = ["// Patterns of the service models, generated from model/.", "#pragma once", "",
               '#include "aws/pattern.h"', "", "namespace aws::patterns {", ""]
        out += [f"extern const Pattern {name};" for name in self.names.values()]
        return "\n".join(out + ["", "}  // namespace aws::patterns", ""])

    def source(self):
        programs = {text: compile_pattern(text, self.classes) for text in self.names}
        out = ["// Patterns of the service models, generated from model/.", '#include "model/patterns.h"', "",
               "namespace aws::patterns {", "namespace {", ""]
        for ranges, number in self.classes.items():
            body = ", ".join("{0x%X, 0x%X}" % r for r in ranges)
            out.append(f"constexpr Range kClass{number}[] = {{{body}}};")
        out.append("")
        for text, (program, used) in programs.items():
            name = self.names[text]
            steps = ", ".join("{Instruction::%s, %d, %d}" % tuple(step) for step in program)
            spans = ", ".join(f"kClass{self.classes[ranges]}" for ranges in used)
            out.append(f"constexpr Instruction {name}Program[] = {{{steps}}};")
            out.append(f"constexpr std::span<const Range> {name}Classes[] = {{{spans}}};")
        out += ["", "}  // namespace", ""]
        for text, name in self.names.items():
            out.append(f"constexpr Pattern {name} = {{{literal(text)}, {name}Program, {name}Classes}};")
        return "\n".join(out + ["", "}  // namespace aws::patterns", ""])


def generate(folder):
    files, patterns = {}, Patterns()
    for name in SERVICES:
        service = Service(name, folder)
        files[f"{name}_types.h"] = types_header(service)
        files.update(struct_tables(service, patterns))
        files[f"{name}_operations.cc"] = operation_table(service)
        files[f"{name}_objects.cc"] = objects_source(service)
    files["objects.h"] = objects_header(SERVICES)
    files["objects_index.cc"] = objects_index(SERVICES)
    files["permissions.cc"] = permission_tables(folder)
    files["patterns.h"] = patterns.header()
    files["patterns.cc"] = patterns.source()
    return files


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    files = generate(arguments[0])
    if "--list" in arguments:
        print("\n".join(sorted(files)))
        return
    out = Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = out / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


main(sys.argv[1:])
