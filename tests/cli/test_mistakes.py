"""Every mistake is one line with its place and its way out, and exit code 2."""

from __future__ import annotations

import os
import pty
import resource
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from antechamber.cli.main import main
from tests.cli.check_mistakes import CHECK
from tests.cli.learn_mistakes import LEARN
from tests.cli.mistakes import MISTAKES, Mistake
from tests.cli.serve_mistakes import SERVE
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


def in_a_process(
    here: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTECHAMBER_")}
    return subprocess.run(
        [sys.executable, "-m", "antechamber", *arguments],
        cwd=here,
        env=clean | dict(variables or {}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=before,
    )


@pytest.mark.parametrize("mistake", [*USAGE, *MISTAKES, *SERVE, *CHECK, *LEARN], ids=lambda mistake: mistake.line[:60])
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
    run = in_a_process(tmp_path, *shlex.split(mistake.arguments), variables=mistake.variables)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", expected(mistake, tmp_path))


@pytest.mark.parametrize("target", ["nowhere.toml", "antechamber.toml"], ids=["to nowhere", "to itself"])
def test_a_site_file_that_is_a_broken_link_is_told_even_if_flags_say_enough(target: str, tmp_path: Path) -> None:
    """It would be passed over in silence, with all that the file it stood for says."""
    (tmp_path / "antechamber.toml").symlink_to(target)
    run = in_a_process(tmp_path, "serve", "--to", ":1")
    assert (run.returncode, run.stdout) == (2, "")
    told = f"{tmp_path}/antechamber.toml is a link to {target}, which is not there. Mend or remove it."
    assert run.stderr == f"antechamber: error: {told}\n"


def test_a_working_directory_that_was_removed_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()

    def vanish() -> None:
        os.chdir(gone)
        gone.rmdir()

    run = in_a_process(tmp_path, "serve", "--to", ":1", before=vanish)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "antechamber: error: the working directory has been removed. Go to one that is there.\n"


def test_too_few_descriptors_are_told(tmp_path: Path) -> None:
    run = in_a_process(
        tmp_path, "serve", "--to", ":1", before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "antechamber: error: ulimit -n: only 20 files and connections may be open at a time. Allow 1024 or more: "
        "ulimit -Hn, or LimitNOFILE= in the systemd unit.\n"
    )


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
