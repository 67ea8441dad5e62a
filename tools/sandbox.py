"""Runs a command that nobody has read, with limits: of time, memory, output, files and processes.

The one idea: what runs has a folder of its own, and no more. Where bubblewrap works, that is all of
the machine that it sees, without a network; elsewhere limits, a process group and, when root
grades, another user must do. docs/grading.md says what this holds against and what it does not.
"""
import functools
import os
import resource
import selectors
import shutil
import signal
import subprocess
import time

MEBIBYTE = 1 << 20
FIRST_USER = 61000  # of the users that run submissions, one a worker; none of them has a name
SYSTEM = ["/usr", "/lib", "/lib64", "/bin", "/etc/alternatives"]


class Ended:
    """How it ended: its exit status (negative: the signal), why we ended it ("time", "output" or
    None), what it printed, and the seconds of CPU that it took."""

    def __init__(self, status, stopped, output, seconds):
        self.status, self.stopped, self.output, self.seconds = status, stopped, output, seconds


class Limits:
    """seconds: of time by the clock; memory, file, output in bytes (memory 0: no limit here, as
    sanitizers reserve more than there is); processes: of its user."""

    def __init__(self, seconds, memory=0, file=64 * MEBIBYTE, output=MEBIBYTE, processes=64):
        self.seconds, self.memory, self.file = seconds, memory, file
        self.output, self.processes = output, processes

    def apply(self):
        cpu = int(self.seconds) + 1
        for what, limit in ((resource.RLIMIT_CPU, cpu), (resource.RLIMIT_FSIZE, self.file),
                            (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 256),
                            (resource.RLIMIT_AS, self.memory)):
            if limit or what == resource.RLIMIT_CORE:
                resource.setrlimit(what, (limit, limit))


def is_root():
    return os.geteuid() == 0


def bubble(folder, visible):
    """The command before the command: an empty machine with `folder`, which may be written, and
    `visible`, which may be read."""
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
               "--proc", "/proc", "--dev", "/dev", "--size", str(64 * MEBIBYTE), "--tmpfs", "/tmp"]
    for path in SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            command += ["--ro-bind", path, path]
    for path in visible:
        command += ["--ro-bind", str(path), str(path)]
    return command + ["--bind", str(folder), str(folder), "--chdir", str(folder)]


@functools.lru_cache
def have_bubble(user):
    """Does bubblewrap work here, for this user? In many containers it may not."""
    try:
        return shutil.which("bwrap") and subprocess.run(
            [*bubble("/dev", []), "/usr/bin/env", "true"], stdin=subprocess.DEVNULL, user=user,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def environment():
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent",
            "ASAN_OPTIONS": "detect_leaks=0:hard_rss_limit_mb=1500:color=never"}


def read_until(process, limits, end):
    """=> what it printed, and why we end it"""
    output, room = [], limits.output
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not selector.select(left):
                break
            text = os.read(process.stdout.fileno(), 65536)
            if not text:
                return b"".join(output), None
            output.append(text[:room])
            room -= len(text)
            if room < 0:
                return b"".join(output), "output"
    return b"".join(output), "time"


def run(command, folder, limits, visible=(), worker=None):
    """Run it in `folder`. worker: a number that no other run has now; then it runs as a user of its
    own when we are root, and everything that it needs must be in `folder` or `visible`."""
    user = FIRST_USER + worker if worker is not None and is_root() else None
    if user:
        for path, _, files in os.walk(folder):
            for name in [path, *(os.path.join(path, file) for file in files)]:
                os.chown(name, user, user, follow_symlinks=False)
    wrapped = [*bubble(folder, visible), *map(str, command)] if have_bubble(user) else command

    def limit():
        limits.apply()
        if user:
            resource.setrlimit(resource.RLIMIT_NPROC, (limits.processes, limits.processes))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(wrapped, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment(), preexec_fn=limit,
                          user=user, group=user, extra_groups=[] if user else None,
                          start_new_session=True) as process:
        try:
            output, stopped = read_until(process, limits, time.monotonic() + limits.seconds)
            if stopped is None:
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    stopped = "time"
        finally:
            kill_group(process)
        status = process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if status > 128 and have_bubble(user):
        status = 128 - status  # as bubblewrap tells of a signal
    if status == -signal.SIGXCPU:
        stopped = "time"
    return Ended(status, stopped, output, seconds)


def kill_group(process):
    """With all that it has started; bubblewrap's processes end with it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
