"""Makes ``docs/images/demo.svg``: what ``antechamber demo --once`` really shows on a terminal of a given width.

    .venv/bin/python tools/demo_screenshot.py

The command runs on a pseudo-terminal, so colours and the table are the real ones; rich draws the picture.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "demo.svg"
COLUMNS = 116
PROMPT = "$ antechamber demo --once"


def main() -> int:
    """Run the demo, draw it, and return its exit code: a picture of a failure is not kept."""
    code, shown = on_a_terminal([sys.executable, "-m", "antechamber", "demo", "--once"])
    if code:
        print(shown, file=sys.stderr)
        return code
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(f"{PROMPT}\n{last_drawn(shown)}"))
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1024} KiB")
    return 0


def on_a_terminal(argv: list[str]) -> tuple[int, str]:
    """Run ``argv`` on a terminal of our width; its exit code and everything it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PYTHONWARNINGS": "ignore"}
        os.execvp(argv[0], argv)  # noqa: S606  # our own interpreter, no shell
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    written = b""
    while data := _read(terminal):
        written += data
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written.decode("utf-8", "replace")


def last_drawn(shown: str) -> str:
    """``shown`` without what was drawn over: progress lines that a carriage return or a cursor movement took back."""
    shown = re.sub(r"\x1b\[\?25[lh]", "", shown).replace("\r\n", "\n")
    lines: list[str] = []
    for line in shown.split("\n"):
        ups = line.count("\x1b[1A")
        del lines[len(lines) - ups :]
        lines.append(re.sub(r"\x1b\[\d*[AK]", "", line.rpartition("\r")[2]))
    return "\n".join(lines).strip()


def picture(shown: str) -> str:
    """An SVG of ``shown``. The fonts that rich's template would load from the net are left out."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115  # lives as long as we
    console.print(Text.from_ansi(shown))
    return re.sub(r"@font-face \{.*?\}\n", "", console.export_svg(title="Antechamber"), flags=re.DOTALL)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other side of the terminal is closed
        return b""


if __name__ == "__main__":
    sys.exit(main())
