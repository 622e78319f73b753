"""Runs lit over test/, prints what failed and what was skipped, and ends with "N passed, N failed"."""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def find_lit():
    for path in ["/usr/lib/llvm-19/build/utils/lit/lit.py"] + glob.glob("/usr/lib/llvm-*/build/utils/lit/lit.py"):
        if os.path.exists(path):
            return path
    sys.exit("check: lit is missing: sudo apt-get install llvm-19-tools (or run tool/setup)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    output = os.path.join(arguments.build, "test-output")
    os.makedirs(output, exist_ok=True)
    report = os.path.join(output, "report.json")
    command = [sys.executable, find_lit(), "-q", "--no-progress-bar", "-j", str(os.cpu_count()), "-D",
               "BUILD=" + arguments.build, "-o", report, "-v", os.path.join(root, "test")]
    if arguments.filter:
        command += ["--filter", arguments.filter]
    if os.path.exists(report):
        os.remove(report)
    begin = time.time()
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log = os.path.join(output, "failed.txt")
    if not os.path.exists(report):
        print(process.stdout)
        sys.exit("check: lit did not run")
    summarise(json.load(open(report))["tests"], log, time.time() - begin)


def summarise(tests, log, seconds):
    by_code = {}
    for test in tests:
        by_code.setdefault(test["code"], []).append(test)
    skipped = by_code.get("UNSUPPORTED", []) + by_code.get("XFAIL", []) + by_code.get("SKIPPED", []) + by_code.get("EXCLUDED", [])
    passed = by_code.get("PASS", [])
    failed = [t for code in ("FAIL", "FLAKYPASS", "XPASS", "TIMEOUT", "UNRESOLVED") for t in by_code.get(code, [])]
    with open(log, "w") as file:
        for test in failed:
            file.write(f"==== {short(test)}\n{test['output']}\n")
    for test in failed:
        lines = test["output"].strip().splitlines()
        print(f"==== {short(test)}", *lines[:30], "     ..." if len(lines) > 30 else "", sep="\n")
    if failed:
        print("all of it:", log)
    slowest = sorted(tests, key=lambda t: -(t.get("elapsed") or 0))[:5]
    print("slowest:", ", ".join(f"{short(t)} {t.get('elapsed') or 0:.0f} s" for t in slowest))
    for test in failed:
        print("failed: ", short(test))
    for test in skipped:
        print("skipped:", short(test))
    print(f"{len(skipped)} skipped, {seconds:.0f} s")
    print(f"{len(passed)} passed, {len(failed)} failed")
    sys.exit(1 if failed or not passed else 0)


def short(test):
    return re.sub(r"^nabla :: ", "", test["name"])


main()
