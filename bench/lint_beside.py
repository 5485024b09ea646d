"""``python -m bench.lint_beside [COMMAND …]``: how long ``antechamber lint`` takes as a whole process on a long file.

The file is OpenChamber's guide as one site among those that people have for other apps, repeated until it is 1,000
lines long. Commands given (each one argument, such as ``'/tmp/gixy/bin/gixy'``) get the same file and run in turn with
ours: A B A B …, so that a machine whose speed drifts does so for all. Processor time is the kernel's own count of the
finished process (wait4(2)).
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

LINES = 1000
_CONFIGURATIONS = Path(__file__).parent.parent / "tests" / "lint"
_HEAD = """user www-data;
worker_processes auto;
events { worker_connections 768; }
http {
default_type application/octet-stream;
gzip on;
"""
_NOT_A_SITE = ("nginx.conf", "proxy_params.conf", "swag-subfolder.conf")
_NAMED = re.compile(r"^(?:upstream|map \S+|log_format|geo) \$?(\S+)|keys_zone=(\w+)", re.MULTILINE)
"""What a configuration may define once only."""


@dataclass(frozen=True, slots=True)
class Took:
    """One finished process."""

    cpu_s: float
    wall_s: float


def long_file(lines: int = LINES) -> str:
    """A whole nginx.conf of at least so many ``lines``."""
    guide = (_CONFIGURATIONS / "samples" / "nginx-guide.conf").read_text()
    others = [file for file in sorted((_CONFIGURATIONS / "innocent").glob("*.conf")) if file.name not in _NOT_A_SITE]
    text = f"{_HEAD}server {{\nlisten 443 ssl;\nserver_name chamber.example.com;\n{guide}}}\n"
    number = 0
    while text.count("\n") < lines:
        text += _renamed(others[number % len(others)].read_text(), number)
        number += 1
    return text + "}\n"


def _renamed(text: str, number: int) -> str:
    """``text`` with names of its own, so that it may stand in one file with itself."""
    for names in _NAMED.findall(text):
        name = next(filter(None, names))
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{name}_{number}", text)
    return text.replace("example", f"example{number}").replace(" default_server", "") + "\n"


def in_turn(commands: Sequence[Sequence[str]], *, runs: int) -> list[list[Took]]:
    """Each of ``commands`` once unmeasured, then all of them in turn, ``runs`` times."""
    for command in commands:
        once(command)
    rounds = [[once(command) for command in commands] for _ in range(runs)]
    return [list(one) for one in zip(*rounds, strict=True)]


def once(command: Sequence[str]) -> Took:
    """``command`` from its start to its end; findings are no failure, a command that cannot judge is."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{shlex.join(command)} ended with {process.returncode}")
    return Took(used.ru_utime + used.ru_stime, wall_s)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a line for each command."""
    parser = argparse.ArgumentParser(prog="python -m bench.lint_beside", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help="gets the file as its last argument")
    parser.add_argument("--ours", default=f"{sys.executable} -m antechamber lint", help="the command that is ours")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="antechamber-bench-") as directory:
        file = Path(directory) / "nginx.conf"
        file.write_text(long_file())
        commands = [[*shlex.split(one), str(file)] for one in (arguments.ours, *arguments.commands)]
        print(f"{file.read_text().count(chr(10))} lines, {arguments.runs} runs in turn, median (least) in seconds")
        for command, took in zip(commands, in_turn(commands, runs=arguments.runs), strict=True):
            cpu, wall = [one.cpu_s for one in took], [one.wall_s for one in took]
            figures = f"cpu {median(cpu):.3f} ({min(cpu):.3f})  wall {median(wall):.3f} ({min(wall):.3f})"
            print(f"{figures}  {shlex.join(command[:-1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
