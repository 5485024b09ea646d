"""What each header field means to an intermediary (RFC 9110 7.6.1, 7.8, 6.6).

One table from name to :class:`Role`. Names are looked up as they arrived; the first time a spelling is seen it is
folded and remembered, within a bound, so that the common path is one dictionary access a field.
"""

from __future__ import annotations

import re
from enum import IntEnum

from antechamber.protocol.http1 import Field


class Role(IntEnum):
    """What is done with a field on its way through."""

    KEEP = 0
    """End to end: forwarded as it came."""
    DROP = 1
    """Hop by hop, or never meant to pass a gateway."""
    CONNECTION = 2
    HOST = 3
    LENGTH = 4
    CODING = 5
    UPGRADE = 6
    EXPECT = 7
    TE = 8
    VIA = 9
    FORWARDED = 10
    """A field by which proxies speak to the app: the edge writes its own, a trusted proxy's is read."""
    UNTRUSTED = 11
    """A look-alike of those that apps read: passed on for trusted proxies only."""
    CONTENT_TYPE = 12
    CACHE_CONTROL = 13
    ACCEL = 14
    KEEP_ALIVE = 15
    DATE = 16
    INCREMENTAL = 17
    ACCEPT = 18
    MAX_FORWARDS = 19


_SHARED = {
    b"connection": Role.CONNECTION,
    b"proxy-connection": Role.DROP,
    b"content-length": Role.LENGTH,
    b"transfer-encoding": Role.CODING,
    b"upgrade": Role.UPGRADE,
}

_REQUEST = _SHARED | {
    b"host": Role.HOST,
    b"accept": Role.ACCEPT,
    b"keep-alive": Role.DROP,
    b"proxy-authorization": Role.DROP,
    b"proxy": Role.DROP,
    b"http2-settings": Role.DROP,
    b"trailer": Role.DROP,
    b"expect": Role.EXPECT,
    b"max-forwards": Role.MAX_FORWARDS,
    b"te": Role.TE,
    b"via": Role.VIA,
    b"forwarded": Role.FORWARDED,
    b"x-forwarded-for": Role.FORWARDED,
    b"x-forwarded-proto": Role.FORWARDED,
    b"x-forwarded-host": Role.FORWARDED,
    b"x-real-ip": Role.FORWARDED,
}

_RESPONSE = _SHARED | {
    b"keep-alive": Role.KEEP_ALIVE,
    b"proxy-authenticate": Role.DROP,
    b"trailer": Role.DROP,
    b"content-type": Role.CONTENT_TYPE,
    b"cache-control": Role.CACHE_CONTROL,
    b"x-accel-buffering": Role.ACCEL,
    b"date": Role.DATE,
    b"incremental": Role.INCREMENTAL,
}

_MEMO_SIZE = 1024
_MEMO_NAME = 64


class Roles:
    """A table of roles. ``by_spelling.get(name)`` is the fast look-up; :meth:`learn` answers for new spellings."""

    __slots__ = ("_by_name", "by_spelling")

    def __init__(self, by_name: dict[bytes, Role]) -> None:
        self._by_name = by_name
        self.by_spelling: dict[bytes, Role] = {}

    def of(self, name: bytes) -> Role:
        """The role of a field by its name as it arrived."""
        role = self.by_spelling.get(name)
        return self.learn(name) if role is None else role

    def learn(self, name: bytes) -> Role:
        """The role of a spelling not met before.

        CGI folds ``_`` and ``-``, so an underscore spelling of a field that means something here is dropped.
        """
        folded = name.lower()
        role = self._by_name.get(folded)
        if role is None:
            role = self._by_name.get(folded.replace(b"_", b"-"), Role.KEEP)
            if role not in (Role.KEEP, Role.UNTRUSTED):
                role = Role.DROP
        if len(name) <= _MEMO_NAME:
            if len(self.by_spelling) >= _MEMO_SIZE:
                self.by_spelling.clear()
            self.by_spelling[name] = role
        return role


def request_roles(untrusted: frozenset[str]) -> Roles:
    """The table for requests; ``untrusted`` are lower-case names that only trusted proxies may send."""
    lookalikes = {name.encode("ascii"): Role.UNTRUSTED for name in untrusted}
    return Roles(lookalikes | _REQUEST)


def response_roles() -> Roles:
    """The table for responses."""
    return Roles(dict(_RESPONSE))


def tokens(values: list[bytes]) -> list[bytes]:
    """The members of a comma-separated list over all its lines, folded, without empty ones (RFC 9110 5.6.1)."""
    return [token for part in b",".join(values).split(b",") if (token := part.strip(b" \t").lower())]


def without(fields: list[Field], nominated: list[bytes]) -> list[Field]:
    """Fields that a ``Connection`` field did not name (RFC 9110 7.6.1)."""
    names = set(nominated)
    return [field for field in fields if field[0].lower() not in names]


def is_event_stream(content_types: list[bytes]) -> bool:
    """Whether the first ``Content-Type`` is ``text/event-stream``, with or without parameters."""
    value = content_types[0] if content_types else b""
    return value[:17].lower() == b"text/event-stream" and value[17:18] in (b"", b";", b" ", b"\t")


_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+"')


def no_transform(values: list[bytes]) -> bytes:
    """One ``Cache-Control`` value that forbids transformation, with everything the app said (RFC 9111 5.2.2.6).

    What stands in quotes is an argument, such as the field names of ``private="…"``, and no directive.
    """
    joined = b", ".join(value for value in values if value)
    if b"no-transform" in tokens([_QUOTED.sub(b"", joined)]):
        return joined
    return b"%b, no-transform" % joined if joined else b"no-cache, no-transform"
