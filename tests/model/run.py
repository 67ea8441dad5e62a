#!/usr/bin/env python3
"""Check tests/model/cow.pml with spin: right as it is, wrong with each mistake it knows.

run.py         check all, a line each; the names of the mistakes are read from the model
run.py NAME    tell the shortest way in which the mistake NAME breaks a rule

The right model must reach all of its lines, so that nothing holds for want of a way to it.
Skipped (exit status 77) when spin or gcc is not installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).resolve().parent / "cow.pml"
LINES = ["", *MODEL.read_text().splitlines()]
# Breadth first: the first way to an error is the shortest, and no search ends for want of depth.
COMPILE = ["gcc", "-w", "-DSAFETY", "-DBFS", "-DCOLLAPSE", "-DMEMLIM=1024", "-o", "pan", "pan.c"]
FIRST_MACHINE, FIRST_HART = 1, 3  # as spin numbers what init runs
STEP = re.compile(r" *(\d+):\s+proc +(\d+) \(:?(\w+):?:\d+\) cow.pml:(\d+)")


def mistakes():
    """The names that the model tests, in its order."""
    found = re.findall(r"^#(?:el)?if(?:n?def (\w+)| defined\((\w+)\))", MODEL.read_text(), re.M)
    return list(dict.fromkeys(first or second for first, second in found))


def run(folder, *command):
    return subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=True).stdout


def search(folder, spin_options, optimize):
    """Search all states. => what pan tells; when it found an error, the trail is in `folder`"""
    shutil.copy(MODEL, folder)
    run(folder, "spin", *spin_options, "-a", MODEL.name)
    run(folder, *COMPILE, optimize)
    return run(folder, "./pan")


def number(pattern, text):
    match = re.search(pattern, text)
    return int(match.group(1)) if match else None


def check_right(folder):
    told = search(folder, [], "-O2")
    unreached = [int(line) for line, text in re.findall(r"cow.pml:(\d+), state \d+, (.*)", told)
                 if "-end-" not in text]
    if number(r"errors: (\d+)", told) != 0 or "not completed" in told or unreached:
        print(f"FAIL  the model as it is\n{told}")
        return False
    nstates = number(r"(\d+) states, stored", told)
    print(f"ok    the model as it is: no error in {nstates} states")
    return True


def check_mistake(folder, name):
    """=> the trail of the error is in `folder`"""
    # A mistake is found soon: to compile takes longer than to search.
    if not number(r"errors: (\d+)", search(folder, [f"-D{name}"], "-O0")):
        print(f"FAIL  {name}: no error found")
        return False
    told = run(folder, "spin", f"-D{name}", "-t", MODEL.name)
    line, steps = number(r"cow.pml:(\d+), Error", told), number(r"ends after (\d+) steps", told)
    rule = re.search(r"rule: (.*) \*/", LINES[line - 1]).group(1) if line else "no deadlock"
    print(f"ok    {name:24} {steps} steps to break: {rule}")
    return True


def within(line):
    """The inline that the line is of."""
    for text in LINES[line::-1]:
        match = re.match(r"(?:inline|proctype) (\w+)", text)
        if match:
            return match.group(1)
    return "init"


def tell(folder, name):
    """Print the trail as lines of the model, each with who does it and in which inline."""
    last = None
    for text in run(folder, "spin", f"-D{name}", "-t", "-p", MODEL.name).splitlines():
        match = STEP.match(text)
        if "Error" in text:
            break
        if not match or match.group(3) == "init":
            continue
        process, line = int(match.group(2)), int(match.group(4))
        hart = process - (FIRST_HART if match.group(3) == "hart" else FIRST_MACHINE)
        # The first line of a step stands for all: what else is in it nobody can come between.
        step = (match.group(1), hart)
        if step != last:
            print(f"{match.group(3):>7} {hart}  {within(line):15}  {LINES[line].strip()}")
        last = step


def main():
    for program in ("spin", "gcc"):
        if not shutil.which(program):
            print(f"skipped: {program} is not installed (package {program})")
            return 77
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) == 2:
            good = check_mistake(folder, sys.argv[1])
            if good:
                tell(folder, sys.argv[1])
            return 0 if good else 1
        names = mistakes()
        results = [check_right(folder)] + [check_mistake(folder, name) for name in names]
        return 0 if names and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
