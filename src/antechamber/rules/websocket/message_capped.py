"""AC106: a message of ordinary size does not come through a WebSocket."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_size
from antechamber.rules.judging import fired, on
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    match effective.observations.get(Observation.MESSAGE_BYTES):
        case Effective(value=0):
            return Passed("every message came through")
        case Effective(value=int(size)) as found:
            return fired(f"a message of {show_size(size)} did not come through", found)
        case found:
            return CannotTell((found and found.where) or "no large message was sent")


RULE = Rule(
    id="AC106",
    name="message-capped",
    title="Something on the way limits the size of WebSocket messages",
    reason="a terminal's first message is its whole history",
    symptom="A terminal opens, and closes when it has much to show; close code 1009, or 1006.",
    cause="A hop parses the frames instead of relaying them, and refuses what is larger than its own limit.",
    why="A snapshot of a terminal may have half a MiB. The page reconnects, gets it again, and is closed again.",
    fix="Let the hop relay octets after the 101, or raise its limit on messages above the app's own.",
    severity=Severity.ERROR,
    judge=on((Kind.WEBSOCKET,), _judge),
    observation=Observation.MESSAGE_BYTES,
    sources=("https://www.rfc-editor.org/rfc/rfc6455.html#section-7.4.1",),
)
