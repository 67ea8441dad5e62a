"""The verdict on one submission: all its results, its points, and what broke first.

Points: one for each contract test on this machine, and apart from them one for each quality test.
Boots have none: code in a machine of its own could forge what the machine prints. So they can only
take the full marks away.
"""
import pathlib
import tempfile
import time

import lint
import stages
from judge import HOST


class Verdict:
    def __init__(self, name):
        self.name, self.results, self.notes, self.seconds = name, [], [], 0.0

    def of_kind(self, kind):
        return [one for one in self.results
                if one["kind"] == kind and one["stage"] in stages.WITH_POINTS]

    def points(self, kind="contract"):
        return sum(one["status"] == "PASS" for one in self.of_kind(kind))

    def maximum(self, kind="contract"):
        return len(self.of_kind(kind))

    def word(self):
        if any(one["status"] == "ERROR" for one in self.results) or not self.results:
            return "error"
        wrong = [one for one in self.results if one["kind"] != "quality" and one["status"] != "PASS"]
        return "fail" if wrong else "pass"

    def failures(self):
        return [one for one in self.results if one["status"] not in ("PASS", "SKIP")]

    def first_failure(self):
        first = next((one for one in self.failures() if one["kind"] == "contract"), None)
        return f"{first['name']}: {first['rule']}" if first else ""

    def as_dictionary(self):
        return {"submission": self.name, "verdict": self.word(), "points": self.points(),
                "maximum": self.maximum(), "quality": self.points("quality"),
                "quality_maximum": self.maximum("quality"),
                "first_failure": self.first_failure(), "notes": self.notes,
                "seconds": round(self.seconds, 1), "results": self.results}

    @staticmethod
    def from_dictionary(stored):
        verdict = Verdict(stored["submission"])
        verdict.results, verdict.notes = stored["results"], stored["notes"]
        verdict.seconds = stored["seconds"]
        return verdict


class Grader:
    """Grades one file after the other; several may be used at once, with other workers.
    lab: None, or what it asks for beyond the contract (lab.py)"""

    def __init__(self, judge, lab=None):
        self.judge = judge
        tests = stages.list_tests(HOST / "suite")
        self.tests = [lab.demand(test) if lab else test for test in tests]
        self.sanitized = [test for test in stages.list_tests(HOST / "sanitized_suite")
                          if test["kind"] == "contract"]

    def grade(self, path, name=None, worker=0):
        verdict, begun = Verdict(name or path.name), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="byre-grade-") as folder:
            place = pathlib.Path(folder)
            try:
                self.judge_in(place, path, verdict, worker)
            except (OSError, ValueError, IndexError, KeyError) as error:
                verdict.results.append(stages.result(
                    "grade", "harness", "contract", "the harness can judge", "ERROR",
                    message=f"{type(error).__name__}: {error}"))
        verdict.seconds = time.monotonic() - begun
        return verdict

    def judge_in(self, place, path, verdict, worker):
        text = self.look_at(path, verdict)
        if text is None or not self.compiles(place, text, verdict):
            verdict.results += [{**stages.result(**test), "status": "SKIP"} for test in self.tests]
        else:
            verdict.results += stages.run_suite("suite", self.tests, place, worker)
        rest = [stages.Sanitized(self.sanitized), *stages.BOOTS]
        if any(one["status"] != "PASS" for one in verdict.of_kind("contract")):
            # What failed tells more, and sooner.
            verdict.results += [{**stage.result(), "status": "SKIP"} for stage in rest]
        else:
            verdict.results += [stage.run(place, worker) for stage in rest]

    def look_at(self, path, verdict):
        text, wrong = lint.read_source(path)
        if text is None:
            self.refuse(verdict, [(None, wrong)])
            return None
        found = lint.check_source(text)
        if found:
            self.refuse(verdict, found)
            return None
        return text

    def compiles(self, place, text, verdict):
        (place / "cow.c").write_text(text, encoding="utf-8")
        judge = self.judge
        wrong = judge.kernel.compile_only(place)
        if wrong:
            self.refuse(verdict, [(None, wrong)], "compile", "the file compiles")
            return False
        found = lint.check_object(judge.nm, judge.objdump, place / f"{judge.kernel.name}.o", text)
        if found:
            self.refuse(verdict, found)
            return False
        for recipe in judge.suite, judge.sanitized, judge.kernel:
            wrong = recipe.make(place)
            if wrong:
                self.refuse(verdict, [(None, wrong)], "compile", "the file compiles and links")
                return False
        return True

    @staticmethod
    def refuse(verdict, found, name="lint", rule="the file holds only what mm/cow.h asks for"):
        for line, message in found[:20]:
            verdict.results.append({**stages.result("lint", name, "contract", rule, "FAIL",
                                                    message=message), "line": line})
