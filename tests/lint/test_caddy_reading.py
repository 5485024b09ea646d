"""Caddyfiles as people lay them out: in several files, for a Caddy with plug-ins, with line ends of another system."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from antechamber.cli.main import main
from antechamber.errors import ConfigError
from antechamber.lint.files import configurations
from antechamber.lint.judge import assessment, lint_together
from antechamber.lint.readers import read
from antechamber.lint.reading import Reading
from antechamber.policy.effective import Place
from tests.lint.linting import POLICY, WANTED, caddy, judged, where

pytestmark = pytest.mark.engine
PROXY = "reverse_proxy localhost:3000 {\n\theader_up Host {host}\n}\n"


def seen(file: Path) -> tuple[Reading, ...]:
    (found,) = configurations([str(file)], io.BytesIO())
    return read(found, caddy=caddy)


def written(folder: Path, **files: str) -> Path:
    """A Caddyfile and what is beside it: ``__`` in a name is a slash."""
    for name, text in files.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "Caddyfile"


@pytest.mark.parametrize("pattern", ["sites/*", "sites/app", "%s/sites/*"])
def test_a_finding_in_an_imported_file_stands_there(pattern: str, tmp_path: Path) -> None:
    pattern = pattern % tmp_path if "%" in pattern else pattern
    file = written(tmp_path, Caddyfile=f"openchamber.example.com {{\n\timport {pattern}\n}}\n", sites__app=PROXY)
    readings = seen(file)
    found = assessment(lint_together(readings, POLICY, WANTED), lambda engine: lambda rule, route: "")
    assert {one.place for one in found.fired("AC507")} == {Place(str(tmp_path / "sites" / "app"), 2, 2)}
    assert set(readings[0].texts) == {str(file), str(tmp_path / "sites" / "app")}


def test_a_folder_is_read_by_way_of_its_caddyfile_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "openchamber.example.com {\n\timport parts/*\n}\n"
    written(tmp_path, Caddyfile=text, parts__app=PROXY, a__b="reverse_proxy localhost:9\n")
    assert main(["lint", "--format", "github", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert told.count("title=AC507") == 1
    assert "AC802" not in told


def test_imports_are_followed_from_the_file_that_they_stand_in(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        Caddyfile="import sites/*\n",
        sites__app="openchamber.example.com {\n\timport ../parts/proxy\n}\n",
        parts__proxy=PROXY,
    )
    (reading,) = seen(file)
    assert not reading.faults
    assert set(reading.texts) == {str(tmp_path / one) for one in ("Caddyfile", "sites/app", "parts/proxy")}


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "missing.caddy", "link", "{$HOME}/x", "{env.HOME}"])
def test_what_is_outside_is_not_read_and_then_nobody_can_tell(path: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "outside")
    file = written(inside, Caddyfile=f"openchamber.example.com {{\n\timport ./{path}\n}}\n".replace(".//", "/"))
    with pytest.raises(ConfigError, match=r"Caddyfile:2:2: cannot tell: import \S+ was not read") as refusal:
        seen(file)
    assert "secret" not in str(refusal.value)


def test_a_path_that_comes_by_way_of_a_snippet_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    text = f"(a) {{\n\timport {{args[0]}}\n}}\nopenchamber.example.com {{\n\timport a {tmp_path}/outside\n}}\n"
    with pytest.raises(ConfigError, match="which file that is only Caddy knows") as refusal:
        seen(written(inside, Caddyfile=text))
    assert "secret" not in str(refusal.value)


def test_a_pattern_that_leads_outside_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, Caddyfile=f"import /etc/*\nopenchamber.example.com {{\n{PROXY}}}\n")
    (reading,) = seen(file)
    assert "import /etc/* was not read: it is outside" in reading.unread[0]
    assert len(reading.sites) == 1


def test_files_that_import_each_other_are_one_line(tmp_path: Path) -> None:
    file = written(tmp_path, Caddyfile="import a.caddy\n", **{"a.caddy": "import ./Caddyfile\n"})
    (reading,) = seen(file)
    (fault,) = reading.faults
    assert "\n" not in fault.where


def test_a_fault_in_an_imported_file_is_told_there(tmp_path: Path) -> None:
    file = written(tmp_path, Caddyfile="import sites/*\n", sites__app="openchamber.example.com {\n\theader_up\n}\n")
    with pytest.raises(
        ConfigError, match=r"sites/app:2:1: cannot tell: the Caddy that is here does not know header_up"
    ):
        seen(file)


def test_a_module_that_is_not_here_is_not_the_files_fault() -> None:
    text = "openchamber.example.com {\n\ttls {\n\t\tdns cloudflare x\n\t}\n\treverse_proxy localhost:3000\n}\n"
    with pytest.raises(ConfigError, match=r"does not know dns\.providers\.cloudflare\. If it is a plug-in's"):
        judged(text)


def test_line_ends_of_another_system_are_read() -> None:
    found = judged(
        "openchamber.example.com {\r\n\treverse_proxy localhost:3000 {\r\n\t\theader_up Host {host}\r\n\t}\r\n}\r\n"
    )
    assert set(where(found, "AC507")) == {3}


@pytest.mark.parametrize(
    ("upstream", "line", "is_judged"),
    [
        ("127.0.0.1:3000", "flush_interval -1", True),
        ("app:3000", "transport http {\n\t\tread_timeout 1h\n\t}", True),
        ("127.0.0.1:3000", "", False),
        ("127.0.0.1:3000", "transport http {\n\t\tread_timeout 60s\n\t}", False),
        ("127.0.0.1:2368", "flush_interval -1", False),
    ],
)
def test_the_only_site_is_the_apps_if_it_has_its_port_and_is_written_for_streams(
    upstream: str, line: str, *, is_judged: bool
) -> None:
    """Grafana has that port as well, and nobody gives it an hour of silence."""
    text = f"example.com {{\n\treverse_proxy {upstream} {{\n\t{line}\n\t}}\n}}\n"
    assert bool(judged(text).judged) == is_judged
