"""The rooms behind the wire: feeds, pulses, the bus, racing sides."""

from __future__ import annotations

import asyncio

import pytest

from antechamber.chamber.bus import Bus
from antechamber.chamber.feed import Feed, FeedOverflown
from antechamber.chamber.pulse import Beat, Pulse, with_beats
from antechamber.chamber.racing import first_of


async def test_a_feed_keeps_order_and_counts_what_waits() -> None:
    feed: Feed[str] = Feed(limit_bytes=10)
    feed.offer("a", 4)
    feed.offer("b", 6)
    assert feed.waiting_bytes == 10
    assert [await feed.next(), await feed.next()] == ["a", "b"]
    assert feed.waiting_bytes == 0


async def test_a_feed_over_its_bound_drops_everything_and_stays_overflown() -> None:
    feed: Feed[str] = Feed(limit_bytes=10)
    feed.offer("a", 10)
    feed.offer("b", 1)
    feed.offer("c", 1)
    assert feed.waiting_bytes == 0
    with pytest.raises(FeedOverflown):
        await feed.next()


async def test_cancelling_a_wait_loses_nothing() -> None:
    feed: Feed[str] = Feed(limit_bytes=10)
    waiting = asyncio.create_task(feed.next())
    await asyncio.sleep(0)
    feed.offer("a", 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await feed.next() == "a"


def test_beats_are_due_one_period_after_the_start_and_after_each_other() -> None:
    pulse = Pulse({Beat.COMMENT: 20.0, Beat.SERVER: 10.0}, now=100.0)
    assert pulse.next_at == 110.0
    assert pulse.take(109.9) == []
    assert pulse.take(110.0) == [Beat.SERVER]
    assert set(pulse.take(120.0)) == {Beat.COMMENT, Beat.SERVER}
    assert pulse.next_at == 130.0


def test_a_beat_that_was_missed_is_not_made_up_for() -> None:
    pulse = Pulse({Beat.APP: 1.0}, now=0.0)
    assert pulse.take(10.5) == [Beat.APP]
    assert pulse.next_at == 11.5


async def test_without_heartbeats_a_feed_is_only_waited_for() -> None:
    feed: Feed[str] = Feed(limit_bytes=10)
    feed.offer("a", 1)
    async for next_up in with_beats(feed, {}):
        assert next_up == "a"
        break


def test_the_bus_remembers_the_last_events_and_replays_by_directory() -> None:
    bus = Bus(remember=3, feed_bytes=1000)
    first = bus.publish("a", {}, directory="/x")
    bus.publish("b", {}, directory="/y")
    bus.publish("c", {})
    assert [event.type for event in bus.since(first.id)] == ["b", "c"]
    assert [event.type for event in bus.since(first.id, directory="/x")] == ["c"]
    bus.publish("d", {})
    assert bus.since(first.id) == []
    assert bus.since("evt_unknown") == []


async def test_when_one_side_ends_the_other_is_ended_too() -> None:
    ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def failing() -> None:
        raise ValueError("this side")

    with pytest.raises(ValueError, match="this side"):
        await first_of(forever(), failing())
    assert ended.is_set()
