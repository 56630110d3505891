"""Regular expressions of the models, compiled to the little programs that aws/pattern.h runs."""

import re
import unicodedata
from functools import lru_cache

try:
    from re import _constants as sre, _parser as sre_parse
except ImportError:  # Python before 3.11
    import sre_constants as sre
    import sre_parse

LAST = 0x10FFFF
# \p{X} stands in the text as one private-use character while Python's parser reads it.
PROPERTIES = {"L": 0xF0000, "Z": 0xF0001, "N": 0xF0002}


@lru_cache
def property_ranges(letter):
    ranges, start = [], None
    for point in range(LAST + 2):
        inside = point <= LAST and unicodedata.category(chr(point))[0] == letter
        if inside and start is None:
            start = point
        elif not inside and start is not None:
            ranges.append((start, point - 1))
            start = None
    return ranges


def merged(ranges):
    out = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


def inverted(ranges):
    out, at = [], 0
    for low, high in merged(ranges):
        if low > at:
            out.append((at, low - 1))
        at = high + 1
    if at <= LAST:
        out.append((at, LAST))
    return tuple(out)


CATEGORIES = {  # Java's, which are ASCII
    sre.CATEGORY_WORD: [(48, 57), (65, 90), (95, 95), (97, 122)],
    sre.CATEGORY_DIGIT: [(48, 57)],
    sre.CATEGORY_SPACE: [(9, 13), (32, 32)],
}


def literal_ranges(point):
    for letter, private in PROPERTIES.items():
        if point == private:
            return property_ranges(letter)
    return [(point, point)]


def class_ranges(items):
    ranges, negate = [], False
    for op, value in items:
        if op is sre.NEGATE:
            negate = True
        elif op is sre.LITERAL:
            ranges += literal_ranges(value)
        elif op is sre.RANGE:
            ranges.append(value)
        elif op is sre.CATEGORY:
            ranges += CATEGORIES[value]
        else:
            raise ValueError(f"class item {op}")
    return inverted(ranges) if negate else merged(ranges)


class Compiler:
    """One program; `classes` is shared by all of them."""

    def __init__(self, classes):
        self.classes = classes
        self.used = []
        self.program = []

    def emit(self, op, x=0, y=0):
        self.program.append([op, x, y])
        return len(self.program) - 1

    def emit_class(self, ranges):
        ranges = tuple(ranges)
        self.classes.setdefault(ranges, len(self.classes))
        if ranges not in self.used:
            self.used.append(ranges)
        self.emit("accept_class", self.used.index(ranges))

    def compile(self, items):
        for op, value in items:
            if op is sre.LITERAL:
                self.emit_class(merged(literal_ranges(value)))
            elif op is sre.NOT_LITERAL:
                self.emit_class(inverted([(value, value)]))
            elif op is sre.ANY:
                self.emit_class(inverted([(10, 10), (13, 13), (0x85, 0x85), (0x2028, 0x2029)]))
            elif op is sre.IN:
                self.emit_class(class_ranges(value))
            elif op is sre.SUBPATTERN:
                self.compile(value[-1])
            elif op is sre.BRANCH:
                self.branch(value[1])
            elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                self.repeat(*value)
            elif op is sre.AT and value in (sre.AT_BEGINNING, sre.AT_END):
                pass  # the whole text must match anyway
            else:
                raise ValueError(f"regular expression item {op}")

    def branch(self, choices):
        ends = []
        for choice in choices[:-1]:
            split = self.emit("split")
            self.program[split][1] = split + 1
            self.compile(choice)
            ends.append(self.emit("jump"))
            self.program[split][2] = len(self.program)
        self.compile(choices[-1])
        for end in ends:
            self.program[end][1] = len(self.program)

    def repeat(self, low, high, items):
        for _ in range(low):
            self.compile(items)
        if high is sre.MAXREPEAT:
            split = self.emit("split")
            self.program[split][1] = split + 1
            self.compile(items)
            self.emit("jump", split)
            self.program[split][2] = len(self.program)
        else:
            splits = []
            for _ in range(high - low):
                split = self.emit("split")
                self.program[split][1] = split + 1
                splits.append(split)
                self.compile(items)
            for split in splits:
                self.program[split][2] = len(self.program)


def compile_pattern(text, classes):
    """Returns (program, list of range tuples it uses)."""
    readable = text
    for letter, private in PROPERTIES.items():
        readable = readable.replace("\\p{%s}" % letter, chr(private))
    compiler = Compiler(classes)
    compiler.compile(sre_parse.parse(readable))
    compiler.emit("match")
    if len(compiler.program) > 512:
        raise ValueError(f"pattern too long: {text}")
    return compiler.program, compiler.used
