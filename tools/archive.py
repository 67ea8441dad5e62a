"""The archive that the machine unpacks, with what --add names.

Each name, size and kind of file that the machine could not take is refused here: on the machine
there is nobody left to tell.
"""
import os
import pathlib
import shutil
import stat
import subprocess
import tarfile
import tempfile

from build import cached, wrong

NAME_BYTES, PATH_BYTES = 255, 1023  # what the file server takes: NAME_MAX, PATH_MAX without its 0
RISCV = 243
EXECUTABLE, SHARED = 2, 3  # ELF types


class Added:
    """--add PATH[:DEST]; a path that is there may hold colons itself."""

    def __init__(self, text):
        path, colon, to = text, "", ""
        if not os.path.lexists(text):
            path, colon, to = text.rpartition(":")
            path = path if colon else text
        if not os.path.lexists(path):
            wrong(f"--add: there is no file or folder '{path}'")
        if colon and not to.startswith("/"):
            wrong(f"--add: '{to}': where it goes on the machine begins with /")
        self.path = pathlib.Path(path)
        name = self.path.name or self.path.resolve().name
        self.to = (to + name if to.endswith("/") else to) or "/" + name
        if ".." in self.to.split("/"):
            wrong(f"--add: '{self.to}': .. is not for a place on the machine")


def files_below(path, to):
    """Each file and folder, behind symbolic links too, and its name in the archive."""
    refuse(path, to)
    yield path, to
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            yield from files_below(entry, f"{to}/{entry.name}")


def refuse(path, to):
    """End with a message when the machine cannot take this file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        what = "a symbolic link that leads nowhere" if path.is_symlink() else error.strerror
        wrong(f"--add: {path}: {what}")
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        wrong(f"--add: {path}: not a file and not a folder")
    if not os.access(path, os.R_OK):
        wrong(f"--add: {path}: you may not read it")
    name = os.fsencode(to)
    if len(name) > PATH_BYTES or any(len(part) > NAME_BYTES for part in name.split(b"/")):
        wrong(f"--add: {path}: the name is longer than the machine's file system takes "
              f"({NAME_BYTES} bytes a name, {PATH_BYTES} a path)")


def is_program(path):
    """Whether it is a linked RISC-V program: those lose what only a debugger wants."""
    with open(path, "rb") as file:
        head = file.read(20)
    kind, machine = int.from_bytes(head[16:18], "little"), int.from_bytes(head[18:20], "little")
    return head[:4] == b"\x7fELF" and machine == RISCV and kind in (EXECUTABLE, SHARED)


def stripped(path, folder):
    """=> the file that goes into the archive"""
    if not is_program(path):
        return path
    small = pathlib.Path(folder) / "stripped"
    result = subprocess.run([cached("CMAKE_OBJCOPY"), "--strip-all", path, small],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return small if result.returncode == 0 else path


def add(tar, path, to, folder):
    member = tarfile.TarInfo(to.strip("/"))
    member.mode = path.stat().st_mode & 0o777
    if path.is_dir():
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
        return
    source = stripped(path, folder)
    member.size = source.stat().st_size
    with open(source, "rb") as file:
        tar.addfile(member, file)


def make_archive(base, added, result):
    """A copy of the archive `base` at `result`, and all of `added` in it. => its path"""
    result = pathlib.Path(result)
    shutil.copyfile(base, result)
    with tarfile.open(result, "a", format=tarfile.GNU_FORMAT) as tar, \
         tempfile.TemporaryDirectory() as folder:
        for one in added:
            for path, to in files_below(one.path, one.to.rstrip("/")):
                if to:
                    add(tar, path, to, folder)
    return result
