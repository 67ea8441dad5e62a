"""Standard input of a command: what comes here goes to the machine's serial port, byte for byte.

The machine's console takes it as it is (docs/protocols.md, "Transparent input"), but for three
marks: the byte 16 and a dot are the end, and the bytes 1, which QEMU takes for itself, and 16 come as
16 and themselves with bit 6 turned round.
"""
import os
import threading

ESCAPE = 0x10
END = bytes([ESCAPE]) + b"."
ESCAPED = (ESCAPE, 0x01)  # in this order: what is put in before one is not escaped again


def escape(data):
    for byte in ESCAPED:
        data = data.replace(bytes([byte]), bytes([ESCAPE, byte ^ 0x40]))
    return data


def pieces():
    """All that there is. No standard input is an empty one."""
    try:
        while data := os.read(0, 65536):
            yield escape(data)
    except OSError:
        pass
    yield END


def feed(machine):
    """QEMU takes nothing while the machine has no room; when it has ended, nobody wants the rest."""
    try:
        for piece in pieces():
            while piece:
                piece = piece[os.write(machine.stdin.fileno(), piece):]
    except (BrokenPipeError, ValueError):
        pass


def begin(machine):
    """Feed the machine while others do something else, and as long as they do."""
    threading.Thread(target=feed, args=[machine], daemon=True).start()
