"""AC503: the app is told another scheme than the browser used."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.rules.judging import equal
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC503",
    name="scheme-wrong",
    title="The app is told another scheme than the browser used",
    reason="a wrong scheme turns every WebSocket into a 403",
    symptom="WebSockets end in 403; redirects lead to http; cookies lose Secure.",
    cause="X-Forwarded-Proto is missing, is the last hop's own (http behind a hop that ends TLS), or says wss on "
    "sockets, as Traefik does.",
    why="The app compares a socket's Origin, https://…, with scheme and host as it was told them.",
    fix="Set X-Forwarded-Proto to the scheme that the browser used, http or https, on every route; behind a trusted "
    "hop that ends TLS keep what that hop says.",
    severity=Severity.ERROR,
    judge=equal(PolicyField.FORWARDED_PROTO, "X-Forwarded-Proto is {value}, not {wanted}"),
    field=PolicyField.FORWARDED_PROTO,
    symptoms=(1, 4),
    roots=("AC509",),
    sources=(
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-Proto",
        "https://github.com/traefik/traefik/issues/6388",
    ),
)
