"""The door of a TLS listener: who may shake hands, and who is met behind the handshake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from antechamber.edge.answer import answer
from antechamber.ledger import Entry
from antechamber.protocol.failure import Failure
from antechamber.protocol.forwarded import Peer

if TYPE_CHECKING:
    from antechamber.edge.setting import Setting


PLAIN = "HTTP without TLS was sent to a port where https is spoken"


def knock(setting: Setting, address: str) -> Callable[[], None] | None:
    """Count a connection that is to shake hands; returns what counts it out, or ``None`` if there is no room for it."""
    peer = Peer(address, secure=True, trust=setting.trust)
    refused = setting.admission.knock(peer.text, trusted=peer.trusted)
    once = iter((peer.text,))

    def greeted() -> None:
        for client in once:
            setting.admission.greeted(client)

    if refused:
        greeted()
        setting.notices.overload(refused)
        return None
    return greeted


def plain(setting: Setting, address: str) -> bytes:
    """The answer to a client that speaks HTTP where TLS is spoken; it is in the books like other refusals."""
    entry = Entry(Peer(address, secure=False, trust=setting.trust).text, b"", b"", "", setting.loop.time())
    setting.ledger.refuse(entry, 400, Failure.REQUEST_ERROR.value, PLAIN)
    return answer(400, PLAIN, failure=Failure.REQUEST_ERROR, close=True)


class Entrance(asyncio.Protocol):
    """Waits for the end of a handshake: who meets the client depends on what it chose there (ALPN, RFC 7301)."""

    def __init__(self, one: Callable[[], asyncio.Protocol], two: Callable[[], asyncio.Protocol]) -> None:
        self._one = one
        self._two = two

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        chosen = self._two() if tls.selected_alpn_protocol() == "h2" else self._one()
        transport.set_protocol(chosen)
        chosen.connection_made(transport)
