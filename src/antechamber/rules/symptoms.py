"""The four symptoms of OpenChamber's reverse-proxy guide, with the eight causes it names, and the rule of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that the guide names, and the rules that tell it."""

    words: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a person sees."""

    number: int
    words: str
    causes: tuple[Cause, ...]

    def others(self, catalogue: Sequence[Rule] = CATALOGUE) -> tuple[Rule, ...]:
        """Rules that explain it as well, and that the guide does not name."""
        named = {identifier for cause in self.causes for identifier in cause.rules}
        return tuple(one for one in catalogue if self.number in one.symptoms and one.id not in named)


SYMPTOMS: tuple[Symptom, ...] = (
    Symptom(
        1,
        "The page loads, but sending messages fails",
        (
            Cause("WebSockets are not switched on in the proxy", ("AC101", "AC103")),
            Cause("one of the event sockets does not pass as it should", ("AC104", "AC105", "AC107")),
        ),
    ),
    Symptom(
        2,
        "Notifications or live status do not update",
        (
            Cause("an event stream is buffered", ("AC201", "AC202", "AC203")),
            Cause("an event stream is cached", ("AC602", "AC607")),
            Cause('"X-Accel-Buffering: no" is missing', ("AC209",)),
        ),
    ),
    Symptom(
        3,
        "Uploading files fails",
        (Cause("the limit on bodies is too small", ("AC301", "AC303")),),
    ),
    Symptom(
        4,
        "Everything works locally and breaks only behind the proxy",
        (
            Cause("the proxy compresses or buffers live traffic", ("AC604", "AC601", "AC201", "AC203")),
            Cause("the proxy does not support WebSockets", ("AC101", "AC105", "AC108")),
        ),
    ),
)
