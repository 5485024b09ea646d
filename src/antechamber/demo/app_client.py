"""What the demo asks of the chamber besides looking: a login, and a terminal whose stream can be looked at.

Paths come from the profile of the app that the chamber is, by the names of their routes.
"""

from __future__ import annotations

import json
from pathlib import Path

from antechamber.errors import AntechamberError
from antechamber.policy.load import load
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from antechamber.probe.transcript import HttpTranscript
from antechamber.protocol.http1 import Field

PATIENCE_S = 10.0


class AppClient:
    """A client of the chamber at one address, logged in after :meth:`log_in`."""

    def __init__(self, target: Target) -> None:
        self.target = target
        chamber = load({"profile": "openchamber", "to": target.origin}, environment={}, directory=Path("/")).policy
        self._paths = {route.name: route.path for route in chamber.routes}

    async def log_in(self, password: str) -> Field:
        """Log in; returns the ``Cookie`` field of the session. Raises :class:`AntechamberError` if it is refused."""
        answer = await self._send("POST", self._paths["session"], {"password": password})
        cookie = answer.field(b"set-cookie")
        if answer.status != 200 or cookie is None:
            raise AntechamberError(f"the chamber refused the login: {_told(answer)}")
        field = (b"Cookie", cookie.partition(b";")[0])
        self.target = self.target.carrying(field)
        return field

    async def open_terminal(self) -> str:
        """The id of a new terminal in the app's own directory."""
        answer = await self._send("POST", self._paths["create a terminal"], {"cwd": ".", "cols": 80, "rows": 24})
        if answer.status != 200:
            raise AntechamberError(f"the chamber opened no terminal: {_told(answer)}")
        return str(json.loads(answer.body)["sessionId"])

    async def close_terminal(self, terminal: str) -> None:
        """End a terminal; one that is gone already is well."""
        await self._send("DELETE", self._paths["close a terminal"].replace(":id", terminal), None)

    async def _send(self, method: str, path: str, content: dict[str, object] | None) -> HttpTranscript:
        body = () if content is None else (json.dumps(content).encode(),)
        fields = ((b"Content-Type", b"application/json"), (b"Origin", self.target.origin.encode()))
        request = Request(target=path, method=method, fields=fields, body=body)
        return await fetch(self.target, request, patience_s=PATIENCE_S)


def _told(answer: HttpTranscript) -> str:
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}" if answer.status else answer.ending.detail
