"""Looking around below the root: directories listed, text read and written, files removed.

The paths and members are the app's; ``size`` and ``modified`` in a listing are the chamber's own. Links are listed as
what they are and never followed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from antechamber.chamber.answers import BodyRefused, json_answer, read_json, text_of
from antechamber.chamber.bus import Json
from antechamber.chamber.disk import in_thread
from antechamber.chamber.file_answer import STRANGERS_HEAD, FileAnswer, file_problem
from antechamber.chamber.rooted import EntryKind, FoundEntry, PathRefused, RootedFiles
from antechamber.chamber.settings import Settings

LONGEST_PATH = 16 * 1024
T = TypeVar("T")


class BrowsingRoutes:
    """``/api/fs/list``, ``read``, ``write`` and ``delete``."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        self._files = RootedFiles(settings.root)
        self._json_bytes = settings.limits.json_bytes
        self._write_bytes = settings.limits.write_bytes

    async def listing(self, request: Request) -> Response:
        """``GET /api/fs/list?path=``: without a path, the root."""
        path = request.query_params.get("path", "")
        return await self._answer(path, self._list, or_root=True)

    async def read(self, request: Request) -> ASGIApp:
        """``GET /api/fs/read?path=``: the file as text, whatever it is."""
        try:
            file, size = self._files.open_file(self._files.names(request.query_params.get("path", "")))
        except (PathRefused, OSError) as problem:
            return file_problem(problem)
        head = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"Cache-Control", b"no-store"), *STRANGERS_HEAD]
        return FileAnswer(file, size, head)

    async def write(self, request: Request) -> Response:
        """``POST /api/fs/write``, ``{path, content}``: the file becomes that text, whole or not at all."""
        body = await read_json(request, limit_bytes=self._write_bytes)
        content = text_of(body, "content", longest=self._write_bytes).encode(errors="replace")
        return await self._answer(_path_in(body), partial(self._write, content))

    async def delete(self, request: Request) -> Response:
        """``POST /api/fs/delete``, ``{path}``: a file, a link or an empty directory."""
        body = await read_json(request, limit_bytes=self._json_bytes)
        return await self._answer(_path_in(body), self._delete)

    async def _answer(self, path: str, work: Callable[[tuple[str, ...]], Json], *, or_root: bool = False) -> Response:
        try:
            names = self._files.names(path, or_root=or_root)
            return json_answer(await in_thread(partial(work, names)), headers={"cache-control": "no-store"})
        except (PathRefused, OSError) as problem:
            return file_problem(problem)

    def _list(self, names: tuple[str, ...]) -> Json:
        directory = self._root.joinpath(*names)
        return {"path": str(directory), "entries": [_entry(entry, directory) for entry in self._files.entries(names)]}

    def _write(self, content: bytes, names: tuple[str, ...]) -> Json:
        with self._files.replacing(names, overwrite=True) as file:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
        return {"success": True, "path": str(self._root.joinpath(*names))}

    def _delete(self, names: tuple[str, ...]) -> Json:
        self._files.remove(names)
        return {"success": True, "path": str(self._root.joinpath(*names))}


def _path_in(body: dict[str, Json]) -> str:
    path = text_of(body, "path", longest=LONGEST_PATH)
    if not path:
        raise BodyRefused(400, "Path is required")
    return path


def _entry(entry: FoundEntry, directory: Path) -> Json:
    return {
        "name": entry.name,
        "path": str(directory / entry.name),
        "isDirectory": entry.kind is EntryKind.DIRECTORY,
        "isFile": entry.kind is EntryKind.FILE,
        "isSymbolicLink": entry.kind is EntryKind.LINK,
        "size": entry.size_bytes,
        "modified": entry.modified_ms,
    }
