"""What OpenChamber's reverse-proxy guide configures, as names: the directives of its samples, by their place.

Names only, so that a page which compares the samples with ours can be held against them. A directive that stands in
several like places (three sockets, six streams) is named once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

SOCKETS = ("/api/terminal/ws", "/api/global/event/ws", "/api/event/ws")
STREAMS = ("/api/event", "/api/global/event", "/api/notifications/stream", "/api/openchamber/events")

_HEADERS = tuple(
    f"proxy_set_header {name}"
    for name in ("Connection", "Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
)
_TOP = (
    "client_max_body_size",
    "client_body_buffer_size",
    "proxy_request_buffering",
    "proxy_http_version",
    *_HEADERS,
    "gzip",
)
_LIMITS = ("proxy_read_timeout", "proxy_send_timeout")
_SOCKET = ("proxy_pass", "proxy_set_header Upgrade", "proxy_set_header Connection", "proxy_buffering", "proxy_cache")
_STREAM = (
    "proxy_pass",
    "proxy_set_header Accept",
    "proxy_set_header Cache-Control",
    "proxy_buffering",
    "proxy_cache",
    "gzip",
    "add_header X-Accel-Buffering",
    "add_header Cache-Control",
)
_TERMINAL = "location ~ ^/api/terminal/.+/stream$"


@dataclass(frozen=True)
class Sample:
    """One sample: the page that compares it with ours, and its directives by the heading that they stand under."""

    page: str
    directives: dict[str, tuple[str, ...]]


SAMPLES = (
    Sample(
        "nginx.md",
        {
            "At the top": _TOP,
            "The three sockets": (*(f"location = {path}" for path in SOCKETS), *_SOCKET, *_LIMITS),
            "The event streams": ("location ~ ^/api/(event", _TERMINAL, *_STREAM, *_LIMITS),
            "The rest": ("location /api", "location /", "proxy_pass", *_LIMITS),
        },
    ),
    Sample(
        "npm.md",
        {
            "At the top": _TOP,
            "The three sockets": (
                *(f"location = {path}" for path in SOCKETS),
                *_SOCKET,
                *_LIMITS,
                "proxy_connect_timeout",
            ),
            "The event streams": (
                *(f"location = {path}" for path in STREAMS),
                _TERMINAL,
                *_STREAM,
                *_LIMITS,
                "proxy_connect_timeout",
            ),
            "The rest": ("location /api", "location /", "proxy_pass", *_LIMITS, "proxy_connect_timeout"),
            "Outside the text": ("Websockets Support",),
        },
    ),
    Sample(
        "caddy.md",
        {
            "Coming from OpenChamber's guide": (
                "reverse_proxy",
                "flush_interval",
                "header_up Host",
                "header_up X-Real-IP",
                "header_up X-Forwarded-For",
                "header_up X-Forwarded-Proto",
                "transport http",
                "read_timeout",
                "write_timeout",
            ),
        },
    ),
    Sample(
        "cdn.md",
        {
            "Coming from OpenChamber's guide": (
                "OpenChamber: gzip from 1 KB",
                "CDNs compress too",
                "double compression",
                "Cloudflare: Rules → Compression → disable",
                "Cloudflare: Passthrough",
                "Nginx: gzip off",
                "Caddy: does not compress again",
                "event streams: not compressed by OpenChamber",
                "event streams: may be buffered by a CDN",
            ),
        },
    ),
    Sample(
        "cloudflare.md",
        {
            "Coming from OpenChamber's guide": (
                "Rules → Compression → disable",
                "Passthrough",
                "buffering on event streams",
            ),
        },
    ),
)
