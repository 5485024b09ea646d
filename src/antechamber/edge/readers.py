"""Which reader the body of a message needs, by its plan."""

from __future__ import annotations

from antechamber.protocol.framing import BodyReader, ChunkedReader, CloseReader, Framing, LengthReader
from antechamber.protocol.translate import RequestPlan, ResponsePlan


def request_reader(plan: RequestPlan) -> BodyReader | None:
    """For the body of a request; ``None``: it has none."""
    match plan.framing:
        case Framing.LENGTH:
            return LengthReader(plan.length)
        case Framing.CHUNKED:
            return ChunkedReader(reframe=True)
        case _:
            return None


def response_reader(plan: ResponsePlan, *, reframe: bool) -> BodyReader | None:
    """For the body of a response, which is chunked on its way if it is ``reframe``d; ``None``: it has none."""
    match plan.framing:
        case Framing.LENGTH:
            return LengthReader(plan.length)
        case Framing.CHUNKED:
            return ChunkedReader(reframe=reframe)
        case Framing.CLOSE:
            return CloseReader(reframe=reframe)
        case Framing.NONE:
            return None
