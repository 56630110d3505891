"""A handful of calls of the real `aws` command against model_echo."""

import json
import subprocess
import urllib.request

from cases import differences


def told_output(cases, api, operation):
    case = next(c for c in cases[api]["cases"] if c["operation"] == operation)
    # A token in the answer would make the command fetch more pages for ever.
    return {k: v for k, v in case["plain_output"].items() if k != "NextToken"}


def run_calls(url, calls, cases, environment):
    passed = failed = 0
    for api, operation, arguments, want in calls:
        output = told_output(cases, api, operation)
        request = urllib.request.Request(url + "/_echo/result", json.dumps(output).encode(), method="POST")
        urllib.request.urlopen(request).read()
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", url, "--output", "json", *arguments],
                              env=environment, capture_output=True, text=True)
        seen = json.loads(urllib.request.urlopen(url + "/_echo/last").read())
        faults = [] if seen.get("operation") == operation else [f"arrived as {seen}"]
        if done.returncode:
            faults.append(done.stderr.strip())
        faults += ["request " + d for d in differences(want, seen.get("input", {}))]
        if not done.returncode and output and set(json.loads(done.stdout)) - set(output):
            faults.append(f"read {done.stdout}")
        if faults:
            failed += 1
            print(f"not ok - aws {' '.join(arguments[:2])}")
            for fault in faults:
                print(f"    {fault}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return failed == 0
