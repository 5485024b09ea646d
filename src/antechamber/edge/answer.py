"""Answers that the edge makes up itself: refusals and gateway errors, in the form the client accepts.

Each names the hop that speaks (``Proxy-Status``, RFC 9209), what is wrong and, where a setting decides, which one. They
hold no internal address and nothing that the client sent, so there is nothing to leak or to inject.
"""

from __future__ import annotations

import html
import json
from http import HTTPStatus

from antechamber.protocol.failure import Failure

HOP = "antechamber"
RETRY_AFTER_S = 5
"""What a client is told to wait that is refused for want of room."""
ALLOW = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
"""What may be asked through the edge: everything but CONNECT and TRACE."""

_HTML = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}}
h1{{font-size:1.4rem}}small{{opacity:.7}}</style>
<h1>{title}</h1><p>{detail}</p><p><small>From the reverse proxy (Antechamber), not from the app.</small></p>
</html>
"""


def answer(
    status: int,
    detail: str,
    *,
    failure: Failure,
    accept: bytes = b"",
    to_head: bool = False,
    close: bool = False,
    retry_after_s: int = 0,
) -> bytes:
    """A whole response message. ``accept`` chooses HTML, JSON or plain text."""
    title = f"{status} {_phrase(status)}"
    kind, body = _body(title, status, detail, failure, accept)
    fields = [
        f"HTTP/1.1 {title}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        f'Proxy-Status: {HOP}; error={failure.value}; details="{_quotable(detail)}"',
    ]
    if retry_after_s:
        fields.append(f"Retry-After: {retry_after_s}")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        fields.append(ALLOW)
    if close:
        fields.append("Connection: close")
    head = "\r\n".join(fields).encode("ascii", "replace") + b"\r\n\r\n"
    return head if to_head else head + body


def options_answer(*, date: bytes, close: bool) -> bytes:
    """The answer to an OPTIONS that was to come no further than here. ``date`` is a whole field line."""
    ending = b"Connection: close\r\n\r\n" if close else b"\r\n"
    return b"HTTP/1.1 200 OK\r\n%b\r\n%bContent-Length: 0\r\n%b" % (ALLOW.encode("ascii"), date, ending)


def overload(reason: str) -> bytes:
    """The answer to whoever comes when there is no room; the connection closes behind it."""
    return answer(503, reason, failure=Failure.CONNECTION_LIMIT_REACHED, close=True, retry_after_s=RETRY_AFTER_S)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _quotable(detail: str) -> str:
    return detail.replace("\\", "").replace('"', "'")


def _body(title: str, status: int, detail: str, failure: Failure, accept: bytes) -> tuple[str, bytes]:
    accepted = accept.lower()
    if b"text/html" in accepted:
        page = _HTML.format(title=html.escape(title), detail=html.escape(detail))
        return "text/html; charset=utf-8", page.encode()
    if b"json" in accepted:
        record = {"status": status, "error": failure.value, "detail": detail, "hop": HOP}
        return "application/json", json.dumps(record).encode() + b"\n"
    return "text/plain; charset=utf-8", f"{title}\n{detail}\n(from the reverse proxy, Antechamber)\n".encode()
