"""./byre gdb: boot stopped, with gdb attached.

The machine is in a session of its own, so that Ctrl-C in this terminal is for gdb alone.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from build import FOLDER, ROOT, say, wrong
from machine import Options, prepare

DEBUGGERS = "gdb-multiarch", "riscv64-elf-gdb", "riscv64-linux-gnu-gdb", "gdb"


def knows_the_machine(debugger):
    command = [debugger, "-batch", "-ex", "set architecture riscv:rv64"]
    return shutil.which(debugger) and subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def wait_for(path, machine):
    while not os.path.exists(path):
        if machine.poll() is not None:
            wrong("QEMU did not start")
        time.sleep(0.05)


def main():
    options = Options(sys.argv[2:])
    debugger = next(filter(knows_the_machine, DEBUGGERS), None)
    if not debugger:
        wrong("no debugger here knows RISC-V")
    signal.signal(signal.SIGINT, lambda *_: None)
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="byre-") as folder:
        # The console goes to a file, since the terminal is gdb's.
        qemu = prepare(options, folder) + [
            "-S", "-serial", f"file:{folder}/console", "-monitor", "none", "-display", "none",
            "-chardev", f"socket,path={folder}/gdb,server=on,wait=off,id=gdb", "-gdb", "chardev:gdb"]
        with subprocess.Popen(qemu, stdin=subprocess.DEVNULL, start_new_session=True) as machine:
            try:
                wait_for(f"{folder}/gdb", machine)
                say(f"the machine's console is written to {folder}/console")
                return subprocess.run(
                    [debugger, "-q", FOLDER / "kernel.elf", "-x", ROOT / "tests/gdb/byre.py",
                     "-ex", f"target remote {folder}/gdb"], check=False).returncode
            finally:
                machine.kill()


if __name__ == "__main__":
    sys.exit(main())
