"""The tests that a submission goes through: a suite on this machine, and boots in QEMU.

Each stage yields results: a dictionary with stage, name, kind (contract or quality), rule, status,
message and operations. PASS; FAIL: a check found a rule broken; CRASH: an assertion, a signal or a
sanitizer ended it; TIMEOUT; SKIP: not run, since another failure answers it; ERROR: the harness.
"""
import json
import re
import subprocess

import sandbox
from build import FOLDER, ROOT

TEST_MS = "5000"  # of CPU time, for one test
SUITE_LIMITS = sandbox.Limits(240)
BOOT_LIMITS = sandbox.Limits(240, file=sandbox.MEBIBYTE)
LISTED = re.compile(r"(contract|quality) (\w+): (.*)")
PLACE = re.compile(r"(.*?):(\d+)")
RESULTS = "results.json"
KERNEL = "kernel.elf_first"
TOLD = "status", "message", "line", "operations"
FIRST_LINE = re.compile(r"kernel panic|ended: ")
LINES = 8
TESTS_A_CALL = 4
TIMEOUTS = 3
WITH_POINTS = "suite", "sanitized"
ENDED_HARD = {"time": "it did not end", "output": "it printed more than a machine should"}


def result(stage, name, kind, rule, status="PASS", **more):
    return {"stage": stage, "name": name, "kind": kind, "rule": rule, "status": status,
            "message": "", "operations": [], "line": None, **more}


def status_of(ended, said):
    """What the end of a machine says, when the final line was there or was not."""
    if ended.stopped == "time":
        return "TIMEOUT"
    if ended.stopped or ended.status < 0:
        return "CRASH"
    return "PASS" if said and ended.status == 0 else "FAIL"


def explain(ended, lines, status):
    first = next((i for i, line in enumerate(lines) if FIRST_LINE.search(line)), 0)
    message = "\n".join(shorten(lines[first:])) if status != "PASS" else ""
    if ended.stopped:
        return f"{ENDED_HARD[ended.stopped]}\n{message}"
    return message


def shorten(lines):
    """The first lines that tell something: no repeats."""
    told = list(dict.fromkeys(line.rstrip() for line in lines if line.strip()))
    return told[:LINES] + [f"... and {len(told) - LINES} lines more"] * (len(told) > LINES)


# ---- The suites on this machine ----

def run_suite(program, tests, place, worker):
    """=> a result for each test. One that does not end costs its whole limit: after a few of these
    the rest is not run."""
    results = []
    for first in range(0, len(tests), TESTS_A_CALL):
        part = tests[first:first + TESTS_A_CALL]
        if sum(one["status"] == "TIMEOUT" for one in results) >= TIMEOUTS:
            results += [{**result(**test), "status": "SKIP", "message": "others did not end"}
                        for test in part]
        else:
            results += call_suite(program, part, place, worker)
    return results


def call_suite(program, tests, place, worker):
    """The suite runs each test in a process of its own, and what they do to theirs, it does not
    feel."""
    (place / RESULTS).unlink(missing_ok=True)
    ended = sandbox.run([f"./{program}", "--limit", TEST_MS, "--json", RESULTS,
                         *(test["name"] for test in tests)], place, SUITE_LIMITS, worker=worker)
    found = {one["name"]: one for one in read_results(place / RESULTS)}
    return [read_result(test, found.get(test["name"]), ended, place / program) for test in tests]


def read_results(path):
    """A line each; of a suite that was ended in the middle, what it had told."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        try:
            told = json.loads(line.rstrip(","))
        except ValueError:
            continue
        if isinstance(told, dict):
            yield told


def read_result(test, found, ended, program):
    if found is None:
        status = "TIMEOUT" if ended.stopped == "time" else "CRASH"
        return {**result(**test), "status": status,
                "message": "the suite ended before it told of this test:\n"
                + ended.output.decode(errors="replace")[-500:]}
    places = backtrace(program, found.get("backtrace", []))
    own = next((line for _, file, line in places if file == "cow.c"), None)
    message = "\n".join(shorten([line.strip() for line in found["message"].splitlines()]))
    return {**result(**test), "status": found["status"], "message": message.replace(f"{ROOT}/", ""),
            "operations": found["operations"], "line": own,
            "backtrace": [f"{name} ({file}:{line})" for name, file, line in places]}


def backtrace(program, addresses):
    """=> (function, file, line) of each caller, as far as the code under test goes"""
    if not addresses:
        return []
    # A return address is behind the call: look just before it.
    looked = [hex(int(address, 16) - 1) for address in addresses]
    lines = subprocess.run(["addr2line", "-f", "-e", program, *looked], capture_output=True,
                           text=True, errors="replace", check=False).stdout.splitlines()
    places = [(name, *PLACE.match(place).groups())
              for name, place in zip(lines[::2], lines[1::2]) if PLACE.match(place)]
    near = f"{ROOT}/", f"{program.parent}/"
    return [(name, file.removeprefix(near[0]).removeprefix(near[1]), int(line))
            for name, file, line in places
            if file.startswith(near) and not file.startswith(f"{ROOT}/tests/")]


class Sanitized:
    """One result for all tests under the sanitizers: these see what the tests do not look for."""

    def __init__(self, tests):
        self.tests = tests

    @staticmethod
    def result():
        return result("sanitized", "memory_is_used_rightly", "contract",
                      "no test reads or writes what is not its own, under the sanitizers")

    def run(self, place, worker):
        results = run_suite("sanitized_suite", self.tests, place, worker)
        wrong = next((one for one in results if one["status"] != "PASS"), {})
        return {**wrong, **self.result(), **{key: wrong[key] for key in TOLD if key in wrong}}


def list_tests(program):
    """What there is, as the suite itself tells it."""
    text = subprocess.run([program, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [{"stage": "suite", "kind": match[1], "name": match[2], "rule": match[3]}
            for line in text.splitlines() if (match := LISTED.fullmatch(line))]


# ---- QEMU ----


class Boot:
    """The kernel with the submission, in QEMU: it runs a command, whose last line is known."""

    def __init__(self, nharts, command, final):
        self.nharts, self.command, self.final = nharts, command, final

    def result(self):
        return result("boot", f"boot_{self.nharts}", "contract",
                      f"the system does well in QEMU, harts: {self.nharts}")

    def run(self, place, worker):
        command = ["qemu-system-riscv64", "-machine", "virt", "-display", "none", "-monitor",
                   "none", "-serial", "stdio", "-no-reboot", "-m", "128M", "-smp",
                   str(self.nharts), "-kernel", KERNEL, "-initrd", FOLDER / "tests.tar",
                   "-append", f"quiet command={self.command}"]
        ended = sandbox.run(command, place, BOOT_LIMITS, visible=[FOLDER / "tests.tar"],
                            worker=worker)
        lines = ended.output.decode(errors="replace").replace("\r", "").splitlines()
        status = status_of(ended, self.final in lines[-1:])
        if any("kernel panic" in line for line in lines):
            status = "CRASH"
        begun = next((i for i, line in enumerate(lines) if line.startswith("byre: ")), 0)
        # Without the firmware's own words.
        return {**self.result(), "status": status,
                "message": explain(ended, lines[begun:], status)}


# With four harts less is done: harts that wait use up the time of those that work, where this
# machine has fewer processors.
BOOTS = (Boot(1, "/tests/stress 1 1", "stress: all went well"),
         Boot(4, "i=0; while [ $i -lt 10 ]; do ls / | cat | wc; i=$((i+1)); done; echo all well",
              "all well"))
