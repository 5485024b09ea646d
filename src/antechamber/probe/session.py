"""Signing in to an app whose profile names how: a password for a session cookie, at most once in a run.

Apps limit logins (OpenChamber: ten failures, then a quarter of an hour), so nothing here is ever tried twice. Paths
come from the profile, by the names of their routes; an app without them cannot be signed in to, except with a cookie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from antechamber.errors import AuthenticationNeededError
from antechamber.policy.model import Policy
from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from antechamber.probe.terminals import WANTS, Terminals, apis_of, id_of
from antechamber.probe.transcript import HttpTranscript
from antechamber.protocol.http1 import Field

PATIENCE_S = 10.0
LOGIN = "session"


class Session:
    """A client of the app at one address, signed in after :meth:`sign_in`."""

    def __init__(self, target: Target, policy: Policy) -> None:
        self.target = target
        self._paths = {route.name: route.path for route in policy.routes}
        self._terminals: tuple[Terminals, ...] = apis_of(policy.routes)

    @property
    def can_sign_in(self) -> bool:
        """Whether the profile says how."""
        return LOGIN in self._paths

    async def needs_login(self) -> bool:
        """Whether the app wants one, as far as the profile knows how to ask."""
        if not self.can_sign_in:
            return False
        answer = await fetch(self.target, Request(target=self._paths[LOGIN]), patience_s=PATIENCE_S)
        return answer.status == 401

    async def sign_in(self, password: str) -> Field:
        """Sign in; returns the ``Cookie`` field of the session. Raises :class:`AuthenticationNeededError`."""
        if not self.can_sign_in:
            raise AuthenticationNeededError("this profile does not say how to sign in; give --cookie instead")
        answer = await self._send("POST", self._paths[LOGIN], {"password": password})
        cookie = answer.field(b"set-cookie")
        if answer.status != 200 or cookie is None:
            raise AuthenticationNeededError(f"the app refused the login: {_told(answer)}")
        field = (b"Cookie", cookie.partition(b";")[0])
        self.target = self.target.carrying(field)
        return field

    async def open_terminals(self) -> dict[str, str]:
        """New terminals, one for each API that the profile has live routes of: their ids, by the path up to the id."""
        opened = {}
        for api in self._terminals:
            if terminal := id_of(await self._send("POST", api.create, WANTS)):
                opened[api.item] = terminal
        return opened

    async def close_terminals(self, opened: Mapping[str, str]) -> None:
        """End terminals; one that is gone already is well."""
        for api in self._terminals:
            if api.item in opened:
                await self._send("DELETE", api.path_of(opened[api.item]), None)

    async def _send(self, method: str, path: str, content: Mapping[str, object] | None) -> HttpTranscript:
        body = () if content is None else (json.dumps(dict(content)).encode(),)
        fields = ((b"Content-Type", b"application/json"), (b"Origin", self.target.origin.encode()))
        request = Request(target=path, method=method, fields=fields, body=body)
        return await fetch(self.target, request, patience_s=PATIENCE_S)


def _told(answer: HttpTranscript) -> str:
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}" if answer.status else answer.ending.detail
