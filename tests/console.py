#!/usr/bin/env python3
"""Use the shell as a user does: type keys at a terminal, and look at what stands on its screen.

Each step demands the screen's lines from the prompt on, all of them and nothing else. It waits for
them and never for time; when they do not come, it shows what is there instead.
"""
import argparse
import os
import pty
import re
import select
import sys
import time

LEFT, RIGHT, UP, DOWN = "\033[D", "\033[C", "\033[A", "\033[B"
HOME, END, DELETE, BACKSPACE = "\033[H", "\033OF", "\033[3~", "\x7f"
ENTER = "\r"


def control(letter):
    return chr(ord(letter) & 31)


class Screen:
    """What a terminal shows that is wide enough for every line."""

    def __init__(self):
        self.lines, self.column = [""], 0

    def show(self, text):
        text = text.replace("\a", "")
        for part in re.findall(r"\033\[K|[\b\r\n]|[^\b\r\n\033]+", text):
            line = self.lines[-1]
            if part == "\033[K":
                self.lines[-1] = line[:self.column]
            elif part == "\b":
                self.column = max(self.column - 1, 0)
            elif part == "\r":
                self.column = 0
            elif part == "\n":
                self.lines.append("")
            else:
                end = self.column + len(part)
                self.lines[-1] = line[:self.column] + part + line[end:]
                self.column = end


class Machine:
    def __init__(self, command, seconds, begun="$ "):
        """Start it, and wait for the line by which it shows that it is up."""
        self.seconds = seconds
        self.screen, self.held, self.first = Screen(), b"", 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.wait(repr(begun), lambda: begun in self.screen.lines)
        self.first = len(self.screen.lines) - 1

    def fail(self, why):
        print("\n".join(self.screen.lines[:self.first]))
        print(f"---- FAIL: {why}; the screen since the last step, lines with what is unusual quoted:")
        print("\n".join(map(repr, self.screen.lines[self.first:])))
        os.kill(self.pid, 9)
        sys.exit(1)

    def read(self):
        """=> whether there was something; the escape sequences in it are whole"""
        try:
            new = os.read(self.terminal, 65536)
        except OSError:
            new = b""
        text = self.held + new
        whole = len(text) - len(re.search(rb"(\033\[?|[\xc0-\xff])?$", text).group())
        self.held = text[whole:]
        self.screen.show(text[:whole].decode(errors="replace"))
        return new != b""

    def wait(self, what, condition):
        end = time.monotonic() + self.seconds
        while not condition():
            if not select.select([self.terminal], [], [], max(end - time.monotonic(), 0))[0]:
                self.fail(f"{what} did not come within {self.seconds:.0f} s")
            if not self.read() and not condition():
                self.fail(f"the machine ended before {what}")

    def type(self, keys):
        data = keys.replace(control("A"), control("A") * 2).encode(errors="surrogateescape")  # one is for QEMU
        while data:  # the terminal takes no more than the machine reads
            readable, writable, _ = select.select([self.terminal], [self.terminal], [])
            if readable:
                self.read()
            elif writable:
                data = data[os.write(self.terminal, data[:64]):]

    def see(self, *lines):
        """Wait for exactly these lines from the last prompt on."""
        self.wait(f"{list(lines)}", lambda: self.screen.lines[self.first:] == list(lines))

    def prompt(self, *lines):
        """The same, and below them a prompt, where the next step begins."""
        self.see(*lines, "$ ")
        self.first = len(self.screen.lines) - 1

    def run(self, command, *output):
        self.type(command + ENTER)
        self.prompt("$ " + command, *output)

    def run_until(self, command, output):
        """Again and again, until it prints this one line: something goes on meanwhile."""
        seen = None
        end = time.monotonic() + self.seconds
        while seen != output:
            if time.monotonic() > end:
                self.fail(f"{command} still prints {seen}")
            self.type(command + ENTER)
            self.wait("a line and a prompt", lambda: len(self.screen.lines) == self.first + 3
                      and self.screen.lines[-1] == "$ ")
            seen = self.screen.lines[-2]
            self.first = len(self.screen.lines) - 1

    def interrupt(self, *lines):
        """Ctrl-C ends the command, and it alone: the shell knows how it ended."""
        self.see(*lines)
        self.type(control("C"))
        self.prompt(*lines[:-1], lines[-1] + "^C")
        self.run("echo $?", "130")

    def end(self, status):
        """The machine powers off by itself, and QEMU has this exit status."""
        while select.select([self.terminal], [], [], self.seconds)[0]:
            if not self.read():
                break
        else:
            self.fail("the machine did not power off")
        got = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if got != status:
            self.fail(f"QEMU's exit status is {got}, not {status}")


def edits(machine):
    """Each key does to the line what it says."""
    for keys, line in (
            ("echo a", "echo a"),
            ("cho a" + control("A") + "e" + control("E") + "b", "echo ab"),
            ("ecko" + LEFT + BACKSPACE + "h" + RIGHT + RIGHT + " c", "echo c"),
            ("echoo d" + LEFT * 3 + DELETE + control("F") + END + "e", "echo de"),
            ("cho f" + HOME + "e", "echo f"),
            ("nonsense" + LEFT + control("U") + DELETE + "echo g", "echo g"),
            ("echo hidden" + LEFT * 5 + control("K"), "echo h"),
            ("echo one two " + control("W") + "three", "echo one three"),
            (BACKSPACE + LEFT + "echo i" + RIGHT + "j" + DELETE, "echo ij"),
            ("ec\033[1;5Co\033[15~" + LEFT + "h\033\033[C k", "echo k"),
            ("echo\tl", "echo l"),
            ("echo mé" + BACKSPACE + "ä" + LEFT + "ö" + LEFT + DELETE + "ü" + RIGHT + "n", "echo müän")):
        machine.type(keys)
        machine.see("$ " + line)
        machine.type(ENTER)
        machine.prompt("$ " + line, line[len("echo "):])


def history(machine):
    """Earlier lines come back, can be changed, and leave when one goes down again."""
    machine.run("echo first", "first")
    machine.run("echo second", "second")
    machine.type(UP + UP)
    machine.see("$ echo first")
    machine.type(DOWN)
    machine.see("$ echo second")
    machine.type(DOWN + DOWN)
    machine.see("$ ")
    machine.type(UP + UP + "ly" + ENTER)
    machine.prompt("$ echo firstly", "firstly")
    machine.type(UP * 100 + DOWN * 100)
    machine.see("$ ")


def interrupts(machine):
    """Ctrl-C ends the whole command, however early it comes, and never the shell."""
    for command in ("sleep 100", "/tests/spin", "cat", "cat | cat | wc", "/tests/spin | cat",
                    "sh -c '/tests/spin; echo no'", "sleep 100; echo no", "sleep 100 || echo no"):
        machine.type(command + ENTER)
        machine.interrupt("$ " + command, "")
    for _ in range(20):
        machine.type("sleep 100 | cat" + ENTER + control("C"))
        machine.prompt("$ sleep 100 | cat", "^C")
    machine.type("cat" + ENTER + "text" + ENTER)
    machine.interrupt("$ cat", "text", "text", "")
    machine.type("echo abandoned" + LEFT * 5 + control("C"))
    machine.prompt("$ echo abandoned^C")
    machine.run("echo $?", "0")
    for _ in range(20):
        machine.type(control("C"))
        machine.prompt("$ ^C")
    machine.run("sh")  # job control is not for a shell that another one started
    machine.run("X=inner")
    machine.type(control("C"))
    machine.prompt("$ ^C")
    machine.run("echo $?$X", "130")
    machine.run("sleep 100 &")
    machine.type("wait; echo no" + ENTER)
    machine.interrupt("$ wait; echo no", "")
    machine.run("ps | grep -c sleep", "1")
    machine.run("kill $!; wait; echo $?", "0")


def ends_of_input(machine):
    """Ctrl-D ends what reads, and nothing on a line that has begun."""
    machine.type("cat" + ENTER)
    machine.see("$ cat", "")
    machine.type("one" + control("D") + ENTER)
    machine.see("$ cat", "one", "one", "")
    machine.type(control("D"))
    machine.prompt("$ cat", "one", "one")
    machine.type("cat | wc" + ENTER + "a b" + ENTER + control("D"))
    machine.prompt("$ cat | wc", "a b", "       1       2       4")


def background(machine):
    """A job behind the prompt is there, leaves the terminal alone, and Ctrl-C is not for it."""
    machine.run("sleep 100 &")
    machine.run("cat &")
    machine.type("cat" + ENTER)
    machine.interrupt("$ cat", "")
    machine.run("ps | grep -c sleep", "1")


def bad_text(machine):
    """Half a character does no harm, and a line that is too long is not run in part."""
    half = "\udc80"  # the byte 0x80, which only goes on
    machine.type(half * 3 + BACKSPACE * 5 + LEFT + half + HOME + DELETE + control("C"))
    machine.wait("a prompt", lambda: machine.screen.lines[machine.first + 1:] == ["$ "])
    machine.first += 1
    machine.run("echo a", "a")
    machine.type("echo b;" + "x" * 2000 + ENTER)
    machine.prompt("$ echo b;" + "x" * 1016, "the line is too long, and is dropped")
    machine.run("echo c", "c")


def flood(machine):
    """Ctrl-C ends a program that writes without end, and more than memory at a time."""
    machine.type("/tests/flood" + ENTER)
    machine.wait("the flood", lambda: machine.screen.lines[-1].startswith("\0" * 1000))
    machine.type(control("C"))  # on another hart it may write once more before it ends
    machine.wait("a prompt", lambda: machine.screen.lines[-1].endswith("$ "))
    machine.type("echo $?" + ENTER)
    machine.wait("its status", lambda: machine.screen.lines[-2:] == ["130", "$ "])
    machine.first = len(machine.screen.lines) - 1


def long_text(machine):
    """Long lines, pasted lines, and a line that is typed while others print."""
    machine.run("echo " + "x" * 1000, "x" * 1000)
    machine.run("echo " + "x" * 900 + " | wc", "       1       1     901")
    machine.type("".join(f"echo pasted {i}\n" for i in range(40)))
    def printed():
        lines = machine.screen.lines[machine.first:]
        return [line[line.index("pasted"):] for line in lines if re.match(r"(\$ )?pasted", line)]
    machine.wait("all pasted lines, once and in order",
                 lambda: printed() == [f"pasted {i}" for i in range(40)]
                 and machine.screen.lines[-1] == "$ ")
    machine.first = len(machine.screen.lines) - 1
    line = "0123456789" * 5
    machine.run("cd /tmp; echo " + line + " > a")
    machine.run("cat a a a a a a a a > b; cat b b b b b b b b > a; cat a a a a a a a a > b; cd /")
    machine.type("cat /tmp/b" + ENTER + "echo typed")
    machine.see("$ cat /tmp/b", *[line] * 512, "$ echo typed")
    machine.type(LEFT * 2 + BACKSPACE + ENTER)
    machine.prompt("$ cat /tmp/b", *[line] * 512, "$ echo tyed", "tyed")


def slowness(path):
    """What measure-speed found; 1 when nobody measured."""
    try:
        with open(path, encoding="ascii") as file:
            return float(file.read())
    except OSError:
        return 1


def gluttons(machine):
    """Whatever a program makes the servers keep, commands start; its orphans are within reach."""
    for kind in "names", "sessions", "pipes":
        command = "/tests/glutton " + kind
        machine.type(command + ENTER)
        machine.wait("the orphan's number", lambda: len(machine.screen.lines) == machine.first + 3
                     and machine.screen.lines[-1] == "$ ")
        orphan = machine.screen.lines[-2]
        machine.first = len(machine.screen.lines) - 1
        machine.run("ps | grep -c glutton", "1")
        machine.run("echo text > /tmp/text; rm /tmp/text; echo $?", "0")
        machine.run(f"kill -9 {orphan}; echo $?", "0")
        machine.run_until("ps | grep -c glutton", "0")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, required=True, help="seconds, of each step")
    parser.add_argument("--speed", metavar="FILE", help="how many times longer this machine takes")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    if options.speed:
        options.timeout *= slowness(options.speed)

    machine = Machine(options.command, options.timeout)
    for step in (edits, history, interrupts, ends_of_input, background, long_text, bad_text, flood,
                 gluttons):
        print(f"{step.__name__}: {step.__doc__}", flush=True)
        step(machine)
    machine.type("poweroff 7" + ENTER)
    machine.end(7)
    machine = Machine(options.command, options.timeout)
    machine.type("exit 3" + ENTER)
    machine.end(3)
    machine = Machine(options.command, options.timeout)
    machine.type("cat" + ENTER)
    machine.see("$ cat", "")
    machine.type(control("C"))
    machine.prompt("$ cat", "^C")
    machine.type(control("D"))  # for the shell, not for the cat that waited
    machine.end(130)
    machine = Machine(options.command + ["-append", "command=echo up; sleep 100"],
                      options.timeout, "up")
    machine.type(control("C"))
    machine.end(130)


if __name__ == "__main__":
    main()
