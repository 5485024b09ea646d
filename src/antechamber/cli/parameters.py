"""How a command declares its flags and arguments: the annotations of its function, translated to click's parameters.

``site: Annotated[str, flag(metavar="NAME", help="…")] = ""`` is the flag ``--site``. Its type says what may be written:
a :class:`~enum.StrEnum` is one of its words, ``bool`` a switch, ``list`` may be repeated.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import click

from antechamber.errors import ConfigError
from antechamber.policy.value import ValueProblem
from antechamber.policy.words import Choice

Run = Callable[..., int | None]
"""A command: its annotations are the flags, its result is the exit code (``None`` is 0)."""

OWN_PANEL = "Options"
"""Where the help shows the flags that a command has besides those of the options table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What the annotation of a flag says besides its type."""

    names: tuple[str, ...]
    metavar: str | None
    help: str
    panel: str
    variable: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What the annotation of an argument says besides its type."""

    metavar: str
    help: str


def flag(
    *names: str,
    help: str,
    metavar: str | None = None,
    panel: str = OWN_PANEL,
    variable: str | None = None,
) -> Flag:
    """A flag. Without ``names`` it is called what the parameter is; ``variable`` of the environment speaks where the
    flag is not given."""
    return Flag(names=names, metavar=metavar, help=help, panel=panel, variable=variable)


def argument(*, metavar: str, help: str) -> Argument:
    """A word that has no flag before it; required if the parameter has no default."""
    return Argument(metavar=metavar, help=help)


class FlagOption(click.Option):
    """A flag for click, with what the help tells besides: the panel, and the words if it takes one of a few."""

    def __init__(
        self, names: list[str], *, panel: str = OWN_PANEL, words: tuple[str, ...] = (), **settings: Any
    ) -> None:
        super().__init__(names, **settings)
        self.panel = panel
        self.words = words


class WordArgument(click.Argument):
    """An argument for click, with the help that click has no place for before 8.5."""

    def __init__(self, names: list[str], *, summary: str, **settings: Any) -> None:
        super().__init__(names, **settings)
        self.summary = summary


def as_click(run: Run, *, name: str, summary: str) -> click.Command:
    """``run`` as a command of click's."""
    parameters = [_parameter(one) for one in inspect.signature(run, eval_str=True).parameters.values()]
    return click.Command(name, callback=run, params=[*parameters, help_flag()], help=summary, add_help_option=False)


def help_flag() -> click.Option:
    """``--help``, which shows our own page."""
    return flag_that_answers("--help", "-h", help="Show this message and exit.", answer=_show_help)


def flag_that_answers(*names: str, help: str, answer: Callable[[click.Context], None]) -> click.Option:
    """A flag that gets its ``answer`` in place of what the command would do."""

    def act(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            answer(ctx)
            ctx.exit()

    return FlagOption([*names], help=help, is_flag=True, is_eager=True, expose_value=False, callback=act)


def _show_help(ctx: click.Context) -> None:
    from antechamber.cli.help_page import show  # rich takes longer to import than most commands to run

    show(ctx)


def _parameter(one: inspect.Parameter) -> click.Parameter:
    """``one`` is annotated as ``Annotated[TYPE, flag(…)]`` or ``Annotated[TYPE, argument(…)]``."""
    written, declared = get_args(one.annotation)
    kind, repeatable = _kind(written)
    settings: dict[str, Any] = {"metavar": declared.metavar, "required": one.default is one.empty}
    if repeatable:
        settings["callback"] = _listed
    elif one.default is not one.empty:
        settings["default"] = one.default
    if isinstance(declared, Argument):
        return WordArgument([one.name], summary=declared.help, type=kind, nargs=-1 if repeatable else 1, **settings)
    if issubclass(kind, StrEnum):
        settings |= {"type": str, "callback": _one_of(kind), "words": tuple(word.value for word in kind)}
    else:
        settings["type"] = click.Path(path_type=Path) if kind is Path else kind
    return FlagOption(
        [one.name, *(declared.names or [f"--{one.name.replace('_', '-')}"])],
        help=declared.help,
        panel=declared.panel,
        envvar=declared.variable,
        is_flag=kind is bool,
        multiple=repeatable,
        **settings,
    )


def _kind(written: Any) -> tuple[type, bool]:
    """The type of one value, and whether there may be several: ``list[str] | None`` is ``str`` and several."""
    if get_origin(written) is UnionType:
        (written,) = (one for one in get_args(written) if one is not NoneType)
    if get_origin(written) is list:
        return get_args(written)[0], True
    return written, False


def _listed(_: click.Context, __: click.Parameter, given: tuple[object, ...]) -> list[object]:
    return list(given)


def _one_of(kind: type[StrEnum]) -> Callable[[click.Context, click.Parameter, str | None], StrEnum | None]:
    """Reads a word as the options table reads one, and refuses it in the same words."""
    choice = Choice(tuple(word.value for word in kind))

    def read(_: click.Context, parameter: click.Parameter, given: str | None) -> StrEnum | None:
        try:
            return None if given is None else kind(choice.parse(given, base=Path()))
        except ValueProblem as problem:
            raise ConfigError(problem.problem, place=parameter.opts[0], way_out=problem.way_out) from None

    return read
