"""AC509: one route has lost every field that says how a request came: nginx's inheritance trap."""

from __future__ import annotations

from antechamber.policy.effective import AS_SENT, MISSING, Effective, EffectiveRoute, PolicyField, Source
from antechamber.rules.judging import fired, known
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict

_FIELDS = (PolicyField.HOST, PolicyField.CLIENT_ADDRESS, PolicyField.FORWARDED_PROTO, PolicyField.FORWARDED_HOST)


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = [known(required, effective, field) for field in _FIELDS]
    values = [one for one in found if isinstance(one, Effective)]
    if len(values) < len(_FIELDS):
        return next(one for one in found if not isinstance(one, Effective))
    host, *told = values
    if host.value == required.fields[PolicyField.HOST] or not all(_unsaid(one) for one in told):
        return Passed("not all of them")
    if any(one.value == required.fields[field] for field, one in zip(_FIELDS[1:], told, strict=True)):
        return Passed("not all of them")
    if host.value is None:
        return CannotTell(host.where)
    return fired(f"Host is {host.value}, and no X-Forwarded-* is set", host)


def _unsaid(found: Effective) -> bool:
    return found.value in (AS_SENT, MISSING) or found.source is Source.DEFAULT


RULE = Rule(
    id="AC509",
    name="forwarding-lost",
    title="This route has lost Host and every X-Forwarded field",
    reason="one proxy_set_header in a location undoes all those outside it",
    symptom="Pages work; WebSockets end in 403 as soon as the app has a password; all users share one limit on logins.",
    cause="Proxies such as nginx say none of these unless they are told to. In nginx a location that sets a single "
    "field of its own inherits none from the server block: the locations of sockets set Upgrade, so exactly they lose "
    "Host, X-Forwarded-For, -Proto and -Host.",
    why="It hits live routes only, so looking at a page shows nothing.",
    fix="Repeat all fields in each location that sets one, or set none there.",
    severity=Severity.ERROR,
    judge=_judge,
    field=PolicyField.HOST,
    mended_with=(PolicyField.CLIENT_ADDRESS, PolicyField.FORWARDED_PROTO, PolicyField.FORWARDED_HOST),
    symptoms=(1, 4),
    sources=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://github.com/certsimple/nginx-http2-load-balancing-config/issues/2",
        "https://github.com/MegaManSec/Gixy-Next/issues/80",
    ),
)
