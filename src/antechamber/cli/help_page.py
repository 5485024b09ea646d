"""What ``--help`` shows: usage, summary, and a panel for arguments, for each group of flags, and for commands."""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from antechamber.cli.parameters import FlagOption, WordArgument

Row = tuple[Text, ...]


def show(ctx: click.Context) -> None:
    """Prints the page of the command of ``ctx``, coloured where rich finds that it may be."""
    Console().print(_page(ctx, ctx.command))


def _page(ctx: click.Context, command: click.Command) -> Group:
    arguments = [one for one in command.params if isinstance(one, WordArgument)]
    panels: dict[str, list[Row]] = {}
    if arguments:
        panels["Arguments"] = [(Text(_metavar(one), "yellow"), Text(one.summary)) for one in arguments]
    for one in command.params:
        if isinstance(one, FlagOption):
            panels.setdefault(one.panel, []).append(_flag(one))
    usage = [ctx.command_path, "[OPTIONS]", *(_usage(one) for one in arguments)]
    if isinstance(command, click.Group):
        usage.append("COMMAND …")
        panels["Commands"] = [(Text(one.name or "", "cyan"), Text(one.help or "")) for one in command.commands.values()]
    lead = Text.assemble(("Usage: ", "yellow"), (" ".join(usage), "bold"), f"\n\n{command.help}\n")
    return Group(lead, *(_panel(title, rows) for title, rows in panels.items()))


def _panel(title: str, rows: Iterable[Row]) -> Panel:
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row)
    return Panel(table, title=title, title_align="left", border_style="dim", box=box.ROUNDED)


def _flag(option: FlagOption) -> Row:
    long, *short = option.opts
    also = ", ".join([*short, *option.secondary_opts])
    return Text(long, "cyan"), Text(also, "green"), Text(_metavar(option), "yellow"), _help(option)


def _help(option: FlagOption) -> Text:
    """With the words that may be written, and the default if there is one."""
    told = [option.help or ""]
    if option.words:
        told.append(f"One of {', '.join(option.words)}.")
    if isinstance(option.default, str) and option.default:
        told.append(f"(default: {option.default})")
    return Text(" ".join(told))


def _metavar(parameter: click.Parameter) -> str:
    if parameter.metavar:
        return parameter.metavar
    is_switch = isinstance(parameter, click.Option) and parameter.is_flag
    return "" if is_switch else "WORD"


def _usage(argument: WordArgument) -> str:
    several = "…" if argument.nargs == -1 else ""
    return f"{_metavar(argument)}{several}" if argument.required else f"[{_metavar(argument).strip('[]')}{several}]"
