"""Whether a WebSocket's ``Origin`` may come in: the one check that most proxies fail.

The app compares strings: ``Origin`` must be ``proto://host`` of what *reaches* it, where the first item of
``X-Forwarded-Proto`` and of ``X-Forwarded-Host`` win over ``http`` and ``Host``, from whoever sent them. Nothing is
lower-cased but the protocol, no default port is removed. So a proxy that ends TLS without saying so, or rewrites
``Host``, breaks every socket as soon as a password is set; and one that passes the client's own ``X-Forwarded-Host``
through lets any page in.
"""

from __future__ import annotations

from collections.abc import Sequence

RawHeaders = Sequence[tuple[bytes, bytes]]

ALWAYS_ALLOWED = frozenset({"https://localhost", "capacitor://localhost", "openchamber-ui://app"})
"""The app's own mobile and desktop shells."""
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def field_value(headers: RawHeaders, name: bytes) -> str:
    """All values of a field joined as the app's HTTP library joins them; empty when there is none."""
    return ", ".join(value.decode("latin-1") for key, value in headers if key.lower() == name)


def first_item(headers: RawHeaders, name: bytes) -> str:
    """The first item of a list field: the one the app believes, and the one farthest from it."""
    return field_value(headers, name).split(",", 1)[0].strip()


def forwarded_proto(headers: RawHeaders) -> str:
    """The scheme that the app believes the browser used."""
    return first_item(headers, b"x-forwarded-proto").lower() or "http"


def may_come_in(headers: RawHeaders) -> bool:
    """The verdict on an upgrade request's headers."""
    origin = field_value(headers, b"origin")
    if not origin or origin == "null":
        return False
    return origin in ALWAYS_ALLOWED or origin in _expected(headers)


def _expected(headers: RawHeaders) -> set[str]:
    proto = forwarded_proto(headers)
    host = first_item(headers, b"x-forwarded-host") or field_value(headers, b"host")
    expected = {f"{proto}://{host}"}
    for loopback in _LOOPBACK_HOSTS:
        if host == loopback or host.startswith(f"{loopback}:"):
            port = host[len(loopback) :]
            expected.update(f"{proto}://{other}{port}" for other in _LOOPBACK_HOSTS)
    return expected
