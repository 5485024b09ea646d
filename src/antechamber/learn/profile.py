"""Learned routes as a profile, in TOML: each with what speaks for it, and with what a recording cannot tell.

Only words of our own, numbers and what :mod:`antechamber.learn.patterns` takes for names of the app's are written, so
nothing needs quoting and no secret gets in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from antechamber.learn.har import Request
from antechamber.learn.patterns import is_name
from antechamber.learn.routes import MOST_ROUTES, Learned, kind_of
from antechamber.learn.silence import FEWEST_MESSAGES, SHORTEST_VIEW_S, estimated
from antechamber.policy.model import Kind, Limits, Timeouts
from antechamber.policy.options import SECRET_QUERY_KEYS
from antechamber.policy.quantities import show_duration, show_size

_SECRET_KEY = re.compile(
    r"token|ticket|passw|pwd|secret|signature|(^|[^a-z])sig($|[^a-z])|auth|jwt|credential|api.?key|session",
    re.IGNORECASE,
)
_QUERY_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}")
_MOST_KEYS = 20
_MOST_ORIGINS = 5
_MOST_STATUSES = 4
_LONGEST_NAME = 60
_LONGEST_WAIT_S = 86_400.0
_MIB = 1024 * 1024
_TITLES = {
    Kind.WEBSOCKET: "WebSockets",
    Kind.SSE: "Event streams",
    Kind.UPLOAD: "Large bodies",
    Kind.API: "Calls",
    Kind.PAGE: "Everything else",
}
_SUFFIX = {Kind.WEBSOCKET: " (socket)", Kind.SSE: " (stream)", Kind.UPLOAD: " (upload)", Kind.API: "", Kind.PAGE: ""}


def profile_text(routes: Sequence[Learned], requests: Sequence[Request], *, origin: str, name: str) -> str:
    """The profile of the app at ``origin``, learned from ``requests`` (of all origins) in the file called ``name``."""
    host = (urlsplit(origin).hostname or "").lower()
    own = [request for request in requests if request.origin == origin]
    lines = [*_head(own, requests, origin=origin, name=name, left_out=len(routes) > MOST_ROUTES)]
    lines += ["", f'name = "{host}"', f'app = "{host}"', *_secret_keys(own)]
    kind: Kind | None = None
    for route in routes:
        if route.kind is not kind:
            kind = route.kind
            lines += ["", f"# --- {_TITLES[kind]} ".ljust(120, "-")]
        lines += ["", *_route(route)]
    return "\n".join(lines) + "\n"


def _head(
    own: Sequence[Request], requests: Sequence[Request], *, origin: str, name: str, left_out: bool
) -> Iterator[str]:
    yield f"# Proposed from {name} by: antechamber learn"
    yield f"# {_count(len(own), 'request')} of {origin}."
    yield "# Read it before you use it: a recording shows only what was done while it was made."
    others = [request for request in requests if request.origin != origin]
    if others:
        origins = {request.origin for request in others}
        streams = sorted({request.origin for request in others if kind_of(request).live})
        live = f", sockets or event streams among them: {', '.join(streams[:_MOST_ORIGINS])}" if streams else ""
        yield f"# Left out: {_count(len(others), 'request')} to {_count(len(origins), 'other origin')}{live}."
    if left_out:
        yield f"# More than {MOST_ROUTES} routes: those that are not listed count as pages."
    if any(kind_of(request).live for request in own):
        yield '# Not in a recording: pings of WebSockets and comments (": ping") of event streams.'
    if any(kind_of(request) is Kind.UPLOAD for request in own):
        yield "# Not in a recording: how large a body the app would take (limits.body, or body-limit on a route)."


def _secret_keys(own: Iterable[Request]) -> Iterator[str]:
    """Keys that sound like a secret; only the names."""
    known = (SECRET_QUERY_KEYS.default or "").split(",")
    seen = {key for request in own for key in request.query_keys if _SECRET_KEY.search(key) and key not in known}
    found = sorted(key for key in seen if _QUERY_KEY.fullmatch(key) and is_name(key))[:_MOST_KEYS]
    if found:
        yield ""
        yield "# Query keys that sound like secrets: their values are masked in every output."
        yield f"secret-query-keys = {_list(found)}"


def _route(route: Learned) -> Iterator[str]:
    yield "[[route]]"
    yield f"# {_evidence(route)}"
    yield from (f"# {remark}" for remark in _doubts(route))
    yield f'name = "{_name(route)}"'
    yield f'path = "{route.path}"'
    yield f'kind = "{route.kind}"'
    methods = sorted({request.method for request in route.requests} - {""})
    if methods and route.kind in (Kind.SSE, Kind.UPLOAD, Kind.API) and not route.path.endswith("/*"):
        yield f"methods = {_list(methods[:10])}"
    if route.kind.live:
        yield from _heartbeat(route)
    else:
        yield from _limits(route)


def _name(route: Learned) -> str:
    if route.path == "/*":
        return "pages"
    words = [piece for piece in route.path.split("/") if piece not in ("", "*") and not piece.startswith(":")]
    return f"{' '.join(words)[:_LONGEST_NAME].strip() or 'root'}{_SUFFIX[route.kind]}"


def _evidence(route: Learned) -> str:
    """``3 requests, 101, 42 messages``."""
    parts = [_count(len(route.requests), "request")]
    if route.paths > 1:
        parts.append(f"{route.paths} paths")
    statuses = sorted({request.status for request in route.requests} - {0})
    if statuses:
        more = ["…"] if len(statuses) > _MOST_STATUSES else []
        parts.append(" ".join([*map(str, statuses[:_MOST_STATUSES]), *more]))
    if messages := sum(request.messages for request in route.requests):
        parts.append(_count(messages, "message"))
    largest = max((request.body_bytes for request in route.requests), default=0)
    if route.kind is Kind.UPLOAD and largest:
        parts.append(f"largest body {show_size(largest)}")
    return ", ".join(parts)


def _doubts(route: Learned) -> Iterator[str]:
    """What speaks against the route, or for a second look."""
    if any(request.messages for request in route.requests):
        return
    if route.kind is Kind.WEBSOCKET and all(request.status != 101 for request in route.requests):
        yield "Never answered with 101: it did not work while this was recorded, or the browser saved no answer."
    if route.kind is Kind.SSE and all(request.answer_type != "text/event-stream" for request in route.requests):
        yield "Never answered as text/event-stream: it did not work while this was recorded, or was still open."


def _heartbeat(route: Learned) -> Iterator[str]:
    connections = [request.arrivals_s for request in route.requests]
    silence = estimated(connections)
    if silence is not None:
        longest = f"{silence.longest_s:.1f} s"
        yield f"# {silence.messages} messages came in, the longest silence was {longest}; half as much again:"
        yield f'heartbeat = "{show_duration(silence.heartbeat_s)}"'
    elif any(connections):
        few = f"fewer than {FEWEST_MESSAGES} messages came in on a connection, or all within {SHORTEST_VIEW_S:.0f} s"
        yield f"# No heartbeat can be told: {few}."
    else:
        yield "# No heartbeat can be told: the recording has no times of messages that came in."


def _limits(route: Learned) -> Iterator[str]:
    """Only what was seen to be needed beyond the defaults."""
    largest = max((request.body_bytes for request in route.requests), default=0)
    if largest > Limits().body_bytes and route.path != "/*":
        yield "# Twice the largest body."
        yield f'body-limit = "{math.ceil(2 * largest / _MIB)}MiB"'
    waited = max((request.waited_s for request in route.requests), default=0.0)
    if Timeouts().response_s / 2 < waited < _LONGEST_WAIT_S:
        yield f"# The slowest answer took {waited:.0f} s; twice as much, in whole minutes."
        yield f'response-timeout = "{math.ceil(waited * 2 / 60) * 60}s"'


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
