"""The architecture holds, and the checker that says so can fail: each rule is broken once in a small tree."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.structure import layers
from tests.structure.layers import Violation

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "antechamber"


def app_segments() -> frozenset[str]:
    """The first segments of all paths that the profiles name, without ``/*``."""
    profiles = sorted((PACKAGE / "policy" / "profiles").glob("*.toml"))
    paths = [route["path"] for file in profiles for route in tomllib.loads(file.read_text()).get("route", [])]
    return frozenset(path.split("/")[1] for path in paths) - {"*", ""}


def lines(violations: list[Violation]) -> str:
    return "\n".join(str(violation) for violation in violations)


def test_rooms_import_downwards_only() -> None:
    assert not (found := layers.layer_violations(PACKAGE)), lines(found)


def test_protocol_knows_no_clock_no_socket_and_no_chance() -> None:
    assert not (found := layers.purity_violations(PACKAGE)), lines(found)


def test_only_net_touches_sockets() -> None:
    assert not (found := layers.socket_violations(PACKAGE)), lines(found)


def test_paths_of_an_app_stand_in_its_profile_only() -> None:
    segments = app_segments()
    assert {"api", "event", "pty"} <= segments, "the profiles are where the paths come from"
    assert not (found := layers.path_violations(PACKAGE, segments)), lines(found)


def test_files_are_short_named_for_what_they_hold_and_explain_themselves() -> None:
    assert not (found := layers.file_violations(ROOT, ("src", "tests", "bench", "tools"))), lines(found)


# --- the checker itself -----------------------------------------------------------------------------------------------


def tree(tmp_path: Path, files: dict[str, str]) -> Path:
    """A package with ``files``, each given as room/module and source."""
    package = tmp_path / "antechamber"
    for name, source in files.items():
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return package


@pytest.mark.parametrize(
    ("file", "source", "problem"),
    [
        ("protocol/a.py", "from antechamber.edge.server import Server\n", "upwards"),
        ("protocol/a.py", "import antechamber.policy.model\n", "sideways"),
        ("edge/a.py", "from antechamber.probe import fetch\n", "sideways"),
        ("edge/a.py", "from antechamber import probe\n", "sideways"),
        ("edge/a.py", "from ..chamber.bus import Bus\n", "sideways"),
        ("edge/a.py", "from .. import cli\n", "upwards"),
        ("edge/deep/a.py", "from ...cli.main import main\n", "upwards"),
        ("edge/a.py", "def late():\n    from antechamber.demo import table\n", "upwards"),
        ("errors.py", "from antechamber.policy.model import Policy\n", "upwards"),
        ("demo/a.py", "from antechamber.hop import bad\n", "sideways"),
        ("attic/a.py", "x = 1\n", "no floor"),
        ("edge/a.py", "from antechamber.attic import x\n", "no floor"),
    ],
)
def test_an_import_that_does_not_go_down_is_found(tmp_path: Path, file: str, source: str, problem: str) -> None:
    found = layers.layer_violations(tree(tmp_path, {file: source}))
    assert [violation.file for violation in found] == [file]
    assert problem in found[0].problem


def test_an_import_that_goes_down_or_stays_in_the_room_is_allowed(tmp_path: Path) -> None:
    package = tree(
        tmp_path,
        {
            "__init__.py": "__version__ = '1'\n",
            "errors.py": "",
            "cli/a.py": "from antechamber import __version__\nfrom antechamber.demo import x\n",
            "edge/a.py": "import asyncio\nfrom antechamber.edge import b\nfrom . import b\nfrom ..errors import E\n",
            "edge/b.py": "from antechamber.protocol import http1\n",
        },
    )
    assert layers.layer_violations(package) == []


@pytest.mark.parametrize("module", ["asyncio", "time", "random", "secrets", "os", "socket", "pathlib", "h11"])
def test_an_effect_in_protocol_is_found(tmp_path: Path, module: str) -> None:
    package = tree(tmp_path, {"protocol/a.py": f"import re\nimport {module}\n"})
    assert [(found.file, found.line) for found in layers.purity_violations(package)] == [("protocol/a.py", 2)]


@pytest.mark.parametrize("source", ["import ssl\n", "from socket import AF_UNIX\n", "import uvloop as loop\n"])
def test_a_socket_outside_net_is_found(tmp_path: Path, source: str) -> None:
    package = tree(tmp_path, {"edge/a.py": source, "net/a.py": source, "chamber/a.py": source})
    assert [found.file for found in layers.socket_violations(package)] == ["edge/a.py"]


@pytest.mark.parametrize(
    "source", ['PATH = "/api/event"\n', "x = b'/api'\n", 'x = f"/api/terminal/{id}"\n', 'x = "/api?a=1"\n']
)
def test_a_path_of_an_app_in_code_is_found(tmp_path: Path, source: str) -> None:
    package = tree(tmp_path, {"edge/a.py": source, "chamber/a.py": source})
    assert [found.file for found in layers.path_violations(package, frozenset({"api"}))] == ["edge/a.py"]


def test_a_path_of_an_app_may_be_an_example_in_a_docstring(tmp_path: Path) -> None:
    package = tree(tmp_path, {"edge/a.py": '"""/api/event is one."""\n\nOTHER = "/apidoc"\n'})
    assert layers.path_violations(package, frozenset({"api"})) == []


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("long.py", '"""Long."""\n' + "x = 1\n" * 400, "split it"),
        ("utils.py", '"""Everything."""\n', "says nothing"),
        ("silent.py", "x = 1\n", "no docstring"),
    ],
)
def test_a_file_that_breaks_the_house_rules_is_found(tmp_path: Path, name: str, source: str, problem: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / name).write_text(source)
    (tmp_path / "src" / "__init__.py").write_text("")
    found = layers.file_violations(tmp_path, ("src",))
    assert [violation.file for violation in found] == [f"src/{name}"]
    assert problem in found[0].problem
