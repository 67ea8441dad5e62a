#!/usr/bin/env python3
"""Brings the C library: musl's source as it was released, with Byre's way into the kernel.

usage: musl.py OUTPUT COMPILER

The source comes, in this order, from the file that BYRE_MUSL names (musl-1.2.*.tar.gz), from this
user's cache, from the distribution's source package (apt, with a private list of sources made from
the machine's own: nothing of the configuration changes), or from musl's own site, checked against a
known sum. It is built once for each compiler and kept in the cache: BYRE_CACHE, or the folder byre
in the user's cache folder. OUTPUT gets include/ and lib/libc.a.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RELEASE = "musl-1.2.5.tar.gz"
RELEASE_FROM = "https://musl.libc.org/releases/" + RELEASE
RELEASE_SHA256 = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4"
FLAGS = ("-march=rv64gc -mabi=lp64d -mcmodel=medany -O2 -fno-pic -fno-pie -ftls-model=local-exec "
         "-ffunction-sections -fdata-sections -I" + TOP)

# What stands in the place of musl's own files, and which of musl's have no place here: their work
# is done in user/libc and lib/memory.c.
OVERLAY = {
    "syscall_arch.h": "arch/riscv64",
    "ksigaction.h": "arch/riscv64",
    "syscall_cp.s": "src/thread/riscv64",
    "__unmapself.S": "src/thread/riscv64",
    "restore.s": "src/signal/riscv64",
}
LEFT_OUT = ("src/thread/riscv64/__unmapself.s", "src/thread/riscv64/clone.s",
            "src/thread/clone.c", "src/process/riscv64/vfork.s", "src/string/memcpy.c",
            "src/string/memmove.c", "src/string/memset.c", "src/string/memcmp.c",
            "src/linux/sbrk.c", "src/linux/brk.c")

# One policy of malloc's is another here: the last group of blocks of a size stays, also where it
# lies in a larger block. musl frees such a group, and a program that has one block of a size again
# and again pays 2,000 instructions for each.
POLICY_FILE = "src/malloc/mallocng/free.c"
POLICY = ("if (!g->maplen) return 1;", "if (!g->maplen) return g->next != g;")


def say(text):
    print("byre: " + text, file=sys.stderr, flush=True)


def fail(text):
    say(text)
    sys.exit(1)


def cache_folder():
    base = os.environ.get("BYRE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "byre")
    try:
        os.makedirs(base, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            return base
    except OSError:
        return None


# ---- The source ----


def source_lists():
    """The machine's own lists of packages, as lists of sources."""
    texts = []
    for path in ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*")):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        if path.endswith(".sources"):
            for part in re.split(r"\n\s*\n", text):
                if re.search(r"^Components:.*\b(main|universe)\b", part, re.M):
                    part = re.sub(r"^Types:.*$", "Types: deb-src", part, flags=re.M)
                    texts.append(("sources", part.strip() + "\n"))
        elif path.endswith(".list"):
            lines = re.findall(r"^\s*deb(\s.*\b(?:main|universe)\b.*)$", text, re.M)
            texts.append(("list", "".join("deb-src%s\n" % line for line in lines)))
    return texts


def fetch_by_apt(folder):
    """returns: the archive that apt brought, or None"""
    if not shutil.which("apt-get"):
        return None
    parts = os.path.join(folder, "sources.list.d")
    for sub in ("sources.list.d", "lists/partial", "archives/partial"):
        os.makedirs(os.path.join(folder, sub))
    for number, (kind, text) in enumerate(source_lists()):
        with open(os.path.join(parts, "%d.%s" % (number, kind)), "w", encoding="utf-8") as file:
            file.write(text)
    apt = ["apt-get", "-qq", "-o", "Dir::Etc::sourcelist=/dev/null",
           "-o", "Dir::Etc::sourceparts=" + parts,
           "-o", "Dir::State::lists=" + os.path.join(folder, "lists"),
           "-o", "Dir::Cache=" + folder, "-o", "APT::Sandbox::User="]
    for arguments in (["update"], ["source", "--download-only", "musl"]):
        with open(os.path.join(folder, "log"), "ab") as log:
            subprocess.run(apt + arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                           stderr=log, check=False)
    # Beside it there may be its signature, by the same name with an ending more.
    found = [path for path in glob.glob(os.path.join(folder, "musl_*.orig.tar.*"))
             if archive_name(path)]
    return found[0] if found else None


def fetch_release(folder):
    """returns: the released archive, or None"""
    path = os.path.join(folder, RELEASE)
    try:
        with urllib.request.urlopen(RELEASE_FROM, timeout=60) as answer, open(path, "wb") as file:
            shutil.copyfileobj(answer, file)
    except OSError as error:
        say("%s: %s" % (RELEASE_FROM, error))
        return None
    with open(path, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != RELEASE_SHA256:
            say("%s is not what was released: its sum is wrong" % RELEASE)
            return None
    return path


def archive_name(path):
    """musl_1.2.3.orig.tar.gz is what musl released as musl-1.2.3.tar.gz."""
    match = re.search(r"musl[-_](\d+(?:\.\d+)+)\S*?\.tar\.(\w+)$", os.path.basename(path))
    return "musl-%s.tar.%s" % match.groups() if match else None


def source(cache, folder):
    """returns: path of the archive"""
    given = os.environ.get("BYRE_MUSL")
    if given:
        if not os.path.isfile(given) or not archive_name(given):
            fail("BYRE_MUSL names no file musl-VERSION.tar.gz: " + given)
        return given
    kept = sorted(glob.glob(os.path.join(cache, "musl-*.tar.*"))) if cache else []
    if kept:
        return kept[-1]
    say("fetching the source of the C library, musl (1 MB)")
    path = fetch_by_apt(folder) or fetch_release(folder)
    if not path:
        fail("the source of musl could not be fetched; with a network try again, or give the "
             "archive: BYRE_MUSL=/path/to/%s" % RELEASE)
    if not cache:
        return path
    place = os.path.join(cache, archive_name(path))
    shutil.copy(path, place + ".new")
    os.replace(place + ".new", place)
    return place


# ---- The library ----


def key(archive, compiler):
    """What the result depends on, as one short name."""
    digest = hashlib.sha256()
    version = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, check=True).stdout
    digest.update(version + FLAGS.replace(TOP, "").encode())
    for name in sorted(OVERLAY) + ["../calls.h", "../musl.py", "../../../lib/abi.h"]:
        with open(os.path.join(HERE, "musl", name), "rb") as file:
            digest.update(file.read())
    with open(archive, "rb") as file:
        digest.update(file.read())
    return digest.hexdigest()[:16]


def unpack(archive, folder):
    with tarfile.open(archive) as tar:
        tar.extractall(folder)
    tree = glob.glob(os.path.join(folder, "musl-*", ""))
    if not tree:
        fail(archive + " holds no musl")
    for name in LEFT_OUT:
        path = os.path.join(tree[0], name)
        if os.path.exists(path):
            os.remove(path)
    for name, place in OVERLAY.items():
        shutil.copy(os.path.join(HERE, "musl", name), os.path.join(tree[0], place))
    policy = os.path.join(tree[0], POLICY_FILE)
    with open(policy, encoding="utf-8") as file:
        text = file.read()
    if POLICY[0] not in text:
        fail("%s is not as user/libc/musl.py knows it" % policy)
    with open(policy, "w", encoding="utf-8") as file:
        file.write(text.replace(*POLICY))
    for path in glob.glob(os.path.join(tree[0], "src/*/riscv64/*")):
        with open(path, encoding="utf-8") as file:
            if "ecall" in file.read() and os.path.basename(path) not in OVERLAY:
                fail("%s has a system call of Linux: user/libc/musl.py does not know this musl"
                     % path)
    return tree[0]


def build(tree, prefix, compiler):
    """musl's own configure and make. What they say is shown when they fail."""
    prefix_of_tools = compiler[:-len("gcc")] if compiler.endswith("gcc") else ""
    commands = [["./configure", "--target=riscv64", "--disable-shared", "--disable-wrapper",
                 "--prefix=" + prefix, "CC=" + compiler, "CROSS_COMPILE=" + prefix_of_tools,
                 "CFLAGS=" + FLAGS],
                ["make", "-j%d" % (os.cpu_count() or 1), "lib/libc.a"],
                ["make", "install-headers"]]
    log_path = os.path.join(tree, "build.log")
    for command in commands:
        with open(log_path, "ab") as log:
            environment = {name: value for name, value in os.environ.items()
                           if name not in ("MAKEFLAGS", "MAKELEVEL", "CFLAGS", "LDFLAGS", "LIBCC")}
            done = subprocess.run(command, cwd=tree, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log, env=environment, check=False)
        if done.returncode:
            with open(log_path, encoding="utf-8", errors="replace") as log:
                sys.stderr.write("".join(log.readlines()[-40:]))
            fail("musl could not be built (%s)" % " ".join(command[:2]))
    os.makedirs(os.path.join(prefix, "lib"), exist_ok=True)
    shutil.copy(os.path.join(tree, "lib/libc.a"), os.path.join(prefix, "lib"))


def place(built, output):
    """The library and its headers into the build folder, libc.a last: it says that all is there."""
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(os.path.join(output, "lib"))
    shutil.copytree(os.path.join(built, "include"), os.path.join(output, "include"))
    shutil.copy(os.path.join(built, "lib/libc.a"), os.path.join(output, "lib"))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    output, compiler = os.path.abspath(sys.argv[1]), sys.argv[2]
    cache = cache_folder()
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "fetch"))
        archive = source(cache, os.path.join(folder, "fetch"))
        kept = os.path.join(cache or folder, "built-" + key(archive, compiler))
        if not os.path.isfile(os.path.join(kept, "lib/libc.a")):
            say("building the C library, %s (once; half a minute)" % archive_name(archive))
            tree = unpack(archive, os.path.join(folder, "tree"))
            fresh = tempfile.mkdtemp(dir=cache or folder)
            build(tree, fresh, compiler)
            shutil.rmtree(kept, ignore_errors=True)
            os.rename(fresh, kept)
        place(kept, output)


main()
