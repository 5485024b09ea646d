"""The fields of an HTTP/2 request, written as the HTTP/1.1 head that everything behind them reads (RFC 9113 8).

What is malformed by the RFC is refused here, before a single octet is written: a name or a value that would be read
otherwise in HTTP/1.1 never gets that far. What is well formed and only not wanted (a host that is none, TRACE, too many
fields) is left to the HTTP/1.1 side, which has the answer for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from antechamber.protocol.failure import RequestFault
from antechamber.protocol.framing import content_length
from antechamber.protocol.http1 import TOKEN, Field, is_host, serialise

_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]++")
_VALUE = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*+(?<![\t ]))?)?")
"""A field value as HTTP/2 has it: no control characters, no white space around it (RFC 9113 8.2.1)."""
_METHOD = re.compile(TOKEN + rb"++")
_PATH = re.compile(rb"/[!\"$-~]*+")
_PSEUDO: Final = frozenset({b":method", b":scheme", b":authority", b":path", b":protocol"})
_CONNECTION_SPECIFIC: Final = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
)
WEBSOCKET: Final = b"websocket"


class Malformed(Exception):
    """A request that RFC 9113 8.1.1 calls malformed: its stream is reset, and nothing of it goes anywhere."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is given to the HTTP/1.1 side."""

    method: bytes
    """The client's; ``CONNECT`` where it opens a tunnel by RFC 8441."""
    head: bytes
    """The HTTP/1.1 head, its empty line included."""
    length: int | None
    """The length that was announced."""
    chunked: bool
    """Its content is to be given in chunks: there is some, and nobody knows how much."""
    tunnel: bytes
    """The protocol that is asked for by extended CONNECT (RFC 8441 4), folded; else empty."""


def request_of(fields: list[Field], *, ended: bool, tunnels: frozenset[bytes], key: bytes) -> Request:
    """The request of a header block; ``ended`` if nothing follows it.

    ``tunnels`` are the protocols that may be opened by extended CONNECT, ``key`` is the ``Sec-WebSocket-Key`` that a
    WebSocket gets on its way to the app. Raises :class:`Malformed`, and :class:`RequestFault` for what has an answer.
    """
    pseudo, plain = _parted(fields)
    method, scheme, path = pseudo.get(b":method"), pseudo.get(b":scheme"), pseudo.get(b":path")
    if method is None or _METHOD.fullmatch(method) is None:
        raise Malformed("the method is missing, or is no token")
    authority, plain = _authority(pseudo, plain)
    length = _length(plain, ended=ended)
    if method == b"CONNECT" and b":protocol" not in pseudo:
        if scheme is not None or path is not None:
            raise Malformed("CONNECT with a scheme or a path")
        return Request(method, _head(method, authority, authority, plain), length, not ended and length is None, b"")
    if b":protocol" in pseudo and method != b"CONNECT":
        raise Malformed(":protocol without CONNECT")
    if scheme not in (b"https", b"http"):
        raise Malformed("the scheme is missing, or neither http nor https")
    if path is None or not (_PATH.fullmatch(path) or (path == b"*" and method == b"OPTIONS")):
        raise Malformed("the path is missing, or is none")
    if method == b"CONNECT":
        return _tunnel(pseudo[b":protocol"], path, authority, plain, ended=ended, tunnels=tunnels, key=key)
    chunked = not ended and length is None
    if chunked:
        plain = [*plain, (b"transfer-encoding", b"chunked")]
    return Request(method, _head(method, path, authority, plain), length, chunked, b"")


def trailers_of(fields: list[Field]) -> bytes:
    """The trailer section of a request, as it stands behind a last chunk. Raises :class:`Malformed`."""
    pseudo, plain = _parted(fields)
    if pseudo:
        raise Malformed("pseudo-fields among the trailers")
    return b"".join(b"%b: %b\r\n" % field for field in plain)


def _parted(fields: list[Field]) -> tuple[dict[bytes, bytes], list[Field]]:
    """Pseudo-fields and fields, each checked by itself; cookies in one (RFC 9113 8.2.3)."""
    pseudo: dict[bytes, bytes] = {}
    plain: list[Field] = []
    crumbs: list[bytes] = []
    for name, value in fields:
        if _VALUE.fullmatch(value) is None:
            raise Malformed("a field value with control characters, or white space around it")
        if name.startswith(b":"):
            if name not in _PSEUDO or name in pseudo or plain or crumbs:
                raise Malformed("a pseudo-field that is unknown, repeated or behind a field")
            pseudo[bytes(name)] = bytes(value)
        elif _NAME.fullmatch(name) is None:
            raise Malformed("a field name that is no token in lower case")
        elif name in _CONNECTION_SPECIFIC or (name == b"te" and value.lower() != b"trailers"):
            raise Malformed("a field that is for HTTP/1.1 connections only")
        elif name == b"cookie":
            crumbs.append(value)
        else:
            plain.append((bytes(name), bytes(value)))
    if crumbs:
        plain.append((b"cookie", b"; ".join(crumbs)))
    return pseudo, plain


def _authority(pseudo: dict[bytes, bytes], plain: list[Field]) -> tuple[bytes, list[Field]]:
    """The one host of the request (RFC 9113 8.3.1), and the fields without it."""
    hosts = [value for name, value in plain if name == b"host"]
    authority = pseudo.get(b":authority")
    if authority is None and not hosts:
        raise Malformed("neither :authority nor host")
    named = [*hosts, *([] if authority is None else [authority])]
    if len(hosts) > 1 or len({name.lower() for name in named}) > 1:
        raise Malformed(":authority and host are not one and the same")
    if not is_host(named[-1]):
        raise Malformed("the authority is not a valid host")
    return named[-1], [field for field in plain if field[0] != b"host"]


def _length(plain: list[Field], *, ended: bool) -> int | None:
    values = [value for name, value in plain if name == b"content-length"]
    if not values:
        return None
    length = content_length(values)
    if length is None:
        raise Malformed("content-length is not one plain number")
    if ended and length:
        raise Malformed("content was announced, and the stream ended without any")
    return length


def _tunnel(
    protocol: bytes,
    path: bytes,
    authority: bytes,
    plain: list[Field],
    *,
    ended: bool,
    tunnels: frozenset[bytes],
    key: bytes,
) -> Request:
    """Extended CONNECT as the upgrade that it stands for (RFC 8441 5)."""
    token = protocol.lower()
    if token not in tunnels:
        raise RequestFault(501, "CONNECT to a protocol that is not relayed here")
    if ended or any(name == b"content-length" for name, _ in plain):
        raise Malformed("CONNECT with content, or without a stream to go on with")
    fields = [field for field in plain if field[0] != b"sec-websocket-key"]
    fields += [(b"connection", b"Upgrade"), (b"upgrade", token)]
    if token == WEBSOCKET:
        fields.append((b"sec-websocket-key", key))
    return Request(b"CONNECT", _head(b"GET", path, authority, fields), None, False, token)


def _head(method: bytes, target: bytes, authority: bytes, plain: list[Field]) -> bytes:
    return serialise(b"%b %b HTTP/1.1" % (method, target), [(b"host", authority), *plain])
