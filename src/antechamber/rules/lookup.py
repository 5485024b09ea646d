"""Finding a rule by what a person types: its id, its name, or something like one of them."""

from __future__ import annotations

from antechamber.errors import ConfigError
from antechamber.policy.suggest import did_you_mean
from antechamber.rules.catalogue import CATALOGUE
from antechamber.rules.rule import Rule


def find(word: str) -> Rule:
    """The rule of that id (``AC201``, ``ac201``, ``201``) or name; :class:`ConfigError` with the nearest one else."""
    asked = word.strip().lower().replace("_", "-")
    for one in CATALOGUE:
        if asked in (one.id.lower(), one.id[2:], one.name):
            return one
    raise ConfigError(
        f"no such rule: {ascii(word)[1:-1]}",
        way_out=f"{_nearest(asked)} antechamber rules lists them all.".strip(),
    )


def _nearest(asked: str) -> str:
    """A name that has all the words that were typed, else the nearest id or name."""
    words = [word.rstrip("s") for word in asked.replace("sse", "stream").split("-") if word]
    for one in CATALOGUE:
        text = f"{one.name} {one.title} {one.reason}".lower()
        if words and all(word in text for word in words):
            return f"Did you mean {one.name} ({one.id})?"
    names = [name for one in CATALOGUE for name in (one.id, one.name)]
    return did_you_mean(asked, names)
