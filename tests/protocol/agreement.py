"""What must hold for any octets whatever: the properties that hypothesis and the fuzz entry points both check.

The direction matters. We refuse more than others, on purpose; but what we accept, h11 and llhttp must read as we do,
and what we send on, everybody must read as one and the same message. Where an oracle is known to differ, :func:`laxer`
and :func:`stricter` say so; nothing is excused in what we send on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from antechamber.protocol.framing import BodyReader, ChunkedReader, CloseReader, Framing, FramingFault
from antechamber.protocol.http1 import END, hopeless
from antechamber.protocol.translate import ResponsePlan
from tests.hostile.strict import Seen, read_head
from tests.protocol.readings import (
    LLHTTP_METHODS,
    Fate,
    Reading,
    h11_request,
    h11_response,
    llhttp_request,
    llhttp_response,
    our_request,
    our_response,
)

HOST = re.compile(r"(?:[\w.~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?", re.ASCII)
"""``uri-host [":" port]`` of RFC 9110 7.2."""


def check_request(octets: bytes) -> bool:
    """Nobody reads a request that we accept, or its forwarded form, otherwise. Whether we accepted it."""
    ours = our_request(octets)
    if ours is None or not ours.reading.accepted:
        return False
    knows_method = ours.reading.start[0] in LLHTTP_METHODS
    must_agree(ours.reading, h11_request(octets), "h11", octets)
    if knows_method and b"upgrade" not in dict(ours.reading.fields):  # then httptools leaves the body unread
        must_agree(ours.reading, llhttp_request(octets), "llhttp", octets)
    check_onward_request(ours.reading, ours.onward, knows_method=knows_method)
    return True


def check_onward_request(reading: Reading, onward: bytes, *, knows_method: bool) -> None:
    """What goes upstream is clean, and is the message that came."""
    head = onward[: onward.index(END) + 4]
    seen = Seen(era=0)
    read_head(seen, head)
    assert seen.faults == [], (seen.faults, onward)
    assert all(HOST.fullmatch(host) for host in seen.all("host")), onward
    must_carry(reading, h11_request(onward), "h11", onward)
    if knows_method:
        must_carry(reading, llhttp_request(onward), "llhttp", onward)


def check_response(octets: bytes, *, method: bytes = b"GET") -> bool:
    """The same for responses. llhttp knows nothing of HEAD and of the end of a connection, so it is asked less."""
    ours = our_response(octets, method=method)
    if ours is None or not ours.reading.accepted:
        return False
    assert isinstance(ours.plan, ResponsePlan)
    reading, plan = ours.reading, ours.plan
    comparable = not _frames_no_body(reading, plan, method)
    if comparable:
        must_agree(reading, h11_response(octets, method=method), "h11", octets)
    must_carry(reading, h11_response(ours.onward, method=method), "h11", ours.onward)
    if method != b"HEAD" and plan.status >= 200:
        theirs = llhttp_response(octets)
        if not comparable or _lengths(octets) > 1:  # llhttp refuses equal lengths, which RFC 9110 8.6 lets us join
            pass
        elif plan.framing is Framing.CLOSE:
            assert (theirs.fate, theirs.start, theirs.content) == (Fate.OPEN, reading.start, reading.content), octets
        else:
            must_agree(reading, theirs, "llhttp", octets)
        must_carry(reading, llhttp_response(ours.onward), "llhttp", ours.onward)
    return True


def _frames_no_body(reading: Reading, plan: ResponsePlan, method: bytes) -> bool:
    """Whether there are framing fields on a response that has no body: we ignore and drop them, others object."""
    bodiless = method == b"HEAD" or plan.status < 200 or plan.status in (204, 304)
    return bodiless and not {b"transfer-encoding", b"content-length"}.isdisjoint(dict(reading.fields))


def _lengths(octets: bytes) -> int:
    return octets.partition(END)[0].lower().count(b"\r\ncontent-length:")


def must_agree(ours: Reading, theirs: Reading, name: str, octets: bytes) -> None:
    """Another reader accepts what we accept, and reads the same message."""
    assert theirs.accepted, f"{name} refuses what we accept: {octets!r}"
    assert (theirs.start, theirs.fields) == (ours.start, ours.fields), f"{name} reads another head: {octets!r}"
    if ours.fate is not Fate.WHOLE:
        assert theirs.fate is not Fate.WHOLE or ours.fate is Fate.BROKEN or laxer(octets), f"{name} ends it: {octets!r}"
        return
    if theirs.fate is Fate.BROKEN and stricter(octets):
        return
    assert theirs.fate is Fate.WHOLE, f"{name}: {theirs.fate}, we are done: {octets!r}"
    assert theirs.content == ours.content, f"{name} reads another body: {octets!r}"
    if ours.rest is not None and theirs.rest is not None:
        assert theirs.rest == ours.rest, f"{name} ends the message elsewhere: {octets!r}"


def laxer(octets: bytes) -> bool:
    """Whether an oracle may end a message that we do not: h11 takes a bare LF for a line end in trailers."""
    return b"\n" in octets.partition(END)[2].replace(b"\r\n", b"")


def stricter(octets: bytes) -> bool:
    """Whether an oracle may refuse a body that we accept, without harm as we send on none of it.

    Chunk extensions: llhttp checks their grammar, h11 refuses white space before them. Framing fields in trailers:
    both refuse them (RFC 9110 6.5.1). A tab behind ``chunked``: llhttp does not know the coding any more, though it
    is optional white space (RFC 9110 5.5).
    """
    head, _, body = octets.lower().partition(END)
    if b"transfer-encoding" in body or b"content-length" in body or b"chunked\t" in head.replace(b" ", b""):
        return True
    return re.search(rb"[0-9a-f][ \t]*;", body) is not None


def must_carry(ours: Reading, onward: Reading, name: str, octets: bytes) -> None:
    """The forwarded message is accepted, and has the same body, complete only if ours is."""
    assert onward.accepted, f"{name} refuses what we forward: {octets!r}"
    if ours.fate is Fate.BROKEN:
        assert onward.fate is not Fate.WHOLE, f"a broken message was completed: {octets!r}"
        return
    assert (onward.fate is Fate.WHOLE) == (ours.fate is Fate.WHOLE), (
        f"{name}: {onward.fate}, we: {ours.fate}: {octets!r}"
    )
    assert onward.content == ours.content, f"{name} reads another body: {octets!r}"


def check_beginnings(octets: bytes) -> None:
    """A head that is accepted when it is complete is never given up before, however it arrives."""
    ours = our_request(octets)
    if ours is None or not ours.reading.accepted:
        return
    end = octets.find(END) + 4
    for scanned in range(end - 1):
        assert hopeless(octets[: scanned + 1], scanned) == "", octets[: scanned + 1]


def check_cuts(octets: bytes, pieces: Iterable[bytes], *, reframe: bool) -> None:
    """A chunked body means the same however it is cut. Pieces need not be the same chunks, but the same content."""
    whole, parted = ChunkedReader(reframe=reframe), ChunkedReader(reframe=reframe)
    one, one_broken = _read(whole, [octets])
    two, two_broken = _read(parted, pieces)
    assert one_broken == two_broken, octets
    if not one_broken:
        assert (whole.done, whole.content_bytes) == (parted.done, parted.content_bytes), octets
        if reframe:
            one, two = _content_of(one), _content_of(two)
        assert one == two, octets
        if whole.done:
            assert octets.endswith(whole.rest)


def _read(reader: BodyReader, pieces: Iterable[bytes]) -> tuple[bytes, bool]:
    out = b""
    try:
        for piece in pieces:
            if reader.done:
                break
            out += reader.read(piece)
    except FramingFault:
        return out, True
    return out, False


def _content_of(chunks: bytes) -> bytes:
    """The content of chunks that we wrote; they must be readable, and in canonical form."""
    reader = ChunkedReader(reframe=False)
    content = reader.read(chunks) if chunks else b""
    assert reader.rest == b""
    return content


def check_chunked(body: bytes) -> None:
    """What we take for a complete chunked body, h11 and llhttp take for the same one."""
    check_request(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    check_response(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


def check_until_close(pieces: list[bytes]) -> None:
    """A body that ends with its connection becomes chunks with the same content."""
    reader = CloseReader(reframe=True)
    written = b"".join(reader.read(piece) for piece in pieces) + reader.end()
    assert _content_of(written) == b"".join(pieces)
