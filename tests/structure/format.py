#!/usr/bin/env python3
"""Guards the formatting: every C file is as clang-format with .clang-format leaves it.

Versions of clang-format differ in small things, so only the pinned one judges; with another one,
or none, the test is skipped (exit status 77).
"""
import pathlib
import re
import shutil
import subprocess
import sys

PINNED = "14"
FOLDERS = ["lib", "mm", "arch", "drivers", "proc", "trap", "user", "tests"]


def formatter():
    for name in (f"clang-format-{PINNED}", "clang-format"):
        if shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {PINNED}\.", version):
                return name
    return None


def main():
    root = pathlib.Path(sys.argv[1])
    name = formatter()
    if not name:
        print(f"skipped: clang-format {PINNED} is not installed (package clang-format-{PINNED})")
        return 77
    tracked = subprocess.run(["git", "-C", root, "ls-files", "*.c", "*.h"],
                             capture_output=True, text=True).stdout.split()
    files = [f for f in tracked if f.split("/")[0] in FOLDERS and (root / f).exists()]
    if not files:
        files = [p.relative_to(root).as_posix() for f in FOLDERS for p in (root / f).rglob("*.[ch]")]
    result = subprocess.run([name, "--dry-run", "-Werror", *files], cwd=root,
                            capture_output=True, text=True)
    print(result.stderr[:4000], end="")
    print(f"{len(files)} files" + ("" if result.returncode == 0 else ": run clang-format -i on these"))
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
