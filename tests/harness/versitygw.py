"""An S3 server of other people: the Versity S3 Gateway over a folder. Its release is pinned here and held against Go's
checksum database when it is built, once, into .cache; where Go is missing or too old its suite is skipped."""

import os
import socket
import subprocess

from harness.cases import Skip
from harness.server import ROOT, clean_environment, wait_for
from harness.tools import free_port, lacks

VERSION = "v1.8.0"
CACHE = (ROOT / ".cache").resolve() / f"versitygw-{VERSION}"


def built():
    if lack := lacks("go version", (1, 25)):
        raise Skip(lack)
    if not (CACHE / "versitygw").exists():
        done = subprocess.run(["go", "install", f"github.com/versity/versitygw/cmd/versitygw@{VERSION}"],
                              env={**os.environ, "GOBIN": str(CACHE), "GOTOOLCHAIN": "local"}, capture_output=True,
                              text=True, timeout=900, check=False)
        if done.returncode != 0:
            raise AssertionError(f"versitygw does not build: {done.stdout}{done.stderr}")
    return str(CACHE / "versitygw")


class Versitygw:
    """`folder` holds the buckets. Stopped and started again it has the same port."""

    def __init__(self, folder):
        self.folder, self.program, self.port, self.process = folder, built(), free_port(), None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, access="test", secret="test"):
        buckets = os.path.join(self.folder, "buckets")
        os.makedirs(buckets, exist_ok=True)
        with open(os.path.join(self.folder, "versitygw.log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--port", f"127.0.0.1:{self.port}", "--quiet", "posix", buckets], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                env={**clean_environment(), "ROOT_ACCESS_KEY_ID": access, "ROOT_SECRET_ACCESS_KEY": secret})
        wait_for("versitygw's port", self.listens)
        return self

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    __enter__ = start

    def __exit__(self, *_):
        self.stop()
