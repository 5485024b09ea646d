"""What to write in an engine so that one or several fields hold, as one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from antechamber.engines.base import Engine
from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Route


def fix_words(engine: Engine, fields: Sequence[PolicyField], route: Route) -> str:
    """The engine's words for ``fields`` on ``route``; what all of them end in is said once. Empty for no fields."""
    words = list(dict.fromkeys(engine.fix(field, route) for field in fields))
    if len(words) < 2:
        return "".join(words)
    ending = _shared_ending(words)
    return " ".join(one.removesuffix(ending) for one in words) + ending


def _shared_ending(words: Sequence[str]) -> str:
    """The longest ending that all have in common and that starts with a blank; empty if there is none."""
    shortest = min(words, key=len)
    for start, character in enumerate(shortest):
        if character == " " and all(one.endswith(shortest[start:]) for one in words):
            return shortest[start:]
    return ""
