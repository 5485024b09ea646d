"""Uploads and downloads: bodies as large as the app takes them, streamed to and from a file.

Nothing is held whole, so a proxy that collects the body first shows only as delay. The answer to an upload carries the
size and checksum of what arrived, which is how a prober knows that nothing was lost on the way.
"""

from __future__ import annotations

import errno
import hashlib
import mimetypes
import os
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from antechamber.chamber.answers import BodyRefused, json_answer, problem_answer
from antechamber.chamber.bus import Json
from antechamber.chamber.disk import in_thread
from antechamber.chamber.racing import first_of
from antechamber.chamber.rooted import PathRefused, RootedFiles
from antechamber.chamber.settings import Settings
from antechamber.chamber.streams import until_gone

UPLOAD_TYPE = "application/octet-stream"
BLOCK_BYTES = 1024 * 1024
"""What is written at once: enough to be quick, little enough to hold for every upload that is under way."""


class FileRoutes:
    """``/api/fs/upload`` and ``/api/fs/raw``."""

    def __init__(self, settings: Settings) -> None:
        self._files = RootedFiles(settings.root)
        self._limit_bytes = settings.limits.upload_bytes

    async def upload(self, request: Request) -> Response:
        """``POST /api/fs/upload?path=&overwrite=``, the body the file itself."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != UPLOAD_TYPE:
            return problem_answer(415, f"Content-Type must be {UPLOAD_TYPE}")
        self._refuse_too_large(int(request.headers.get("content-length", "0")))
        overwrite = request.query_params.get("overwrite", "").lower() in ("1", "true")
        try:
            names = self._files.names(request.query_params.get("path", ""))
            if not overwrite and self._files.exists(names):
                return _exists()
            with self._files.replacing(names, overwrite=overwrite) as file:
                size, checksum = await self._receive(request, file)
        except PathRefused as refused:
            return problem_answer(400, str(refused))
        except FileExistsError:
            return _exists()
        except OSError as problem:
            return _file_problem(problem)
        answer: dict[str, Json] = {"success": True, "path": "/".join(names), "size": size, "sha256": checksum}
        return json_answer(answer)

    async def raw(self, request: Request) -> ASGIApp:
        """``GET /api/fs/raw?path=&download=``: the whole file, its length announced, no ranges."""
        try:
            names = self._files.names(request.query_params.get("path", ""))
            file, size = self._files.open_file(names)
        except PathRefused as refused:
            return problem_answer(400, str(refused))
        except OSError as problem:
            return _file_problem(problem)
        media_type = mimetypes.guess_type(names[-1])[0] or UPLOAD_TYPE
        head = [(b"Content-Type", media_type.encode()), (b"Cache-Control", b"no-store")]
        if request.query_params.get("download", "").lower() in ("1", "true"):
            disposition = f"attachment; filename*=UTF-8''{quote(names[-1], safe='')}"
            head.append((b"Content-Disposition", disposition.encode()))
        return _FileAnswer(file, size, head)

    async def _receive(self, request: Request, file: int) -> tuple[int, str]:
        size, digest, block = 0, hashlib.sha256(), bytearray()
        async for piece in request.stream():
            size += len(piece)
            self._refuse_too_large(size)
            block += piece
            if len(block) >= BLOCK_BYTES:
                await in_thread(partial(_write, file, bytes(block), digest))
                block.clear()
        await in_thread(partial(_write, file, bytes(block), digest))
        return size, digest.hexdigest()

    def _refuse_too_large(self, size: int) -> None:
        if size > self._limit_bytes:
            raise BodyRefused(413, f"File is too large: at most {self._limit_bytes} bytes")


def _write(file: int, block: bytes, digest: hashlib._Hash) -> None:
    digest.update(block)
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]


class _FileAnswer:
    """The open file as it was long when opened: it may grow meanwhile, but its length is announced. Closes it."""

    def __init__(self, file: int, size: int, head: list[tuple[bytes, bytes]]) -> None:
        self._file = file
        self._size = size
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = (b"Content-Length", str(self._size).encode())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*self._head, length]})
            await first_of(self._send_all(send, to_head=scope["method"] == "HEAD"), until_gone(receive))
        finally:
            os.close(self._file)

    async def _send_all(self, send: Send, *, to_head: bool) -> None:
        rest = 0 if to_head else self._size
        while rest > 0 and (block := await in_thread(partial(os.read, self._file, min(BLOCK_BYTES, rest)))):
            rest -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _exists() -> Response:
    return problem_answer(409, "File already exists")


def _file_problem(problem: OSError) -> Response:
    match problem.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ELOOP | errno.ENXIO:
            return problem_answer(404, "File not found")
        case errno.EISDIR:
            return _exists()
        case errno.EACCES | errno.EPERM:
            return problem_answer(403, "Permission denied")
        case errno.ENOSPC | errno.EDQUOT:
            return problem_answer(507, "No space left")
        case _:
            raise problem
