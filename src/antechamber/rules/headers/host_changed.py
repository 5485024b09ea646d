"""AC501: the app is told another host than the one that was asked for (RFC 9110, section 7.2)."""

from __future__ import annotations

from antechamber.policy.effective import PORT_DROPPED, EffectiveRoute, PolicyField
from antechamber.rules.judging import equal
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict

_equal = equal(PolicyField.HOST, "Host is {value}, not what the client asked for")


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    found = effective.fields.get(PolicyField.HOST)
    if found is not None and found.value == PORT_DROPPED:
        return Passed("the name is kept; AC507 is about the port")
    return _equal(required, effective)


RULE = Rule(
    id="AC501",
    name="host-changed",
    title="The app is told another host than the one that was asked for",
    reason="apps compare a socket's Origin with Host, port included",
    symptom="WebSockets end in 403, links and redirects lead to an inner address, passkeys are refused.",
    cause="The proxy puts the address that it dials into Host: nginx does so wherever no proxy_set_header Host holds, "
    "and a single other proxy_set_header in a location undoes all those outside it.",
    why="The app believes that it is called something else: it refuses its own page's sockets and prints links nobody "
    "can open.",
    fix="Pass Host on as the client sent it, on every route.",
    severity=Severity.ERROR,
    judge=_judge,
    field=PolicyField.HOST,
    symptoms=(1, 4),
    roots=("AC509",),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-7.2",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://github.com/coder/code-server/issues/6161",
    ),
)
