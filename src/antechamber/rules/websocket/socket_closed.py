"""AC107: something in between ends a WebSocket that neither side wanted to end."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC107",
    name="socket-closed",
    title="A WebSocket is closed by something in between",
    reason="a socket lives as long as its page",
    symptom="Live updates stop after a while and come back by themselves; a terminal blinks and reconnects.",
    cause="A hop ended the connection: a limit on its age or its silence, a reload that cuts old connections, a "
    "worker that was recycled.",
    why="What is sent in the gap is lost: most apps keep nothing for later.",
    fix="Raise the limits on age and silence at the hop that closed, and let reloads leave open connections alone.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.WEBSOCKET,),
        seen(
            Observation.SOCKET_END,
            healthy=("open",),
            otherwise={"closed": "it was closed by something in between"},
        ),
    ),
    mended_by=PolicyField.STREAM_IDLE_S,
    observation=Observation.SOCKET_END,
    symptoms=(1,),
    roots=("AC409", "AC403"),
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6455.html#section-7.1.5",
        "https://github.com/websockets/ws/issues/2283",
        "https://github.com/caddyserver/caddy/issues/7222",
    ),
)
