"""The request that a stranger makes, lies and all, and what of its lies arrived: the same for every engine.

A reader works out which fields go up; what they amount to is said here, in the words that rules know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from antechamber.policy.effective import AS_ASKED, AS_SEEN, AS_SENT, DROPPED, MISSING, PORT_DROPPED

PEER = "203.0.113.7"
"""A stranger's address (RFC 5737)."""
FORGED = "198.51.100.66"
LIE = "forged.invalid"
HOST = "chamber.example:8443"
FOREIGN = "antechamber-probe"
"""An upgrade token that nobody asks for."""
APPENDED = "appended to what the client sends"

LIES: Mapping[str, str] = {
    "x-forwarded-for": FORGED,
    "x-real-ip": FORGED,
    "x-forwarded-host": LIE,
    "forwarded": f"for={FORGED};host={LIE}",
}

CARRIED: Mapping[str, str] = {"cookie": "session=5e55104a", "last-event-id": "42"}
"""What a browser says to the app alone: a proxy has nothing to do with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request as it comes in."""

    path: str
    scheme: str = "https"
    host: str = HOST
    peer: str = PEER
    fields: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name, without ``Host``."""
    answer: Mapping[str, str] = field(default_factory=dict)
    """Fields of the app's answer, for what is done with it."""


def host(text: str) -> str:
    """What became of ``Host``."""
    return {HOST: AS_ASKED, HOST.partition(":")[0]: PORT_DROPPED, "": MISSING}.get(text, text)


def address(text: str) -> str:
    """What became of a field with the client's address."""
    if text == PEER:
        return AS_SEEN
    if text == FORGED:
        return AS_SENT
    return APPENDED if text.startswith(FORGED) else text or MISSING


def forwarded_host(text: str) -> str:
    """What became of ``X-Forwarded-Host``; a constant is what the operator knows of the outside."""
    words = {HOST: AS_SEEN, HOST.partition(":")[0]: PORT_DROPPED, LIE: AS_SENT, "": MISSING}
    return words.get(text, AS_SEEN)


def proto(over_https: str, over_http: str) -> str:
    """What became of ``X-Forwarded-Proto`` when the client said the opposite of the truth, over both schemes."""
    match over_https, over_http:
        case ("https", "http") | ("https", "https"):
            return AS_SEEN
        case "http", "https":
            return AS_SENT
        case "", "":
            return MISSING
        case one, other:
            return one if one == other else f"{one} or {other}"


def forwarded(text: str) -> str:
    """What became of ``Forwarded``."""
    return AS_SENT if FORGED in text else DROPPED


def arrived(name: str, text: str | None) -> bool | None:
    """Whether a field of :data:`CARRIED` came as it was sent; ``None`` where nobody knows what became of it."""
    return None if text is None else text == CARRIED[name]
