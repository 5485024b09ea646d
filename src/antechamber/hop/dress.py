"""What a product adds to messages, so that it can be recognised: fields only, nothing that breaks anything.

Cloudflare's fields: https://developers.cloudflare.com/fundamentals/reference/http-headers/
"""

from __future__ import annotations

import secrets
from enum import Enum

from antechamber.protocol.http1 import Field

DATA_CENTRE = b"XXX"
"""Three letters behind ``CF-Ray``; these name no place."""


class Dress(Enum):
    """As whom the hop appears."""

    NONE = ""
    NGINX = "nginx"
    OPENRESTY = "openresty"
    CLOUDFLARE = "cloudflare"


def on_request(dress: Dress, *, client: bytes, scheme: bytes) -> list[Field]:
    """The fields that a request gets."""
    if dress is not Dress.CLOUDFLARE:
        return []
    return [
        (b"CF-Connecting-IP", client),
        (b"CF-Ray", _ray()),
        (b"CF-Visitor", b'{"scheme":"%b"}' % scheme),
        (b"CDN-Loop", b"cloudflare; loops=1"),
    ]


def on_answer(dress: Dress) -> list[Field]:
    """The fields that an answer gets; a ``Server`` among them replaces the app's."""
    match dress:
        case Dress.NONE:
            return []
        case Dress.CLOUDFLARE:
            return [(b"Server", b"cloudflare"), (b"CF-Ray", _ray()), (b"CF-Cache-Status", b"DYNAMIC")]
        case _:
            return [(b"Server", dress.value.encode())]


def status(dress: Dress, status_code: int) -> int:
    """Cloudflare has numbers of its own for an origin that does not answer in time, or at all."""
    if dress is Dress.CLOUDFLARE:
        return {504: 524, 502: 521}.get(status_code, status_code)
    return status_code


def _ray() -> bytes:
    return b"%b-%b" % (secrets.token_hex(8).encode(), DATA_CENTRE)
