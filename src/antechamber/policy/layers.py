"""Which of several written values holds: flag, then environment, then file, then profile, then built-in default.

Each value keeps where it came from, so that an error can name the place and a person can ask for the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TypeVar

from antechamber.errors import ConfigError
from antechamber.policy.option import Option
from antechamber.policy.options import OPTIONS
from antechamber.policy.value import ValueProblem

T = TypeVar("T")


class Layer(IntEnum):
    """Where a value can stand; the greater wins."""

    DEFAULT = 0
    PROFILE = 1
    FILE = 2
    ENVIRONMENT = 3
    FLAG = 4


@dataclass(frozen=True, slots=True)
class Written:
    """A value as somebody wrote it."""

    raw: object
    layer: Layer
    place: str
    """``file:line``, a flag or a variable."""
    base: Path
    """What a relative path in it is relative to."""
    item_places: tuple[str, ...] = ()
    """Where each item of a list stands, for a list in a file."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The value that an option has, and where it was written last (``place`` is empty for built-in defaults)."""

    option: Option[object]
    value: object
    layer: Layer
    place: str


class Settings:
    """All options with the values that hold. Every written value is read, also one that another layer hides: a mistake
    in a file is told before the day on which the flag above it is dropped."""

    def __init__(self, layers: Iterable[Mapping[str, Written]], *, options: Sequence[Option[object]] = OPTIONS) -> None:
        layers = list(layers)
        self._settings: dict[str, Setting] = {}
        for option in options:
            written = [layer[option.name] for layer in layers if option.name in layer]
            if found := _settle(option, sorted(written, key=lambda one: one.layer)):
                self._settings[option.name] = found

    def __iter__(self) -> Iterator[Setting]:
        return iter(self._settings.values())

    def get(self, option: Option[T]) -> T | None:
        """The value of an option, or ``None`` where nobody gave one."""
        setting = self._settings.get(option.name)
        if setting is None:
            return None
        value: T = setting.value  # type: ignore[assignment]  # made by option.type, whose values are T
        return value

    def require(self, option: Option[T]) -> T:
        """The value of an option that has a default."""
        value = self.get(option)
        assert value is not None, f"{option.flag} has no default"
        return value

    def setting(self, option: Option[object]) -> Setting | None:
        return self._settings.get(option.name)

    def place(self, option: Option[object]) -> str:
        """Where the value stands, for a message; the flag where it was given nowhere."""
        setting = self._settings.get(option.name)
        return setting.place if setting and setting.place else option.flag


def defaults() -> dict[str, Written]:
    """The built-in layer."""
    return {
        option.name: Written(option.default, Layer.DEFAULT, "", Path())
        for option in OPTIONS
        if option.default is not None
    }


def from_flags(flags: Mapping[str, object], *, base: Path) -> dict[str, Written]:
    """The layer of the command line; options that were not given are ``None`` or an empty list."""
    known = {option.name: option for option in OPTIONS}
    return {
        name: Written(raw, Layer.FLAG, known[name].flag, base)
        for name, raw in flags.items()
        if raw is not None and raw != []
    }


def from_environment(environment: Mapping[str, str], *, base: Path) -> dict[str, Written]:
    """The layer of the environment. An empty variable counts as not set, as compose files write unset ones."""
    return {
        option.name: Written(_listed(option, environment[option.variable]), Layer.ENVIRONMENT, option.variable, base)
        for option in OPTIONS
        if environment.get(option.variable, "").strip()
    }


def _listed(option: Option[object], text: str) -> object:
    return [piece.strip() for piece in text.split(",")] if option.repeatable else text


def _settle(option: Option[object], written: Sequence[Written]) -> Setting | None:
    if not written:
        return None
    values = [_read(option, one) for one in written]
    last = written[-1]
    value = frozenset().union(*_sets(values)) if option.adds else values[-1]
    return Setting(option, value, last.layer, last.place)


def _sets(values: Iterable[object]) -> Iterable[frozenset[object]]:
    for value in values:
        assert isinstance(value, frozenset), "an option that adds has sets for values"
        yield value


def _read(option: Option[object], written: Written) -> object:
    try:
        return option.type.parse(written.raw, base=written.base)
    except ValueProblem as problem:
        raise ConfigError(problem.problem, place=_culprit(option, written), way_out=problem.way_out) from None


def _culprit(option: Option[object], written: Written) -> str:
    """The place of the first item that is refused by itself, or else of the whole value."""
    if isinstance(written.raw, list):
        for item, place in zip(written.raw, written.item_places, strict=False):
            try:
                option.type.parse([item], base=written.base)
            except ValueProblem:
                return place
    return written.place
