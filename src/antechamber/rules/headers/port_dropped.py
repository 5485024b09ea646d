"""AC507: the port is lost from the host that the app is told."""

from __future__ import annotations

from antechamber.policy.effective import PORT_DROPPED, EffectiveRoute, PolicyField
from antechamber.rules.judging import fired, known
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict

_NAMES = {PolicyField.FORWARDED_HOST: "X-Forwarded-Host", PolicyField.HOST: "Host"}


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    if isinstance(unknown := known(required, effective, PolicyField.HOST), CannotTell):
        return unknown
    for field, name in _NAMES.items():
        found = effective.fields.get(field)
        if found is not None and found.value == PORT_DROPPED:
            return fired(f"{name} has lost the port", found)
    return Passed()


RULE = Rule(
    id="AC507",
    name="port-dropped",
    title="The app is told the host without its port",
    reason="an origin has a port, and apps compare origins",
    symptom="Everything works on 443, and WebSockets end in 403 on any other port.",
    cause="The proxy passes the name only: $host in nginx and {host} in Caddy have no port, $http_host and {hostport} "
    "do.",
    why="The Origin of a page on another port than 80 or 443 names it, so the comparison fails.",
    fix="Pass name and port on, as the client sent them.",
    severity=Severity.WARNING,
    judge=_judge,
    field=PolicyField.HOST,
    mended_with=(PolicyField.FORWARDED_HOST,),
    symptoms=(4,),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6454.html#section-6.2",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host",
    ),
)
