"""AC703: no HTTP/2 is spoken to browsers."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.rules.judging import fired
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = effective.observations.get(Observation.HTTP_VERSIONS)
    if found is None or found.value is None:
        return CannotTell((found and found.where) or "the versions of HTTP that are spoken were not looked at")
    if {"h2", "h3"} & set(str(found.value).split(",")):
        return Passed(str(found.value))
    return fired(f"spoken: {found.value}", found)


RULE = Rule(
    id="AC703",
    name="no-http2",
    title="No HTTP/2 is spoken to browsers",
    reason="over HTTP/1.1 a browser opens six connections, and event streams use them up",
    symptom="With several tabs open nothing loads any more.",
    cause="HTTP/2 is not switched on, or there is no TLS, which browsers want for it.",
    why="All streams and requests of all tabs share six connections.",
    fix="Switch HTTP/2 on where browsers connect.",
    severity=Severity.ADVICE,
    judge=_judge,
    observation=Observation.HTTP_VERSIONS,
    site=True,
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9113.html",
        "https://nginx.org/en/docs/http/ngx_http_v2_module.html",
    ),
)
