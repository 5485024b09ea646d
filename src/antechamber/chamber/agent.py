"""Who answers a conversation: the seam, and the one agent that is built in.

An agent gets what was said and yields its answer piece by piece; what becomes of the pieces (parts that grow, events,
stopping) is not its business. A gateway to a real one is another class with the same method. The echo agent says what
it is: nobody may mistake it for a model.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

WORD_PACE_S = 0.04
"""A fast reader's pace: slow enough that a proxy which collects words into lumps is seen to do so."""
MAX_WORDS = 300
_WORDS = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Said:
    """One message: its text, and the names of the files that came with it."""

    text: str
    files: tuple[str, ...] = ()


class Agent(Protocol):
    """Answers. ``name`` is what a message asks for with its member ``agent``."""

    name: str

    def answer(self, said: Said) -> AsyncGenerator[str, None]: ...


class EchoAgent:
    """Says what it is, and what it heard, one word at a time."""

    name = "echo"

    def __init__(self, pace_s: float = WORD_PACE_S) -> None:
        self._pace_s = pace_s

    async def answer(self, said: Said) -> AsyncGenerator[str, None]:
        for word in words_of(said):
            yield word
            await asyncio.sleep(self._pace_s)


def words_of(said: Said) -> list[str]:
    """The echo agent's answer, cut after each word, no longer than :data:`MAX_WORDS`."""
    heard = _WORDS.findall(said.text)
    about = "I am the echo agent that is built into this chamber; no model is behind me. "
    files = f"With your message came {', '.join(said.files)}. " if said.files else ""
    words = _WORDS.findall(about + files) + (["You ", "said: ", *heard] if heard else ["You ", "said ", "nothing."])
    return [*words[:MAX_WORDS], "… ", "and so on."] if len(words) > MAX_WORDS else words
