"""Changes to the text of a configuration that leave everything else as it is: comments, blank lines, indentation.

A change names a directive that was read, so it knows the octets that it is about. Changes are made from the end of a
text to its beginning, and none overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from antechamber.engines.nginx.syntax import Directive

_INDENT = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """A range of a file's text, and what is to stand there."""

    file: str
    start: int
    end: int
    text: str


def replaced(directive: Directive, statement: str) -> Edit:
    """``statement``, with its semicolon, in the place of a directive without braces."""
    return Edit(directive.place.file, *directive.span, statement)


def removed(directive: Directive, text: str) -> Edit:
    """A directive taken away, with its line if nothing else stands there."""
    start, end = directive.span
    line = text.rfind("\n", 0, start) + 1
    rest = text.find("\n", end)
    rest = len(text) if rest < 0 else rest
    if not text[line:start].strip() and not text[end:rest].strip():
        return Edit(directive.place.file, line, min(rest + 1, len(text)), "")
    while end < rest and text[end] in " \t" and not text[line:start].strip():
        end += 1
    return Edit(directive.place.file, start, end, "")


def after(directive: Directive, statements: Iterable[str], text: str) -> Edit:
    """``statements`` on lines of their own behind a directive, and behind a comment on its line."""
    end = directive.span[1]
    indent = _indent(text, directive.span[0])
    rest = text.find("\n", end)
    rest = len(text) if rest < 0 else rest
    tail = text[end:rest].strip()
    if tail and not tail.startswith("#"):
        return Edit(directive.place.file, end, end, "".join(f" {one}" for one in _without_comments(statements)))
    return Edit(directive.place.file, rest, rest, "".join(f"\n{indent}{one}" for one in statements))


def before(directive: Directive, statements: Iterable[str], text: str) -> Edit:
    """``statements`` on lines of their own above a directive."""
    start = directive.span[0]
    indent = _indent(text, start)
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip():
        return Edit(directive.place.file, start, start, "".join(f"{one} " for one in _without_comments(statements)))
    return Edit(directive.place.file, line, line, "".join(f"{indent}{one}\n" for one in statements))


def within(block: Directive, statements: Iterable[str], text: str) -> Edit:
    """``statements`` as the last ones between the braces of ``block``."""
    assert block.braces is not None
    brace, close = block.braces
    if block.block and block.block[-1].place.file == block.place.file:
        return (
            after(block.block[-1], statements, text)
            if not _one_line(text, brace, close)
            else _inline(block, statements)
        )
    indent = _indent(text, block.span[0])
    if _one_line(text, brace, close):
        return _inline(block, statements)
    line = text.rfind("\n", 0, close) + 1
    return Edit(block.place.file, line, line, "".join(f"{indent}    {one}\n" for one in statements))


def applied(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with its edits made; one that overlaps another is left for the next round."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    for edit in reversed(kept):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _inline(block: Directive, statements: Iterable[str]) -> Edit:
    assert block.braces is not None
    at = block.braces[1]
    return Edit(block.place.file, at, at, "".join(f"{one} " for one in _without_comments(statements)))


def _without_comments(statements: Iterable[str]) -> list[str]:
    """A comment in the middle of a line would take the rest of it along."""
    return [one.strip() for one in statements if not one.startswith("#")]


def _one_line(text: str, brace: int, close: int) -> bool:
    return "\n" not in text[brace:close]


def _indent(text: str, offset: int) -> str:
    found = _INDENT.match(text, text.rfind("\n", 0, offset) + 1)
    assert found is not None
    return found[0]
