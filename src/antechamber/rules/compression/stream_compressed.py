"""AC604: an event stream is compressed on the way."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC604",
    name="stream-compressed",
    title="An event stream is compressed on the way",
    reason="a compressor likes to wait for more",
    symptom="Streams with curl, and is held in a browser: only a browser asks for compression.",
    cause="The proxy's list of types to compress covers text/event-stream, often as text/*.",
    why="Some compressors send each event at once, some hold the head or 32 KiB. Which one it is changes with "
    "versions.",
    fix="Take text/event-stream off what is compressed.",
    severity=Severity.WARNING,
    judge=on(
        (Kind.SSE,),
        seen(
            Observation.STREAM_CODING,
            healthy=("identity", ""),
            otherwise="the stream came with Content-Encoding: {value}",
        ),
    ),
    mended_by=PolicyField.COMPRESSION,
    observation=Observation.STREAM_CODING,
    symptoms=(2, 4),
    sources=(
        "https://github.com/traefik/traefik/issues/2576",
        "https://github.com/caddyserver/caddy/pull/7905",
        "https://github.com/lfnovo/open-notebook/pull/750",
    ),
)
