"""The two commands as programs: what they say when they start, and that they stop when told to."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from antechamber.surface.request import is_token
from tests.integration.programs import Program, running


@contextmanager
def command(*arguments: str, cwd: Path) -> Iterator[Program]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    argv = [sys.executable, "-m", "antechamber", *arguments, "--to", "127.0.0.1:9", "--listen", "127.0.0.1:0"]
    with running(argv, cwd=cwd, env=kept | {"PYTHONUNBUFFERED": "1"}) as program:
        yield program


def test_a_hop_says_loudly_what_it_does_wrong(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text("this is no TOML, and a hop does not read it")
    with command("hop", "--hold-events", "3s", "--strip-header", "Cookie", cwd=tmp_path) as program:
        said = program.wait_for(r"hop (http://\S+) -> 127\.0\.0\.1:9 MISBEHAVES ON PURPOSE: (.*)")
        assert said.group(2) == "--hold-events 3 --strip-header cookie"
        with pytest.raises(urllib.error.HTTPError, match="502") as refused:
            urllib.request.urlopen(said.group(1), timeout=20)
        refused.value.close()
    assert "stopped: " in program.output


def test_a_witness_makes_a_token_and_prints_it_once(tmp_path: Path) -> None:
    with command("witness", cwd=tmp_path) as program:
        program.wait_for(r"witness http://\S+ -> 127\.0\.0\.1:9")
    words = [line for line in program.output.splitlines() if " " not in line]
    assert len(words) == 1
    assert is_token(words[0])
    assert program.output.count(words[0]) == 1


def test_a_witness_that_is_given_a_token_prints_none(tmp_path: Path) -> None:
    with command("witness", "--probe-token", "a-token-for-tests", cwd=tmp_path) as program:
        program.wait_for(r"witness http://\S+ -> 127\.0\.0\.1:9")
    assert "a-token-for-tests" not in program.output
