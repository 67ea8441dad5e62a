#!/usr/bin/env python3
"""The kernel stays small enough to read: budgets for lines, and the figures of docs/status.md.

usage: budgets.py ROOT [--write]

Prints one line a finding and fails if there is any. --write brings the table in docs/status.md up
to date. That table may be off by a twentieth before it is a finding, so that not every commit has
to touch it; the budgets are exact.

Two counts. LINES are those that are not empty, comments included, of sources (.c and .S): what there
is to read to know how it works. CODE is of headers too, but without comments: contracts are not
what a budget should save on.
"""
import pathlib
import re
import sys

FOLDERS = ["lib", "arch", "mm", "drivers", "proc", "trap"]
LINES_OF_A_FUNCTION = 40
# What: files, budget of LINES, budget of CODE.
PARTS = {
    "`mm/cow.c`": (["mm/cow.c"], 140, 140),
    "`mm/`": (["mm/*"], 1600, 1600),
    "the kernel": ([f"{folder}/**/*" for folder in FOLDERS], 7500, 7500),
}
USER_DRIVERS = ["drivers/uart.c", "drivers/uart.h"]  # they run in user mode

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
FUNCTION = re.compile(r"^\w[^;\n]*\((?:[^;{]*)\) \{\n(.*?)^\}", re.M | re.S)
TABLE = re.compile(r"(<!-- tests/structure/budgets.py --write -->\n).*?(<!-- end -->)", re.S)
ROW = re.compile(r"^\| (.*?) \| ([\d,]+) of .*? \| ([\d,]+) of .*? \|$", re.M)


def files_of(root, patterns):
    """The sources and headers, once each."""
    found = {path for pattern in patterns for path in root.glob(pattern)}
    known = [path for path in found if path.suffix in (".c", ".h", ".S")]
    return sorted(path for path in known if str(path.relative_to(root)) not in USER_DRIVERS)


def not_empty(text):
    return sum(1 for line in text.splitlines() if line.strip())


def count(root, patterns):
    """LINES and CODE of these files."""
    texts = [(path.suffix, path.read_text()) for path in files_of(root, patterns)]
    lines = sum(not_empty(text) for suffix, text in texts if suffix != ".h")
    return lines, sum(not_empty(COMMENT.sub("", text)) for _, text in texts)


def table(root):
    rows = ["| | lines of sources that are not empty | code, headers too, without comments |",
            "|---|---|---|"]
    for name, (patterns, lines_budget, code_budget) in PARTS.items():
        lines, code = count(root, patterns)
        rows.append(f"| {name} | {lines:,} of {lines_budget:,} | {code:,} of {code_budget:,} |")
    return "\n".join(rows) + "\n"


def over_budget(root):
    for name, (patterns, *budgets) in PARTS.items():
        for what, found, budget in zip(("lines", "code"), count(root, patterns), budgets):
            if found > budget:
                yield f"{name}: {found} {what}; the budget is {budget}"


def long_functions(root):
    for path in files_of(root, PARTS["the kernel"][0]):
        for function in FUNCTION.finditer(path.read_text()):
            nlines = function[0].count("\n") + 1
            if nlines > LINES_OF_A_FUNCTION:
                name = function[0].split("(")[0]
                yield (f"{path.relative_to(root)}: {name} has {nlines} lines; "
                       f"the budget is {LINES_OF_A_FUNCTION}")


def wrong_figures(root):
    """Rows of the table in docs/status.md that are not true any more."""
    text = (root / "docs/status.md").read_text()
    stated = {row[1]: row for row in ROW.finditer(text)}
    for name, (patterns, *_) in PARTS.items():
        if name not in stated:
            yield f"docs/status.md: no row for {name}; budgets.py --write makes it"
            continue
        for found, said in zip(count(root, patterns), stated[name].groups()[1:]):
            said = int(said.replace(",", ""))
            if abs(found - said) * 20 > found:
                yield (f"docs/status.md: {name} has {found}, not {said}; "
                       "budgets.py --write makes it true")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2:] == ["--write"]:
        page = root / "docs/status.md"
        page.write_text(TABLE.sub(lambda old: old[1] + table(root) + old[2], page.read_text()))
    print(table(root))
    found = [*over_budget(root), *long_functions(root), *wrong_figures(root)]
    print("\n".join(found))
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
