"""AC504: ``X-Forwarded-Host`` names another host than the public one."""

from __future__ import annotations

from antechamber.policy.effective import AS_ASKED, AS_SENT, MISSING, PORT_DROPPED, EffectiveRoute, PolicyField, Source
from antechamber.rules.judging import equal
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict

_equal = equal(PolicyField.FORWARDED_HOST, "X-Forwarded-Host is {value}, not {wanted}")


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found, host = (effective.fields.get(field) for field in (PolicyField.FORWARDED_HOST, PolicyField.HOST))
    if found is None or found.value is None:
        return _equal(required, effective)
    if found.value == PORT_DROPPED:
        return Passed("the name is right; AC507 is about the port")
    unsaid = found.value in (AS_SENT, MISSING) or found.source is Source.DEFAULT
    if unsaid and host is not None and host.value == AS_ASKED:
        return Passed("the proxy does not say it, and Host, which it keeps, does")
    return _equal(required, effective)


RULE = Rule(
    id="AC504",
    name="public-host-wrong",
    title="X-Forwarded-Host does not name the public host",
    reason="a wrong name turns every WebSocket into a 403",
    symptom="WebSockets end in 403; passkeys are refused or belong to another name.",
    cause="An inner hop writes the name that it was called by over the public one, or nothing says the public name at "
    "all.",
    why="Apps believe X-Forwarded-Host before Host, so a wrong one is worse than none.",
    fix="Set X-Forwarded-Host to the name and port that the browser asked for, on every route.",
    severity=Severity.ERROR,
    judge=_judge,
    field=PolicyField.FORWARDED_HOST,
    symptoms=(1, 4),
    roots=("AC509",),
    sources=(
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-Host",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
    ),
)
