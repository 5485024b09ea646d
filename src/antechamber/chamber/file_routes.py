"""Uploads and downloads: bodies as large as the app takes them, streamed to and from a file.

Nothing is held whole, so a proxy that collects the body first shows only as delay. The answer to an upload carries the
size and checksum of what arrived, which is how a prober knows that nothing was lost on the way. With ``discard`` the
body is read and measured but not kept: the page tests the way for uploads with it.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from antechamber.chamber.answers import BodyRefused, json_answer, problem_answer
from antechamber.chamber.bus import Json
from antechamber.chamber.disk import in_thread
from antechamber.chamber.file_answer import BLOCK_BYTES, STRANGERS_HEAD, FileAnswer, exists_already, file_problem
from antechamber.chamber.rooted import PathRefused, RootedFiles
from antechamber.chamber.settings import Settings

UPLOAD_TYPE = "application/octet-stream"
_YES = ("1", "true")


class FileRoutes:
    """``/api/fs/upload``, ``/api/fs/raw`` and ``/api/fs/serve/``."""

    def __init__(self, settings: Settings) -> None:
        self._files = RootedFiles(settings.root)
        self._limit_bytes = settings.limits.upload_bytes

    async def upload(self, request: Request) -> Response:
        """``POST /api/fs/upload?path=&overwrite=``, the body the file itself; ``&discard=1`` keeps nothing."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != UPLOAD_TYPE:
            return problem_answer(415, f"Content-Type must be {UPLOAD_TYPE}")
        self._refuse_too_large(int(request.headers.get("content-length", "0")))
        if request.query_params.get("discard", "").lower() in _YES:
            size, checksum = await self._receive(request, _measure)
            return json_answer({"success": True, "path": "", "size": size, "sha256": checksum})
        overwrite = request.query_params.get("overwrite", "").lower() in _YES
        try:
            names = self._files.names(request.query_params.get("path", ""))
            if not overwrite and self._files.exists(names):
                return exists_already()
            with self._files.replacing(names, overwrite=overwrite) as file:
                size, checksum = await self._receive(request, partial(_write_in_thread, file))
        except (PathRefused, OSError) as problem:
            return file_problem(problem)
        answer: dict[str, Json] = {"success": True, "path": "/".join(names), "size": size, "sha256": checksum}
        return json_answer(answer)

    async def raw(self, request: Request) -> ASGIApp:
        """``GET /api/fs/raw?path=&download=``: the whole file, its length announced, no ranges."""
        download = request.query_params.get("download", "").lower() in _YES
        return self._file(request.query_params.get("path", ""), download=download)

    async def serve(self, request: Request) -> ASGIApp:
        """``GET /api/fs/serve/<path>``: the same by its path, so that a page's relative links find their files."""
        return self._file(request.path_params["path"], download=False)

    def _file(self, path: str, *, download: bool) -> ASGIApp:
        try:
            names = self._files.names(path)
            file, size = self._files.open_file(names)
        except (PathRefused, OSError) as problem:
            return file_problem(problem)
        media_type = mimetypes.guess_type(names[-1])[0] or UPLOAD_TYPE
        head = [(b"Content-Type", media_type.encode()), (b"Cache-Control", b"no-store"), *STRANGERS_HEAD]
        if download:
            disposition = f"attachment; filename*=UTF-8''{quote(names[-1], safe='')}"
            head.append((b"Content-Disposition", disposition.encode()))
        return FileAnswer(file, size, head)

    async def _receive(self, request: Request, keep: Callable[[bytes], Awaitable[None]]) -> tuple[int, str]:
        size, digest, block = 0, hashlib.sha256(), bytearray()
        async for piece in request.stream():
            size += len(piece)
            self._refuse_too_large(size)
            block += piece
            if len(block) >= BLOCK_BYTES:
                await _keep(bytes(block), digest, keep)
                block.clear()
        await _keep(bytes(block), digest, keep)
        return size, digest.hexdigest()

    def _refuse_too_large(self, size: int) -> None:
        if size > self._limit_bytes:
            raise BodyRefused(413, f"File is too large: at most {self._limit_bytes} bytes")


async def _keep(block: bytes, digest: hashlib._Hash, keep: Callable[[bytes], Awaitable[None]]) -> None:
    await in_thread(partial(digest.update, block))
    await keep(block)


async def _measure(block: bytes) -> None:
    """Keeps nothing: it has been counted already."""


async def _write_in_thread(file: int, block: bytes) -> None:
    await in_thread(partial(_write, file, block))


def _write(file: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]
