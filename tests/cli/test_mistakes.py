"""Every mistake is one line with its place and its way out, and exit code 2."""

from __future__ import annotations

import os
import pty
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from antechamber.cli.main import main
from tests.cli.check_mistakes import CHECK
from tests.cli.learn_mistakes import LEARN
from tests.cli.mistakes import MISTAKES, Mistake
from tests.cli.usage_mistakes import USAGE


def place(mistake: Mistake, here: Path) -> None:
    (here / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    (here / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (here / "empty").mkdir()
    if mistake.file is not None:
        content = mistake.file.encode() if isinstance(mistake.file, str) else mistake.file
        (here / "antechamber.toml").write_bytes(content)


def expected(mistake: Mistake, here: Path) -> str:
    return f"antechamber: error: {mistake.line.replace('{here}', str(here))}\n"


def in_a_process(here: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    return subprocess.run(
        [sys.executable, "-m", "antechamber", *arguments],
        cwd=here,
        env=clean | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("mistake", [*USAGE, *MISTAKES, *CHECK, *LEARN], ids=lambda mistake: mistake.line[:60])
def test_a_mistake_is_told_in_one_line_with_exit_code_2(
    mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place(mistake, tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in mistake.variables.items():
        monkeypatch.setenv(name, value)
    code = main(shlex.split(mistake.arguments))
    out, err = capsys.readouterr()
    assert err == expected(mistake, tmp_path)
    assert (code, out) == (2, "")


@pytest.mark.parametrize("mistake", [USAGE[0], USAGE[3], MISTAKES[3], MISTAKES[-5]], ids=lambda m: m.line[:40])
def test_the_installed_program_tells_them_alike(mistake: Mistake, tmp_path: Path) -> None:
    place(mistake, tmp_path)
    run = in_a_process(tmp_path, *shlex.split(mistake.arguments), **mistake.variables)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", expected(mistake, tmp_path))


def test_a_port_in_use_is_told_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = in_a_process(tmp_path, "serve", "--to", ":1", "--listen", f"127.0.0.1:{port}")
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"antechamber: error: listen address 127.0.0.1:{port}: the port is in use. ")


def test_a_host_that_does_not_resolve_is_told(tmp_path: Path) -> None:
    run = in_a_process(tmp_path, "serve", "--to", ":1", "--listen", "no-such-host.invalid:8080")
    assert run.returncode == 2
    assert "no-such-host.invalid does not resolve" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_key_that_does_not_belong_to_the_certificate_is_told(tmp_path: Path) -> None:
    """The files have the right labels; that they do not load is seen when the edge starts."""
    place(MISTAKES[0], tmp_path)
    run = in_a_process(
        tmp_path,
        "serve",
        "--to",
        ":1",
        "--listen",
        "127.0.0.1:0",
        "--tls-certificate",
        "cert.pem",
        "--tls-key",
        "key.pem",
    )
    assert run.returncode == 2
    assert "the certificate and key do not load" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that is there and fails when it is read, for root too (proc(5): nothing is mapped at address 0)."""
    run = in_a_process(tmp_path, "serve", "--config", "/proc/self/mem")
    assert run.returncode == 2
    assert run.stderr == "antechamber: error: --config: /proc/self/mem cannot be read: Input/output error\n"


def test_a_password_that_nobody_types_is_told(tmp_path: Path) -> None:
    """Control-D where the password is asked for."""
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "antechamber", "check", "http://127.0.0.1:1", "--password"],
        cwd=tmp_path,
        stdin=terminal,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        prompt = b"Password of the app: "
        assert process.stderr.read(len(prompt)) == prompt
        os.write(ours, b"\x04")
        told = process.stderr.read().decode()
    os.close(terminal)
    os.close(ours)
    assert told.strip() == "antechamber: error: --password: no password was typed"
    assert process.returncode == 2
