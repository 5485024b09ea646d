"""AC101: a proxy does not pass the upgrade of a WebSocket on (RFC 6455, section 4.1; RFC 9110, section 7.8)."""

from __future__ import annotations

from antechamber.policy.effective import ANY_TOKEN, Effective, EffectiveRoute, PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import either, fired, known, on, seen
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import Passed, Verdict

WEBSOCKET = "websocket"


def relayed(required: Required, effective: EffectiveRoute) -> Verdict:
    """Whether ``websocket`` is among the upgrade tokens that are passed on."""
    found = known(required, effective, PolicyField.UPGRADES)
    if not isinstance(found, Effective):
        return found
    if found.value == ANY_TOKEN or WEBSOCKET in str(found.value).split(","):
        return Passed()
    return fired("Upgrade and Connection are not passed on", found)


RULE = Rule(
    id="AC101",
    name="upgrade-lost",
    title="A proxy does not pass the WebSocket upgrade on",
    reason="without its Upgrade a WebSocket is an ordinary GET",
    symptom="The page loads, but messages cannot be sent, and a terminal never connects; the browser's console says "
    '"Unexpected response code: 200" or 400.',
    cause="Upgrade and Connection concern one connection only (RFC 9110, section 7.6.1), so a proxy drops them unless "
    "it is told to pass them on; one that speaks HTTP/1.0 to the app cannot pass them on at all.",
    why="The app sees an ordinary GET. Many answer it with their page, status 200, so nothing looks wrong until "
    "something live is needed. Terminals have no other transport.",
    fix="Speak HTTP/1.1 to the app and pass Upgrade and Connection on where the socket is served.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.WEBSOCKET,),
        either(
            seen(
                Observation.UPGRADE,
                healthy=("switched",),
                otherwise={
                    "html": "a page of HTML came instead of 101",
                    "silence": "neither 101 nor a refusal came",
                    **{
                        f"status {code}": f"status {code} came instead of 101"
                        for code in (200, 204, 400, 404, 405, 426)
                    },
                },
            ),
            relayed,
        ),
    ),
    field=PolicyField.UPGRADES,
    observation=Observation.UPGRADE,
    symptoms=(1, 4),
    roots=("AC516", "AC517", "AC709", "AC108"),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110.html#section-7.8",
        "https://www.rfc-editor.org/rfc/rfc6455.html#section-4.1",
        "https://nginx.org/en/docs/http/websocket.html",
    ),
)
