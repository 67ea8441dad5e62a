"""What judges: everything but the one file behind the seam, built once.

The one idea: the commands that build a suite with mm/cow.c are known to ninja. A submission is
compiled by the same command, as another file into another folder, and linked by the same command
with that object in the place of cow.c's. So nothing else is built again.
"""
import fcntl
import pathlib
import shlex
import subprocess

import build
import sandbox
from build import FOLDER, ROOT, wrong

HOST = FOLDER / "judge"
COW = ROOT / "mm/cow.c"
STAND_IN = ROOT / "labs/stand_in.c"  # behind the seam while the judge is built
COMPILE_LIMITS = sandbox.Limits(30, memory=2 << 30)


class Recipe:
    """How one program is made of a submission: two commands, and the folder that they run in."""

    def __init__(self, folder, target, source):
        self.folder, self.name = folder, pathlib.Path(target).name
        commands = self.commands(folder, target)
        compiles = [command for command in commands if command[-2:] == ["-c", str(source)]]
        links = [command for command in commands if value_of(command, "-o") == target]
        if not compiles or not links:
            wrong(f"ninja does not know how {target} is made of {source}")
        self.compile, self.link = compiles[-1], links[0]
        self.object = value_of(self.compile, "-o")

    @staticmethod
    def commands(folder, target):
        text = subprocess.run(["ninja", "-C", folder, "-t", "commands", target], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        return [shlex.split(part) for line in text.splitlines() for part in line.split(" && ")]

    def compile_only(self, place):
        """Compile `place`/cow.c to `place`/NAME.o. => None, or what the compiler says"""
        # A warning costs nobody points: what it warns of, the tests find.
        command = [word for word in without_depends(self.compile) if word != "-Werror"]
        command[-1], command[command.index("-o") + 1] = "cow.c", f"{self.name}.o"
        ended = sandbox.run(command, place, COMPILE_LIMITS, visible=[ROOT, FOLDER])
        return failure_of("compiler", ended) if ended.status else None

    def make(self, place):
        """Compile, and link to `place`/NAME. => None, or what went wrong"""
        made = place / f"{self.name}.o"
        wrong = None if made.exists() else self.compile_only(place)
        if wrong:
            return wrong
        link = [str(made) if word == self.object else word for word in self.link]
        link[link.index("-o") + 1] = str(place / self.name)
        link = ["env", "-C", self.folder, *link]
        ended = sandbox.run(link, place, COMPILE_LIMITS, visible=[ROOT, FOLDER])
        return failure_of("linker", ended) if ended.status else None


def value_of(command, option):
    return command[command.index(option) + 1] if option in command[:-1] else None


def without_depends(command):
    words, kept = iter(command), []
    for word in words:
        if word in ("-MT", "-MF"):
            next(words)
        elif word != "-MD":
            kept.append(word)
    return kept


def failure_of(what, ended):
    if ended.stopped == "time":
        return f"the {what} was not done after {COMPILE_LIMITS.seconds:.0f} s"
    lines = ended.output.decode(errors="replace").splitlines()
    said = [line for line in lines if "error:" in line or "cow.c:" in line] or lines
    return "\n".join(said[:20]) or f"the {what} ended with status {ended.status}"


class Judge:
    """The recipes, and the files that machines boot with."""

    def __init__(self):
        build.build_quietly("kernel.elf", "test_archive", sources=["tests"])
        if not (FOLDER / "build.ninja").exists():
            wrong(f"to grade, the build folder must be one of ninja; {FOLDER} is not")
        self.build_host()
        cow = build.cached("BYRE_COW") or str(COW)
        self.suite = Recipe(HOST, "suite", STAND_IN)
        self.sanitized = Recipe(HOST, "sanitized_suite", STAND_IN)
        # Linked once, and so without the table of names that a panic would show.
        self.kernel = Recipe(FOLDER, "kernel.elf_first", cow)
        self.archive = FOLDER / "tests.tar"
        self.nm, self.objdump = build.cached("CMAKE_NM"), build.cached("CMAKE_OBJDUMP")

    @staticmethod
    def build_host():
        HOST.mkdir(exist_ok=True)
        steps = [["cmake", "--build", HOST, "--target", "suite", "sanitized_suite"]]
        if not (HOST / "build.ninja").exists():
            build.say("building the suites for this machine (once)")
            steps.insert(0, ["cmake", "-G", "Ninja", "-S", ROOT / "tests/host", "-B", HOST,
                             "-DCMAKE_BUILD_TYPE=Debug", f"-DBYRE_COW={STAND_IN}"])
        with build.make_folder() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            build.run_quietly(steps)
