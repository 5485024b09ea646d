"""The way back from a regular expression of :mod:`antechamber.engines.plan` to the routes that it stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from antechamber.errors import ConfigError

_PREFIX_END = "(?:/|$)"
_GROUP = re.compile(r"(.*/)\(\?:(.*)\)")
_ESCAPE = re.compile(r"\\(.)")


def paths_of(regex: str) -> Sequence[str]:
    """The routes of a regular expression of ours, their named segments called ``:segment``."""
    if not regex.startswith("^"):
        raise ConfigError(f"the regular expression {regex!a} is none of ours")
    body = regex[1:]
    if body.endswith(_PREFIX_END):
        return (_path(body.removesuffix(_PREFIX_END)) + "/*",)
    body = body.removesuffix("$")
    if found := _GROUP.fullmatch(body):
        return tuple(_path(found[1] + rest) for rest in re.split(r"(?<!\\)\|", found[2]))
    return (_path(body),)


def _path(text: str) -> str:
    return _ESCAPE.sub(r"\1", text.replace("[^/]+", ":segment"))
