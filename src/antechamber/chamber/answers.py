"""Ordinary answers, as the app writes them: JSON with a weak ETag, HTML, and what a request's JSON body may be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from antechamber.chamber.bus import Json, compact


class BodyRefused(Exception):
    """The request's body will not do. ``status`` and ``problem`` are the answer."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


def json_answer(value: Json, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with its length and a weak ETag."""
    body = compact(value).encode()
    digest = hashlib.sha256(body).hexdigest()[:27]
    fields = {"etag": f'W/"{len(body):x}-{digest}"', **(headers or {})}
    return Response(body, status, headers=fields, media_type="application/json; charset=utf-8")


def problem_answer(status: int, problem: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal in JSON, in the app's form: ``{"error": ...}``."""
    return json_answer({"error": problem}, status, headers=headers)


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """The whole body of a request that may have ``limit_bytes`` at most. Raises :class:`BodyRefused` (413)."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise BodyRefused(413, f"the body may have {limit_bytes} bytes at most")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit_bytes:
            raise BodyRefused(413, f"the body may have {limit_bytes} bytes at most")
    return bytes(body)


async def read_json(request: Request, *, limit_bytes: int) -> dict[str, Json]:
    """The object in a request's body; empty if the type is not JSON, as with the app's own parser.

    That a body of another type is not parsed keeps other sites' plain forms out. Raises :class:`BodyRefused`.
    """
    body = await read_body(request, limit_bytes=limit_bytes)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return {}
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise BodyRefused(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise BodyRefused(400, "the body is not a JSON object")
    return value


def text_of(body: Mapping[str, Json], key: str, *, default: str = "", longest: int = 4096) -> str:
    """A string member. Raises :class:`BodyRefused` when it is something else, or too long."""
    value = body.get(key, default)
    if not isinstance(value, str) or len(value) > longest:
        raise BodyRefused(400, f"{key} must be a string of at most {longest} characters")
    return value


def whole_number(body: Mapping[str, Json], key: str, *, default: int, most: int) -> int:
    """A whole number from 1 to ``most``. Raises :class:`BodyRefused`."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BodyRefused(400, f"{key} must be a whole number from 1 to {most}")
    return value
