"""./byre soak: random work on four harts, again and again, until the time is over or one fails.

Each start has a seed of its own, which is printed: the same seed does the same work again.
"""
import random
import subprocess
import sys
import time

from build import FOLDER, build_quietly, say, wrong
from machine import qemu


def start(seed):
    return subprocess.run(
        qemu(FOLDER / "tests.tar", "-m", "128M", "-smp", "4",
             "-append", f"quiet command=/tests/stress {seed} 3"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def main():
    text = sys.argv[2] if len(sys.argv) > 2 else "10"
    if not text.isdigit():
        wrong("soak wants a number of minutes")
    build_quietly("kernel.elf", "test_archive", sources=["tests"])
    end, passed = time.monotonic() + 60 * int(text), 0
    while passed == 0 or time.monotonic() < end:
        seed = random.randrange(1 << 30)
        say(f"seed {seed}, {passed} good before, {(end - time.monotonic()) / 60:.0f} minutes to go")
        result = start(seed)
        if result.returncode:
            sys.stdout.write(result.stdout.decode(errors="replace"))
            say(f"failed after {passed} good starts; to repeat: /tests/stress {seed} 3")
            return 1
        passed += 1
    say(f"all {passed} went well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
