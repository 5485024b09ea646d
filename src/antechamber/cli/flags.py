"""Flags made from the options table, so that no option is declared a second time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

from antechamber.cli.parameters import flag
from antechamber.policy.option import Option, Section
from antechamber.policy.options import OPTIONS
from antechamber.policy.words import Switch

Flags = Mapping[str, object]
"""Values as they were typed, by option name."""


def with_flags(run: Callable[..., int], *, options: Iterable[Option[object]] = OPTIONS) -> Callable[..., int]:
    """``run`` as a command whose flags are ``options``, in the order of their sections.

    ``run`` takes :data:`Flags` first; parameters after it are the command's own.
    """
    shown = sorted(options, key=lambda option: list(Section).index(option.section))
    own = list(inspect.signature(run, eval_str=True).parameters.values())[1:]

    def command(**values: object) -> int:
        flags = {option.name: values[_parameter_name(option)] for option in shown}
        return run(flags, **{parameter.name: values[parameter.name] for parameter in own})

    command.__doc__ = run.__doc__
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # PEP 362: what inspect.signature reads
        [
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *(_parameter(option) for option in shown),
        ],
        return_annotation=int,
    )
    return command


def _parameter(option: Option[object]) -> inspect.Parameter:
    switch = isinstance(option.type, Switch)
    name = f"{option.flag}/{option.opposite}" if switch else option.flag
    metavar = None if switch else option.type.metavar
    declared = flag(name, help=_help(option), metavar=metavar, panel=option.section.value)
    kind = bool if switch else list[str] if option.repeatable else str
    return inspect.Parameter(
        _parameter_name(option),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, declared],
    )


def _help(option: Option[object]) -> str:
    return f"{option.help} (default: {option.default})" if option.default else option.help


def _parameter_name(option: Option[object]) -> str:
    return option.name.replace("-", "_")
