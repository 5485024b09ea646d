"""Requests made up for the routes of a profile: a path for a pattern, and what browsers send on that kind of route."""

from __future__ import annotations

import re
from functools import cache

from antechamber.lint.asked import Asking
from antechamber.policy.model import Kind, Route

_SEGMENT = re.compile(r"(?<=/):[^/]+")
_SAMPLE = "5e55104a"
"""Fits what identifiers are matched with: ``.+``, ``[^/]+``, ``\\w+``, ``[0-9a-f-]+``."""
_BELOW = "some-page"


def sample_path(path: str) -> str:
    """A path that a route stands for."""
    filled = _SEGMENT.sub(_SAMPLE, path)
    return filled.removesuffix("*") + _BELOW if filled.endswith("/*") else filled


def asking_for(route: Route) -> Asking:
    """What a browser asks on a route."""
    path = route.example or sample_path(route.path)
    match route.kind:
        case Kind.WEBSOCKET:
            return Asking(path=path, fields={"upgrade": "websocket", "connection": "Upgrade"})
        case Kind.SSE:
            return Asking(path=path, fields={"accept": "text/event-stream"})
        case Kind.API | Kind.PAGE | Kind.UPLOAD:
            return Asking(path=path, fields={"accept": "*/*"})


@cache
def neighbours(path: str) -> tuple[str, ...]:
    """Paths that differ from a route's in one literal segment: what is written for all of them is not for the route."""
    segments = path.split("/")
    return tuple(
        sample_path("/".join((*segments[:index], "zqx", *segments[index + 1 :])))
        for index, segment in enumerate(segments)
        if segment and not segment.startswith(":") and segment != "*"
    )
