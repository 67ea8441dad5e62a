#!/usr/bin/env python3
"""Make the kernel's symbol table (for arch/riscv/backtrace.c) from a first link without one.

    symbols.py table NM FIRST.elf      the table, as assembler text
    symbols.py check NM FIRST.elf LAST.elf    fails when a function lies elsewhere in the last link

The table stands at the end of the image, so linking it in moves nothing before it.
"""
import subprocess
import sys


def functions(nm, elf):
    """(address, name) of each symbol of the text, by address."""
    text = subprocess.run([nm, elf], capture_output=True, text=True, check=True).stdout
    fields = [line.split() for line in text.splitlines()]
    return sorted((int(f[0], 16), f[2]) for f in fields
                  if len(f) == 3 and f[1] in "tT" and f[2][0] not in "$.")


def table(found):
    start = dict((name, address) for address, name in found)["kernel_start"]
    first_names = {}
    for address, name in found:
        if name not in ("kernel_start", "kernel_text_end"):
            # Without the endings of functions that the compiler has specialised.
            first_names.setdefault(address, name.split(".")[0])
    entries, names, length = [], [], 0
    for address, name in first_names.items():
        entries.append(f"    .word {address - start:#x}, {length:#x}")
        names.append(f'    .asciz "{name}"')
        length += len(name) + 1
    return "\n".join(['    .section .symbols, "a"', "    .balign 4", *entries,
                      '    .section .symbol_names, "a"', *names]) + "\n"


def main():
    what, nm, first = sys.argv[1:4]
    found = functions(nm, first)
    if what == "table":
        print(table(found), end="")
        return 0
    last = functions(nm, sys.argv[4])
    moved = sorted(set(found) ^ set(last))
    for address, name in moved[:10]:
        print(f"{name} at {address:#x} is in one link only: the symbol table is wrong", file=sys.stderr)
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
