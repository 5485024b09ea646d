"""When a request asks to leave HTTP, and when the app agreed (RFC 9110 7.8, RFC 6455 4).

A request counts as an upgrade only if everything fits: GET, HTTP/1.1, no body, ``Connection: upgrade``, exactly one
protocol, and one that the policy lists. Anything less is an ordinary request without its ``Upgrade`` field, so that
nothing that merely looks like a handshake can open a tunnel.
"""

from __future__ import annotations

from antechamber.protocol.framing import Framing
from antechamber.protocol.headers import tokens


def requested(
    method: bytes, minor: int, framing: Framing, options: list[bytes], upgrade: list[bytes], allowed: frozenset[bytes]
) -> bytes | None:
    """The upgrade token to relay (folded), or ``None`` for an ordinary request.

    ``options`` are the folded tokens of ``Connection``, ``upgrade`` the raw lines of ``Upgrade``.
    """
    if method != b"GET" or minor != 1 or framing is not Framing.NONE or b"upgrade" not in options:
        return None
    offered = tokens(upgrade)
    return offered[0] if len(offered) == 1 and offered[0] in allowed else None


def agreed(asked: bytes, upgrade: list[bytes]) -> bool:
    """Whether a 101 switches to the protocol that was asked for, and to nothing else (RFC 9110 7.8 MUST NOT)."""
    return tokens(upgrade) == [asked]
