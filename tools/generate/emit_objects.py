"""Writes objects.h and SERVICE_objects.cc: making and freeing inputs and outputs by descriptor, for tests."""

from naming import pascal


def objects_header(services):
    out = ["// Inputs and outputs made by descriptor, for tests and fuzzers; generated from model/.", "#pragma once",
           "", "#include <memory>", "", '#include "aws/shape.h"', "", "namespace aws {", "",
           "using Object = std::unique_ptr<void, void (*)(void*)>;", "",
           "// Of any operation's input or output; null for other structures.",
           "Object make_object(Api api, const StructInfo& info);", "", "}  // namespace aws", ""]
    return "\n".join(out)


def objects_source(service):
    names = sorted({facts[key] for facts in service.operations.values() for key in ("in", "out")})
    out = ["// Inputs and outputs made by descriptor; generated from model/.",
           '#include "model/objects.h"', f'#include "model/{service.name}_tables.h"', "",
           f"namespace aws::{service.name} {{", "namespace {", "",
           "template <class T>", "Object make() {", "  return Object(new T, [](void* p) { delete static_cast<T*>(p); });",
           "}", "", "}  // namespace", "", "Object make_object(const StructInfo& info);",
           "Object make_object(const StructInfo& info) {"]
    out += [f"  if (&info == &k{pascal(n)}Info) return make<{pascal(n)}>();" for n in names]
    out += ["  return Object(nullptr, [](void*) {});", "}", "", f"}}  // namespace aws::{service.name}", ""]
    return "\n".join(out)


def objects_index(services):
    out = ["// Inputs and outputs made by descriptor; generated from model/.", '#include "model/objects.h"', "",
           "namespace aws {", ""]
    for name in services:
        out += [f"namespace {name} {{", "Object make_object(const StructInfo& info);", "}"]
    out += ["", "Object make_object(Api api, const StructInfo& info) {", "  switch (api) {"]
    out += [f"    case Api::{name}: return {name}::make_object(info);" for name in services]
    out += ["  }", "  return Object(nullptr, [](void*) {});", "}", "", "}  // namespace aws", ""]
    return "\n".join(out)
