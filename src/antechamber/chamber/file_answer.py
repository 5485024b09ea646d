"""A file as an answer: streamed from the disk with its length announced, and what a file's trouble is answered with."""

from __future__ import annotations

import errno
import os
from functools import partial

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from antechamber.chamber.answers import problem_answer
from antechamber.chamber.disk import in_thread
from antechamber.chamber.racing import first_of
from antechamber.chamber.rooted import PathRefused
from antechamber.chamber.streams import until_gone

BLOCK_BYTES = 1024 * 1024
"""What is read or written at once: enough to be quick, little enough to hold for every transfer under way."""
STRANGERS_HEAD = (
    (b"Content-Security-Policy", b"sandbox"),
    (b"X-Content-Type-Options", b"nosniff"),
)
"""What people uploaded is not ours: opened in a browser it gets no script, and no origin."""


class FileAnswer:
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


def exists_already() -> Response:
    """409, as the app says it."""
    return problem_answer(409, "File already exists")


def file_problem(problem: OSError | PathRefused) -> Response:
    """The answer to a file's trouble; what is no fault of the request is raised again."""
    if isinstance(problem, PathRefused):
        return problem_answer(400, str(problem))
    match problem.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ELOOP | errno.ENXIO:
            return problem_answer(404, "File not found")
        case errno.EEXIST | errno.EISDIR:
            return exists_already()
        case errno.ENOTEMPTY:
            return problem_answer(409, "The directory is not empty")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return problem_answer(403, "Permission denied")
        case errno.ENAMETOOLONG | errno.EINVAL:
            return problem_answer(400, "No file can have that name")
        case errno.ENOSPC | errno.EDQUOT:
            return problem_answer(507, "No space left")
        case _:
            raise problem
