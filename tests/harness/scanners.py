"""Scanners of the tests' own, Debian's clamd and rspamd, on loopback, with the smallest configuration that answers:
signatures for the EICAR string alone, no rules but GTUBE's, no DNS, no Redis, nothing from the network."""

import os
import socket
import subprocess

from harness.server import wait_for
from harness.tools import free_port

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
GTUBE_FOR_A_HEADER = "Y" + GTUBE[1:]


class Scanner:
    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.name, self.port, self.process = name, free_port(), None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(*parts)

    def run(self, *command):
        with open(self.path("out"), "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_for(f"{self.name}'s port", self.listens, 30)
        return self

    def listens(self):
        if self.process.poll() is not None:
            with open(self.path("out"), encoding="utf-8", errors="replace") as out:
                raise AssertionError(f"{self.name} ended at its start ({self.process.returncode}):\n{out.read()[-3000:]}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Clamd(Scanner):
    def __init__(self, folder):
        super().__init__(folder, "clamd")
        self.write(f"Sesame.Test.EICAR:0:*:{EICAR.encode().hex()}\n", "db", "test.ndb")
        lines = ["Foreground yes", f"TCPSocket {self.port}", "TCPAddr 127.0.0.1", f"DatabaseDirectory {self.path('db')}",
                 f"TemporaryDirectory {self.folder}", "StreamMaxLength 1M", "MaxThreads 2"]
        if os.getuid() == 0:
            lines.append("User root")  # it would change to clamav's, who cannot read here
        self.config = self.write("\n".join(lines) + "\n", "clamd.conf")

    def start(self):
        return self.run("clamd", "-c", self.config)


RSPAMD = """\
options {{
  pidfile = "{folder}/pid"; tempdir = "{folder}"; control_socket = "{folder}/control mode=0600";
  filters = ""; enable_test_patterns = true; disable_hyperscan = true; url_tld = "{folder}/tld";
  dns {{ nameserver = "127.0.0.1:9"; timeout = 0.1s; retransmits = 1; }}
}}
lang_detection {{ languages = "{folder}/none"; }}
logging {{ type = "file"; filename = "{folder}/log"; level = "info"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; mime = true; }}
"""


class Rspamd(Scanner):
    def __init__(self, folder):
        super().__init__(folder, "rspamd")
        self.write("com\nnet\norg\nexample\n", "tld")
        self.config = self.write(RSPAMD.format(folder=self.folder, port=self.port), "rspamd.conf")

    @property
    def url(self):
        return "http://" + self.address

    def start(self):
        # As root it insists on being told so (-i), or on a user to change to.
        return self.run("rspamd", "-f", *(["-i"] if os.getuid() == 0 else []), "-c", self.config)
