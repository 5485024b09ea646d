"""AC104: the app refuses the page's own origin, because it was told another host or scheme."""

from __future__ import annotations

from antechamber.policy.effective import EffectiveRoute, PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import ACCEPTED, REFUSED, Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict

_own = seen(
    Observation.ORIGIN, healthy=(ACCEPTED,), otherwise={REFUSED: "the handshake with the page's own origin is refused"}
)


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    verdict = _own(required, effective)
    if not isinstance(verdict, Passed):
        return verdict
    foreign = effective.observations.get(Observation.FOREIGN_ORIGIN)
    match foreign.value if foreign else None:
        case "refused":
            return verdict
        case "accepted":
            return CannotTell("a foreign origin is accepted as well: the app compares none, or has stored this one")
        case _:
            return CannotTell("it is not known whether the app compares origins at all")


RULE = Rule(
    id="AC104",
    name="origin-refused",
    title="The app refuses the WebSocket of its own page",
    reason="apps compare a socket's Origin with what the proxy says of the host",
    symptom='The page looks normal; every WebSocket ends in 403 ("Invalid origin"), and a terminal never connects.',
    cause="The app compares Origin with X-Forwarded-Proto and X-Forwarded-Host (or Host). One of them was lost on "
    "this route, rewritten to an inner address, has lost its port, or says wss where a browser's Origin says https.",
    why="All sockets fail as soon as the app has a password, while the page falls back to event streams and hides it. "
    "Without a password the same proxy passes every test.",
    fix="On the socket's own route keep Host with its port, and set X-Forwarded-Proto to http or https and "
    "X-Forwarded-Host to the public name.",
    severity=Severity.ERROR,
    judge=on((Kind.WEBSOCKET,), _judge),
    mended_by=PolicyField.HOST,
    mended_with=(PolicyField.FORWARDED_PROTO, PolicyField.FORWARDED_HOST),
    observation=Observation.ORIGIN,
    symptoms=(1,),
    roots=("AC509", "AC501", "AC503", "AC504", "AC507"),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6455.html#section-10.2",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://github.com/coder/code-server/issues/6161",
        "https://github.com/traefik/traefik/issues/9736",
    ),
)
