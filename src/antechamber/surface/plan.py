"""What a stream sends, and when: pure, so that its length can be announced before its first octet is made.

An event is ``id: N`` and ``data:`` with a JSON object of ``n``, ``of``, ``sent`` (wall clock at the moment of sending,
seconds since 1970 with six digits) and ``pad``, so that whoever receives it knows how long it was on the way. As bytes,
a piece is the same object and a line feed. On a WebSocket a message is that object. With ``comments=sent`` a comment
stands before each event, with an end of its own, as apps send their heartbeats.
"""

from __future__ import annotations

from collections.abc import Iterator

from antechamber.surface.request import Form, ProbeRequest

COMMENT = "antechamber"
"""What the comments say."""


def waits(asked: ProbeRequest) -> Iterator[float]:
    """How long to wait before each one: the quiet start, then the pace, and the silence before the last."""
    for number in range(1, asked.count + 1):
        pace_s = asked.quiet_s if number == 1 else asked.pace_s
        yield pace_s + (asked.silence_s if number == asked.count else 0.0)


def message(asked: ProbeRequest, number: int, *, sent: float) -> str:
    """The JSON object of one. Its length does not depend on ``sent``: ten digits and six until the year 2286."""
    return f'{{"n":{number},"of":{asked.count},"sent":{sent:017.6f},"pad":"{"x" * asked.size_bytes}"}}'


def piece(asked: ProbeRequest, number: int, *, sent: float) -> bytes:
    """One event or piece as it goes into a response body."""
    data = message(asked, number, sent=sent)
    if asked.form is Form.EVENTS:
        comment = f": {COMMENT}\n\n" if asked.comments else ""
        return f"{comment}id: {number}\ndata: {data}\n\n".encode()
    return f"{data}\n".encode()


def total_bytes(asked: ProbeRequest) -> int:
    """The length of the whole body."""
    return sum(len(str(number)) * _numbers_in_each(asked) for number in range(1, asked.count + 1)) + asked.count * (
        len(piece(asked, 0, sent=0.0)) - _numbers_in_each(asked)
    )


def _numbers_in_each(asked: ProbeRequest) -> int:
    """How often a piece says its own number."""
    return 2 if asked.form is Form.EVENTS else 1
