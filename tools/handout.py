"""./byre handout: the tree that students get for a lab. docs/teaching.md."""
import argparse
import pathlib
import shutil
import subprocess
import sys

from build import ROOT, say, wrong
from lab import Lab

# Not for students: solutions, what the tests are tried with, and tests of the tree itself.
WITHHELD = ("mm/cow.c", "labs/", "tests/mutants/", "tests/variants/", "tests/interleave/broken/",
            "tests/model/", "tests/structure/", "tests/grade", "tests/judge", "tests/front-door",
            "tests/distributions", "tests/container", "tests/outside", "tests/second-compiler",
            "docs/labs/", "docs/teaching.md", ".ci/")
FOR_ALL_LABS = ("labs/labs.json", "labs/stand_in.c")


def files():
    """All of the tree, by git where there is one."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in paths if path.parts[0] not in ("build", ".git")]


def copy(name, to):
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / name, to)


def make(lab, folder, solution):
    for name in files():
        if not name.startswith(WITHHELD) or name in FOR_ALL_LABS:
            copy(name, folder / name)
    copy(f"docs/labs/{lab.number}.md", folder / "LAB.md")
    copy("labs/github/byre.yml", folder / ".github/workflows/byre.yml")
    (folder / "LAB").write_text(f"{lab.number}\n", encoding="ascii")
    copy("mm/cow.c" if solution else f"labs/{lab.number}/cow.c", folder / "mm/cow.c")
    copy(f"labs/{lab.number}/cow.c", folder / f"labs/{lab.number}/cow.c")


def main():
    parser = argparse.ArgumentParser(prog="./byre handout", description=__doc__)
    parser.add_argument("lab", type=int, metavar="N", help="1 to 6")
    parser.add_argument("folder", type=pathlib.Path, nargs="?", metavar="DIR",
                        help="a folder that is not there yet, or is empty")
    parser.add_argument("--solution", action="store_true", help="with mm/cow.c as it is here")
    parser.add_argument("--answers", action="store_true",
                        help="print the answers to the handout's questions; for the instructor")
    options = parser.parse_args(sys.argv[2:])
    lab = Lab(options.lab)
    if options.answers:
        print((ROOT / f"labs/{lab.number}/answers.md").read_text(encoding="utf-8"), end="")
        return 0
    if not options.folder:
        parser.error("give a folder")
    if options.folder.exists() and (not options.folder.is_dir() or any(options.folder.iterdir())):
        wrong(f"{options.folder} is there already, and not empty")
    try:
        make(lab, options.folder, options.solution)
    except OSError as error:
        wrong(f"{error.filename}: {error.strerror}")
    say(f"lab {lab.number}, {lab.title.lower()}: {options.folder}; its LAB.md is the handout")
    return 0


if __name__ == "__main__":
    sys.exit(main())
