"""What was found: every verdict of every rule, and the faults among them, each told once.

A verdict belongs to one rule on one route. A finding is a fault: the same rule at the same place and hop on all routes
where it fires, with what follows from it standing under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from antechamber.policy.effective import Place
from antechamber.rules.rule import Rule, Severity
from antechamber.rules.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One rule on one route."""

    rule: Rule
    path: str
    verdict: Verdict
    hop: str = ""
    """Where on the way it happens, as far as that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, on all routes where the same thing fires."""

    rule: Rule
    paths: tuple[str, ...]
    evidence: tuple[str, ...]
    """Sentences, each once, in the order of the routes."""
    place: Place | None
    hop: str
    certain: bool
    fix: str
    """In the words of the engine if one is recognised, else the rule's own."""
    consequences: tuple[Finding, ...]
    """What fires on the same routes because of this."""

    def walk(self) -> Iterator[Finding]:
        """This finding and everything under it."""
        yield self
        for consequence in self.consequences:
            yield from consequence.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All verdicts, the faults among them, and, kept apart, what could merely be better."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    advice: tuple[Finding, ...]

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that are as bad as ``severity`` or worse; advice is never among them."""
        return tuple(one for one in self.findings if one.rule.severity.weight >= severity.weight)

    def fired(self, identifier: str) -> tuple[Finding, ...]:
        """Every finding of that rule, wherever it stands: as a root, as a consequence, or as advice."""
        roots = (*self.findings, *self.advice)
        return tuple(one for root in roots for one in root.walk() if one.rule.id == identifier)
