"""An nginx configuration as a tree of directives, and what a location inherits from the levels around it.

The tokens come from crossplane; the levels are ours. A directive that may stand several times (``proxy_set_header``) is
inherited together or not at all (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossplane.lexer import lex_string  # type: ignore[import-untyped]  # ships no types

from antechamber.policy.effective import Source


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive; ``block`` is what stands in its braces."""

    words: tuple[str, ...]
    line: int
    block: tuple[Directive, ...] = ()

    @property
    def name(self) -> str:
        return self.words[0]


@dataclass(frozen=True, slots=True)
class Scopes:
    """The levels around a location, innermost first."""

    levels: tuple[Sequence[Directive], ...]
    """Location, server, http."""

    @property
    def http(self) -> Sequence[Directive]:
        return self.levels[-1]

    def find(self, name: str) -> tuple[Directive, Source] | None:
        """The directive that holds: the last one on the innermost level that has one."""
        for depth, level in enumerate(self.levels):
            found = [directive for directive in level if directive.name == name]
            if found:
                return found[-1], Source.INHERITED if depth else Source.SET
        return None

    def all(self, name: str) -> tuple[list[Directive], Source]:
        """All directives of a kind that is inherited together or not at all."""
        for depth, level in enumerate(self.levels):
            if found := [directive for directive in level if directive.name == name]:
                return found, Source.INHERITED if depth else Source.SET
        return [], Source.DEFAULT


def parse(text: str) -> tuple[Directive, ...]:
    """The directives of the outermost level."""
    tokens = iter(lex_string(text))
    return tuple(_directives(tokens))


def _directives(tokens: Iterator[tuple[str, int, bool]]) -> Iterator[Directive]:
    words: list[str] = []
    line = 0
    for word, at, quoted in tokens:
        if quoted or word not in (";", "{", "}"):
            if word.startswith("#") and not quoted and not words:
                continue
            words.append(word.replace("\\\\", "\\") if quoted else word)  # crossplane leaves a doubled backslash
            line = line or at
        elif word == "}":
            return
        else:
            block = tuple(_directives(tokens)) if word == "{" else ()
            yield Directive(tuple(words), line, block)
            words, line = [], 0
