"""The site file: whatever stands in it, loading ends in a policy or in one line that names the place."""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path
from random import Random

from antechamber.errors import ConfigError
from antechamber.policy.load import EXAMPLE, SITE_FILE, load
from tests.hostile.fuzz.drive import Target, main

RICH = (
    EXAMPLE.encode()
    + b"""
[limits]
body = "50MiB"
header-count = 100

[timeouts]
connect = "2s"
response = "1h30m"

[[route]]
name = "stream"
path = "/api/:id/stream"
kind = "sse"
body-limit = "1GiB"
response-timeout = 3600

[access-log]
format = "json"
"""
)
SPICES = (
    *(
        b'"',
        b"'",
        b"=",
        b"[",
        b"]",
        b"{",
        b"}",
        b"\n",
        b"\r",
        b"\0",
        b"#",
        b".",
        b",",
        b"-",
        b"\xff",
        b"\xc3\x28",
        b"_",
    ),
    *(
        b"true",
        b"inf",
        b"nan",
        b"-1",
        b"0",
        b"1e400",
        b"9" * 400,
        b'"""',
        b"2026-11-22T00:00:00",
        b"[[route]]",
        b"a.b.c",
    ),
    *(b'"0s"', b'"-5s"', b'"99999999999d"', b'"1QiB"', b'"10.0.0.0/33"', b'":0"', b'"unix:/nowhere"', b'"http://[::1"'),
    *(b"\xf0\x9f\x98\x80", b"\\u0000", b"\\ud800", b"[a]" * 50, b"[" * 300, b"x = {y = {z = 1}}\n", b"listen = []\n"),
)


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where the file is written; removed with the process."""
    return tempfile.TemporaryDirectory(prefix="antechamber-fuzz-")


def trial(random: Random) -> None:
    content = RICH
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(content) + 1)
        content = content[:at] + random.choice(SPICES) + content[at + random.choice((0, 0, 1, 5)) :]
    directory = Path(folder().name)
    (directory / SITE_FILE).write_bytes(content)
    mistake = _mistake(directory)
    assert "\n" not in mistake, content
    assert not mistake or mistake.startswith(SITE_FILE), (mistake, content)


def _mistake(directory: Path) -> str:
    """What is wrong with the file, in one line; empty when it was loaded."""
    try:
        load({}, environment={}, directory=directory)
    except ConfigError as error:
        return str(error)
    return ""


TARGET = Target("site_file", trial)

if __name__ == "__main__":
    sys.exit(main(TARGET))
