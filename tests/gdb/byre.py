"""Commands for ./byre gdb that know the kernel's structures. `help byre` lists them.

They read memory and call nothing. So they work wherever the machine stands, in user mode too.
"""
import contextlib
import struct

import gdb

PAGE = 4096
LEVELS, ENTRIES, USER_ENTRIES = 3, 512, 256  # Sv39; the lower half of a root is the user's
ENTRY_BITS = ("valid", "read", "write", "execute", "user", "global", "accessed", "dirty",
              "copy-on-write mark", "bit 9")
VALID, RIGHTS, WRITE, MARK = 1, 2 | 4 | 8, 4, 1 << 8
KERNEL_OFFSET = 0xffffffc000000000
THREAD_STATES = "ready", "running", "waiting", "ended"


@contextlib.contextmanager
def as_supervisor():
    """QEMU reads memory with the rights that the hart has now."""
    before = int(gdb.parse_and_eval("$priv"))
    if before == 0:
        gdb.execute("set $priv = 1")
    try:
        yield
    finally:
        if before == 0:
            gdb.execute("set $priv = 0")


class Command(gdb.Command):
    """One of ours: the docstring is its help, and `work` does it."""

    all = []

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_USER)
        self.all.append(self.__doc__.splitlines()[0])

    def invoke(self, argument, from_tty):
        try:
            with as_supervisor():
                self.work(*gdb.string_to_argv(argument))
        except gdb.MemoryError as error:
            raise gdb.GdbError(f"{error}: has the kernel begun?") from None

    def usage(self):
        raise gdb.GdbError(self.__doc__.splitlines()[0])


# ---- Structures ----

def entries_of(head, type_name, member):
    """What a struct list links: structs of this type."""
    kind = gdb.lookup_type(type_name)
    offset = next(field.bitpos // 8 for field in kind.fields() if field.name == member)
    link = head["next"]
    while link != head.address:
        yield gdb.Value(int(link) - offset).cast(kind.pointer()).dereference()
        link = link.dereference()["next"]


def objects_of(idmap, type_name):
    """What a struct idmap holds."""
    def below(node, height):
        for i in range(64):
            slot = node["slot"][i]
            if int(slot) and height:
                yield from below(slot.cast(node.type.pointer()).dereference(), height - 1)
            elif int(slot):
                yield slot.cast(gdb.lookup_type(type_name).pointer()).dereference()
    if int(idmap["root"]):
        yield from below(idmap["root"].dereference(), int(idmap["height"]))


def processes():
    """Those with an address space."""
    for process in objects_of(gdb.parse_and_eval("'process.c'::pids"), "struct process"):
        if int(process["as"]):
            yield process


def process_of(text):
    pid = int(gdb.parse_and_eval(text))
    for process in processes():
        if int(process["pid"]) == pid:
            return process
    raise gdb.GdbError(f"there is no process {pid}; `threads` lists them")


def title(process):
    return f"[pid {int(process['pid'])} {process['name'].string()}]"


# ---- Page tables ----

def table_at(address):
    """The entries of a table at this physical address."""
    memory = gdb.selected_inferior().read_memory(address + KERNEL_OFFSET, PAGE)
    return struct.unpack(f"<{ENTRIES}Q", bytes(memory))


def frame_of(entry):
    return (entry >> 10 & (1 << 44) - 1) << 12


def leaves(space):
    """Each leaf of the user half: its virtual address and the entry."""
    def below(table, level, va):
        for i, entry in enumerate(table_at(table)[:USER_ENTRIES if level == LEVELS - 1 else ENTRIES]):
            here = va + (i << 12 + 9 * level)
            if entry & VALID and entry & RIGHTS:
                yield here, entry
            elif entry & VALID:
                yield from below(frame_of(entry), level - 1, here)
    yield from below(int(space["pt"]["root"]), LEVELS - 1, 0)


def in_words(entry):
    return ", ".join(word for bit, word in enumerate(ENTRY_BITS) if entry >> bit & 1) or "absent"


def count_of(frame):
    """The frame's count; None when it is not counted: a device's."""
    start, end = (int(gdb.parse_and_eval(f"'pmm.c'::counted.{side}")) for side in ("start", "end"))
    if not start <= frame < end:
        return None
    kind = gdb.lookup_type("struct frame")
    address = int(gdb.parse_and_eval("frame_entries")) + (frame // PAGE) * kind.sizeof
    return int(gdb.Value(address).cast(kind.pointer()).dereference()["count"])


# ---- Commands ----

class Threads(Command):
    """threads: all threads: process, state, what they wait for, program counter"""

    def work(self, *_):
        for thread in objects_of(gdb.parse_and_eval("'thread.c'::map"), "struct thread"):
            state = THREAD_STATES[int(thread["state"])]
            print(f"thread {int(thread['id'])} of {title(thread['process'].dereference())}: {state}, "
                  f"{thread['wait']}, {int(thread['context']['pc']):#x}")


class Regions(Command):
    """regions PID: the regions of a process, and how many pages of each are there

    Of these pages: how many are writable now, and how many carry the copy-on-write mark."""

    def work(self, *words):
        if len(words) != 1:
            self.usage()
        process = process_of(words[0])
        there = list(leaves(process["as"]))
        for region in entries_of(process["as"]["regions"], "struct region", "link"):
            start, end, rights = (int(region[name]) for name in ("start", "end", "rights"))
            pages = [entry for va, entry in there if start <= va < end]
            letters = "".join(letter if rights >> bit & 1 else "-" for bit, letter in enumerate("rwx"))
            kind = str(region["kind"]).replace("REGION_KIND_", "").lower()
            print(f"{start:#014x}-{end:#014x} {letters} {kind}: {(end - start) // PAGE} pages, "
                  f"{len(pages)} there, {sum(1 for e in pages if e & WRITE)} writable, "
                  f"{sum(1 for e in pages if e & MARK)} marked")


class Pages(Command):
    """pages PID VA: the walk to an address, the entry in words, its frame, and who else maps it

    Each line of the walk is a table: where it is, which entry, its value, its bits in words."""

    def work(self, *words):
        if len(words) != 2:
            self.usage()
        process, va = process_of(words[0]), int(gdb.parse_and_eval(words[1]))
        if not 0 <= va < USER_ENTRIES << 30:
            raise gdb.GdbError("not an address of user mode")
        table = int(process["as"]["pt"]["root"])
        for level in reversed(range(LEVELS)):
            index = va >> 12 + 9 * level & ENTRIES - 1
            entry = table_at(table)[index]
            print(f"level {level}: table {table:#x}, entry {index}: {entry:#x}: {in_words(entry)}")
            if not entry & VALID:
                print("no page is there now")
                return
            table = frame_of(entry)
        self.tell_frame(table)

    @staticmethod
    def tell_frame(frame):
        count = count_of(frame)
        if count is None:
            print(f"frame {frame:#x}: not counted, a device's")
            return
        zero = " (the zero page)" if frame == int(gdb.parse_and_eval("zero_frame")) else ""
        print(f"frame {frame:#x}{zero}: count {count}, mapped by")
        owners = {int(process["as"]): title(process) for process in processes()}
        for space in entries_of(gdb.parse_and_eval("'aspace.c'::spaces"), "struct aspace", "link"):
            owner = owners.get(int(space.address), "an address space of no process")
            for va, entry in leaves(space):
                if frame_of(entry) == frame:
                    print(f"  {owner} at {va:#x}: {in_words(entry)}")


class Byre(gdb.Command):
    def __init__(self):
        lines = "".join(f"  {line}\n" for line in Command.all)
        self.__doc__ = f"What knows Byre's kernel:\n{lines}`help NAME` tells more of one."
        super().__init__("byre", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        print(self.__doc__)


gdb.execute("set pagination off")
gdb.execute("set confirm off")
for command in Threads, Regions, Pages:
    command(command.__name__.lower())
Byre()
