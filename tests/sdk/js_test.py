"""Starts a server for each of the files that call it with the JavaScript SDK v3."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness.server import ROOT, Sesame, clean_environment  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def run(script):
    with Sesame() as server:
        node = ROOT / ".cache/venv/bin/node"
        done = subprocess.run([str(node), str(HERE / script), server.url, *sys.argv[1:]], cwd=HERE, check=False,
                              timeout=240, env={**clean_environment(), "NO_PROXY": "127.0.0.1", "HOME": server.folder})
    return done.returncode


sys.exit(max([run(script) for script in ("send_test.mjs", "iam_test.mjs")]))
