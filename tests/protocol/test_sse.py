"""Event streams: the WHATWG standard's own examples, its odd corners, and one property: cuts do not matter."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.protocol.sse import Bound, Comment, Event, Item, Parser, Retry, TooLarge


def read(*pieces: bytes) -> list[Item]:
    parser = Parser()
    return [item for piece in pieces for item in parser.feed(piece)]


def message(data: str, *, kind: str = "message", event_id: str = "") -> Event:
    return Event(kind, data, event_id)


CASES: list[tuple[str, bytes, list[Item]]] = [
    ("lines of data are joined by LF", b"data: YHOO\ndata: +2\ndata: 10\n\n", [message("YHOO\n+2\n10")]),
    (
        "the standard's four blocks",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [
            Comment("test stream"),
            message("first event", event_id="1"),
            message("second event"),
            message(" third event"),
        ],
    ),
    ("an empty data line is an event", b"data\n\ndata\ndata\n\ndata:", [message(""), message("\n")]),
    ("one space after the colon is dropped", b"data:test\n\ndata: test\n\n", [message("test"), message("test")]),
    ("the type lasts for one event", b"event: add\ndata: 1\n\ndata: 2\n\n", [message("1", kind="add"), message("2")]),
    ("an event without data is none and drops its type", b"event: add\n\ndata: 2\n\n", [message("2")]),
    ("an id without data stays", b"id: 7\n\ndata: x\n\n", [message("x", event_id="7")]),
    ("an id with NUL is ignored", b"id: 7\nid: a\0b\ndata: x\n\n", [message("x", event_id="7")]),
    ("CR ends a line", b"data: a\rdata: b\r\r", [message("a\nb")]),
    ("CRLF ends one line, not two", b"data: a\r\ndata: b\r\n\r\n", [message("a\nb")]),
    ("LF CR are two ends", b"data: a\n\rdata: b\n\r", [message("a"), message("b")]),
    ("one leading BOM is dropped", b"\xef\xbb\xbfdata: a\n\n", [message("a")]),
    ("a second BOM is part of the name", b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [message("b")]),
    ("retry takes digits only", b"retry: 250\nretry: 1e3\nretry: -1\nretry: \xd9\xa3\nretry:\n", [Retry(250)]),
    ("field names are case-sensitive", b"Data: a\nDATA: b\ndata : c\n\n", []),
    ("unknown fields are ignored", b"foo: bar\ndata: a\n\n", [message("a")]),
    ("bad UTF-8 is replaced", b"data: a\xffb\xe2\x82\n\n", [message("a\ufffdb\ufffd")]),
    ("comments are seen as they come", b":\n:heartbeat\ndata: a\n", [Comment(""), Comment("heartbeat")]),
    ("an unfinished event is dropped", b"data: a\n\ndata: b\n", [message("a")]),
    ("a huge retry is still a number", b"retry: " + b"9" * 5000 + b"\n", [Retry(10**18 - 1)]),
]


@pytest.mark.parametrize(("wire", "items"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_the_standard_is_kept_whole_and_byte_by_byte(wire: bytes, items: list[Item]) -> None:
    """WHATWG HTML section 9.2.6, "Interpreting an event stream"."""
    assert read(wire) == items
    assert read(*(bytes([byte]) for byte in wire)) == items


def test_a_resumed_stream_starts_from_the_id_of_the_client() -> None:
    assert Parser(last_event_id="41").feed(b"data: x\n\n") == [message("x", event_id="41")]


def test_a_line_over_its_bound_ends_the_stream_once() -> None:
    for wire in (b"data: a\n\ndata: " + b"x" * 20, b"data: a\n\ndata: " + b"x" * 20 + b"\n\ndata: b\n\n"):
        parser = Parser(line_limit_bytes=16)
        assert parser.feed(wire) == [message("a"), TooLarge(Bound.LINE, 16)]
        assert parser.feed(b"\n\ndata: c\n\n") == []


def test_an_event_over_its_bound_ends_the_stream() -> None:
    parser = Parser(event_limit_bytes=20)
    assert parser.feed(b"data: 12345\n" * 2) == [TooLarge(Bound.EVENT, 20)]


def test_empty_data_lines_count_towards_the_bound() -> None:
    """Else a peer could make us store empty lines for ever."""
    parser = Parser(event_limit_bytes=100)
    assert parser.feed(b"data\n" * 30) == [TooLarge(Bound.EVENT, 100)]


# --- properties -----------------------------------------------------------------------------------------------------

lines = st.one_of(
    st.sampled_from(["data", "data: x", "data:", ":", ": beat", "event: e", "id: 1", "id", "retry: 5", "", "", ""]),
    st.text(alphabet="data:\0 é5x", max_size=12),
)
ends = st.sampled_from(["\n", "\r", "\r\n"])
texts = st.lists(st.tuples(lines, ends).map("".join), max_size=12).map("".join)
streams = st.one_of(
    texts.map(str.encode), texts.map(lambda text: b"\xef\xbb\xbf" + text.encode()), st.binary(max_size=40)
)


@given(streams, st.sets(st.integers(0, 200), max_size=12))
def test_every_cut_of_the_bytes_gives_the_same_items(wire: bytes, at: set[int]) -> None:
    cuts = sorted({min(cut, len(wire)) for cut in at} | {0, len(wire)})
    assert read(*(wire[a:b] for a, b in pairwise(cuts))) == read(wire)


@given(streams, st.integers(1, 12), st.integers(1, 30))
def test_bounds_strike_at_the_same_place_however_the_bytes_come(wire: bytes, line: int, event: int) -> None:
    whole = Parser(line_limit_bytes=line, event_limit_bytes=event)
    bytewise = Parser(line_limit_bytes=line, event_limit_bytes=event)
    assert [item for byte in wire for item in bytewise.feed(bytes([byte]))] == whole.feed(wire)


def by_the_grammar(wire: bytes) -> list[Event]:
    """The standard once more, for whole streams, with nothing incremental: decode, split, walk."""
    text = wire.decode("utf-8", "replace").removeprefix("\ufeff") if wire.startswith(b"\xef\xbb\xbf") else ""
    text = text or ("" if wire.startswith(b"\xef\xbb\xbf") else wire.decode("utf-8", "replace"))
    events: list[Event] = []
    data, kind, last = "", "", ""
    for line in re.split("\r\n|\r|\n", text)[:-1]:
        name, colon, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if not line:
            if data:
                events.append(Event(kind or "message", data[:-1], last))
            data, kind = "", ""
        elif colon and not name:
            continue
        elif name == "data":
            data += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last = value
    return events


@given(streams)
def test_events_are_those_of_the_grammar(wire: bytes) -> None:
    assert [item for item in read(wire) if isinstance(item, Event)] == by_the_grammar(wire)
