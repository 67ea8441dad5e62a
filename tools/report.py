"""Verdicts for people and for machines: text, CSV, Gradescope's JSON, JUnit, one HTML page."""
import csv
import json
import pathlib
import shlex
import xml.etree.ElementTree as xml

from stages import WITH_POINTS

PAGE = pathlib.Path(__file__).parent / "page.html"
COLUMNS = ["submission", "verdict", "points", "maximum", "quality", "first_failure"]


def explanation(one, path):
    """What a failure says, a line each."""
    if one["line"]:
        yield f"at {path}:{one['line']}"
    yield from one["message"].splitlines()
    if one.get("backtrace"):
        yield "in " + ", called by ".join(one["backtrace"][:4])
    if one["operations"]:
        yield "what was done:"
        yield from (f"  {i}. {text}" for i, text in enumerate(one["operations"], 1))
    if one["stage"] == "suite" and one["status"] != "PASS":
        yield f"alone, under gdb: ./byre grade {shlex.quote(str(path))} --gdb {one['name']}"


def show(verdict, path):
    """For a terminal: what is not right, and the sums."""
    for one in verdict.failures():
        kind = " (quality)" if one["kind"] == "quality" else ""
        print(f"{one['status']:7} {one['name']}: {one['rule']}{kind}")
        for line in explanation(one, path):
            print(f"        {line}")
    told = verdict.as_dictionary()
    print(f"{told['verdict']}: {told['points']} of {told['maximum']} points in contract, "
          f"{told['quality']} of {told['quality_maximum']} in quality, {told['seconds']} s")


def write_csv(path, verdicts):
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        rows.writeheader()
        rows.writerows(verdict.as_dictionary() for verdict in verdicts)


def has_points(one):
    return one["stage"] in WITH_POINTS and one["kind"] == "contract"


def write_gradescope(path, verdict):
    """Gradescope's results.json. Quality is told and gives no points there."""
    tests = [{"name": f"{one['name']}: {one['rule']}", "visibility": "visible",
              "score": int(has_points(one) and one["status"] == "PASS"),
              "max_score": int(has_points(one)),
              "status": "passed" if one["status"] == "PASS" else "failed",
              "output": "\n".join([one["status"], *explanation(one, "cow.c")])}
             for one in verdict.results]
    told = verdict.as_dictionary()
    path.write_text(json.dumps({
        "score": told["points"], "visibility": "visible", "stdout_visibility": "hidden",
        "execution_time": round(verdict.seconds), "tests": tests,
        "output": f"{told['verdict']}: {told['points']} of {told['maximum']} points, "
                  f"{told['quality']} of {told['quality_maximum']} in quality"}, indent=1),
        encoding="utf-8")


def write_junit(path, verdict):
    suite = xml.Element("testsuite", name=verdict.name, tests=str(len(verdict.results)))
    for one in verdict.results:
        case = xml.SubElement(suite, "testcase", classname=one["kind"], name=one["name"])
        tag = {"PASS": None, "SKIP": "skipped", "ERROR": "error"}.get(one["status"], "failure")
        if tag:
            told = xml.SubElement(case, tag, message=f"{one['status']}: {one['rule']}")
            told.text = "".join(c if c.isprintable() or c == "\n" else "?"
                                for c in "\n".join(explanation(one, "cow.c")))
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def write_html(path, verdicts, pairs=()):
    """One page without any other file: submissions against tests."""
    told = [{**verdict.as_dictionary(), "results": [
        {"name": one["name"], "kind": one["kind"], "rule": one["rule"], "status": one["status"],
         "text": "\n".join(explanation(one, "cow.c"))} for one in verdict.results]}
        for verdict in verdicts]
    data = json.dumps({"verdicts": told, "alike": list(pairs)}).replace("<", "\\u003c")
    path.write_text(PAGE.read_text(encoding="utf-8").replace("@DATA@", data), encoding="utf-8")
