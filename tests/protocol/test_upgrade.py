"""When a request leaves HTTP, and when it only looks like it: RFC 9110 7.8, RFC 6455 4."""

from __future__ import annotations

import pytest

from antechamber.protocol.framing import Framing
from antechamber.protocol.upgrade import agreed, requested

ALLOWED = frozenset({b"websocket"})


def ask(
    *,
    method: bytes = b"GET",
    minor: int = 1,
    framing: Framing = Framing.NONE,
    options: tuple[bytes, ...] = (b"upgrade",),
    upgrade: tuple[bytes, ...] = (b"websocket",),
) -> bytes | None:
    return requested(method, minor, framing, list(options), list(upgrade), ALLOWED)


@pytest.mark.parametrize("upgrade", [b"websocket", b"WebSocket", b" WEBSOCKET "])
@pytest.mark.parametrize("options", [(b"upgrade",), (b"keep-alive", b"upgrade")])
def test_a_whole_handshake_asks_for_a_tunnel(upgrade: bytes, options: tuple[bytes, ...]) -> None:
    """RFC 9110 7.8: protocol names are compared without case."""
    assert ask(upgrade=(upgrade,), options=options) == b"websocket"


def test_another_method_does_not() -> None:
    """RFC 6455 4.1: a POST's body would be the tunnel's first octets for one reader and a body for the other."""
    assert ask(method=b"POST") is None


def test_an_http_1_0_request_does_not() -> None:
    """RFC 9110 7.8: a server MUST ignore an Upgrade that comes in an HTTP/1.0 request."""
    assert ask(minor=0) is None


@pytest.mark.parametrize("framing", [Framing.LENGTH, Framing.CHUNKED])
def test_a_request_with_a_body_does_not(framing: Framing) -> None:
    assert ask(framing=framing) is None


@pytest.mark.parametrize("options", [(), (b"close",), (b"upgrade-insecure",)])
def test_a_request_whose_connection_does_not_say_so_does_not(options: tuple[bytes, ...]) -> None:
    """RFC 9110 7.8: the sender MUST send the connection option too."""
    assert ask(options=options) is None


@pytest.mark.parametrize(
    "upgrade", [(), (b"",), (b"websocket, h2c",), (b"websocket", b"websocket"), (b"websocket/13",)]
)
def test_an_offer_of_none_or_several_protocols_does_not(upgrade: tuple[bytes, ...]) -> None:
    """The app would choose, and the edge would not know what."""
    assert ask(upgrade=upgrade) is None


@pytest.mark.parametrize("upgrade", [b"h2c", b"TLS/1.2", b"raw"])
def test_a_protocol_that_the_policy_does_not_list_does_not(upgrade: bytes) -> None:
    """h2c through a proxy is a way around every rule that the proxy has."""
    assert ask(upgrade=(upgrade,)) is None


def test_a_switch_to_what_was_asked_for_is_agreed() -> None:
    assert agreed(b"websocket", [b"WebSocket"])


@pytest.mark.parametrize("upgrade", [[], [b""], [b"h2c"], [b"websocket, h2c"], [b"h2c", b"websocket"]])
def test_a_switch_to_anything_else_is_not(upgrade: list[bytes]) -> None:
    """RFC 9110 7.8: a server MUST NOT switch to a protocol that the client did not indicate."""
    assert not agreed(b"websocket", upgrade)
