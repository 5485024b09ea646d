"""AC202: not even the head of an event stream comes, until the first event does."""

from __future__ import annotations

from antechamber.policy.effective import PolicyField
from antechamber.policy.model import Kind
from antechamber.policy.observation import AT_ONCE, HELD, Observation
from antechamber.rules.judging import on, seen
from antechamber.rules.rule import Rule, Severity

RULE = Rule(
    id="AC202",
    name="head-held",
    title="The head of an event stream is held back",
    reason="a stream is open when its head arrives",
    symptom='The page says "connecting" on a quiet app, and is suddenly connected when something happens.',
    cause="A layer waits for the first octets of the body before it sends the head: compression does, to know whether "
    "it is worth it, and so do some servers that write head and body together.",
    why="The browser does not call the stream open without its head. Clients with a deadline give up on a quiet app "
    "and connect again for ever.",
    fix="Take compression off event streams, or use a version of the proxy that sends heads at once.",
    severity=Severity.ERROR,
    judge=on(
        (Kind.SSE,),
        seen(
            Observation.HEAD, healthy=(AT_ONCE,), otherwise={HELD: "the head came late, with the first event or after"}
        ),
    ),
    mended_by=PolicyField.RESPONSE_STREAMED,
    observation=Observation.HEAD,
    symptoms=(2,),
    roots=("AC210", "AC201"),
    sources=(
        "https://github.com/caddyserver/caddy/pull/7905",
        "https://github.com/modelcontextprotocol/go-sdk/issues/937",
    ),
)
