"""./byre test: build everything, run all tests."""
import os
import sys

from build import FOLDER, build_all


def main():
    build_all()
    os.execvp("ctest", ["ctest", "--test-dir", str(FOLDER), "--output-on-failure",
                        "-j", str(os.cpu_count()), *sys.argv[2:]])


if __name__ == "__main__":
    main()
