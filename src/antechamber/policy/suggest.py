"""The nearest known name to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_WORD = 80
"""Longer words are not typing slips; the bound keeps the quadratic comparison cheap."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The member of ``known`` most like ``word``, or ``""``. Case and ``_`` for ``-`` do not count."""
    by_form = {_form(name): name for name in known}
    if len(word) > _LONGEST_WORD:
        return ""
    matches = get_close_matches(_form(word), by_form, n=1, cutoff=0.6)
    return by_form[matches[0]] if matches else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known name, or ``""``."""
    name = nearest(word, known)
    return f"Did you mean {name}?" if name else ""


def _form(name: str) -> str:
    return name.lower().replace("_", "-")
