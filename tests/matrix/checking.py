"""``check`` on a chain, as data: the root findings and the routes on which they stand."""

from __future__ import annotations

from dataclasses import dataclass

from antechamber.policy.model import Policy
from antechamber.probe.inquiry import Inquiry, Question
from antechamber.probe.patience import Patience
from antechamber.probe.target import Target
from antechamber.rules.finding import Finding
from tests.matrix.words import PASSWORD, TOKEN


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. Rules by id, each with its routes."""

    roots: dict[str, frozenset[str]]
    below: dict[str, frozenset[str]]
    """Consequences, which stand under a root."""
    evidence: dict[str, str]

    def told(self) -> str:
        """For a message: every finding in a line."""
        lines = [f"{rule} on {', '.join(sorted(paths))}: {self.evidence[rule]}" for rule, paths in self.roots.items()]
        return "\n".join(lines) or "nothing"


async def check(url: str, *, direct: str, policy: Policy, patience_s: float = 0.0) -> Checked:
    """Check the app at ``direct`` through ``url``: signed in, in place, with writes, and patiently if asked."""
    question = Question(
        policy=policy,
        through=Target.of(url).with_lane(),
        direct=Target.of(direct).with_lane(),
        token=TOKEN,
        password=PASSWORD,
        writes=True,
    )
    inquiry = Inquiry(question)
    await inquiry.run()
    if patience_s:
        await Patience(patience_s).wait(inquiry)
    findings = inquiry.assessment().findings
    below = [consequence for finding in findings for consequence in _all_below(finding)]
    return Checked(
        roots=_by_rule(findings),
        below=_by_rule(below),
        evidence={finding.rule.id: "; ".join(finding.evidence)[:300] for finding in (*findings, *below)},
    )


def _by_rule(findings: tuple[Finding, ...] | list[Finding]) -> dict[str, frozenset[str]]:
    routes: dict[str, frozenset[str]] = {}
    for finding in findings:
        routes[finding.rule.id] = routes.get(finding.rule.id, frozenset()) | frozenset(finding.paths)
    return routes


def _all_below(finding: Finding) -> list[Finding]:
    return [each for one in finding.consequences for each in (one, *_all_below(one))]
