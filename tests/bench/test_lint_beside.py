"""The comparison of lint with other commands: the file is what it says it is, and each command is really run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from antechamber.lint.kind import Kind
from bench import lint_beside
from tests.lint.linting import ids, judged

GUIDE = Path(__file__).parent.parent / "lint" / "samples" / "nginx-guide.conf"


def test_the_long_file_has_the_faults_of_the_guide_and_no_others() -> None:
    text = lint_beside.long_file()
    assert text.count("\n") >= lint_beside.LINES
    alone = f"http {{\nserver {{\nlisten 443 ssl;\nserver_name chamber.example.com;\n{GUIDE.read_text()}}}\n}}\n"
    assert ids(judged(text, kind=Kind.NGINX)) == ids(judged(alone, kind=Kind.NGINX)) != set()


def test_every_command_gets_a_line_and_one_that_cannot_judge_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint_beside.main(["--runs", "1", "--ours", f"{sys.executable} -c pass", "cat"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.startswith("10")
    assert [line.rpartition("  ")[2] for line in lines] == [f"{sys.executable} -c pass", "cat"]
    refused = [sys.executable, "-c", "raise SystemExit(2)"]
    with pytest.raises(SystemExit, match="ended with 2"):
        lint_beside.main(["--runs", "1", "--ours", shlex.join(refused)])
