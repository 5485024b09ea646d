"""The opening handshake of a WebSocket over HTTP/1.1: what to ask and what to believe (RFC 6455 section 4).

Builds the request fields of a client and judges the other side's head, in either role. A refusal is a value: the
probe reports it, and nothing here raises for what a peer sends. Nonces come in as arguments.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from enum import StrEnum

Fields = Sequence[tuple[bytes, bytes]]

_OF_HTTP1 = (b"Upgrade", b"Connection", b"Sec-WebSocket-Key")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refusal(StrEnum):
    """Why a head does not open a WebSocket; the text is for people."""

    NOT_SWITCHED = "the status is not 101"
    NOT_ACCEPTED = "extended CONNECT was not answered with 2xx"
    NO_UPGRADE = "no Upgrade: websocket"
    NO_CONNECTION = "no Connection: upgrade"
    WRONG_ACCEPT = "Sec-WebSocket-Accept does not answer the key"
    UNASKED_EXTENSION = "an extension that was not offered"
    UNASKED_PROTOCOL = "a subprotocol that was not offered"
    NOT_GET = "the method is not GET"
    BAD_KEY = "Sec-WebSocket-Key is not 16 bytes in base64"
    BAD_VERSION = "Sec-WebSocket-Version is not 13"


def key_of(nonce: bytes) -> bytes:
    """The ``Sec-WebSocket-Key`` for 16 random bytes."""
    if len(nonce) != 16:
        raise ValueError("a WebSocket nonce has 16 bytes")
    return base64.b64encode(nonce)


def accept_of(key: bytes) -> bytes:
    """The ``Sec-WebSocket-Accept`` that proves that ``key`` was read (RFC 6455 section 4.2.2)."""
    # SHA-1 is what the RFC says; it guards against confused caches here, not against an attacker.
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def request_fields(key: bytes, *, subprotocols: Sequence[bytes] = ()) -> list[tuple[bytes, bytes]]:
    """The fields that make a GET an opening handshake (``Host`` and ``Origin`` are the caller's)."""
    fields = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Key", key),
        (b"Sec-WebSocket-Version", b"13"),
    ]
    if subprotocols:
        fields.append((b"Sec-WebSocket-Protocol", b", ".join(subprotocols)))
    return fields


def judge_response(status: int, fields: Fields, *, key: bytes, subprotocols: Sequence[bytes] = ()) -> Refusal | None:
    """``None`` if the head opens the WebSocket that was asked for with ``key`` (RFC 6455 section 4.1)."""
    if status != 101:
        return Refusal.NOT_SWITCHED
    if not _has_token(fields, b"upgrade", b"websocket"):
        return Refusal.NO_UPGRADE
    if not _has_token(fields, b"connection", b"upgrade"):
        return Refusal.NO_CONNECTION
    if _values(fields, b"sec-websocket-accept") != [accept_of(key)]:
        return Refusal.WRONG_ACCEPT
    return _unasked(fields, subprotocols)


def _unasked(fields: Fields, subprotocols: Sequence[bytes]) -> Refusal | None:
    """What was chosen that nobody offered."""
    if _values(fields, b"sec-websocket-extensions"):
        return Refusal.UNASKED_EXTENSION
    chosen = _values(fields, b"sec-websocket-protocol")
    if chosen and (len(chosen) > 1 or chosen[0] not in subprotocols):
        return Refusal.UNASKED_PROTOCOL
    return None


def extended_fields(*, subprotocols: Sequence[bytes] = ()) -> list[tuple[bytes, bytes]]:
    """The fields of an extended CONNECT that opens a WebSocket: no key, no ``Upgrade`` (RFC 8441 section 5)."""
    return [field for field in request_fields(b"", subprotocols=subprotocols) if field[0] not in _OF_HTTP1]


def judge_extended(status: int, fields: Fields, *, subprotocols: Sequence[bytes] = ()) -> Refusal | None:
    """``None`` if the head opens the WebSocket that extended CONNECT asked for (RFC 8441 section 5.1).

    Its 2xx is an ordinary one too: an answer that says what its content is, is a page and no socket.
    """
    if not 200 <= status < 300 or _values(fields, b"content-type"):
        return Refusal.NOT_ACCEPTED
    return _unasked(fields, subprotocols)


def judge_request(method: bytes, fields: Fields) -> Refusal | None:
    """``None`` if the head is a proper opening handshake of version 13 (RFC 6455 section 4.2.1)."""
    if method != b"GET":
        return Refusal.NOT_GET
    if not _has_token(fields, b"upgrade", b"websocket"):
        return Refusal.NO_UPGRADE
    if not _has_token(fields, b"connection", b"upgrade"):
        return Refusal.NO_CONNECTION
    keys = _values(fields, b"sec-websocket-key")
    if len(keys) != 1 or not _is_key(keys[0]):
        return Refusal.BAD_KEY
    if _values(fields, b"sec-websocket-version") != [b"13"]:
        return Refusal.BAD_VERSION
    return None


def _values(fields: Fields, name: bytes) -> list[bytes]:
    return [value.strip(b" \t") for key, value in fields if key.lower() == name]


def _has_token(fields: Fields, name: bytes, token: bytes) -> bool:
    items = b",".join(_values(fields, name)).lower().split(b",")
    return token in (item.strip(b" \t") for item in items)


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except binascii.Error:
        return False
