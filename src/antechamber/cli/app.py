"""The commands, by name. Only the module of the command that was asked for is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from typing import Annotated

import typer
from typer.main import get_command

from antechamber import __version__
from antechamber.cli.usage import explain

Run = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the function of that name in the module of that name. Its annotations are the flags, its result is the
    exit code (``None`` is 0)."""

    name: str
    summary: str

    @property
    def module(self) -> str:
        """The name itself, with an underscore behind it where Python has a use for the word (PEP 8)."""
        return f"{self.name}_" if iskeyword(self.name) else self.name

    def load(self) -> Run:
        function: Run = getattr(import_module(f"antechamber.cli.{self.module}"), self.module)
        return function


COMMANDS = (
    Command("serve", "The reverse proxy in front of an app."),
    Command("config", "The configuration of another proxy (nginx, Caddy, HAProxy …) that does the same."),
    Command("run", "Another proxy's own program with that configuration, reloaded when the policy changes."),
    Command("lint", "Faults in the configurations of other proxies: what breaks sockets, streams and uploads."),
    Command("import", "The configuration of another proxy as antechamber.toml: the way from one engine to another."),
    Command("chamber", "The reference app, to try proxies with: sockets, event streams, terminals, uploads."),
    Command("rules", "Every fault that is known, with its id."),
    Command("explain", "One fault in full: symptom, cause, fix; or the faults behind a symptom."),
    Command("witness", "An observer between a proxy and its app, who answers probes in place."),
    Command("hop", "A proxy that misbehaves on purpose, to see what your app makes of it."),
    Command("check", "Proves a live deployment: every route through the whole chain, and what to change at which hop."),
    Command("learn", "A profile of your app, proposed from what a browser recorded (HAR)."),
    Command("demo", "Chamber and edge together, and a table of every route through the edge."),
)


def run(arguments: Sequence[str]) -> int:
    """Runs the command that ``arguments`` name; misuse is a ``ConfigError``."""
    arguments = list(arguments) or ["--help"]
    command = get_command(_app(arguments[0]))
    try:
        code = command.main(arguments, prog_name="antechamber", standalone_mode=False)
    except typer.TyperException as mistake:
        raise explain(mistake, arguments, commands=[command.name for command in COMMANDS]) from None
    except typer.Abort:
        return 1
    return code if isinstance(code, int) else 0


def _app(chosen: str) -> typer.Typer:
    app = typer.Typer(
        help="A reverse proxy for live web apps: sockets, event streams, terminals and uploads keep working.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for command in COMMANDS:
        function = command.load() if command.name == chosen else _elsewhere
        app.command(command.name, help=command.summary)(function)
    return app


def _options(
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"antechamber {__version__}")
        raise typer.Exit


def _elsewhere() -> None:
    """Stands for a command that was not asked for: only its name and summary are shown."""
