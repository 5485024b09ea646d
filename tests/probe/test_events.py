"""Watching event streams: which event came when, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from antechamber.policy.model import Address
from antechamber.probe.events import watch_on
from antechamber.probe.exchange import Request
from antechamber.probe.target import Target
from antechamber.probe.transcript import End, StreamTranscript, TimedItem
from antechamber.protocol.sse import Event
from tests.probe.scripted import ScriptedStream

TARGET = Target(address=Address(host="app.test", port=80), scheme="http", host="app.test")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def two(items: Sequence[TimedItem]) -> bool:
    return sum(isinstance(timed.item, Event) for timed in items) >= 2


async def watch(script: list[tuple[float, bytes | object]], *, total_s: float = 60.0) -> StreamTranscript:
    request = Request(target="/events")
    return await watch_on(ScriptedStream(script), TARGET, request, enough=two, patience_s=5.0, total_s=total_s)


async def test_each_event_is_stamped_with_the_piece_that_completed_it() -> None:
    seen = await watch(
        [(0.1, HEAD), (1.0, chunk(b"data: a\n")), (1.5, chunk(b"\n")), (2.0, chunk(b": beat\n\ndata: b\n\n"))]
    )
    assert seen.http.head_s == pytest.approx(0.1)
    assert [event.data for _, event in seen.events] == ["a", "b"]
    assert [at_s for at_s, _ in seen.events] == pytest.approx([1.5, 2.0])
    assert seen.http.ending.end is End.STOPPED


async def test_a_page_instead_of_a_stream_is_shown_by_its_status_type_and_start() -> None:
    """What a wrong path gives: 200 and the app's page."""
    seen = await watch([(0.0, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<!doctype")])
    assert (seen.http.status, seen.http.media_type, seen.http.body) == (200, "text/html", b"<!doctype")
    assert seen.items == ()


async def test_a_stream_that_ends_early_says_so() -> None:
    seen = await watch([(0.0, HEAD), (1.0, chunk(b"data: a\n\n")), (20.0, chunk(b"")[:1] + b"\r\n\r\n")])
    assert len(seen.events) == 1
    assert seen.http.ending.end is End.COMPLETE
    assert seen.http.ending.at_s == pytest.approx(20.0)


async def test_a_stream_that_only_beats_is_left_after_the_whole_time() -> None:
    beats: list[tuple[float, bytes | object]] = [(float(at), chunk(b":\n\n")) for at in range(1, 9)]
    seen = await watch([(0.0, HEAD), *beats], total_s=4.5)
    assert seen.http.ending.at_s == pytest.approx(5.0)
    assert seen.http.ending.end is End.STOPPED


async def test_a_held_stream_is_silence_without_a_status() -> None:
    seen = await watch([])
    assert seen.http.status is None
    assert seen.http.ending.end is End.SILENT


async def test_an_event_that_is_too_large_ends_the_watch() -> None:
    seen = await watch([(0.0, HEAD), *[(0.1, chunk(b"data: " + b"x" * 60_000))] * 20])
    assert seen.http.ending.end is End.MALFORMED
    assert "too large" in seen.http.ending.detail
