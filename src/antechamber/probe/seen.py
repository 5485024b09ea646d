"""One route as it was seen: directly and by another way in, and what a reader of the two must know."""

from __future__ import annotations

from dataclasses import dataclass, field

from antechamber.policy.model import Kind, Route
from antechamber.probe.events import EVENT_STREAM
from antechamber.probe.look import Look
from antechamber.probe.transcript import HttpTranscript


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What holds of a way in, whatever the route."""

    scheme: str
    host: str
    """What the app must learn of how it was asked for: the public scheme and host."""
    client: str = ""
    """The address that the app must learn of the client where that is known: what an outer proxy would have told."""
    believed: bool = False
    """Whether what we say of ourselves is to be believed: we are, or stand in for, a proxy that is trusted."""
    untrusted_fields: frozenset[str] = field(default_factory=frozenset)
    working: frozenset[Kind] = frozenset()
    """Kinds of live routes of which one at least reaches the app by this way."""
    elsewhere: bool = False
    """Whether the page itself, which the app answers directly, is not found by this way: another site answers."""
    reached: bool = False
    """Whether anything answers ordinary requests by this way: then silence at a handshake is about the upgrade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One route: both looks. Without direct access there is one."""

    route: Route
    direct: Look | None
    through: Look

    @property
    def works(self) -> bool:
        """Whether the app's own live route opens by this way in."""
        real = self.through.real
        if real is None:
            return False
        return (self.through.refusal is None and real.status == 101) or is_event_stream(real)

    @property
    def reaches_app(self) -> bool:
        """Whether the app itself is heard on this live route: it opens, or the app wants a login first."""
        real = self.through.real
        return self.works or (real is not None and real.status == 401 and not is_html(real))

    @property
    def is_answered(self) -> bool:
        """Whether anything at all answers by this way in, on the path as it is or in place."""
        look = self.through
        return any(one is not None and one.status is not None for one in (look.real, look.echo_answer, look.stream))

    @property
    def app_has_it(self) -> bool | None:
        """Whether the app itself has this live route, seen directly; ``None`` if that is not known."""
        if self.direct is None or self.direct.real is None or self.direct.real.status is None:
            return None
        if self.route.kind is Kind.SSE:
            return is_event_stream(self.direct.real)
        if self.route.kind is Kind.WEBSOCKET:
            return self.direct.refusal is None
        return True


def is_event_stream(answer: HttpTranscript) -> bool:
    return answer.status == 200 and answer.media_type == EVENT_STREAM


def is_html(answer: HttpTranscript) -> bool:
    return answer.media_type == "text/html"
