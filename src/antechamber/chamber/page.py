"""The page: the app's own user interface, and what an unknown path under ``/api`` returns.

In the app every path that nobody knows ends in a page with status 200: ``text/html`` where a stream was expected is
how a wrong path, a dropped ``Upgrade`` or a removed route looks from outside. The page's scripts, styles and pictures
lie below ``/assets/``; the wiring view's come from :mod:`antechamber.surface`, since the edge serves them too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from antechamber.chamber.bus import Json
from antechamber.chamber.stored import StoredFile, stored_below
from antechamber.surface.web import CONTENT_SECURITY_POLICY, FOLDER

WEB = Path(__file__).parent / "web"
ASSETS = "/assets/"
MANIFEST_SHORTCUTS = 3
_PLACEHOLDER = "<!-- live routes -->"
_HEAD = {
    "cache-control": "public, max-age=0",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Page:
    """The page with everything that belongs to it, read once. ``latest`` are the newest conversations."""

    def __init__(
        self, live_routes: Iterable[tuple[str, str]], *, latest: Callable[[int], list[dict[str, Json]]]
    ) -> None:
        items = (f"<li><code>{escape(path)}</code>: {escape(kind)}</li>" for path, kind in live_routes)
        html = (WEB / "index.html").read_text(encoding="utf-8")
        assert _PLACEHOLDER in html
        self._html = html.replace(_PLACEHOLDER, "\n".join(items))
        self._assets = stored_below([FOLDER, WEB / "assets"])
        self._service_worker = StoredFile.read(WEB / "sw.js")
        self._manifest = json.loads((WEB / "manifest.webmanifest").read_text(encoding="utf-8"))
        self._latest = latest

    async def answer(self, request: Request) -> Response:
        """The page with 200; 404 for a missing file, and for anything but reading outside ``/api``."""
        path = request.scope["path"]
        lowered = path.lower()
        if lowered == "/api" or lowered.startswith("/api/"):
            return HTMLResponse(self._html, headers=_HEAD)
        if request.method in ("GET", "HEAD"):
            if path == "/sw.js":
                return self._service_worker.answer(request, cache="no-store")
            if path == "/manifest.webmanifest":
                return self._manifest_answer()
            if path.startswith(ASSETS) and (asset := self._assets.get(path.removeprefix(ASSETS))):
                return asset.answer(request)
            if "." not in path.rpartition("/")[2]:
                return HTMLResponse(self._html, headers=_HEAD)
        return HTMLResponse("<!doctype html><title>Not found</title><p>Not found\n", 404)

    def _manifest_answer(self) -> Response:
        """Made for each request, since it names the latest conversations, to whoever asks: so does the app's."""
        shortcuts = [
            {"name": session["title"], "url": f"/#/conversation/{session['id']}"}
            for session in self._latest(MANIFEST_SHORTCUTS)
        ]
        body = json.dumps({**self._manifest, "shortcuts": shortcuts}, ensure_ascii=False)
        fields = {"cache-control": "no-store, must-revalidate"}
        return Response(body, headers=fields, media_type="application/manifest+json")
