"""Misuse of the command line, as one line with the way out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from antechamber.errors import ConfigError
from antechamber.policy.suggest import did_you_mean

_NUMBER = re.compile(r"extra arguments?(?= \()")
"""Where click's wording depends on how many there are."""


def explain(mistake: click.ClickException, arguments: Sequence[str], *, commands: Sequence[str]) -> ConfigError:
    """What click found wrong with ``arguments``, in our words."""
    command = next((word for word in arguments if word in commands), "")
    see = f"See antechamber {command} --help." if command else "See antechamber --help."
    option = getattr(mistake, "option_name", "")
    if option and hasattr(mistake, "possibilities"):
        near = mistake.possibilities
        return ConfigError(f"no such option: {option}", way_out=f"Did you mean {near[0]}?" if near else see)
    if option:
        given = any(word.startswith(f"{option}=") for word in arguments)
        return ConfigError(f"{option} takes no value" if given else f"{option} needs a value", way_out=see)
    wrong = next((word for word in arguments if not word.startswith("-")), "")
    if not command and wrong:
        hint = did_you_mean(wrong, commands)
        return ConfigError(f"no such command: {wrong}", way_out=f"{hint} Known: {', '.join(commands)}.".strip())
    problem = _NUMBER.sub("extra argument(s)", " ".join(mistake.format_message().split())).rstrip(".")
    return ConfigError(problem[:1].lower() + problem[1:], way_out=see)
