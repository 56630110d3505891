"""Builds, runs the suites, and counts: `ok`, `FAIL` and `skip` lines of the Python and Node suites, GoogleTest's own
reports. Prints a line for each case that failed or was skipped, and at the end `N passed, N failed`."""

import argparse
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".cache/venv/bin/python")
NODE = str(ROOT / ".cache/venv/bin/node")
FUZZ_SECONDS = int(os.environ.get("SESAME_FUZZ_SECONDS", "10"))
LINE = re.compile(r"^(ok|not ok|FAIL|skip)\b[: ]*(?:\d+ -? ?)?(.*)$")


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SESAME_", "AWS_")) or k == "SESAME_FUZZ_SECONDS"}
    env["PATH"] = f"{ROOT}/.cache/venv/bin:{env['PATH']}"
    env["PYTHONPATH"] = str(ROOT / "tests")
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["ASAN_OPTIONS"] = "detect_stack_use_after_return=0:abort_on_error=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    env.update(more)
    return env


def run_command(name, command, seconds, **env):
    """A suite that prints ok/FAIL/skip lines."""
    count = Count()
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment(**env), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False)
        output, code = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as error:
        output = (error.stdout or b"").decode(errors="replace")
        code = f"not done after {seconds} s"
    for line in output.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        if match[1] == "ok":
            count.passed += 1
        elif match[1] == "skip":
            count.skipped.append(match[2])
        else:
            count.failed.append(match[2])
    if code != 0 and not count.failed:
        count.failed.append(f"{name}: ended with {code}")
    if count.passed + len(count.failed) + len(count.skipped) == 0:
        count.failed.append(f"{name}: reported no case")
    if count.failed:
        print(indent(output[-20000:]))
    return count


def run_checked(name, command, seconds=600):
    """One case: the command ends with 0."""
    count = Count()
    done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=seconds, check=False)
    if done.returncode == 0:
        count.passed += 1
    else:
        count.failed.append(name)
        print(indent(done.stdout.decode(errors="replace")[-6000:]))
    return count


def indent(text):
    return "\n".join("    " + line for line in text.splitlines())


def run_unit(preset):
    count = Count()
    tests = sorted((ROOT / "build" / preset / "src").glob("*_test"))
    for test in tests:
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            command = [str(test), "--gtest_brief=1", f"--gtest_output=json:{report.name}"]
            try:
                done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, timeout=600, check=False)
                output, code = done.stdout.decode(errors="replace"), done.returncode
            except subprocess.TimeoutExpired as error:
                output, code = (error.stdout or b"").decode(errors="replace"), "not done after 600 s"
            add_report(count, f"{preset}/{test.name}", report.name, code)
        if code != 0:
            print(indent(output[-12000:]))
    if not tests:
        count.failed.append(f"unit tests of {preset}: none were built")
    return count


def add_report(count, name, file, code):
    try:
        with open(file, encoding="utf-8") as text:
            suites = json.load(text)["testsuites"]
    except (OSError, ValueError):
        suites = []
    before = len(count.failed)
    for suite in suites:
        for case in suite["testsuite"]:
            full = f"{name} {suite['name']}.{case['name']}"
            if case.get("failures"):
                count.failed.append(full)
            elif case.get("result") == "SKIPPED":
                count.skipped.append(full)
            elif case.get("status") == "RUN":
                count.passed += 1
            else:
                count.skipped.append(full + " (disabled)")
    if code != 0 and len(count.failed) == before:
        count.failed.append(f"{name}: ended with {code}")


def run_fuzz():
    """Each target for a short while, over its stored inputs first."""
    count = Count()
    targets = sorted(p for p in (ROOT / "build/fuzz/fuzzers").glob("*_fuzz") if os.access(p, os.X_OK))
    for target in targets:
        corpus = ROOT / "tests/fuzz/corpus" / target.name
        with tempfile.TemporaryDirectory() as found:
            command = [str(target), f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048",
                       f"-artifact_prefix={found}/", "-print_final_stats=1", found]
            if corpus.is_dir():
                command.append(str(corpus))
            done = subprocess.run(command, cwd=found, env=environment(), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=FUZZ_SECONDS + 120, check=False)
            if done.returncode == 0:
                count.passed += 1
                continue
            count.failed.append(f"fuzz {target.name}")
            print(indent(done.stdout.decode(errors="replace")[-6000:]))
            for crash in pathlib.Path(found).glob("*-*"):
                if crash.name.startswith(("crash", "oom", "timeout", "leak")):
                    print(f"    input ({crash.name}, base64): ", end="", flush=True)
                    subprocess.run(["base64", "-w0", str(crash)], check=False)
                    print()
    if not targets:
        count.failed.append("fuzz: no target was built")
    return count


def run_docs():
    """Documents that are made from the code are as the code makes them now."""
    count = Count()
    made = subprocess.run([str(ROOT / "build/release/sesame"), "api", "--coverage", "--table"], capture_output=True,
                          text=True, env=environment(), check=False)
    page = ROOT / "docs/api-coverage.md"
    if made.returncode == 0 and page.exists() and made.stdout.strip() in page.read_text(encoding="utf-8"):
        count.passed += 1
    else:
        count.failed.append("docs: docs/api-coverage.md is not what `sesame api --coverage --table` prints")
        print(indent(made.stderr[-2000:]))
    return count


def python(script, seconds, *arguments, **env):
    return lambda name: run_command(name, [PYTHON, str(ROOT / "tests" / script), *arguments], seconds, **env)


ASAN_BINARY = str(ROOT / "build/asan/sesame")

# name, what must be built before ("preset target..."), how it runs
SUITES = [
    ("checks.format", [], lambda name: run_checked(name, ["tools/check-format"])),
    ("checks.layers", [], lambda name: run_checked(name, ["tools/check-layers"])),
    ("unit", ["release all"], lambda name: run_unit("release")),
    ("checks.docs", ["release all"], lambda name: run_docs()),
    ("mail.handlebars", [], lambda name: run_command(name, [NODE, "tests/mail/handlebars_cases.mjs", "--check"], 60)),
    ("mail.oracles", ["release mail_check"], python("mail/oracle_test.py", 300)),
    ("conformance", ["release sesame"], python("conformance/run.py", 600)),
    ("sdk.roundtrip", ["release model_echo"], python("sdk/roundtrip/run.py", 1200, str(ROOT / "build/release/model_echo"), "--node", NODE, "--venv",
            str(ROOT / ".cache/venv"), "--node-modules", str(ROOT / "tests/sdk/node_modules"))),
    ("sdk.boto3", ["release sesame"], python("sdk/boto3_test.py", 300)),
    ("sdk.templates", ["release sesame"], python("sdk/templates_test.py", 300)),
    ("sdk.bulk", ["release sesame"], python("sdk/bulk_test.py", 300)),
    ("sdk.events", ["release sesame load sink"], python("sdk/events_test.py", 300)),
    ("sdk.configuration_sets", ["release sesame"], python("sdk/configuration_sets_test.py", 300)),
    ("sdk.contacts", ["release sesame"], python("sdk/contacts_test.py", 300)),
    ("sdk.identities", ["release sesame"], python("sdk/identities_test.py", 300)),
    ("sdk.suppression", ["release sesame sink"], python("sdk/suppression_test.py", 300)),
    ("sdk.outcomes", ["release sesame"], python("sdk/outcomes_test.py", 300)),
    ("sdk.tags", ["release sesame"], python("sdk/tags_test.py", 300)),
    ("sdk.handbook", ["release sesame"], python("sdk/handbook_test.py", 300)),
    ("sdk.receipt_rules", ["release sesame"], python("sdk/receipt_rules_test.py", 300)),
    ("sdk.receive", ["release sesame"], python("sdk/receive_test.py", 300)),
    ("sdk.feedback", ["release sesame"], python("sdk/feedback_test.py", 300)),
    ("sdk.send_bounce", ["release sesame"], python("sdk/send_bounce_test.py", 300)),
    ("sdk.s3", ["release sesame"], python("sdk/s3_test.py", 1200)),
    ("sdk.verdicts", ["release sesame"], python("sdk/verdicts_test.py", 300)),
    ("sdk.scanners", ["release sesame"], python("sdk/scanners_test.py", 300)),
    ("sdk.account", ["release sesame"], python("sdk/account_test.py", 300)),
    ("sdk.custom_verification", ["release sesame"], python("sdk/custom_verification_test.py", 300)),
    ("sdk.auth", ["release sesame"], python("sdk/auth_test.py", 300)),
    ("sdk.errors", ["release sesame"], python("sdk/errors_test.py", 300)),
    ("sdk.guide", ["release sesame"], python("sdk/guide_test.py", 600)),
    ("sdk.access", ["release sesame"], python("sdk/access_test.py", 300)),
    ("sdk.access_matrix", ["release sesame"], python("sdk/access_matrix_test.py", 600)),
    ("sdk.access_guide", ["release sesame"], python("sdk/access_guide_test.py", 300)),
    ("sdk.delegates", ["release sesame"], python("sdk/delegates_test.py", 300)),
    ("sdk.iam", ["release sesame"], python("sdk/iam_test.py", 300)),
    ("sdk.iam_rights", ["release sesame"], python("sdk/iam_rights_test.py", 300)),
    ("sdk.iam_cli", ["release sesame"], python("sdk/iam_cli_test.py", 300)),
    ("sdk.sts", ["release sesame"], python("sdk/sts_test.py", 300)),
    ("sdk.principals", ["release sesame"], python("sdk/principals_test.py", 300)),
    ("sdk.awscli", ["release sesame"], python("sdk/awscli_test.py", 600)),
    ("sdk.js", ["release sesame"], python("sdk/js_test.py", 300)),
    ("sdk.sizes", ["release sesame"], python("sdk/sizes_test.py", 600)),
    ("sdk.memory", ["release sesame sink"], python("sdk/memory_test.py", 1500)),
    ("sdk.go", ["release sesame"], python("sdk/compiled_test.py", 1200, "go")),
    ("sdk.java", ["release sesame"], python("sdk/compiled_test.py", 1200, "java")),
    ("sdk.rust", ["release sesame"], python("sdk/compiled_test.py", 1200, "rust")),
    ("smtp.clients", ["release sesame"], python("smtp/clients_test.py", 300)),
    ("smtp.inbound", ["release sesame"], python("smtp/inbound_test.py", 300)),
    ("interop", ["release sesame"], python("interop/delivery_test.py", 600)),
    ("interop.receiving", ["release sesame"], python("interop/receiving_test.py", 300)),
    ("interop.feedback", ["release sesame"], python("interop/feedback_test.py", 300)),
    ("scenario", ["release sesame load sink"], python("scenario/run.py", 900)),
    ("unit.asan", ["asan all"], lambda name: run_unit("asan")),
    ("conformance.asan", ["asan sesame"], python("conformance/run.py", 900, SESAME_BINARY=ASAN_BINARY)),
    ("inbound.asan", ["asan sesame"], python("smtp/inbound_test.py", 600, SESAME_BINARY=ASAN_BINARY)),
    ("receive.asan", ["asan sesame"], python("sdk/receive_test.py", 600, SESAME_BINARY=ASAN_BINARY)),
    ("feedback.asan", ["asan sesame"], python("sdk/feedback_test.py", 600, SESAME_BINARY=ASAN_BINARY)),
    ("fuzz", ["fuzz all"], lambda name: run_fuzz()),
]


def build(needs):
    """Builds what the chosen suites need, one preset after the other; the failed presets."""
    failed = {}
    for preset in ("release", "asan", "fuzz"):
        targets = sorted({t for need in needs for t in need.split()[1:] if need.split()[0] == preset})
        if not targets:
            continue
        if "all" in targets:  # model_echo is not part of `all`
            targets = ["all"] + [t for t in targets if t == "model_echo"]
        start = time.monotonic()
        print(f"== build {preset}: {' '.join(targets)}", flush=True)
        for command in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "--target", *targets]):
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode != 0:
                failed[preset] = True
                print(indent(done.stdout.decode(errors="replace")[-8000:]))
                break
        print(f"   {time.monotonic() - start:.0f} s", flush=True)
    return failed


def chosen(patterns):
    if not patterns:
        return SUITES
    exact = [s for s in SUITES if s[0] in patterns]
    return exact or [s for s in SUITES if any(fnmatch.fnmatch(s[0], p) or p in s[0] for p in patterns)]


def main():
    parser = argparse.ArgumentParser(prog="./test")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN")
    parser.add_argument("--list", action="store_true", help="names of the suites")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--no-setup", action="store_true", help="install nothing")
    options = parser.parse_args()
    suites = chosen(options.only)
    if options.list:
        print("\n".join(name for name, _, _ in suites))
        return 0
    total = Count()
    needs = [need for _, wanted, _ in suites for need in wanted]
    not_built = {} if options.no_build else build(needs)
    total.failed += [f"build {preset}" for preset in not_built]
    for name, wanted, run in suites:
        print(f"== {name}", flush=True)
        start = time.monotonic()
        if any(need.split()[0] in not_built for need in wanted):
            count = Count()
            count.failed.append(f"{name}: not built")
        else:
            count = run(name)
        total.add(count)
        print(f"   {count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    for case in total.failed:
        print(f"FAILED  {case}")
    for case in total.skipped:
        print(f"SKIPPED {case}")
    if not suites:
        total.failed.append("no suite has such a name")
    summary = f"{total.passed} passed, {len(total.failed)} failed"
    print(summary + (f", {len(total.skipped)} skipped" if total.skipped else ""))
    return 1 if total.failed else 0


sys.exit(main())
