"""The book of exchanges: what is open, what has been, and who is told."""

from __future__ import annotations

import asyncio
import json

import pytest

from antechamber.ledger import Entry, Ledger, Party, Reason, Shape


class Diary:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, Shape, Reason | None]] = []

    def opened(self, entry: Entry) -> None:
        self.seen.append(("opened", entry.id, entry.shape, entry.reason))

    def ended(self, entry: Entry) -> None:
        self.seen.append(("ended", entry.id, entry.shape, entry.reason))


def entry(at: float = 10.0) -> Entry:
    return Entry("192.0.2.1", b"GET", b"/api/event", "event", at)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def ledger(diary: Diary) -> Ledger:
    return Ledger(diary)


def enter(ledger: Ledger) -> Entry:
    """As an exchange does when its head has been accepted."""
    mine = entry()
    ledger.open[mine.id] = mine
    return mine


def test_every_entry_has_an_id_of_its_own_and_later_ones_a_larger_one() -> None:
    ids = [entry().id for _ in range(5)]
    assert ids == sorted(set(ids))


def test_an_entry_begins_as_an_exchange_of_which_nothing_is_known() -> None:
    mine = entry(at=10.0)
    assert (mine.shape, mine.status, mine.ended_by, mine.reason) == (Shape.EXCHANGE, 0, None, None)
    assert (mine.bytes_up, mine.bytes_down, mine.pieces_up, mine.pieces_down) == (0, 0, 0, 0)
    assert mine.last_byte_at == 10.0


def test_an_end_is_written_down_with_when_who_and_why(ledger: Ledger, diary: Diary) -> None:
    mine = enter(ledger)
    ledger.end(mine, 12.5, Party.UPSTREAM, Reason.COMPLETE)
    assert (mine.ended_at, mine.ended_by, mine.reason) == (12.5, Party.UPSTREAM, Reason.COMPLETE)
    assert mine.last_byte_at == 12.5
    assert ledger.open == {}
    assert ledger.ended_count == 1
    assert diary.seen == [("ended", mine.id, Shape.EXCHANGE, Reason.COMPLETE)]


def test_the_first_end_counts_and_ending_twice_changes_nothing(ledger: Ledger, diary: Diary) -> None:
    """Both sides of a tunnel report its end; who was first is who ended it."""
    mine = enter(ledger)
    ledger.stream_opened(mine, Shape.TUNNEL)
    ledger.end(mine, 12.0, Party.CLIENT, Reason.CLOSED)
    ledger.end(mine, 13.0, Party.UPSTREAM, Reason.LOST)
    assert (mine.ended_at, mine.ended_by, mine.reason) == (12.0, Party.CLIENT, Reason.CLOSED)
    assert (ledger.streams, ledger.ended_count) == (0, 1)
    assert [event for event, *_ in diary.seen] == ["opened", "ended"]


@pytest.mark.parametrize("shape", [Shape.STREAM, Shape.TUNNEL])
def test_a_stream_is_told_when_it_opens_and_when_it_ends(ledger: Ledger, diary: Diary, shape: Shape) -> None:
    mine = enter(ledger)
    ledger.stream_opened(mine, shape)
    assert diary.seen == [("opened", mine.id, shape, None)]
    ledger.end(mine, 12.0, Party.EDGE, Reason.IDLE)
    assert diary.seen[1:] == [("ended", mine.id, shape, Reason.IDLE)]


def test_streams_are_counted_while_they_are_open_and_exchanges_are_not(ledger: Ledger) -> None:
    exchange, stream, tunnel = enter(ledger), enter(ledger), enter(ledger)
    ledger.stream_opened(stream, Shape.STREAM)
    ledger.stream_opened(tunnel, Shape.TUNNEL)
    assert ledger.streams == 2
    ledger.end(exchange, 1.0, Party.UPSTREAM, Reason.COMPLETE)
    assert ledger.streams == 2
    ledger.end(stream, 1.0, Party.UPSTREAM, Reason.COMPLETE)
    ledger.end(tunnel, 1.0, Party.CLIENT, Reason.LOST)
    assert ledger.streams == 0


def test_what_never_became_an_exchange_is_written_down_too(ledger: Ledger, diary: Diary) -> None:
    """A head that is refused was never open, but the log has a line on it."""
    mine = entry()
    ledger.end(mine, 1.0, Party.EDGE, Reason.REFUSED)
    assert ledger.ended_count == 1
    assert diary.seen == [("ended", mine.id, Shape.EXCHANGE, Reason.REFUSED)]


def test_a_refusal_is_over_as_it_begins_and_says_why(ledger: Ledger, diary: Diary) -> None:
    mine = entry()
    ledger.refuse(mine, 400, "http_request_error", "no request")
    assert (mine.status, mine.failure, mine.detail) == (400, "http_request_error", "no request")
    assert (mine.ended_at, mine.ended_by) == (mine.opened_at, Party.EDGE)
    assert diary.seen == [("ended", mine.id, Shape.EXCHANGE, Reason.REFUSED)]


async def test_who_waits_for_the_end_of_everything_waits_for_the_last(ledger: Ledger) -> None:
    first, last = enter(ledger), enter(ledger)
    waiting = asyncio.create_task(ledger.idle())
    await asyncio.sleep(0)
    ledger.end(first, 1.0, Party.UPSTREAM, Reason.COMPLETE)
    await asyncio.sleep(0)
    assert not waiting.done()
    ledger.end(last, 2.0, Party.UPSTREAM, Reason.COMPLETE)
    async with asyncio.timeout(10):
        await waiting


async def test_nothing_open_is_nothing_to_wait_for(ledger: Ledger) -> None:
    async with asyncio.timeout(10):
        await ledger.idle()


@pytest.mark.parametrize("word", [*Shape, *Party, *Reason], ids=str)
def test_every_word_of_the_log_can_stand_in_it_as_it_is(word: str) -> None:
    """The access log writes them between quotes without looking."""
    assert json.loads(f'"{word}"') == word
