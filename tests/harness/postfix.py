"""A Postfix of the test's own: configuration, queue and mailboxes in a temporary folder, one free port. Debian's
packages, root needed (Postfix changes users). As the far end of a delivery it puts mail into Maildirs; with a relay
and a milter it is the peer of the benchmark."""

import glob
import os
import pwd
import re
import shutil
import subprocess

from harness.cases import Skip
from harness.server import wait_for
from harness.tools import certificate, free_port

MASTER = """\
{address}:{port} inet n - n - {smtpd_limit} smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def own_part(mail):
    """The mail as it was sent: without what Postfix put on top."""
    head, _, body = mail.partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    while fields and fields[0].split(b":")[0].lower() in (b"return-path", b"x-original-to", b"delivered-to", b"received"):
        fields.pop(0)
    return (b"\n".join(fields) + b"\n\n" + body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Postfix:
    """`domains` are delivered to Maildirs here; everything else goes to `relay` (host:port), if there is one. `address`:
    where it listens and sends from."""

    def __init__(self, folder, domains=(), relay=None, milter=None, tls=False, extra=(), address="127.0.0.1", port=None):
        if os.getuid() != 0:
            raise Skip("Postfix needs root")
        self.folder = os.path.join(folder, "postfix")
        self.domains, self.relay, self.milter, self.tls, self.extra = domains, relay, milter, tls, list(extra)
        self.address, self.port = address, port

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for part in ("etc", "queue", "data", "mail"):
            os.makedirs(os.path.join(self.folder, part), exist_ok=True)
        # Postfix's users must be able to walk here.
        path = self.folder
        while path not in ("/", "/tmp"):
            os.chmod(path, os.stat(path).st_mode | 0o055)
            path = os.path.dirname(path)
        owner = pwd.getpwnam("postfix")
        os.chown(os.path.join(self.folder, "data"), owner.pw_uid, owner.pw_gid)
        self.box_user = pwd.getpwnam("nobody")
        os.chown(os.path.join(self.folder, "mail"), self.box_user.pw_uid, self.box_user.pw_gid)
        self.port = self.port or free_port()
        self.write_configuration()
        self.command("start")
        wait_for("Postfix's port", self.listens, 20)
        return self

    def stop(self):
        self.command("stop", check=False)

    def listens(self):
        import socket
        try:
            with socket.create_connection((self.address, self.port), 1) as connection:
                return connection.recv(100).startswith(b"220")
        except OSError:
            return False

    def write_configuration(self):
        f = self.folder
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": f"{f}/queue", "data_directory": f"{f}/data",
            "maillog_file": f"{f}/log", "maillog_file_prefixes": f,
            "myhostname": "mx.example", "mydestination": "", "mynetworks": "127.0.0.0/8",
            # Other loopback addresses are no interface's.
            "inet_interfaces": "127.0.0.1" if self.address == "127.0.0.1" else "all", "inet_protocols": "ipv4",
            "alias_maps": "", "alias_database": "", "local_recipient_maps": "",
            "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
            "smtpd_client_connection_count_limit": "0",
            "virtual_mailbox_domains": " ".join(self.domains), "virtual_mailbox_base": f"{f}/mail",
            "virtual_mailbox_maps": "static:box/", "virtual_minimum_uid": "1",
            "virtual_uid_maps": f"static:{self.box_user.pw_uid}", "virtual_gid_maps": f"static:{self.box_user.pw_gid}",
            "message_size_limit": "60000000", "virtual_mailbox_limit": "0",
            "disable_dns_lookups": "yes", "smtp_host_lookup": "native",
            "biff": "no", "append_dot_mydomain": "no", "smtputf8_enable": "yes",
        }
        if self.relay:
            host, port = self.relay.rsplit(":", 1)
            settings["relayhost"] = f"[{host}]:{port}"
        if self.milter:
            settings.update(smtpd_milters=self.milter, milter_default_action="tempfail")
        if self.tls:
            cert, key = certificate(os.path.join(f, "etc"), "mx.example")
            settings.update(smtpd_tls_cert_file=cert, smtpd_tls_key_file=key, smtpd_tls_security_level="may",
                            smtpd_tls_loglevel="1", smtpd_tls_received_header="yes")
        settings.update(dict(line.split("=", 1) for line in self.extra))
        with open(f"{f}/etc/main.cf", "w", encoding="utf-8") as out:
            out.writelines(f"{name} = {value}\n" for name, value in settings.items())
        with open(f"{f}/etc/master.cf", "w", encoding="utf-8") as out:
            out.write(MASTER.format(address=self.address, port=self.port, smtpd_limit="-"))

    def command(self, word, check=True):
        done = subprocess.run(["postfix", "-c", f"{self.folder}/etc", word], capture_output=True, text=True,
                              timeout=60, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"postfix {word}: {done.stdout}{done.stderr}{self.log()}")

    def log(self):
        try:
            with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as file:
                return file.read()[-8000:]
        except OSError:
            return ""

    def mails(self, address):
        """The bytes of each mail delivered to `address`. There is one Maildir, where Postfix says for whom each is."""
        mark = f"Delivered-To: {address}\n".encode()
        out = []
        for name in sorted(glob.glob(f"{self.folder}/mail/box/new/*")):
            with open(name, "rb") as file:
                mail = file.read()
            if mark in mail.split(b"\n\n")[0] + b"\n":
                out.append(mail)
        return out

    def wait_for_mail(self, address, count=1, seconds=20):
        try:
            return wait_for(f"mail for {address}", lambda: len(self.mails(address)) >= count and self.mails(address),
                            seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\nPostfix says:\n{self.log()}") from None

    def pids(self):
        """Of the master and of everything it started."""
        with open(f"{self.folder}/queue/pid/master.pid", encoding="ascii") as file:
            master = int(file.read())
        done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(master)], capture_output=True, text=True, check=False)
        return [master, *map(int, done.stdout.split())]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
