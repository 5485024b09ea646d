"""What an edge leaves out when it is not to heal what it stands in.

The edge mends event streams on their way (``X-Accel-Buffering: no``, ``no-transform``), which would hide from an outer
proxy, or from a probe, what the app itself says. A hop and a witness pass these fields on as they came.
"""

from __future__ import annotations

from dataclasses import replace

from antechamber.protocol.http1 import END, parse_fields, parse_response_head
from antechamber.protocol.translate import ResponsePlan, ResponseTranslator

_MENDED = (b"x-accel-buffering", b"cache-control")


class NeutralResponses(ResponseTranslator):
    """Plans responses as the edge does, without what it adds to event streams."""

    __slots__ = ()

    def translate(self, block: bytes, method: bytes, asked: bytes | None) -> ResponsePlan:
        plan = super().translate(block, method, asked)
        return self._unmended(plan, block) if plan.event_stream else plan

    def _unmended(self, plan: ResponsePlan, block: bytes) -> ResponsePlan:
        line, _, section = plan.head.partition(b"\r\n")
        own = parse_response_head(block, count_limit=self.count_limit).fields
        kept = [one for one in parse_fields(section) if one[0].lower() not in _MENDED]
        kept += [one for one in own if one[0].lower() in _MENDED]
        head = line + b"\r\n" + b"".join(b"%b: %b\r\n" % one for one in kept)
        return replace(plan, head=head, whole=head + END[2:] if plan.whole else b"")
