"""The commands, by name. Only the module of the command that was asked for is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword

import click

from antechamber import __version__
from antechamber.cli.parameters import Run, as_click, flag_that_answers, help_flag
from antechamber.cli.usage import explain


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the function of that name in the module of that name."""

    name: str
    summary: str

    @property
    def module(self) -> str:
        """The name itself, with an underscore behind it where Python has a use for the word (PEP 8)."""
        return f"{self.name}_" if iskeyword(self.name) else self.name

    def load(self) -> click.Command:
        run: Run = getattr(import_module(f"antechamber.cli.{self.module}"), self.module)
        return as_click(run, name=self.name, summary=self.summary)


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
    group = _group(arguments[0])
    try:
        with group.make_context("antechamber", list(arguments)) as ctx:
            code = group.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as mistake:
        raise explain(mistake, arguments, commands=[command.name for command in COMMANDS]) from None
    return code if isinstance(code, int) else 0


def _group(chosen: str) -> click.Group:
    """All commands; those that are not ``chosen`` are only listed."""
    version = flag_that_answers("--version", "-V", help="Print the version and exit.", answer=_show_version)
    commands = [one.load() if one.name == chosen else click.Command(one.name, help=one.summary) for one in COMMANDS]
    return click.Group(
        commands=commands,
        params=[version, help_flag()],
        help="A reverse proxy for live web apps: sockets, event streams, terminals and uploads keep working.",
        add_help_option=False,
    )


def _show_version(_: click.Context) -> None:
    print(f"antechamber {__version__}")
