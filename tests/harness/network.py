"""A network of the test's own, with a loopback interface and nothing else: there port 25 and 53 are free, and the system's
resolver asks the test's DNS server, so that other people's programs find their way by MX as they do outside."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile

MARK = "SESAME_TEST_NETWORK"
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40


def enter():
    """Runs this script again in such a network; returns there. Elsewhere: why it cannot be made, as a text."""
    if os.environ.get(MARK):
        set_up()
        return None
    words = ["unshare", "--mount", "--net", "--"]
    tried = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return f"a network of its own cannot be made: {tried.stderr.strip()}"
    os.environ[MARK] = "1"
    sys.stdout.flush()
    os.execvp(words[0], [*words, sys.executable, *sys.argv])
    return None


def set_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))
    with tempfile.NamedTemporaryFile("w", prefix="sesame-test-") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:2\n")
        file.flush()
        os.chmod(file.name, 0o644)
        subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
