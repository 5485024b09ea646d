"""Pages as data: their links, code and headings, taken out of Markdown by the few forms that our pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCED.sub("", self.text)

    def links(self) -> list[str]:
        """Targets of all links and pictures."""
        return _LINK.findall(self.prose())

    def anchors(self) -> set[str]:
        """What a link to a heading of this page may say after ``#``, as the hosting platforms make it."""
        headings = _HEADING.findall(self.prose())
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def blocks(self, *languages: str) -> list[str]:
        """Fenced blocks in one of ``languages``; the empty one is a block that names none."""
        return [text for language, text in _FENCED.findall(self.text) if language in languages]

    def code(self) -> Iterator[str]:
        """Each code span, and each line of the blocks that are commands or output."""
        yield from _SPAN.findall(self.prose())
        for block in self.blocks("", "sh"):
            yield from block.replace("\\\n", " ").splitlines()


@cache
def pages() -> tuple[Page, ...]:
    """All pages of the project."""
    paths = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    return tuple(Page(path, path.read_text()) for path in paths)
