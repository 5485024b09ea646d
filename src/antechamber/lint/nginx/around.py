"""A text without a server, put so that it holds wherever it is pasted.

Such a text may come to stand in a server that says the same already: Nginx Proxy Manager, with *Websockets Support* on,
writes ``proxy_http_version``, ``Upgrade`` and ``Connection`` above its Advanced field. nginx refuses the first where it
stands twice on one level, and sends the other two twice. One level further in they replace what stands outside, since
fields are inherited only where a level sets none (https://nginx.org/r/proxy_set_header). So what the text says of
requests to the app goes into its ``location /``, which is drawn around its other locations: which of them answers a
path stays the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from antechamber.engines.nginx.syntax import Directive
from antechamber.lint.nginx.edit import Edit, before, removed
from antechamber.lint.nginx.site import NginxSite

_VERSION = "proxy_http_version"
_MOVED = frozenset({_VERSION, "proxy_set_header"})


def drawn_around(site: NginxSite, texts: Mapping[str, str]) -> Iterator[Edit]:
    """The edits that do it; none for a site with a server, and none where they could change what another line means."""
    moved = [one for one in site.block if one.name in _MOVED]
    locations = [one for one in site.block if one.name == "location"]
    outer = _outer(locations)
    if not site.stands_alone or outer is None or not any(one.name == _VERSION for one in moved):
        return
    if len({one.place.file for one in (*moved, *locations)}) > 1:
        return
    text = texts[outer.place.file]
    if outer is not locations[0]:
        yield from _opened_before(locations[0], outer, moved, text)
    else:
        yield before(outer.block[0], [text[slice(*one.span)] for one in moved], text)
    for one in moved:
        yield removed(one, text)


def _opened_before(first: Directive, outer: Directive, moved: list[Directive], text: str) -> Iterator[Edit]:
    assert outer.braces is not None
    start, end = outer.span[0], outer.braces[0] + 1
    yield before(first, ["location / {", *(text[slice(*one.span)] for one in moved)], text)
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip() and text[end : end + 1] == "\n":
        start, end = line, end + 1
    yield Edit(outer.place.file, start, end, "")


def _outer(locations: list[Directive]) -> Directive | None:
    """``location /``, if it is the last one and says nothing that the others would inherit."""
    if not locations or any(one.arguments[0].startswith("@") for one in locations if one.arguments):
        return None  # a named location may stand in a server only
    last = locations[-1]
    said = {one.name for one in last.block}
    inherited = said & _MOVED if len(locations) == 1 else said - {"proxy_pass"}
    return last if last.arguments == ("/",) and said and last.braces and not inherited else None
