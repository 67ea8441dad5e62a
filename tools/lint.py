"""What a file in the place of mm/cow.c may hold, found before any of it runs.

Each finding is a plain message with its line. The rules keep a submission what mm/cow.h says: two
functions over the public headers. They also keep it from the harness that judges it: what cannot be
named cannot be called. docs/grading.md has them all.
"""
import re
import subprocess

LONGEST = 1 << 20  # bytes
INCLUDES = re.compile(r'"(lib/(abi|assert|bits|errno|list|lock|memory|print|string|types)\.h'
                      r'|mm/(aspace|counters|cow|pmm|pt)\.h|pte\.h)"|<(stddef|stdint|stdbool)\.h>')
OURS = {"cow_share", "cow_resolve"}
# What the file may call or read: the public headers, and what their inline functions use.
MAY_USE = {
    "aspace_find", "aspace_find_anew", "aspace_find_from", "frame_alloc", "frame_alloc_zeroed",
    "frame_entries", "frame_free", "frame_get_refused", "frame_is_counted", "frame_is_held",
    "frame_put_zeroed", "frame_free_count", "pt_fence", "pt_fence_later", "pt_walk",
    "pt_walk_ensure", "pt_fence_flush", "lock_report", "panic", "print", "vm_counters",
    "zero_frame", "memcpy", "memmove", "memset", "memcmp",
}
# In the source, without comments and strings.
FORBIDDEN = (
    (r"\b(asm|__asm|__asm__)\b", "inline assembly"),
    (r"(->|\.)\s*count\b", "`->count`: counts are read by frame_count and changed by frame_get and "
     "frame_put"),
    (r"\bframe_entr(y|ies)\b", "the table of frames: counts are read by frame_count"),
    (r"\b__attribute__|\b__attribute\b|\[\[", "attributes (constructors, sections, aliases)"),
    (r"^[ \t]*(#|%:|\?\?=)\s*(pragma|line|embed|ident)\b|\b_Pragma\b", "pragmas and line directives"),
    (r"\b__builtin_(frame|return|extract_return|apply|longjmp|setjmp|eh|alloca)\w*",
     "builtins that reach the caller's stack"),
)
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
INCLUDE = re.compile(r"^[ \t]*(?:#|%:|\?\?=)\s*(?:include|include_next|import)\b[ \t]*(.*?)\s*$", re.M)
SECTIONS = re.compile(r"\.(text|rodata|srodata|data|bss|sdata|sbss|comment|note|debug|riscv|eh_frame"
                      r"|group|init_array|fini_array|ctors|dtors)")
STARTS = re.compile(r"\.(init_array|fini_array|ctors|dtors|preinit_array|init|fini)")


def read_source(path):
    """=> the text with newlines of one kind and no mark at its start, or None, and why"""
    if not path.is_file():
        return None, "there is no such file"
    size = path.stat().st_size
    if size > LONGEST:
        return None, f"the file has {size:,} bytes; no more than {LONGEST:,} are read"
    data = path.read_bytes()
    if b"\0" in data:
        return None, "this is no text: it holds bytes that are 0"
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return None, "the file is empty"
    return text if text.endswith("\n") else text + "\n", None


def blank(match):
    """The same number of lines, without the text."""
    text = match[0]
    return text if text[0] in "\"'" and "\n" not in text else "\n" * text.count("\n") + " "


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_source(text):
    """=> findings: (line, message)"""
    plain = TOKEN.sub(blank, text.replace("\\\n", ""))
    found = [(line_of(plain, match.start(1)), f"#include {match[1]}: the public headers of mm/ and "
              "lib/ are allowed, mm/cow.h names them")
             for match in INCLUDE.finditer(plain) if not INCLUDES.fullmatch(match[1])]
    code = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', INCLUDE.sub("", plain))
    for pattern, message in FORBIDDEN:
        found += [(line_of(code, match.start()), f"not allowed: {message}")
                  for match in re.finditer(pattern, code, re.M)]
    return sorted(set(found))


def tool(arguments):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", check=False).stdout


def line_named(text, name):
    match = re.search(rf"\b{re.escape(name.split('.')[0])}\b", TOKEN.sub(blank, text))
    return line_of(text, match.start()) if match else 1


def check_symbols(nm, path):
    """=> findings of the object: (symbol, message)"""
    found, defined = [], set()
    for line in tool([nm, path]).splitlines():
        kind, name = line.split()[-2:]
        if kind == "U":
            if name not in MAY_USE:
                found.append((name, f"uses {name}, which is not one of the public functions of mm/"))
        elif kind in "TWV" and name in OURS:
            defined.add(name)
        elif kind in "TWVi":
            found.append((name, f"defines {name}: what is not in mm/cow.h is to be static"))
        elif kind in "dDbBCsSG":
            found.append((name, f"{name} is static data: a file behind the seam has no state of its "
                          "own (several harts run it)"))
    return found + [("", f"does not define {name}") for name in sorted(OURS - defined)]


def check_sections(objdump, path):
    for line in tool([objdump, "-h", path]).splitlines():
        fields = line.split()
        if len(fields) < 7 or not fields[0].isdigit() or int(fields[2], 16) == 0:
            continue
        if STARTS.match(fields[1]):
            yield "", f"section {fields[1]}: nothing may run before it is called"
        elif not SECTIONS.match(fields[1]):
            yield "", f"section {fields[1]}: none of its own"


def check_object(nm, objdump, path, text):
    """=> findings: (line, message)"""
    found = [*check_symbols(nm, path), *check_sections(objdump, path)]
    return [(line_named(text, name) if name else 1, message) for name, message in found]
