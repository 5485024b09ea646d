"""A YAML document as nodes with places. Nothing in it is constructed, and nothing is repeated.

PyYAML gives events; the nodes are put together here, so that depth and number have bounds. An alias is the node that
its anchor names, not a copy of it: ten lines that would be a billion nodes when written out stay ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from antechamber.errors import ConfigError
from antechamber.policy.effective import Place

_DEEPEST = 40
_MOST_NODES = 50_000
_MOST_MERGES = 20


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it is written; every scalar is text here."""

    text: str
    place: Place
    literal: bool = False
    """Whether it is a block behind ``|``, whose lines are lines of the file."""


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    place: Place
    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in its order."""

    place: Place
    entries: tuple[tuple[Text, Node], ...] = ()

    def get(self, key: str) -> Node | None:
        """The value of ``key``, from here or from what is merged in with ``<<``."""
        return next((value for name, value in self.all() if name.text == key), None)

    def all(self) -> Iterator[tuple[Text, Node]]:
        """Every entry that holds: those that stand here, then those that are merged in."""
        seen: set[str] = set()
        waiting, merges = [self], 0
        while waiting and merges < _MOST_MERGES:
            table, merges = waiting.pop(0), merges + 1
            for name, value in table.entries:
                if name.text == "<<":
                    several = value.items if isinstance(value, Items) else (value,)
                    waiting += [one for one in several if isinstance(one, Table)]
                elif name.text not in seen:
                    seen.add(name.text)
                    yield name, value

    def table(self, key: str) -> Table:
        """The mapping at ``key``; an empty one where there is none."""
        found = self.get(key)
        return found if isinstance(found, Table) else Table(self.place)

    def text(self, key: str) -> Text | None:
        """The scalar at ``key``."""
        found = self.get(key)
        return found if isinstance(found, Text) else None


Node = Text | Items | Table


@dataclass(slots=True)
class _Open:
    """A collection that has begun."""

    place: Place
    anchor: str | None
    mapping: bool
    parts: list[Node] = field(default_factory=list)

    def closed(self, file: str) -> Items | Table:
        if not self.mapping:
            return Items(self.place, tuple(self.parts))
        entries = []
        for key, value in zip(self.parts[::2], self.parts[1::2], strict=True):
            if not isinstance(key, Text):
                raise ConfigError("a key is no plain word", place=f"{file}:{key.place.line}")
            entries.append((key, value))
        return Table(self.place, tuple(entries))


def document(text: str, file: str) -> Node | None:
    """The first document of ``text``. Raises :class:`ConfigError` for what is no YAML, or too much of it."""
    import yaml  # only compose files need it: docs/decisions/reading-compose.md

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    anchors: dict[str, Node | None] = {}
    opened: list[_Open] = []
    count = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            mark = event.start_mark
            assert mark is not None, "both loaders mark every event"
            place = Place(file, mark.line + 1, mark.column + 1)
            count += 1
            if count > _MOST_NODES or len(opened) > _DEEPEST:
                raise ConfigError("it has too many entries, or they are nested too deeply", place=str(place))
            node: Node | None = None
            match event:
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    opened.append(_Open(place, event.anchor, isinstance(event, yaml.MappingStartEvent)))
                    if event.anchor:
                        anchors[event.anchor] = None
                case yaml.ScalarEvent():
                    node = Text(event.value, place, event.style == "|")
                    anchors |= {event.anchor: node} if event.anchor else {}
                case yaml.AliasEvent():
                    node = anchors.get(event.anchor or "")
                    if node is None:
                        raise ConfigError("an alias without an anchor before it", place=str(place))
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    done = opened.pop()
                    node = done.closed(file)
                    anchors |= {done.anchor: node} if done.anchor else {}
            if node is not None and not opened:
                return node
            if node is not None:
                opened[-1].parts.append(node)
    except yaml.YAMLError as error:
        raise _refusal(error, file) from None
    return None


def _refusal(error: Exception, file: str) -> ConfigError:
    found = getattr(error, "problem_mark", None)
    place = f"{file}:{found.line + 1}:{found.column + 1}" if found else file
    problem = str(getattr(error, "problem", None) or "a character that may not stand in it")
    return ConfigError(f"this is not valid YAML: {ascii(problem.partition(chr(10))[0])[1:-1]}", place=place)
