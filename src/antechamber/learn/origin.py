"""Which origin is the app's: the one that its pages came from."""

from __future__ import annotations

from collections.abc import Sequence

from antechamber.errors import ConfigError
from antechamber.learn.har import Request

_SHOWN = 5


def own_origin(requests: Sequence[Request], *, asked: str = "", name: str) -> str:
    """The origin of the pages in a recording, or the one ``asked`` for. Raises :class:`ConfigError` where several are
    plausible (a login at somebody else's, for example) or none."""
    all_origins = list(dict.fromkeys(request.origin for request in requests))
    if asked:
        if asked not in all_origins:
            raise ConfigError(f"nothing in it went to {asked}", place="--origin", way_out=_choice(all_origins))
        return asked
    of_pages = list(dict.fromkeys(request.origin for request in _documents(requests)))
    plausible = of_pages or all_origins
    if len(plausible) == 1:
        return plausible[0]
    problem = "it has pages of several origins" if of_pages else "it has no page that says which origin is the app's"
    raise ConfigError(problem, place=name, way_out=_choice(plausible))


def _documents(requests: Sequence[Request]) -> list[Request]:
    """The first document of each page: those that follow are in frames of it."""
    shown = [request for request in requests if _is_document(request)]
    first = {request.page: request for request in reversed(shown) if request.page}
    return [*first.values(), *(request for request in shown if not request.page)]


def _is_document(request: Request) -> bool:
    """Whether a browser showed the answer; a redirect is only a way to one."""
    if not (200 <= request.status < 300 or request.status == 304):
        return False
    if request.resource:
        return request.resource == "document"
    return request.method == "GET" and request.answer_type in ("text/html", "application/xhtml+xml")


def _choice(origins: Sequence[str]) -> str:
    more = f" and {len(origins) - _SHOWN} more" if len(origins) > _SHOWN else ""
    return f"Choose with --origin: {', '.join(origins[:_SHOWN])}{more}."
