"""What arrived, as it arrived: request line, fields in order, and when each piece of the body came.

Times are of two clocks. The monotonic one (``at_ns``) is for spans within the answer, the wall clock (``wall``) for
comparing with another machine's, as far as clocks agree.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

from antechamber.surface import redact
from antechamber.surface.asgi import Json, Scope
from antechamber.surface.request import ProbeRequest

MAX_PIECES_TOLD = 4096


def request_arrived(scope: Scope, asked: ProbeRequest) -> dict[str, Json]:
    """The request's head. Names come in lower case from ASGI servers; order and values are as on the wire."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = (raw_path + (b"?" + query if query else b"")).decode("latin-1")
    headers: list[Json] = [
        [
            name.decode("latin-1"),
            redact.field_value(name.decode("latin-1"), value.decode("latin-1"), marker=asked.marker),
        ]
        for name, value in scope["headers"]
    ]
    client = scope.get("client")
    return {
        "do": asked.do.value,
        "id": asked.id,
        "method": scope.get("method", "GET"),
        "target": redact.target(target, marker=asked.marker),
        "http_version": scope["http_version"],
        "headers": headers,
        "peer": f"{client[0]}:{client[1]}" if client else "",
        "at_ns": time.monotonic_ns(),
        "wall": time.time(),
    }


@dataclass(slots=True)
class BodyArrived:
    """Takes the pieces of a body and keeps what can be told of them, in bounded memory."""

    size_bytes: int = 0
    pieces: int = 0
    told: list[Json] = field(default_factory=list)
    last: dict[str, Json] | None = None
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, piece: bytes) -> None:
        if not piece:
            return
        self.size_bytes += len(piece)
        self.pieces += 1
        self._digest.update(piece)
        self.last = {"at_ns": time.monotonic_ns(), "wall": time.time(), "size": len(piece)}
        if len(self.told) < MAX_PIECES_TOLD:
            self.told.append(self.last)

    def as_json(self) -> dict[str, Json]:
        """The first pieces one by one, the last one, and figures over all."""
        return {
            "size": self.size_bytes,
            "sha256": self._digest.hexdigest(),
            "pieces": self.pieces,
            "first_pieces": self.told,
            "last_piece": self.last,
        }
