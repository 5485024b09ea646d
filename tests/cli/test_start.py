"""What a command imports: only what it needs, because importing is most of the time that a short command takes.

Seconds are measured by ``python -m bench.lint_beside``; what makes them few is held here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from antechamber.cli import app
from tests.cli.test_main import clean

SAMPLE = Path(__file__).parent.parent / "lint" / "samples" / "nginx-guide.conf"
IMPORTED = """
import json, sys
from antechamber.cli.main import main
code = main({arguments!r})
print("\\n" + json.dumps([code, sorted(sys.modules)]))
"""

SLOW_PACKAGES = {"h2", "httptools", "jinja2", "pydantic", "pydantic_core", "rich", "typer", "uvloop", "yaml"}
SLOW_LIBRARY = {
    "asyncio",
    "email",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "logging",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "traceback",
}
OTHER_ROOMS = {
    f"antechamber.{room}" for room in ("chamber", "demo", "edge", "hop", "ledger", "net", "probe", "supervise")
}
OTHER_READERS = {f"antechamber.lint.{reader}" for reader in ("caddy", "compose", "haproxy", "npm_database")}
OTHER_WORK = {"antechamber.engines.nginx.render", "antechamber.engines.registry", "antechamber.policy.schema"}


def modules_after(arguments: list[str]) -> tuple[int, set[str]]:
    """The exit code of a run in a fresh interpreter, and every module that it imported."""
    script = IMPORTED.format(arguments=arguments)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True, env=clean()
    )
    code, modules = json.loads(run.stdout.splitlines()[-1])
    return code, set(modules)


def loaded_after(arguments: list[str], names: list[str]) -> list[str]:
    """The exit code of such a run, then which of ``names`` it imported."""
    code, modules = modules_after(arguments)
    return [str(code), *sorted(modules & set(names))]


def test_linting_a_file_of_nginx_imports_what_that_needs() -> None:
    code, modules = modules_after(["lint", str(SAMPLE)])
    assert code == 1
    assert {"click", "antechamber.lint.nginx.site", "antechamber.report.as_text"} <= modules
    needless = SLOW_PACKAGES | SLOW_LIBRARY | OTHER_ROOMS | OTHER_READERS | OTHER_WORK
    assert modules & needless == set()


@pytest.mark.parametrize(
    "arguments",
    [["rules"], ["explain", "AC201"], ["config", "nginx", "--to", ":3000"]],
    ids=lambda arguments: arguments[0],
)
def test_what_only_prints_needs_neither_a_network_nor_a_schema(arguments: list[str]) -> None:
    code, modules = modules_after(arguments)
    assert code == 0
    assert modules & {"asyncio", "h2", "pydantic", "rich", "ssl", "uvloop"} == set()


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_told_before_any_package_is_imported(flag: str) -> None:
    assert loaded_after([flag], ["click", "rich", "pydantic", "uvloop", "traceback", "antechamber.policy.model"]) == [
        "0"
    ]


@pytest.mark.parametrize("command", ["serve", "config", "chamber", "demo"])
def test_a_command_does_not_import_the_others(command: str) -> None:
    others = [f"antechamber.cli.{name.module}" for name in app.COMMANDS if name.name != command]
    assert loaded_after([command, "--help"], [f"antechamber.cli.{command}", *others]) == [
        "0",
        f"antechamber.cli.{command}",
    ]


def test_serving_needs_no_package_of_the_chamber() -> None:
    assert loaded_after(["serve", "--help"], ["uvicorn", "starlette", "websockets", "jwt"]) == ["0"]
