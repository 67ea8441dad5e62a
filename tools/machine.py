"""The machine that run, gdb and soak start: their options, and QEMU's command line."""
import re
import secrets

from archive import Added, make_archive
from build import FOLDER, build_quietly, wrong

COMMAND_BYTES = 1000
DEFAULT_MEMORY = "128M"
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Options:
    """What stands on the command line of run and gdb."""

    def __init__(self, arguments):
        self.command, self.memory = None, DEFAULT_MEMORY
        self.stdin = False  # whether the command reads bytes from here, and not keys
        self.added, self.wanted, self.qemu = [], [], []
        arguments = list(arguments)
        while arguments:
            name = arguments.pop(0)
            if name == "--":
                self.qemu += arguments
                if "-m" in arguments[:-1]:
                    self.memory = arguments[arguments.index("-m") + 1]
                break
            if name not in ("-c", "--add", "--get", "-m", "-smp"):
                wrong(f"unknown option '{name}'; ./byre --help tells more")
            if not arguments:
                wrong(f"{name} wants a value; ./byre --help tells more")
            self.take(name, arguments.pop(0))
        if self.wanted and self.command is None:
            wrong("--get brings a file back when a command has ended: give one with -c")

    def take(self, name, value):
        if name == "-c":
            if "\n" in value:
                wrong("-c wants one line")
            if len(value.encode()) >= COMMAND_BYTES:
                wrong(f"-c wants fewer than {COMMAND_BYTES} bytes; put more into a script")
            self.command = value
        elif name == "--add":
            self.added.append(Added(value))
        elif name == "--get":
            self.wanted.append(Wanted(value))
        elif name == "-m":
            self.memory = value
        else:
            self.qemu += [name, value]

    def boot_arguments(self):
        if self.command is None:
            return []
        gets = "".join(f"get={wanted.mark}:{wanted.path} " for wanted in self.wanted)
        stdin = "stdin " if self.stdin else ""
        return ["-append", f"quiet {stdin}{gets}command={self.command}"]

    def memory_bytes(self):
        """None when QEMU may understand it, and we do not."""
        match = re.fullmatch(r"(\d+)([KMGT]?)B?", self.memory, re.IGNORECASE)
        return int(match[1]) * UNITS[match[2].upper() or "M"] if match else None


class Wanted:
    """A file of the machine that is to come back: its path there, and where it goes."""

    def __init__(self, text):
        self.path, _, to = text.partition(":")
        self.to = to or self.path.rpartition("/")[2]
        # Init prints this mark before and behind the file. No program on the machine knows it.
        self.mark = secrets.token_hex(8)
        if not self.to or re.search(r"[^!-~]", self.path):
            wrong(f"--get: '{text}': a path without blanks is wanted, to a file")
        self.path = self.path if self.path.startswith("/") else "/" + self.path


def prepare(options, folder):
    """Build, and put what is to be added into an archive in `folder`. => QEMU's command"""
    build_quietly("kernel.elf", "initrd")
    archive = FOLDER / "initrd.tar"
    if options.added:
        archive = make_archive(archive, options.added, f"{folder}/initrd.tar")
    memory = options.memory_bytes()
    if memory:
        check_room(archive, memory, options.memory)
    return qemu(archive, "-m", options.memory, *options.qemu, *options.boot_arguments())


def check_room(archive, memory, text):
    """QEMU puts the archive behind half of the memory, or its first 512 MiB, and the device tree at
    the end; of one that does not fit it says that regions overlap."""
    size, room = archive.stat().st_size, memory - min(memory // 2, 512 << 20) - (4 << 20)
    if size > room:
        wrong(f"the files for the machine are {mebibytes(size)}, and with {text} of memory it takes "
              f"no more than {mebibytes(max(room, 0))}: "
              f"-m {mebibytes(3 * size + (16 << 20)).replace(' MiB', 'M')} is enough")


def mebibytes(nbytes):
    return f"{-(-nbytes >> 20)} MiB"


def qemu(archive, *options):
    return ["qemu-system-riscv64", "-machine", "virt", "-nographic", "-no-reboot",
            "-kernel", FOLDER / "kernel.elf", "-initrd", archive, *options]
