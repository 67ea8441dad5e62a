#!/usr/bin/env python3
"""Guards the include rule: a folder includes only itself and what stands below it.

The order, lowest first, is the one of docs/README.md. mm/pt.h and mm/pmm.h are what the machine
implements or needs, so arch may include these two and nothing else of mm. init and the servers do
without a C library, so they have no other headers than their own, the runtime's and lib's.
"""
import pathlib
import re
import sys

ALLOWED = {
    "lib": {"lib"},
    "arch": {"lib", "arch"},
    "mm": {"lib", "mm"},
    "drivers": {"lib", "arch", "drivers"},
    "proc": {"lib", "arch", "mm", "drivers", "proc"},
    "trap": {"lib", "arch", "mm", "drivers", "proc", "trap"},
}
ALSO = {"arch": {"mm/pt.h", "mm/pmm.h"}}
USER_MODE_DRIVERS = {"drivers/uart.c", "drivers/uart.h"}  # they stand on user/, not on the kernel
FREESTANDING = ["user/runtime", "user/init", "user/servers"]
FREESTANDING_MAY = re.compile(r'"(byre/|lib/|user/(runtime|init|servers)/|drivers/uart.h)')
ANY_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+)', re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def violations(root):
    found = []
    nfiles = 0
    for folder, allowed in ALLOWED.items():
        for path in sorted((root / folder).rglob("*.[chS]")):
            name = path.relative_to(root).as_posix()
            if name in USER_MODE_DRIVERS:
                continue
            nfiles += 1
            for target in INCLUDE.findall(path.read_text()):
                if target.split("/")[0] in allowed and "/" in target:
                    continue
                if target in ALSO.get(folder, set()) or target == "machine_inline.h" or (folder != "lib" and target == "pte.h"):
                    continue
                found.append(f'{name} includes "{target}": {folder}/ may not')
    for folder in FREESTANDING:
        for path in sorted((root / folder).rglob("*.[chS]")):
            nfiles += 1
            found += [f"{path.relative_to(root)} includes {target[1:]}: it does without a C library"
                      for target in ANY_INCLUDE.findall(path.read_text())
                      if not FREESTANDING_MAY.match(target)]
    return nfiles, found


def main():
    nfiles, found = violations(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    print(f"{nfiles} files, {len(found)} violations")
    return 1 if found or nfiles == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
