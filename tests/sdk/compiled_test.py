"""The AWS SDKs of compiled languages against a server that checks signatures and policies. `compiled_test.py go` (or
java, rust) builds the program of that folder into .cache/, runs it, and looks at the mails it sent. Where the toolchain
is missing or too old the suite is one `skip` line that names it."""

import email
import email.policy
import pathlib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.cases import Skip, Suite, contains, equal  # noqa: E402
from harness.server import ROOT, Sesame, clean_environment  # noqa: E402
from harness.tools import lacks  # noqa: E402
from harness.users import FULL, User  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
CACHE = (ROOT / ".cache").resolve()
JAVA_OUT = CACHE / "sdk-java"
RUST_OUT = CACHE / "rust"
DENIED = {"Effect": "Deny", "Action": ["ses:GetAccount", "ses:GetSendQuota"], "Resource": "*"}
SENDER = "sdk+test/a=b@example.com"
TEXT = "Grüße ✓"

# language: (the programs it needs, how each tells its version and the least that will do, the command that builds it, the
# command that runs it)
LANGUAGES = {
    "go": ([("go version", (1, 24))], ["go", "build", "-o", str(CACHE / "sdk-go"), "."], lambda: [str(CACHE / "sdk-go")]),
    "java": ([("javac -version", (17,)), ("mvn -version", (3, 6))],
             ["mvn", "-B", "-q", f"-DbuildDirectory={JAVA_OUT}", "compile", "dependency:build-classpath",
              f"-Dmdep.outputFile={JAVA_OUT}/classpath"],
             lambda: ["java", "-Dfile.encoding=UTF-8", "-XX:TieredStopAtLevel=1", "-cp",
                      f"{JAVA_OUT}/classes:{(JAVA_OUT / 'classpath').read_text(encoding='utf-8')}", "SdkTest"]),
    "rust": ([("cargo --version", (1, 94, 1))], ["cargo", "build", "--locked", "--quiet", "--target-dir", str(RUST_OUT)],
             lambda: [str(RUST_OUT / "debug/sesame-sdk-test")]),
}


class Lossy:
    """A way to the server that hands on every request, and loses the answer to the first one."""

    def __init__(self, target):
        self.target, self.requests = target, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            self.requests += 1
            threading.Thread(target=self.hand_on, args=(client, self.requests == 1), daemon=True).start()

    def hand_on(self, client, lose):
        with client, socket.create_connection(self.target) as server:
            threading.Thread(target=self.copy, args=(client, server), daemon=True).start()
            if lose:
                server.recv(65536)  # the mail is taken in; the client never hears of it
                client.shutdown(socket.SHUT_RDWR)
            else:
                self.copy(server, client)

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass  # one side has gone


def missing(language):
    return [why for why in (lacks(*tool) for tool in LANGUAGES[language][0]) if why]


def build(language):
    JAVA_OUT.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(LANGUAGES[language][1], cwd=HERE / language, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=900, check=False, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{language} does not build:\n{done.stdout[-4000:]}")


def call(language, server, lossy):
    """Runs the program, prints its cases; the mails it says it sent, {name: message id}."""
    user = User(server, "sdk", FULL, DENIED)
    env = {**clean_environment(), "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "NO_PROXY": "127.0.0.1",
           "AWS_ACCESS_KEY_ID": user.key["accessKeyId"], "AWS_SECRET_ACCESS_KEY": user.key["secretAccessKey"],
           "SDK_LOSSY_URL": lossy.url, "HOME": server.folder}
    done = subprocess.run(LANGUAGES[language][2](), cwd=server.folder, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    output = done.stdout.decode(errors="replace")
    print("".join(f"{line}\n" for line in output.splitlines() if not line.startswith("sent ")), end="", flush=True)
    if done.returncode != 0:
        raise AssertionError(f"the program ended with {done.returncode}")
    return dict(line.split()[1:3] for line in output.splitlines() if line.startswith("sent ")), "FAIL " in output


class Mails:
    """What arrived of the mails the program sent."""

    def __init__(self, server, sent):
        self.server, self.sent = server, sent

    def bytes_of(self, name):
        line, raw = self.server.only_mail(to=f"{name}@example.net")
        equal(line["messageId"], self.sent.get(name), f"the message id of {name}")
        return raw

    def parsed(self, name):
        return email.message_from_bytes(self.bytes_of(name), policy=email.policy.default)


def add_cases(suite, server, mails, lossy):
    def simple():
        mail = mails.parsed("simple")
        equal((mail["From"].addresses[0].addr_spec, mail["Subject"]), (SENDER, "Grüße"))
        equal([part.get_content().strip() for part in mail.iter_parts()], ["plain", "<b>bold</b>"])

    def v1simple():
        mail = mails.parsed("v1simple")
        equal((mail["Subject"], mail.get_content().strip()), ("Grüße", "a & b = ~*+ ✓"))

    def raw(name):
        got = mails.bytes_of(name)
        contains(got, f"\r\n\r\n{TEXT}\r\n".encode(), "raw mail")
        contains(got, b"\r\nSubject: raw\r\n", "raw mail")

    def template():
        mail = mails.parsed("template")
        equal(mail["Subject"], "Hello Ada")
        text, attached = mail.iter_parts()
        equal(text.get_content().strip(), "Dear Ada")
        equal((attached.get_filename(), attached.get_payload(decode=True)), ("a.bin", b"\x00\xff\r\n"))

    def retry():
        equal(lossy.requests, 2, "requests")
        mails.bytes_of("retry")  # one mail, with the id the second answer told

    def nothing_else():
        equal(sorted(m["messageId"] for m in server.messages()), sorted(mails.sent.values()))

    for name, case in {"simple": simple, "v1simple": v1simple, "raw": lambda: raw("raw"), "v1raw": lambda: raw("v1raw"),
                       "template": template, "retry": retry, "nothing_else": nothing_else}.items():
        suite.add("mail_" + name, case)


def main(language):
    suite = Suite(language)
    absent = missing(language)
    if absent:
        def not_here():
            raise Skip("; ".join(absent))
        suite.add("sdk", not_here)
        return suite.run()
    suite.add("builds", lambda: build(language))
    if suite.run():
        return 1
    suite.cases.clear()
    with Sesame("--strict-auth") as server:
        lossy = Lossy(server.endpoint("http"))
        sent, failed = call(language, server, lossy)
        add_cases(suite, server, Mails(server, sent), lossy)
        return suite.run() or failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)
