"""What the chamber says about itself: health, version, process."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response

import antechamber
from antechamber.chamber.answers import json_answer
from antechamber.chamber.bus import Json
from antechamber.chamber.settings import AsOf, Settings

APP_VERSIONS = {AsOf.SEED: "1.16.1", AsOf.TODAY: "1.19.0", AsOf.BOTH: "1.19.0"}
"""The release of the app whose routes are shown: the terminal stream's last one, and the one that was measured."""


class StatusRoutes:
    """Small JSON; ``counts`` are taken when asked."""

    def __init__(
        self, *, settings: Settings, live_routes: Mapping[str, str], counts: Mapping[str, Callable[[], int]]
    ) -> None:
        self._as_of = settings.as_of
        self._limits = asdict(settings.limits)
        self._heartbeats = asdict(settings.heartbeats)
        self._live_routes = live_routes
        self._counts = counts
        self._started_at = time.time()

    async def health(self, request: Request) -> Response:
        """``GET /health``: over 1 KiB, so it is compressed for those who accept that."""
        body: dict[str, Json] = {
            "status": "ok",
            "app": "antechamber chamber",
            "note": "The reference app of Antechamber: on the wire like OpenChamber, but no model answers in it.",
            "version": antechamber.__version__,
            "behavesAs": APP_VERSIONS[self._as_of],
            "asOf": self._as_of.value,
            "startedAt": int(self._started_at * 1000),
            "uptimeSeconds": round(time.time() - self._started_at, 3),
            "open": {name: count() for name, count in self._counts.items()},
            "limits": self._limits,
            "heartbeats": self._heartbeats,
            "liveRoutes": [{"path": path, "kind": kind} for path, kind in self._live_routes.items()],
        }
        return json_answer(body)

    async def version(self, request: Request) -> Response:
        return json_answer({"version": APP_VERSIONS[self._as_of], "chamber": antechamber.__version__})

    async def upstream_health(self, request: Request) -> Response:
        """``GET /api/opencode/health``: the chamber is its own upstream, so it answers for itself."""
        return json_answer({"healthy": True})

    async def system_info(self, request: Request) -> Response:
        server = request.scope.get("server") or ("", 0)
        return json_answer({"pid": os.getpid(), "startedAt": int(self._started_at * 1000), "port": server[1]})

    async def free_port(self, request: Request) -> Response:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return json_answer({"port": listener.getsockname()[1]})
