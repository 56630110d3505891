"""Debian's `aws` command against the server under test."""

import json
import os
import subprocess

from harness.server import clean_environment


def aws(server, *words, succeed=True):
    """What it prints as JSON; of a call that must fail, its complaint."""
    environment = {**clean_environment(), "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any",
                   "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull, "AWS_PAGER": "",
                   "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", server.url, "--output", "json", *words],
                          capture_output=True, text=True, timeout=120, env=environment, check=False)
    if succeed != (done.returncode == 0):
        raise AssertionError(f"aws {' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}")
    return (json.loads(done.stdout) if done.stdout.strip() else {}) if succeed else done.stderr
