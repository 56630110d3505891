"""Cases: the small frame all Python suites stand in. A suite prints a line for each case, `ok NAME`, `FAIL NAME` with
the reason indented below it, or `skip NAME: why`, which tests/run.py counts."""

import fnmatch
import sys
import time
import traceback


class Skip(Exception):
    """Raised by a case that cannot run here; its text says why."""


class Suite:
    def __init__(self, name):
        self.name = name
        self.cases = []
        self.failed = 0

    def case(self, function):
        """Decorator: the function is a case, named after itself."""
        self.add(function.__name__, function)
        return function

    def add(self, name, function):
        self.cases.append((name, function))

    def run(self, patterns=()):
        for name, function in self.cases:
            if patterns and not any(fnmatch.fnmatch(name, p) or p in name for p in patterns):
                continue
            self.run_one(name, function)
        return self.failed

    def run_one(self, name, function):
        start = time.monotonic()
        full = f"{self.name}: {name}"
        try:
            function()
        except Skip as reason:
            print(f"skip {full}: {reason}", flush=True)
        except BaseException as error:  # noqa: B902 (an interrupt ends the run below)
            self.failed += 1
            print(f"FAIL {full}")
            text = str(error) if isinstance(error, AssertionError) and str(error) else traceback.format_exc()
            print("".join(f"    {line}\n" for line in text.splitlines()[-40:]), end="", flush=True)
            if isinstance(error, KeyboardInterrupt):
                raise
        else:
            print(f"ok {full} ({time.monotonic() - start:.2f} s)", flush=True)

    def main(self):
        """Runs the cases named on the command line, or all."""
        sys.exit(1 if self.run(sys.argv[1:]) else 0)


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, wanted {want!r}")


def contains(text, part, what="text"):
    if part not in text:
        raise AssertionError(f"{what}: {part!r} is not in {text!r}")


def raises(kind, function, *args, **kwargs):
    """The exception `function` raises, which must be a `kind`."""
    try:
        function(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"no {getattr(kind, '__name__', kind)} was raised")
