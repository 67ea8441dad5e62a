"""./byre run: boot to the shell in this terminal, or run one command and print what it prints."""
import signal
import subprocess
import sys
import tempfile

from command import is_terminal, run_command
from machine import Options, prepare


def main():
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    options = Options(sys.argv[2:])
    options.stdin = not is_terminal()
    with tempfile.TemporaryDirectory(prefix="byre-") as folder:
        qemu = prepare(options, folder)
        if options.command is None:
            return subprocess.run(qemu, check=False).returncode
        return run_command(qemu, options.wanted)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
