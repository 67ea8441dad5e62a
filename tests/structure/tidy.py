#!/usr/bin/env python3
"""Guards against mistakes that compile: clang-tidy with .clang-tidy has nothing to say on the kernel.

The code is read as the clang preset compiles it. Versions of clang-tidy differ in what they see, so
only the pinned one judges; with another one, or none, the test is skipped (exit status 77).
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

PINNED = "14"
FOLDERS = ["lib", "mm", "arch", "proc", "trap", "drivers"]
USER_MODE_DRIVERS = {"drivers/uart.c"}
FLAGS = ["--target=riscv64-linux-gnu", "-march=rv64imac", "-mabi=lp64", "-mcmodel=medany",
         "-ffreestanding", "-std=gnu11", "-I.", "-Iarch/riscv", "-DBYRE_DEBUG=1"]


def checker():
    for name in (f"clang-tidy-{PINNED}", "clang-tidy"):
        if shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {PINNED}\.", version):
                return name
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    name = checker()
    if not name:
        print(f"skipped: clang-tidy {PINNED} is not installed (package clang-tidy-{PINNED})")
        return 77
    files = sorted(path.relative_to(root).as_posix() for folder in FOLDERS
                   for path in (root / folder).rglob("*.c"))
    files = [file for file in files if file not in USER_MODE_DRIVERS]

    def check(file):
        return subprocess.run([name, "--quiet", file, "--", *FLAGS], cwd=root,
                              capture_output=True, text=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(check, files))
    bad = [result for result in results if result.returncode != 0]
    for result in bad:
        print(result.stdout + result.stderr)
    print(f"{len(files)} files, {len(bad)} with findings")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
