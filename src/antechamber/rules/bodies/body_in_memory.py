"""AC307: a proxy keeps whole request bodies in memory."""

from __future__ import annotations

from antechamber.policy.effective import Effective, EffectiveRoute
from antechamber.policy.observation import Observation
from antechamber.policy.quantities import show_size
from antechamber.rules.judging import NOT_LIVE, fired, on
from antechamber.rules.rule import Required, Rule, Severity
from antechamber.rules.verdict import CannotTell, Passed, Verdict

_ENOUGH_BYTES = 1024 * 1024
"""nginx takes 16 KiB by itself. Measured on nginx 1.22.1: six slow uploads of 48 MB with a buffer of 50 MiB take the
worker from 3 to 292 MB; without the line it stays at 4 MB."""


def _judge(required: Required, effective: EffectiveRoute) -> Verdict:
    match effective.observations.get(Observation.BODY_MEMORY_BYTES):
        case Effective(value=int(size)) as found:
            if size <= _ENOUGH_BYTES:
                return Passed(show_size(size))
            return fired(f"up to {show_size(size)} of every upload stay in memory", found)
        case found:
            return CannotTell((found and found.where) or "how much a proxy keeps in memory is not seen on the wire")


RULE = Rule(
    id="AC307",
    name="body-in-memory",
    title="Uploads are kept in the proxy's memory",
    reason="a large buffer is memory, not speed",
    symptom="The proxy is killed for its memory while several people upload.",
    cause="The buffer for request bodies was made as large as the limit on them, to make uploads faster.",
    why="Every upload takes that much memory for as long as it lasts; streamed uploads need none of it.",
    fix="Leave the buffer at its default, and stream uploads.",
    severity=Severity.WARNING,
    judge=on(NOT_LIVE, _judge),
    observation=Observation.BODY_MEMORY_BYTES,
    symptoms=(3,),
    sources=("https://nginx.org/en/docs/http/ngx_http_core_module.html#client_body_buffer_size",),
)
