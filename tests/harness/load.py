"""The load source and the sink of benchmarks/, run by a test or by the benchmark."""

import json
import os
import signal
import subprocess

from harness.server import ROOT, wait_for


def tool(name):
    folder = os.environ.get("SESAME_LOAD_TOOLS", str(ROOT / "build/release/benchmarks"))
    return os.path.join(folder, name)


class Sink:
    """An SMTP server that takes everything. `options` are those of the program, without --listen and --ready-file."""

    def __init__(self, folder, *options, name="sink", address="127.0.0.1"):
        self.folder, self.options, self.name, self.address = folder, options, name, address
        self.log = os.path.join(folder, name + ".ids")
        self.process = None
        self.port = 0

    def __enter__(self):
        ready = os.path.join(self.folder, self.name + ".port")
        if os.path.exists(ready):
            os.unlink(ready)
        self.process = subprocess.Popen(
            [tool("sink"), "--listen", f"{self.address}:{self.port}", "--ready-file", ready, "--log", self.log,
             *map(str, self.options)], stdout=subprocess.PIPE, text=True)
        wait_for("the sink", lambda: os.path.exists(ready))
        with open(ready, encoding="ascii") as file:
            self.port = int(file.read())
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def arrivals(self):
        """(id, monotonic time in ns) of each mail, in order."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="ascii") as file:
            lines = file.read().split("\n")[:-1]  # what is not ended yet is still being written
        return [(i, int(t)) for i, _, t in (line.partition(" ") for line in lines)]

    def ids(self):
        return {i for i, _ in self.arrivals()}

    def finish(self, seconds=None):
        """Waits until it ends by itself (--expect), or tells it to; its report."""
        if seconds is None:
            self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=seconds or 30)
        return json.loads(out)


class Load:
    """A load source, started at once."""

    def __init__(self, mode, address, *options, log=None):
        self.log = log
        command = [tool("load"), mode, "--to", address, *map(str, options)]
        if log:
            command += ["--log", log]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self, seconds=300):
        try:
            out, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the load source did not end within {seconds} s") from None
        return json.loads(out)

    def acknowledged(self):
        with open(self.log, encoding="utf-8") as file:
            return {line.split(" ")[0] for line in file}
