"""The reference app behind a proxy, logged in as a browser would be."""

from __future__ import annotations

import json
from dataclasses import dataclass

from antechamber.probe.exchange import Request
from antechamber.probe.fetch import fetch
from antechamber.probe.target import Target
from tests.engines.apps import PASSWORD


@dataclass(frozen=True, slots=True)
class App:
    """Its URL, and the direct way in with the cookie of a session."""

    url: str
    direct: Target


async def logged_in(url: str) -> App:
    target = Target.of(url)
    fields = ((b"Content-Type", b"application/json"), (b"Origin", target.origin.encode()))
    body = json.dumps({"password": PASSWORD}).encode()
    answer = await fetch(
        target, Request(target="/auth/session", method="POST", fields=fields, body=(body,)), patience_s=20.0
    )
    cookie = answer.field(b"set-cookie")
    assert answer.status == 200, answer
    assert cookie is not None
    return App(url, target.carrying((b"Cookie", cookie.partition(b";")[0])))
