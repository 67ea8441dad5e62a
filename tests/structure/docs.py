#!/usr/bin/env python3
"""Guards the book against the code it tells of.

In docs/ and README.md, within backticks: a path must lead to a file or folder, `mm/cow.c:name` to a
word of that file, and `name()` or a name with an underscore to a word of some source. Links lead to
files and headings that are there; the annotated tree of docs/README.md names what is there.
"""
import pathlib
import re
import sys

FOLDERS = ["lib", "arch", "mm", "drivers", "proc", "trap", "user", "tests", "docs"]
ROOT_FILES = ["byre", "CMakeLists.txt", "CMakePresets.json", "toolchain.cmake"]

FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(rf"((?:{'|'.join(FOLDERS)})/[\w./*-]*)(?::(\w+))?")
NAME = re.compile(r"(?:struct |enum )?([A-Za-z]\w*)(\(\))?")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.M)


def source_words(root):
    """Every word of the sources, which docs may name."""
    words = set()
    files = [root / name for name in ROOT_FILES]
    for folder in FOLDERS[:-1]:
        files += [path for path in (root / folder).rglob("*") if path.is_file()]
    for path in files:
        words.update(re.findall(r"\w+", path.read_text(errors="replace")))
    return words


def wrong_span(root, words, span):
    """What is wrong with one piece of code in the text, or None."""
    path = PATH.fullmatch(span)
    if path:
        found = list(root.glob(path[1]))
        if not found:
            return "there is no such file"
        if path[2] and not re.search(rf"\b{path[2]}\b", found[0].read_text()):
            return "the file has no such name"
    name = NAME.fullmatch(span)
    if name and ("_" in name[1] or name[2]) and name[1] not in words:
        return "no source has this name"
    return None


def headings(text):
    """The anchors that a link may lead to."""
    titles = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def wrong_link(page, target):
    if "://" in target:
        return None
    file, _, anchor = target.partition("#")
    to = page.parent / file if file else page
    if not to.exists():
        return "the link leads nowhere"
    if anchor and anchor not in headings(to.read_text()):
        return "the link leads to no heading"
    return None


def wrong_tree(root, text):
    """Names in the annotated tree that are not there."""
    tree = re.search(r"^## The tree\n+```\n(.*?)^```$", text, re.M | re.S)
    folder = ""
    for line in tree[1].splitlines() if tree else []:
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
            name = ""
        if not (root / folder / name).exists():
            yield folder + name


def check_pages(root):
    words = source_words(root)
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = page.read_text()
        prose = FENCED.sub("", text)
        for span in SPAN.findall(prose):
            wrong = wrong_span(root, words, span)
            if wrong:
                yield f"{page.relative_to(root)}: `{span}`: {wrong}"
        for target in LINK.findall(prose):
            wrong = wrong_link(page, target)
            if wrong:
                yield f"{page.relative_to(root)}: ({target}): {wrong}"
        for name in wrong_tree(root, text):
            yield f"{page.relative_to(root)}: the tree names {name}, which is not there"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    found = list(check_pages(root))
    print("\n".join(found))
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
