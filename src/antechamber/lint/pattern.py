"""Regular expressions of foreign configurations, matched without a way to hang.

A configuration's regular expressions are not ours, and a backtracking matcher takes exponential time on some of them.
This one keeps the *set* of positions that can be reached (Thompson's idea) and counts its steps, so its work is bounded
whatever the pattern. It knows what PCRE, RE2 and POSIX have in common; what it does not know (back references,
lookbehind, recursion) is :class:`Unsupported`, and then nobody can tell what matches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_LONGEST = 4096
_DEEPEST = 40
_MOST_STEPS = 50_000
"""An ordinary pattern takes some thousands on a path; nested repetitions of nothing would take for ever."""

Positions = frozenset[int]
Step = Callable[["_Subject", Positions], Positions]
Test = Callable[[str], bool]


class Unsupported(Exception):
    """The pattern has something that only the engine itself can judge."""


class _Subject(str):
    """A text, and how many more steps may be spent on it."""

    left: int

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise Unsupported


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether ``pattern`` is found anywhere in ``text``. Raises :class:`Unsupported`."""
    subject = _Subject(text)
    subject.left = _MOST_STEPS
    return bool(_compiled(pattern, ignore_case)(subject, frozenset(range(len(text) + 1))))


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> Step:
    if len(pattern) > _LONGEST:
        raise Unsupported
    return _Reader(pattern, ignore_case=ignore_case).whole()


_CLASSES: dict[str, Test] = {
    "d": lambda one: "0" <= one <= "9",
    "w": lambda one: one.isascii() and (one.isalnum() or one == "_"),
    "s": lambda one: one in " \t\n\r\f\v",
    "h": lambda one: one in " \t",
}
_POSIX: dict[str, Test] = {
    "alpha": lambda one: one.isascii() and one.isalpha(),
    "digit": _CLASSES["d"],
    "alnum": lambda one: one.isascii() and one.isalnum(),
    "upper": lambda one: one.isascii() and one.isupper(),
    "lower": lambda one: one.isascii() and one.islower(),
    "space": _CLASSES["s"],
    "punct": lambda one: one.isascii() and one.isprintable() and not one.isalnum() and one != " ",
    "xdigit": lambda one: one in "0123456789abcdefABCDEF",
    "word": _CLASSES["w"],
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "e": "\x1b", "a": "\a"}


@dataclass(slots=True)
class _Reader:
    """A pattern on its way into a step; recursive descent over alternatives, sequences and pieces."""

    pattern: str
    ignore_case: bool
    at: int = 0
    depth: int = 0

    def whole(self) -> Step:
        step = self._alternatives()
        if self.at < len(self.pattern):
            raise Unsupported
        return step

    def _peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def _take(self, text: str) -> bool:
        if not self._peek(text):
            return False
        self.at += len(text)
        return True

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise Unsupported
        self.at += 1
        return self.pattern[self.at - 1]

    def _alternatives(self) -> Step:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unsupported
        ignore_case = self.ignore_case
        steps = [self._sequence()]
        while self._take("|"):
            steps.append(self._sequence())
        self.depth -= 1
        self.ignore_case = ignore_case
        return steps[0] if len(steps) == 1 else _any_of(steps)

    def _sequence(self) -> Step:
        steps: list[Step] = []
        while self.at < len(self.pattern) and not self._peek("|") and not self._peek(")"):
            piece = self._piece()
            if piece is not None:
                steps.append(self._quantified(piece))
        return _one_after_another(steps)

    def _quantified(self, step: Step) -> Step:
        while True:
            bounds = self._bounds()
            if bounds is None:
                return step
            self._take("?") or self._take("+")  # lazy or possessive: possessive may refuse what we take
            step = _repeated(step, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(mark):
                return bounds
        if not self._peek("{"):
            return None
        body, closed, _ = self.pattern[self.at + 1 :].partition("}")
        least, comma, most = body.partition(",")
        if not closed or not least.isdecimal() or (most and not most.isdecimal()) or len(body) > 9:
            return None
        self.at += len(body) + 2
        return int(least), (int(most) if most else None) if comma else int(least)

    def _piece(self) -> Step | None:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return _character(self._set())
            case ".":
                return _character(lambda one: one != "\n")
            case "^":
                return _where(lambda _, position: position == 0)
            case "$":
                return _where(lambda text, position: position == len(text) or text[position:] == "\n")
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise Unsupported
        return _character(self._literal(character))

    def _group(self) -> Step | None:
        if self._take("?"):
            if self._flags():
                return None
            if self._take("="):
                return _ahead(self._closed(), wanted=True)
            if self._take("!"):
                return _ahead(self._closed(), wanted=False)
            if not self._take(":") and not self._name():
                raise Unsupported
        return self._closed()

    def _flags(self) -> bool:
        """``(?i)``, which holds to the end of its group. Others would change what is matched."""
        if self._take("i)"):
            self.ignore_case = True
            return True
        return self._take("s)") or self._take("-i)")

    def _name(self) -> bool:
        self._take("P")
        opened = self._take("<")
        if not opened or self._peek("=") or self._peek("!"):
            return False
        name, closed, _ = self.pattern[self.at :].partition(">")
        self.at += len(name) + 1
        return bool(closed) and name.isidentifier()

    def _closed(self) -> Step:
        ignore_case = self.ignore_case
        step = self._alternatives()
        if not self._take(")"):
            raise Unsupported
        self.ignore_case = ignore_case
        return step

    def _escape(self) -> Step:
        character = self._next()
        if character in "bB":
            return _where(lambda text, position: _at_word_edge(text, position) == (character == "b"))
        if character in "Az":
            return _where(lambda text, position: position == (0 if character == "A" else len(text)))
        if character == "Z":
            return _where(lambda text, position: text[position:] in ("", "\n"))
        return _character(self._class(character))

    def _class(self, character: str) -> Test:
        """What an escape stands for, inside a set and outside."""
        if test := _CLASSES.get(character.lower()):
            return (lambda one: not test(one)) if character.isupper() else test
        if character in _CONTROLS:
            return self._literal(_CONTROLS[character])
        if character == "x":
            digits = self._next() + self._next()
            try:
                return self._literal(chr(int(digits, 16)))
            except ValueError:
                raise Unsupported from None
        if character.isalnum():
            raise Unsupported  # a back reference, a property, \Q...
        return self._literal(character)

    def _literal(self, character: str) -> Test:
        if not self.ignore_case:
            return lambda one: one == character
        lowered = character.lower()
        return lambda one: one.lower() == lowered

    def _set(self) -> Test:
        negated = self._take("^")
        tests: list[Test] = []
        first = True
        while first or not self._take("]"):
            first = False
            tests.append(self._member())
        return (lambda one: not any(test(one) for test in tests)) if negated else _any_test(tests)

    def _member(self) -> Test:
        if self._take("[:"):
            name, closed, _ = self.pattern[self.at :].partition(":]")
            self.at += len(name) + 2
            if not closed or name not in _POSIX:
                raise Unsupported
            return _POSIX[name]
        low = self._next()
        if low == "\\":
            escaped = self._next()
            if escaped.isalnum():
                return self._class(escaped)
            low = escaped
        if not self._peek("-") or self._peek("-]"):
            return self._literal(low)
        self.at += 1
        high = self._next()
        if high == "\\":
            high = self._next()
        if high < low:
            raise Unsupported
        if self.ignore_case:
            return lambda one: low <= one.lower() <= high or low <= one.upper() <= high
        return lambda one: low <= one <= high


def _any_test(tests: list[Test]) -> Test:
    return lambda one: any(test(one) for test in tests)


def _character(test: Test) -> Step:
    def step(text: _Subject, positions: Positions) -> Positions:
        text.spend(1 + len(positions))
        return frozenset(at + 1 for at in positions if at < len(text) and test(text[at]))

    return step


def _where(holds: Callable[[str, int], bool]) -> Step:
    return lambda text, positions: frozenset(at for at in positions if holds(text, at))


def _ahead(step: Step, *, wanted: bool) -> Step:
    return lambda text, positions: frozenset(at for at in positions if bool(step(text, frozenset([at]))) == wanted)


def _any_of(steps: list[Step]) -> Step:
    return lambda text, positions: frozenset().union(*(step(text, positions) for step in steps))


def _one_after_another(steps: list[Step]) -> Step:
    def run(text: _Subject, positions: Positions) -> Positions:
        for step in steps:
            text.spend(1)
            if not positions:
                break
            positions = step(text, positions)
        return positions

    return run


def _repeated(step: Step, least: int, most: int | None) -> Step:
    """``step`` from ``least`` to ``most`` times. Sets only move forwards, so they settle within the text's length."""

    def run(text: _Subject, positions: Positions) -> Positions:
        rounds = len(text) + 1
        for _ in range(min(least, rounds)):
            text.spend(1)
            positions = step(text, positions)
        reached, edge = positions, positions
        for _ in range(rounds if most is None else min(most - least, rounds)):
            text.spend(1)
            edge = step(text, edge) - reached
            if not edge:
                break
            reached |= edge
        return reached

    return run


def _at_word_edge(text: str, position: int) -> bool:
    word = _CLASSES["w"]
    before = position > 0 and word(text[position - 1])
    after = position < len(text) and word(text[position])
    return before != after
