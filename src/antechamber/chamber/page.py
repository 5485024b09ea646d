"""The page: what this is, and the live routes that it answers. Also what an unknown path under ``/api`` returns.

In the app every path that nobody knows ends in a page with status 200: ``text/html`` where a stream was expected is
how a wrong path, a dropped ``Upgrade`` or a removed route looks from outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chamber</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}}</style>
</head>
<body>
<h1>Chamber</h1>
<p>This is the reference app of <a href="https://pypi.org/project/antechamber/">Antechamber</a>, a reverse-proxy system
for live web apps. It behaves on the wire like OpenChamber, so that a proxy in front of it can be tried and judged.
It has no user interface yet; its live routes are:</p>
<ul>
{routes}
</ul>
<p>Watch one: <code>curl -N {{this address}}/api/global/event</code></p>
</body>
</html>
"""


class Page:
    """The one page, made once."""

    def __init__(self, live_routes: Iterable[tuple[str, str]]) -> None:
        items = (f"<li><code>{escape(path)}</code>: {escape(kind)}</li>" for path, kind in live_routes)
        self._html = _PAGE.format(routes="\n".join(items))

    async def answer(self, request: Request) -> Response:
        """The page with 200; 404 for a missing file, and for anything but reading outside ``/api``."""
        path = request.scope["path"].lower()
        under_api = path == "/api" or path.startswith("/api/")
        if under_api or (request.method in ("GET", "HEAD") and "." not in path.rpartition("/")[2]):
            return HTMLResponse(self._html)
        return HTMLResponse("<!doctype html><title>Not found</title><p>Not found\n", 404)
