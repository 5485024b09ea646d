"""Recordings as browsers write them, entry by entry: the fields that Chromium and Firefox have, and their secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from antechamber.learn.har import requests_of
from antechamber.learn.origin import own_origin
from antechamber.learn.profile import profile_text
from antechamber.learn.routes import learned_routes

APP = "https://rooms.example.com"
Entry = Mapping[str, object]

SECRETS = (
    "c00kie-of-ada",
    "bearer-9d1f",
    "query-5ecret",
    "pa55word-of-ada",
    "message-of-ada",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.s1gn",
    "Xk29fLqPz81mVt04",
)
"""Each of them stands somewhere in :func:`chromium` and may not stand in what is learned from it."""
COOKIE, BEARER, QUERY, PASSWORD, MESSAGE, JWT, INVITE = SECRETS


def har(entries: Sequence[object], *, browser: str = "WebInspector") -> bytes:
    log = {"version": "1.2", "creator": {"name": browser, "version": "1"}, "pages": [], "entries": list(entries)}
    return json.dumps({"log": log}, indent=2).encode()


def entry(
    path: str = "/",
    *,
    origin: str = APP,
    method: str = "GET",
    status: int = 200,
    answer: str = "",
    body: str | None = None,
    body_type: str = "application/json",
    body_bytes: int | None = None,
    wait_ms: float = 12.5,
    **own: object,
) -> Entry:
    """``own`` are the browser's own fields, such as ``_resourceType``."""
    headers = [
        {"name": "Cookie", "value": f"session={COOKIE}"},
        {"name": "Authorization", "value": f"Bearer {BEARER}"},
    ]
    request: dict[str, object] = {
        "method": method,
        "url": origin + path,
        "httpVersion": "http/2.0",
        "headers": headers,
        "queryString": [{"name": "access", "value": QUERY}],
        "cookies": [{"name": "session", "value": COOKIE}],
        "headersSize": -1,
        "bodySize": -1 if body_bytes is None else body_bytes,
    }
    if body is not None or body_bytes:
        request["postData"] = {"mimeType": body_type, "text": body or ""}
    response = {
        "status": status,
        "headers": [{"name": "Set-Cookie", "value": COOKIE}, {"name": "content-type", "value": answer}],
        "cookies": [{"name": "session", "value": COOKIE}],
        "content": {"size": 9, "mimeType": answer, "text": MESSAGE},
    }
    timings = {"send": 0, "wait": wait_ms, "receive": 1}
    return {"startedDateTime": "2026-11-22T10:00:00.000Z", "request": request, "response": response, **own} | {
        "time": 13,
        "timings": timings,
    }


def page(path: str = "/", **more: object) -> Entry:
    return entry(path, answer="text/html", _resourceType="document", **more)  # type: ignore[arg-type]  # as in entry


def call(path: str, **more: object) -> Entry:
    return entry(path, answer="application/json", _resourceType="fetch", **more)  # type: ignore[arg-type]  # as in entry


def socket(path: str, *, at: Sequence[float] = (), status: int = 101) -> Entry:
    """A socket as Chromium saves it, with messages that came in ``at`` these times and one that was sent."""
    messages = [{"type": "receive", "time": time, "opcode": 1, "data": MESSAGE} for time in at]
    sent = [{"type": "send", "time": at[0] + 0.5, "opcode": 1, "data": MESSAGE}] if at else []
    return entry(
        path,
        origin=APP.replace("http", "ws"),
        status=status,
        _resourceType="websocket",
        _webSocketMessages=[*messages, *sent],
    )


def chromium() -> bytes:
    """A talk in two rooms: sockets, a stream, an upload, calls, pages, a font from elsewhere, secrets all over."""
    start = 1_790_000_000.25
    return har(
        [
            page(f"/?access_token={QUERY}"),
            entry("/assets/index-B7xk2q9Z.js", answer="text/javascript", _resourceType="script"),
            entry("/inter.woff2", origin="https://fonts.example.net", answer="font/woff2", _resourceType="font"),
            socket(f"/room/7f3c9e02/ws?roomTicket={QUERY}", at=[start + 10.2 * n for n in range(6)]),
            socket(f"/room/91ab44c0/ws?roomTicket={QUERY}", at=[start, start + 10]),
            entry("/live/events", answer="text/event-stream", _resourceType="eventsource"),
            call("/rest/login", method="POST", body=json.dumps({"password": PASSWORD})),
            call(f"/rest/invites/{INVITE}"),
            call(f"/rest/verify/{JWT}"),
            call("/rest/users/42", wait_ms=45_000.0),
            call("/rest/users/43/avatar", method="PUT", body="x" * 70_000, body_type="image/png"),
            call(
                "/rest/files", method="POST", body_bytes=80 * 1024 * 1024, body_type="multipart/form-data; boundary=x"
            ),
            call("/health"),
        ]
    )


def firefox() -> bytes:
    """The same app in Firefox: no resource types, no messages, timings that may be missing, and among the headers of an
    upload those of its parts."""
    upload = entry("/rest/files", method="POST", body="--x", body_type="multipart/form-data; boundary=x")
    request = upload["request"]
    assert isinstance(request, dict)
    del request["postData"]
    request["headers"] += [
        {"name": "Content-Type", "value": "multipart/form-data; boundary=x"},
        {"name": "Content-Type", "value": "image/png"},
    ]
    entries = [
        upload,
        entry("/", answer="text/html; charset=utf-8"),
        entry("/room/7f3c9e02/ws", origin=APP.replace("http", "ws"), status=101),
        entry("/live/events", answer="text/event-stream"),
        entry("/rest/users", answer="application/json; charset=utf-8"),
        entry("/rest/rooms", answer="application/json"),
    ]
    return har([{**one, "timings": {}, "_securityState": "secure"} for one in entries], browser="Firefox")


def learned(content: bytes, *, origin: str = "", name: str = "app.har") -> str:
    """The profile that the command would print."""
    requests = requests_of(content, name=name)
    own = own_origin(requests, asked=origin, name=name)
    routes = learned_routes(request for request in requests if request.origin == own)
    return profile_text(routes, requests, origin=own, name=name)
