"""A whole class: finds what was handed in, grades it in parallel, and keeps each verdict.

The one idea: a verdict is kept under the hash of the file, the lab and the judge. So a run that was
stopped goes on where it was, what was handed in again is graded again, and nothing else is.
"""
import concurrent.futures
import hashlib
import itertools
import json
import multiprocessing
import pathlib
import re
import sys

import stages
from build import FOLDER
from judge import HOST
from verdict import Grader, Verdict

KEPT = HOST / "verdicts"
CANVAS = re.compile(r"([a-z0-9-]+)(?:_LATE)?_\d+_\d+_.*", re.I)
NAMED = re.compile(r"^(submission_\d+):.*?^\s+(?:- )?:name: *['\"]?([^'\"\n]+)", re.M | re.S)
NO_SUBMISSION = {".csv", ".html", ".yml", ".yaml", ".json", ".xml", ".md", ".zip", ".pdf"}
ALIKE = 0.8  # of what two files hold beyond the reference, that both hold


def names_of_gradescope(folder):
    metadata = folder / "submission_metadata.yml"
    text = metadata.read_text(encoding="utf-8", errors="replace") if metadata.exists() else ""
    return dict(NAMED.findall(text))


def file_of(folder):
    """The one that was meant, of a folder: cow.c, as near to the top as there is one, or else the
    only C file. None: there is none."""
    files = sorted((path for path in folder.rglob("*.c") if path.is_file()),
                   key=lambda path: (len(path.parts), path))
    return next((path for path in files if path.name == "cow.c"),
                files[0] if len(files) == 1 else None)


def find_submissions(folder):
    """=> (name, file or None). Files of a student each, also as Canvas names them; folders of a
    student each, also as Gradescope exports them"""
    named, found = names_of_gradescope(folder), []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() in NO_SUBMISSION:
            continue
        if path.is_dir():
            found.append((named.get(path.name, path.name), file_of(path)))
        else:
            canvas = CANVAS.fullmatch(path.name)
            found.append((canvas[1] if canvas else path.stem, path))
    # Two of one name are told apart.
    counts = {}
    for name, path in found:
        counts[name] = counts.get(name, 0) + 1
        yield name if counts[name] == 1 else f"{name} ({counts[name]})", path


def key_of(path, lab):
    """Of a file as large as the lint refuses, the first bytes will do."""
    kept = hashlib.sha256(str(lab.number if lab else None).encode())
    for judge in HOST / "suite", HOST / "sanitized_suite", FOLDER / "kernel.elf":
        kept.update(str(judge.stat().st_mtime_ns).encode())
    with open(path, "rb") as file:
        kept.update(file.read(4 << 20))
    return kept.hexdigest()


# ---- In a process of the pool ----

WORK = {}


def begin(judge, lab, numbers):
    WORK.update(grader=Grader(judge, lab), number=numbers.get())


def grade_one(name, path):
    return WORK["grader"].grade(path, name, WORK["number"]).as_dictionary()


# ---- All of them ----

def missing(name):
    verdict = Verdict(name)
    verdict.results.append(stages.result("lint", "lint", "contract", "a file is handed in", "FAIL",
                                         message="the folder has no cow.c, nor one other C file"))
    return verdict


def grade_all(judge, submissions, lab, jobs):
    """Yields verdicts as they come: first those that are kept."""
    KEPT.mkdir(parents=True, exist_ok=True)
    waiting = []
    for name, path in submissions:
        kept = KEPT / f"{key_of(path, lab)}.json" if path else None
        if not path:
            yield missing(name)
        elif kept.exists():
            verdict = Verdict.from_dictionary(json.loads(kept.read_text(encoding="utf-8")))
            verdict.name = name
            yield verdict
        else:
            waiting.append((name, path, kept))
    if not waiting:
        return
    numbers = multiprocessing.Queue()
    for number in range(jobs):
        numbers.put(number)
    with concurrent.futures.ProcessPoolExecutor(jobs, initializer=begin,
                                                initargs=(judge, lab, numbers)) as pool:
        running = {pool.submit(grade_one, name, path): kept for name, path, kept in waiting}
        for done in concurrent.futures.as_completed(running):
            told = done.result()
            if told["verdict"] != "error":  # which another time may judge
                write_whole(running[done], told)
            yield Verdict.from_dictionary(told)


def write_whole(path, told):
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.rename(path)


def show_progress(done, total, verdict):
    told = verdict.as_dictionary()
    print(f"{told['verdict']:5} {told['points']:3} of {told['maximum']:3}  {verdict.name}"
          f"{'  ' + told['first_failure'] if told['first_failure'] else ''}", flush=True)
    if sys.stderr.isatty():
        filled = 40 * done // total
        print(f"[{'#' * filled}{'.' * (40 - filled)}] {done} of {total}", end="\r", file=sys.stderr)


# ---- Likeness ----

WORD = re.compile(r"[A-Za-z_]\w*|\d\w*|[^\s\w]")
KEYWORDS = set("if else for while do return break continue goto switch case struct static int "
               "const void sizeof bool".split())


def pieces_of(path):
    """Runs of eight words, with one name for all names: renaming hides nothing."""
    text = path.read_bytes()[:1 << 20].decode("utf-8", errors="replace")
    text = re.sub(r"/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*", " ", text, flags=re.S | re.M)
    words = [word if word in KEYWORDS or not word[0].isidentifier() else "x"
             for word in WORD.findall(text)]
    return {tuple(words[i:i + 8]) for i in range(len(words) - 7)}


def alike(submissions, known):
    """=> (likeness, name, name) of pairs, the nearest first. known: files that all were given"""
    given = set().union(*(pieces_of(path) for path in known))
    own = [(name, pieces_of(path) - given) for name, path in submissions if path]
    pairs = [(len(a & b) / len(a | b), name, other)
             for (name, a), (other, b) in itertools.combinations(own, 2) if len(a & b) > 20]
    return sorted((pair for pair in pairs if pair[0] >= ALIKE), reverse=True)
