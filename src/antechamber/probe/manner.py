"""How to look at a deployment: with which token, how patiently, and what is said of ourselves on the way."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from antechamber.policy.model import Policy
from antechamber.probe.turns import Turns
from antechamber.protocol.http1 import Field
from antechamber.surface.request import FIELD_NAME, Do, ProbeRequest, format_field

STRANGER = "203.0.113.66"
"""An address that is nobody's (RFC 5737): what a stranger claims to come from."""
STRANGER_HOST = "stranger.invalid"
STRANGER_SCHEME = "gopher"

OUTER_CLIENT = "198.51.100.23"
"""An address that is nobody's either: what an outer proxy says its client is."""

MARKER_COOKIE = "antechamber-marker"
MARKER_QUERY = "antechamber-marker=a%2Fb+c%20d"
"""A query that arrives as it was sent only where nobody decodes and encodes it on the way."""
FRESH_QUERY = "antechamber-fresh="
"""Behind the marker, another value each time: an echo that comes out of a cache is nobody's echo."""
MARKER_EVENT_ID = "antechamber-marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to look."""

    token: str = ""
    """Empty: nobody answers probes, only real routes are looked at."""
    fill: Mapping[str, str] = field(default_factory=dict)
    """What stands for a named segment, by the route's path up to it: ``/pty/:ptyID``."""
    patience_s: float = 5.0
    events: int = 4
    pace_s: float = 0.15
    quiet_s: float = 0.3
    announced_s: float = 1.0
    """How long a refusal of an announced body may take."""
    departure_s: float = 2.0
    """How long it may take the app to learn that a client has left: a thousand times what it takes a sound proxy, so
    that it needs no second look."""
    reset_s: float = 0.5
    """The same where only one of the streams of a connection was left."""
    claims: tuple[Field, ...] = ()
    """What echoes carry: the fields that a stranger would forge, or that an outer proxy would set."""
    writes: bool = False
    """Whether the app itself may be asked to take something."""
    turns: Turns = field(default_factory=Turns)

    def stream(self, *, hint: bool) -> ProbeRequest:
        """The stream to ask for; ``hint``: with the app's word to nginx that it is not to be held."""
        return ProbeRequest(
            do=Do.STREAM, count=self.events, pace_s=self.pace_s, quiet_s=self.quiet_s, accel_buffering_no=hint
        )

    def asking(self, request: ProbeRequest) -> Field:
        """The field that asks the observing surface."""
        return FIELD_NAME.encode(), format_field(request, self.token).encode()

    def slower(self) -> Manner:
        """The same for a second look, at what seemed wrong on the first: with longer pauses, so that it can be no
        accident of a busy machine."""
        return replace(
            self,
            patience_s=self.patience_s * 1.2,
            pace_s=self.pace_s * 3,
            quiet_s=self.quiet_s * 3,
            reset_s=self.reset_s * 3,
        )


def fresh_query() -> str:
    """The marker, and what no cache has seen."""
    return f"{MARKER_QUERY}&{FRESH_QUERY}{secrets.token_hex(4)}"


def strangers_claims(policy: Policy) -> tuple[Field, ...]:
    """What a stranger says of itself, in every field that some app would believe."""
    forwarded = {
        "x-forwarded-for": STRANGER,
        "x-real-ip": STRANGER,
        "x-forwarded-proto": STRANGER_SCHEME,
        "x-forwarded-host": STRANGER_HOST,
        "forwarded": f"for={STRANGER};proto={STRANGER_SCHEME};host={STRANGER_HOST}",
    }
    look_alikes = dict.fromkeys(sorted(policy.untrusted_fields), STRANGER)
    return _fields((look_alikes | forwarded).items())


def outer_claims(scheme: str, host: str) -> tuple[Field, ...]:
    """What a sound outer proxy says of a request that reached it as ``scheme://host``."""
    said = {
        "x-forwarded-for": OUTER_CLIENT,
        "x-real-ip": OUTER_CLIENT,
        "x-forwarded-proto": scheme,
        "x-forwarded-host": host,
    }
    return _fields(said.items())


def _fields(said: Iterable[tuple[str, str]]) -> tuple[Field, ...]:
    return tuple((name.encode(), value.encode()) for name, value in said)
