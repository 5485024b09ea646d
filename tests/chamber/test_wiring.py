"""What the wiring view asks: the routes, a pulse, and what became of a socket that failed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from antechamber.chamber.arrivals import REMEMBERED, Arrivals, Fate
from antechamber.chamber.settings import AsOf, Heartbeats
from tests.chamber.raw import Client, chamber, upgrade
from tests.chamber.test_events import data_of, frame, socket_to

BELOW = "/.well-known/antechamber/chamber"
ATTEMPT = "0123456789abcdef"
SOCKET = f"/api/global/event/ws?wiring={ATTEMPT}"


async def fate(client: Client, headers: Mapping[str, str] | None = None) -> str:
    answer = await client.ask("GET", f"{BELOW}/arrivals?id={ATTEMPT}", headers=headers)
    return str(answer.json()["fate"])


@pytest.mark.parametrize(("as_of", "count"), [(AsOf.BOTH, 9), (AsOf.TODAY, 8), (AsOf.SEED, 9)])
async def test_the_routes_are_those_of_the_age_with_the_running_heartbeats(
    tmp_path: Path, as_of: AsOf, count: int
) -> None:
    async with chamber(tmp_path, as_of=as_of, heartbeats=Heartbeats(server_event_s=3)) as client:
        routes = (await client.ask("GET", f"{BELOW}/routes.json")).json()["routes"]
        assert len(routes) == count
        assert {route["heartbeat"] for route in routes if route["path"] == "/api/global/event/ws"} == {3}


async def test_a_pulse_reaches_every_bus_and_is_never_replayed(tmp_path: Path) -> None:
    async with (
        chamber(tmp_path) as client,
        client.stream("/api/global/event") as (_, bus),
        client.stream("/api/notifications/stream") as (_, notices),
        client.stream("/api/openchamber/events") as (_, events),
        socket_to(client, "/api/event/ws") as socket,
    ):
        for wire in (bus, notices, events):
            await data_of(wire)
        await frame(socket)
        before = client.running.chamber.bus.publish("test", {}).id
        assert (await client.post(f"{BELOW}/pulse")).json()["n"] == 1
        assert (await data_of(bus))["payload"]["type"] == "test"
        assert (await bus.chunk()).startswith(b"data: "), "without an id: nobody comes back to it"
        assert (await data_of(notices))["type"] == "antechamber.pulse"
        assert (await data_of(events))["properties"]["n"] == 1
        await frame(socket, kind="antechamber.pulse")
        assert client.running.chamber.bus.since(before) == []


async def test_pulses_are_few_however_many_ask(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        numbers = [(await client.post(f"{BELOW}/pulse")).json()["n"] for _ in range(10)]
        assert numbers[-1] < 10


async def test_the_app_tells_what_became_of_an_attempt(tmp_path: Path) -> None:
    async with chamber(tmp_path, password="correct horse battery") as client:
        cookie = {"Cookie": await client.log_in()}
        host = {"Host": f"127.0.0.1:{client.port}"}
        assert await fate(client, cookie) == "nothing"
        for headers, expected in (
            (host, "not-logged-in"),
            ({**host, **cookie, "Origin": "http://elsewhere.example"}, "origin-refused"),
            ({**host, **cookie, "Origin": f"http://127.0.0.1:{client.port}"}, "accepted"),
        ):
            async with client.connection() as wire:
                await wire.send(upgrade(SOCKET, headers))
                await wire.head()
                assert await fate(client, cookie) == expected
        lost = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **cookie}
        await client.ask("GET", SOCKET, headers=lost)
        assert await fate(client, cookie) == "upgrade-lost"


async def test_without_a_password_the_page_learns_whether_the_origin_would_pass(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client, client.connection() as wire:
        await wire.send(upgrade(SOCKET, {"Host": "inner:3000", "Origin": "https://chamber.example.com"}))
        await wire.head()
        told = (await client.ask("GET", f"{BELOW}/arrivals?id={ATTEMPT}")).json()
        assert (told["fate"], told["originPasses"], told["host"]) == ("accepted", False, "inner:3000")


async def test_none_of_it_is_told_to_whoever_is_not_logged_in(tmp_path: Path) -> None:
    async with chamber(tmp_path, password="correct horse battery") as client:
        for method, path in (("GET", "routes.json"), ("POST", "pulse"), ("GET", "arrivals?id=x")):
            assert (await client.ask(method, f"{BELOW}/{path}")).status == 401


def test_what_is_remembered_of_attempts_is_bounded() -> None:
    arrivals = Arrivals()
    for number in range(3 * REMEMBERED):
        arrivals.note(b"wiring=attempt-%08d" % number, [(b"origin", b"x" * 9999)], Fate.ACCEPTED)
    assert arrivals.of("attempt-00000000") == {"fate": "nothing"}
    newest = arrivals.of(f"attempt-{3 * REMEMBERED - 1:08d}")
    assert newest["fate"] == "accepted"
    assert len(str(newest["origin"])) < 300


@pytest.mark.parametrize("query", [b"", b"wiring=", b"wiring=short", b"wiring=%00%00%00%00%00%00%00%00", b"&" * 5000])
def test_an_attempt_without_a_sound_id_is_not_remembered(query: bytes) -> None:
    arrivals = Arrivals()
    arrivals.note(query + b"&wiring", [], Fate.ACCEPTED)
    assert arrivals.of("") == {"fate": "nothing"}
