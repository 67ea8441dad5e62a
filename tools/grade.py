"""./byre grade: verdicts on files that stand in the place of mm/cow.c. docs/grading.md."""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import classroom
import report
from build import wrong
from judge import COW, Judge
from lab import Lab
from verdict import Grader, Verdict

STATUS = {"pass": 0, "fail": 1, "error": 2}


def parse():
    parser = argparse.ArgumentParser(prog="./byre grade", description=__doc__)
    parser.add_argument("file", type=pathlib.Path, nargs="?", help="what was handed in; of a folder its cow.c, or its only C file")
    parser.add_argument("--lab", metavar="N", type=int, help="by what lab N asks for")
    parser.add_argument("--gdb", metavar="TEST", help="run this one test under gdb")
    parser.add_argument("--json", metavar="OUT", type=pathlib.Path, help="Gradescope's results.json")
    parser.add_argument("--junit", metavar="OUT", type=pathlib.Path, help="JUnit's XML")
    parser.add_argument("--html", metavar="OUT", type=pathlib.Path, help="a page")
    parser.add_argument("--all", metavar="DIR", type=pathlib.Path, help="a folder of submissions")
    parser.add_argument("--csv", metavar="OUT", type=pathlib.Path, help="with --all: a line each")
    parser.add_argument("-j", metavar="N", type=int, default=os.cpu_count(), dest="jobs",
                        help="with --all: so many at once")
    options = parser.parse_args(sys.argv[2:])
    if (options.file is None) == (options.all is None):
        parser.error("give a file, or --all and a folder")
    if options.all and not options.all.is_dir():
        parser.error(f"{options.all} is not a folder")
    return options


def debug(grader, path, name):
    """One test alone, in this terminal, as who called us."""
    test = next((test for test in grader.tests if test["name"] == name), None)
    if not test:
        wrong(f"there is no test {name} that runs on this machine")
    debugger = shutil.which("gdb") or shutil.which("gdb-multiarch")
    if not debugger:
        wrong("gdb is not installed: package gdb, or gdb-multiarch")
    with tempfile.TemporaryDirectory(prefix="byre-grade-") as folder:
        verdict = Verdict(path.name)
        text = grader.look_at(path, verdict)
        if text is None or not grader.compiles(pathlib.Path(folder), text, verdict):
            report.show(verdict, path)
            return STATUS["fail"]
        return os.spawnl(os.P_WAIT, debugger, debugger, "-q", "-ex", f"directory {folder}",
                         "-ex", "break cow_share", "-ex", "break cow_resolve",
                         "--args", f"{folder}/suite", "--no-fork", name)


def lab_of(options):
    return Lab(options.lab) if options.lab is not None else None


def grade_file(options):
    if options.file.is_dir():
        options.file = classroom.file_of(options.file) or options.file / "cow.c"
    grader = Grader(Judge(), lab_of(options))
    if options.gdb:
        return debug(grader, options.file, options.gdb)
    verdict = grader.grade(options.file)
    report.show(verdict, options.file)
    if options.json:
        report.write_gradescope(options.json, verdict)
    if options.junit:
        report.write_junit(options.junit, verdict)
    if options.html:
        report.write_html(options.html, [verdict])
    return STATUS[verdict.word()]


def grade_class(options):
    """=> 0 when all were judged, 2 when one was not"""
    submissions = list(classroom.find_submissions(options.all))
    if not submissions:
        wrong(f"there is no submission in {options.all}")
    verdicts, lab = [], lab_of(options)
    for verdict in classroom.grade_all(Judge(), submissions, lab, max(options.jobs, 1)):
        verdicts.append(verdict)
        classroom.show_progress(len(verdicts), len(submissions), verdict)
    verdicts.sort(key=lambda verdict: verdict.name)
    pairs = classroom.alike(submissions, [COW, *([lab.skeleton] if lab else [])])
    for share, name, other in pairs:
        print(f"near the same: {name} and {other} ({share:.0%})")
    if options.csv:
        report.write_csv(options.csv, verdicts)
    if options.html:
        report.write_html(options.html, verdicts, pairs)
    return STATUS["error"] if any(one.word() == "error" for one in verdicts) else 0


def main():
    options = parse()
    return grade_class(options) if options.all else grade_file(options)


if __name__ == "__main__":
    sys.exit(main())
