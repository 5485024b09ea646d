"""AC102: a proxy passes every upgrade on, ``h2c`` among them (RFC 9113, appendix B, retired it)."""

from __future__ import annotations

from antechamber.policy.effective import ANY_TOKEN, Effective, EffectiveRoute, PolicyField
from antechamber.rules.judging import fired, known
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = known(required, effective, PolicyField.UPGRADES)
    if not isinstance(found, Effective):
        return found
    if found.value == ANY_TOKEN:
        return fired("every Upgrade is passed on", found)
    foreign = set(str(found.value).split(",")) - set(str(required.fields[PolicyField.UPGRADES]).split(",")) - {""}
    return fired(f"an Upgrade to {', '.join(sorted(foreign))} is passed on", found) if foreign else Passed()


RULE = Rule(
    id="AC102",
    name="foreign-upgrade-relayed",
    title="A proxy passes upgrades on that nobody asked for",
    reason="an upgrade nobody asked for is an unknown tunnel",
    symptom="Nothing, until somebody abuses it.",
    cause="The proxy copies whatever Upgrade the client sends, so h2c, which opens a second HTTP inside the "
    "connection, goes up as well.",
    why="After a 101 the proxy sees bytes only. An app that accepts h2c hands a stranger requests that no rule of the "
    "proxy applies to.",
    fix="Pass the upgrade tokens that the app uses on, websocket as a rule, and no others.",
    severity=Severity.WARNING,
    judge=_judge,
    field=PolicyField.UPGRADES,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-7.8",
        "https://bishopfox.com/blog/h2c-smuggling-request",
    ),
)
