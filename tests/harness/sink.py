"""An SMTP server that takes every mail and remembers its envelope, for tests that look at the envelope only."""

import socketserver
import threading

from harness.server import wait_for


class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink")
        sender, recipients = None, []
        for raw in self.rfile:
            line = raw.decode(errors="replace").strip()
            word = line.upper()
            if word.startswith(("EHLO", "HELO")):
                self.say("250 sink")
            elif word.startswith("MAIL FROM:"):
                sender, recipients = line.split("<", 1)[1].split(">", 1)[0], []
                self.say("250 ok")
            elif word.startswith("RCPT TO:"):
                recipients.append(line.split("<", 1)[1].split(">", 1)[0])
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    data += part
                self.server.mails.append((sender, recipients, data))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class EnvelopeSink(socketserver.ThreadingTCPServer):
    """`with EnvelopeSink() as sink:`; `sink.mails` are (sender, recipients, data)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mails = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def mail_to(self, address):
        """(sender, data) of the last mail for `address`, waited for."""
        def found():
            return [(sender, data) for sender, recipients, data in self.mails if address in recipients]
        return wait_for(f"a mail for {address}", found)[-1]
