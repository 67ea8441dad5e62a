"""The build folder: made when it is missing, and built when something has changed.

A start when nothing has changed calls no other program: the folder remembers when it was last
built, and what was built is up to date when no source is newer than that.
"""
import fcntl
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = pathlib.Path(os.environ.get("BYRE_BUILD") or ROOT / "build").absolute()
SOURCES = ["arch", "drivers", "lib", "mm", "proc", "trap", "user", "CMakeLists.txt", "toolchain.cmake"]
TESTS = ["tests"]
# What there is when a target has been built.
FILES = {"kernel.elf": "kernel.elf", "initrd": "initrd.tar", "test_archive": "tests.tar",
         "byre_c": "user/libbyre_c.a", "byre_crt0": "user/cc.flags"}


def say(text):
    print(f"byre: {text}", file=sys.stderr)


def wrong(text):
    say(text)
    sys.exit(2)


def cached(name):
    """The value of a variable in CMake's cache; empty when there is none."""
    with open(FOLDER / "CMakeCache.txt", encoding="utf-8") as file:
        for line in file:
            if line.startswith(name + ":"):
                return line.rstrip("\n").partition("=")[2]
    return ""


def newest(path):
    """When something was last changed at or below this path; a folder counts, so that what was
    taken away is seen."""
    latest = path.stat().st_mtime_ns if path.exists() else 0
    for folder, _, names in os.walk(path):
        latest = max(latest, os.stat(folder).st_mtime_ns,
                   *(os.stat(f"{folder}/{name}", follow_symlinks=False).st_mtime_ns for name in names))
    return latest


def configuration():
    """What tells of a cmake call by hand."""
    return str((FOLDER / "CMakeCache.txt").stat().st_mtime_ns)


def is_fresh(stamp, targets, sources):
    if not all((FOLDER / FILES[target]).exists() for target in targets):
        return False
    if not stamp.exists() or stamp.read_text(encoding="ascii") != configuration():
        return False
    watched = [ROOT / name for name in sources]
    watched += [pathlib.Path(path) for path in map(cached, ("BYRE_COW", "BYRE_PROGRAMS")) if path]
    return max(map(newest, watched)) < stamp.stat().st_mtime_ns


def configure():
    """The command that makes the build folder; None when it is there."""
    if (FOLDER / "build.ninja").exists() or (FOLDER / "Makefile").exists():
        return None
    return ["cmake", "--preset", "default", "-B", FOLDER]


def steps(*arguments):
    first = configure()
    return ([first] if first else []) + [["cmake", "--build", FOLDER, *arguments]]


def make_folder():
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        return open(FOLDER / "byre.lock", "w", encoding="ascii")
    except OSError as error:
        wrong(f"cannot write {error.filename}: {error.strerror}; "
              "BYRE_BUILD=FOLDER builds in another folder")


def run_quietly(commands):
    """Run them one after the other; show what they say only when one fails."""
    with open(FOLDER / "byre.log", "w+", encoding="utf-8", errors="replace") as log:
        for command in commands:
            if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                              check=False).returncode:
                log.seek(0)
                sys.stderr.write(log.read())
                wrong("the build failed")


def build_quietly(*targets, sources=()):
    """Build these targets; beside the system's sources they are made from `sources`."""
    stamp, watched = FOLDER / f"byre.{'-'.join(targets)}", SOURCES + list(sources)
    if is_fresh(stamp, targets, watched):
        return
    with make_folder() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time: a make may run several ./byre cc
        if is_fresh(stamp, targets, watched):
            return
        if configure():
            say("building (the first time takes most of a minute)")
        begun = time.time_ns()  # what changes from now on makes it old again
        run_quietly(steps("--target", *targets))
        stamp.write_text(configuration(), encoding="ascii")
        os.utime(stamp, ns=(begun, begun))


def build_all():
    with make_folder() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in steps():
            status = subprocess.run(step, cwd=ROOT, check=False).returncode
            if status:
                sys.exit(status)
