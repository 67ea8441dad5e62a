"""./byre cc: the cross compiler, with what a program for Byre needs.

The arguments before and behind the program's own come from user/CMakeLists.txt.
"""
import os
import sys

from build import FOLDER, build_quietly, cached, wrong

NO_LINK = {"-c", "-S", "-E", "-fsyntax-only", "-M", "-MM"}


def main():
    own = sys.argv[2:]
    if not own:
        wrong("cc wants the files of a program; ./byre --help tells more")
    build_quietly("byre_c", "byre_crt0")
    compiler, folder = cached("BYRE_GCC"), FOLDER / "user"
    link = [] if NO_LINK & set(own) else [f"@{folder}/cc.link"]
    os.execvp(compiler, [compiler, f"@{folder}/cc.flags", *own, *link])


if __name__ == "__main__":
    main()
