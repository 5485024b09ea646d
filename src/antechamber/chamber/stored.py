"""Files that are served as they are: kept in memory, with the validators and cache fields of the app's static files.

``Cache-Control: public, max-age=0``, ``Last-Modified`` and a weak ETag; conditional requests get 304, one byte range
gets 206 (RFC 9110, sections 13 and 14). The app marks nothing as immutable, so neither does this: a CDN that caches
more was told to.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file, read once."""

    body: bytes
    media_type: str
    etag: str
    modified_s: int

    @classmethod
    def read(cls, path: Path) -> StoredFile:
        found = path.stat()
        media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if media_type.startswith("text/"):
            media_type += "; charset=utf-8"
        etag = f'W/"{found.st_size:x}-{int(found.st_mtime * 1000):x}"'
        return cls(path.read_bytes(), media_type, etag, int(found.st_mtime))

    def answer(self, request: Request, *, cache: str = "public, max-age=0") -> Response:
        """The file, or what the request's conditions and range make of it."""
        fields = {
            "cache-control": cache,
            "etag": self.etag,
            "last-modified": formatdate(self.modified_s, usegmt=True),
            "accept-ranges": "bytes",
            "x-content-type-options": "nosniff",
        }
        if self._is_known(request):
            return Response(status_code=304, headers=fields)
        part = _asked_range(request.headers.get("range", ""), len(self.body))
        if part is None:
            return Response(self.body, headers=fields, media_type=self.media_type)
        if not part:
            fields["content-range"] = f"bytes */{len(self.body)}"
            return Response(status_code=416, headers=fields)
        fields["content-range"] = f"bytes {part.start}-{part.stop - 1}/{len(self.body)}"
        fields["cache-control"] += ", no-transform"  # or it would be compressed, and the range be of something else
        return Response(self.body[part.start : part.stop], 206, headers=fields, media_type=self.media_type)

    def _is_known(self, request: Request) -> bool:
        if match := request.headers.get("if-none-match"):
            return match.strip() == "*" or self.etag.removeprefix("W/") in match
        since = _date_s(request.headers.get("if-modified-since", ""))
        return since is not None and self.modified_s <= since


def stored_below(folders: Iterable[Path]) -> Mapping[str, StoredFile]:
    """Every file below each folder, by its path relative to it with ``/``; a later folder's wins."""
    return {
        file.relative_to(folder).as_posix(): StoredFile.read(file)
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix not in (".py", ".pyc", ".html", ".md")
    }


def _asked_range(field: str, size: int) -> range | None:
    """The octets that one range asks for: none of them if it lies outside, ``None`` if the whole is meant."""
    found = _RANGE.fullmatch(field)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    end = min(size, int(last) + 1) if last else size
    return range(int(first), end) if int(first) < size else range(0)


def _date_s(field: str) -> float | None:
    try:
        return parsedate_to_datetime(field).timestamp()
    except (ValueError, OverflowError):
        return None
