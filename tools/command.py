"""A machine that runs one command: its output alone, its status, and the files that come back.

Init prints marks. The byte 2 and a newline stand before the command's output. Behind the output,
for each file of --get: the byte 3, the file's mark and a newline, the file in base64, and again the
byte 3 and the mark, with the status of the program that printed it.
"""
import base64
import pathlib
import re
import subprocess
import sys

import stdin
from build import say

BEGIN = b"\x02\n"
CODED = re.compile(rb"[A-Za-z0-9+/]{1,76}={0,2}")
BROKEN_PIPE = 128 + 13  # as the shell tells it of a program that wrote to nobody


def pieces_of(machine):
    """What the machine prints, as it comes: with a command the console prints bytes as they are."""
    return iter(lambda: machine.stdout.read1(65536), b"")


def until(mark, pieces, put):
    """Hand on what comes before the mark. => what came behind it, as far as it is read; None when
    all is read and it did not come"""
    held = b""
    for piece in pieces:
        held += piece
        before, found, behind = held.partition(mark)
        if found:
            put(before)
            return behind
        # What may be the beginning of the mark waits for the rest.
        keep = next(n for n in range(min(len(mark) - 1, len(held)), -1, -1)
                    if held.endswith(mark[:n]))
        put(held[:len(held) - keep])
        held = held[len(held) - keep:]
    put(held)
    return None


def print_now(text):
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def complain(text, started):
    """What init said before the command began; all there is when it never began, and init knows not
    why."""
    lines = text.splitlines()
    told = [line for line in lines if line.startswith(b"init: ")]
    if not started and not told:
        told = lines
    for line in told:
        sys.stderr.buffer.write(line + b"\n")
    sys.stderr.flush()


def save(wanted, text):
    """Write a file that came back. => whether it came whole; `text`: from its first mark on"""
    _, _, text = text.partition(b"\x03" + wanted.mark.encode() + b"\n")
    text, mark, behind = text.partition(b"\x03" + wanted.mark.encode() + b" ")
    lines = text.split(b"\n")
    for line in lines:
        if line and not CODED.fullmatch(line):
            sys.stderr.buffer.write(line + b"\n")
    if not mark or not behind.startswith(b"0\n"):
        say(f"--get: {wanted.path} did not come back")
        return False
    try:
        pathlib.Path(wanted.to).write_bytes(base64.b64decode(b"".join(lines), validate=True))
    except ValueError:
        say(f"--get: {wanted.path} came back damaged")
        return False
    except OSError as error:
        say(f"--get: {wanted.to}: {error.strerror}")
        return False
    return True


def show(machine, wanted):
    """=> whether all files came back"""
    pieces, begin, files = pieces_of(machine), [], []
    text = until(BEGIN, pieces, begin.append)
    complain(b"".join(begin), text is not None)
    if text is None:
        return not wanted
    if machine.stdin:
        stdin.begin(machine)
    pieces = chain(text, pieces)
    if not wanted:
        for piece in pieces:
            print_now(piece)
        return True
    first = b"\x03" + wanted[0].mark.encode() + b"\n"
    text = until(first, pieces, print_now)
    files = first + (text or b"") + b"".join(pieces)
    return all([save(one, files) for one in wanted])


def chain(first, rest):
    yield first
    yield from rest


def is_terminal():
    """Whether standard input is keys, and not a program's or a file's bytes."""
    return sys.stdin is not None and sys.stdin.isatty()


def run_command(qemu, wanted):
    """=> the command's exit status"""
    source = None if is_terminal() else subprocess.PIPE
    with subprocess.Popen(qemu, stdin=source, stdout=subprocess.PIPE) as machine:
        try:
            whole = show(machine, wanted)
        except BrokenPipeError:
            machine.kill()
            sys.stdout = None  # nothing is left to be written at the end
            return BROKEN_PIPE
        except BaseException:
            machine.kill()
            raise
        status = machine.wait()
    return status or (0 if whole else 1)
