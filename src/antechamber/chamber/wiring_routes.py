"""What the page's wiring view asks of the chamber, below ``/.well-known/antechamber/chamber/``: none of it the app's.

* ``routes.json``: every live route, with what is expected of it, as data for the view.
* ``pulse``: one event to every stream and socket that is open, so that lag can be seen without waiting for something to
  happen. It carries the chamber's clock; the answer does too, which is how a browser learns the difference to its own.
* ``arrivals``: what became of a WebSocket that failed (:mod:`antechamber.chamber.arrivals`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from antechamber.chamber.answers import json_answer, problem_answer
from antechamber.chamber.arrivals import Arrivals
from antechamber.chamber.bus import Bus, Json
from antechamber.chamber.live_routes import LiveRoute
from antechamber.chamber.login import Login

BELOW = "/.well-known/antechamber/chamber"
PULSE = "antechamber.pulse"
SHORTEST_GAP_S = 0.2
"""However many pages ask, no more than five pulses a second: each goes to everybody."""
_FRESH = {"cache-control": "no-store"}


class WiringRoutes:
    """Three small answers; only for those who are logged in."""

    def __init__(
        self,
        live: Iterable[LiveRoute],
        *,
        buses: Iterable[Bus],
        arrivals: Arrivals,
        login: Login,
        limits: Mapping[str, Json],
    ) -> None:
        self._live = tuple(live)
        self._buses = tuple(buses)
        self._arrivals = arrivals
        self._login = login
        self._limits = limits
        self._pulses = 0
        self._pulsed_at = 0.0
        self._era = int(time.time() * 1000)

    async def routes(self, request: Request) -> Response:
        """``GET routes.json``."""
        if not self._login.admits(request, url_token_counts=False):
            return self._login.refusal(request)
        live: list[Json] = [route.as_json() for route in self._live]
        return json_answer({"app": "Chamber", "routes": live, "limits": {**self._limits}}, headers=_FRESH)

    async def pulse(self, request: Request) -> Response:
        """``POST pulse``: the number and the time of the pulse that was sent, or of the last one if it was just now."""
        if not self._login.admits(request, url_token_counts=False):
            return self._login.refusal(request)
        now = time.monotonic()
        if now - self._pulsed_at >= SHORTEST_GAP_S:
            self._pulsed_at = now
            self._pulses += 1
            for bus in self._buses:
                bus.mention(PULSE, {"n": self._pulses, "at": _clock_ms()})
        return json_answer({"n": self._pulses, "at": _clock_ms(), "era": self._era}, headers=_FRESH)

    async def arrival(self, request: Request) -> Response:
        """``GET arrivals?id=``."""
        if not self._login.admits(request, url_token_counts=False):
            return self._login.refusal(request)
        attempt = request.query_params.get("id", "")
        if not attempt:
            return problem_answer(400, "id is missing")
        return json_answer(self._arrivals.of(attempt), headers=_FRESH)


def _clock_ms() -> float:
    return round(time.time() * 1000, 3)
