"""Starts and stops the server under test, in dev mode or production mode, each with ports and a data folder of its own,
and speaks to its control API."""

import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


def binary():
    """The server to test: SESAME_BINARY (the sanitizer build, for one), else the release build."""
    return os.environ.get("SESAME_BINARY", str(ROOT / "build/release/sesame"))


def clean_environment():
    return {k: v for k, v in os.environ.items() if not k.startswith(("SESAME_", "AWS_"))}


def wait_for(what, condition, seconds=20.0):
    """Waits until `condition()` is true; what it answers then."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.01)


class Sesame:
    """`with Sesame("--auto-verify") as s:` a dev server; `Sesame(command=["serve", "--config", F])` another one."""

    def __init__(self, *flags, command=None, env=None, wrapper=()):
        self.folder = tempfile.mkdtemp(prefix="sesame-test-")
        self.flags = list(flags)
        self.command = command
        self.env = env or {}
        self.wrapper = list(wrapper)
        self.process = None
        self.addresses = {}
        atexit.register(self.clean_up)  # when a suite ends before its last case

    def clean_up(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            self.stop()
        finally:
            if kind is not None:
                self.print_log()
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, seconds=30.0):
        ready = os.path.join(self.folder, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        command = self.command or ["dev", "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0",
                                   "--inbound", "127.0.0.1:0"]
        environment = clean_environment()
        environment["TMPDIR"] = self.folder
        environment.update(self.env)
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, binary(), *command, "--ready-file", ready, *self.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

        def opened():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended at its start ({self.process.returncode}):\n{self.log()}")
            return os.path.exists(ready)

        wait_for("the server's ports", opened, seconds)
        self.addresses = {}
        with open(ready, encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.strip().partition("=")
                self.addresses.setdefault(name, value)
        return self

    def stop(self, seconds=40.0):
        """Asks the server to end, and checks that it does so in order."""
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the server did not stop within {seconds:g} s:\n{self.log()}") from None
        if code != 0:
            raise AssertionError(f"the server ended with {code}:\n{self.log()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-6000:]

    def print_log(self):
        for line in self.log().splitlines()[-60:]:
            print("    log: " + line)

    # Where it listens.

    def endpoint(self, name):
        host, _, port = self.addresses[name].rpartition(":")
        return host, int(port)

    @property
    def url(self):
        return "http://" + self.addresses["http"]

    @property
    def smtp(self):
        return self.endpoint("smtp")

    @property
    def inbound(self):
        """The port for mail from outside."""
        return self.endpoint("inbound")

    # The control API.

    def control(self, method, path, body=None, timeout=60):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with LOOPBACK.open(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def messages(self, wait=None, **query):
        if wait is not None:
            query["wait"] = f"{wait:g}s"
        status, body = self.control("GET", "/_sesame/messages?" + urllib.parse.urlencode(query))
        assert status == 200, (status, body)
        return json.loads(body)["messages"]

    def raw(self, message_id):
        status, body = self.control("GET", f"/_sesame/messages/{message_id}/raw")
        assert status == 200, (status, body)
        return body

    def trace(self, message_id):
        status, body = self.control("GET", f"/_sesame/messages/{message_id}/trace")
        assert status == 200, (status, body)
        return json.loads(body)

    def events(self, message_id, seconds=10):
        """The events of a message that is done, or of one that was deferred: as many as there are then."""
        def settled():
            trace = self.trace(message_id)
            done = trace["state"] != "pending" or len(trace["events"]) > 1
            return trace["events"] if done else None
        return wait_for(f"the events of {message_id}", settled, seconds)

    def only_mail(self, wait=5, **query):
        """The one mail that matches, as (its line in the list, its bytes)."""
        found = self.messages(wait=wait, **query)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} mails match {query}, not one: {found}")
        return found[0], self.raw(found[0]["messageId"])

    def reset(self):
        status, body = self.control("POST", "/_sesame/reset")
        assert status == 200, (status, body)

    def advance(self, span):
        # It returns once what fell due has run, which may be a long queue on a machine with other work.
        status, body = self.control("POST", "/_sesame/clock", {"advance": span}, timeout=300)
        assert status == 200, (status, body)

    def account(self, **settings):
        status, body = self.control("POST", "/_sesame/account", settings)
        assert status == 200, (status, body)

    # The operator's commands.

    def operator(self, *words):
        """`sesame WORDS… --data DIR --json`, its answer."""
        done = subprocess.run([binary(), words[0], "--data", self.addresses["data"], "--json", *words[1:]],
                              capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        if done.returncode != 0:
            raise AssertionError(f"sesame {' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


class Production(Sesame):
    """`sesame serve` on a configuration of the test's own, made by `sesame init` first. `settings` are lines of
    sesame.toml by table, e.g. {"delivery": ["smtp_port = 2525"]}."""

    def __init__(self, settings=None, service_domain="ses.example", region="us-east-1", data=None, **kwargs):
        super().__init__(**kwargs)
        self.home = os.path.join(self.folder, "home")
        made = subprocess.run([binary(), "init", self.home, "--service-domain", service_domain, "--region", region,
                               "--json"], capture_output=True, text=True, check=False, env=clean_environment())
        if made.returncode != 0:
            raise AssertionError(f"sesame init: {made.stdout}{made.stderr}")
        self.made = json.loads(made.stdout)
        self.key, self.secret = self.made["accessKeyId"], self.made["secretAccessKey"]
        self.region = region
        if data:  # another file system: what init made moves there
            shutil.copytree(os.path.join(self.home, "data"), data, dirs_exist_ok=True)
        self.data = data or os.path.join(self.home, "data")
        self.config = os.path.join(self.home, "sesame.toml")
        self.write_config(settings or {}, service_domain)
        self.command = ["serve", "--config", self.config]

    def write_config(self, settings, service_domain):
        tables = {
            "": [f'service_domain = "{service_domain}"', f'regions = ["{self.region}"]', f'data = "{self.data}"',
                 f'master_key = "{self.home}/master.key"'],
            "http": ['listen = ["127.0.0.1:0"]'],
            "account": ["max_24h_send = -1", "max_send_rate = 1000000"],
        }
        if not any(line.startswith("management_rate") for line in settings.get("account", [])):
            tables["account"].append("management_rate = 0")  # tests do not wait a second for each call
        for name, lines in settings.items():
            tables.setdefault(name, []).extend(lines)
        with open(self.config, "w", encoding="utf-8") as out:
            for name, lines in tables.items():
                if name:
                    out.write(f"\n[{name}]\n")
                out.write("\n".join(lines) + "\n")
