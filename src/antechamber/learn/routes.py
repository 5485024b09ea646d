"""From requests to routes: what each path carries, and what the recording shows of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from antechamber.learn.har import Request
from antechamber.learn.patterns import Segments, common_prefix, path_of, segments_of, siblings_folded
from antechamber.policy.model import Kind

LARGE_BODY_BYTES = 64 * 1024
"""More than a form or a JSON call has; nginx writes request bodies to disk from 16 KiB on."""
MOST_ROUTES = 100
"""Nobody reads more, and a profile has a largest size; what is over is left to the widest route."""

_STRONGEST_FIRST = (Kind.WEBSOCKET, Kind.SSE, Kind.UPLOAD, Kind.API, Kind.PAGE)
"""A path that carries several kinds needs what the first of them needs."""
_OF_SCRIPTS = frozenset({"fetch", "xhr", "xmlhttprequest", "ping", "beacon"})
_JSON = frozenset({"application/json", "application/x-ndjson", "application/jsonl", "text/json"})
_DOCUMENTS = frozenset({"text/html", "application/xhtml+xml"})
_ASSETS = ("image/", "font/", "audio/", "video/", "text/css", "text/javascript", "application/javascript")


@dataclass(frozen=True, slots=True)
class Learned:
    """One route with the requests that it was learned from."""

    path: str
    kind: Kind
    requests: tuple[Request, ...]
    paths: int
    """How many routes are gathered in it; 1 for a route of its own."""


def learned_routes(requests: Iterable[Request]) -> tuple[Learned, ...]:
    """The routes of one origin: sockets, streams, uploads, calls, and last the pages, which are everything else."""
    gathered = _by_path([request for request in requests if request.method != "OPTIONS"])
    kinds = {path: _strongest(kind_of(request) for request in found) for path, found in gathered.items()}
    live = [path for path, kind in kinds.items() if kind.live or kind is Kind.UPLOAD]
    calls = [path for path, kind in kinds.items() if kind is Kind.API]
    own = [_own(path, kinds[path], gathered[path]) for path in live]
    own += _calls(calls, live, gathered, documents=_with_documents(gathered))
    own.sort(key=lambda route: (_STRONGEST_FIRST.index(route.kind), route.path.endswith("/*"), route.path))
    rest = [path for path, kind in kinds.items() if kind is Kind.PAGE]
    pages = Learned("/*", Kind.PAGE, _together(rest, gathered), len(rest))
    return (*(route for route in own[:MOST_ROUTES] if route.path != pages.path), pages)


def kind_of(request: Request) -> Kind:
    """What a request is, by what the page wanted it for, by what was sent and by what came back."""
    if request.status == 101 or request.resource == "websocket" or request.upgrade:
        return Kind.WEBSOCKET
    if request.answer_type == "text/event-stream" or request.resource == "eventsource":
        return Kind.SSE
    if request.body_bytes > LARGE_BODY_BYTES or request.body_type == "multipart/form-data":
        return Kind.UPLOAD
    return Kind.API if _is_call(request) else Kind.PAGE


def _is_call(request: Request) -> bool:
    types = (request.answer_type, request.body_type)
    if any(one in _JSON or one.endswith("+json") for one in types):
        return request.resource != "manifest" and request.answer_type != "application/manifest+json"
    shown = request.answer_type in _DOCUMENTS or request.answer_type.startswith(_ASSETS)
    if request.method not in ("GET", "HEAD"):
        return request.resource != "document" and not shown
    return request.resource in _OF_SCRIPTS and not shown


def _strongest(kinds: Iterable[Kind]) -> Kind:
    return min(kinds, key=_STRONGEST_FIRST.index)


def _by_path(requests: Sequence[Request]) -> dict[Segments, list[Request]]:
    """Requests by their path, ids named. Live paths and uploads of which there are many alike are one."""
    written = [(segments_of(request.path), request) for request in requests]
    of_kind: dict[Kind, list[Segments]] = {}
    for path, request in written:
        of_kind.setdefault(kind_of(request), []).append(path)
    folded: dict[Segments, Segments] = {}
    for kind in (Kind.UPLOAD, Kind.SSE, Kind.WEBSOCKET):
        folded |= siblings_folded(of_kind.get(kind, ()))
    gathered: dict[Segments, list[Request]] = {}
    for path, request in written:
        gathered.setdefault(folded.get(path, path), []).append(request)
    return gathered


def _calls(
    calls: Sequence[Segments],
    live: Sequence[Segments],
    gathered: Mapping[Segments, Sequence[Request]],
    *,
    documents: Collection[Segments],
) -> list[Learned]:
    """One route for all calls below a prefix, where no page stands below it; else one for each."""
    found: list[Learned] = []
    for first in dict.fromkeys(path[:1] for path in calls):
        here = [path for path in calls if path[:1] == first]
        beside = [path for path in live if path[:1] == first]
        prefix = common_prefix([*here, *beside])
        taken = (*prefix, "*") in beside or any(path[: len(prefix)] == prefix for path in documents)
        if prefix and not taken and len(here) + len(beside) > 1:
            found.append(Learned(path_of((*prefix, "*")), Kind.API, _together(here, gathered), len(here)))
        else:
            found += [_own(path, Kind.API, gathered[path]) for path in here]
    return found


def _with_documents(gathered: Mapping[Segments, Sequence[Request]]) -> list[Segments]:
    return [
        path
        for path, requests in gathered.items()
        if any(
            one.answer_type in _DOCUMENTS and one.resource in ("", "document") and one.status < 400 for one in requests
        )
    ]


def _own(path: Segments, kind: Kind, requests: Sequence[Request]) -> Learned:
    return Learned(path_of(path), kind, tuple(requests), 1)


def _together(paths: Iterable[Segments], gathered: Mapping[Segments, Sequence[Request]]) -> tuple[Request, ...]:
    return tuple(request for path in paths for request in gathered[path])
