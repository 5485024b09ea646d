"""Where a probe goes, and in which order it asks."""

from __future__ import annotations

import asyncio

import pytest

from antechamber.errors import ConfigError
from antechamber.policy.model import Address, Kind, Route
from antechamber.probe.look import path_of
from antechamber.probe.target import Target
from antechamber.probe.turns import Turns


@pytest.mark.parametrize(
    ("url", "address", "host"),
    [
        ("http://app.test", Address(host="app.test", port=80), "app.test"),
        ("http://app.test:80/x", Address(host="app.test", port=80), "app.test"),
        ("https://app.test", Address(host="app.test", port=443), "app.test"),
        ("https://app.test:8443", Address(host="app.test", port=8443), "app.test:8443"),
        ("http://[::1]:3000", Address(host="::1", port=3000), "[::1]:3000"),
    ],
)
def test_a_url_gives_the_address_and_the_host_field_of_a_browser(url: str, address: Address, host: str) -> None:
    target = Target.of(url)
    assert (target.address, target.host) == (address, host)
    assert target.origin == f"{url.partition(':')[0]}://{host}"
    assert (target.tls is not None) is url.startswith("https")


@pytest.mark.parametrize(
    "url", ["", "app.test", "ftp://app.test", "http://", "http://app.test:x", "http://app.test:99999"]
)
def test_what_is_no_url_of_a_server_is_misuse(url: str) -> None:
    with pytest.raises(ConfigError):
        Target.of(url)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/api/event", "/api/event"),
        ("/api/terminal/:sessionId/stream", "/api/terminal/abc/stream"),
        ("/api/session/:id/message", "/api/session/antechamber-probe/message"),
        ("/api/*", "/api/antechamber-probe"),
        ("/*", "/"),
    ],
)
def test_a_route_gives_a_path_that_it_matches(pattern: str, path: str) -> None:
    route = Route(name="r", path=pattern, kind=Kind.API)
    assert path_of(route, {"/api/terminal/:sessionId": "abc"}) == path


async def test_turns_are_given_in_order_and_one_that_hangs_does_not_hold_up_the_rest() -> None:
    turns, started, released = Turns(), list[str](), asyncio.Event()

    async def hang() -> str:
        started.append("hang")
        await released.wait()
        return "released"

    async def answer() -> str:
        started.append("answer")
        return "answered"

    hanging = asyncio.create_task(turns.take(hang))
    answering = asyncio.create_task(turns.take(answer))
    assert await answering == "answered"
    assert started == ["hang", "answer"]
    assert not hanging.done()
    released.set()
    assert await hanging == "released"


async def test_whoever_is_called_off_during_its_turn_ends_and_gives_the_turn_on() -> None:
    turns, ended = Turns(), asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    hanging = asyncio.create_task(turns.take(hang))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hanging.cancel()
    async with asyncio.timeout(10):
        await ended.wait()
        assert await turns.take(lambda: asyncio.sleep(0, "next")) == "next"
