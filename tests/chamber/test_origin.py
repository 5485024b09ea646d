"""The origin check, row by row as it was measured on the real app (its table of 19 rows), on every socket.

``{port}`` is the chamber's own. Rows are about what reaches the app; without a password nothing is checked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chamber.raw import Client, chamber, upgrade

GLOBAL = "/api/global/event/ws"
SOCKETS = (GLOBAL, "/api/event/ws", "/api/terminal/ws")
PASSWORD = "a long password of tests"
ORIGIN = "https://chamber.example.com"
LOCAL = "127.0.0.1:{port}"
HOST = "chamber.example.com"
HTTPS = {"X-Forwarded-Proto": "https"}

# row, fields besides Origin, Origin, status with a password
ROWS: list[tuple[str, dict[str, str], str | None, int]] = [
    ("1", {"Host": LOCAL}, ORIGIN, 403),
    ("2", {"Host": LOCAL, **HTTPS}, ORIGIN, 403),
    ("3", {"Host": LOCAL, "X-Forwarded-Host": HOST}, ORIGIN, 403),
    ("4", {"Host": LOCAL, "X-Forwarded-Host": HOST, **HTTPS}, ORIGIN, 101),
    ("5", {"Host": HOST}, ORIGIN, 403),
    ("6", {"Host": HOST, **HTTPS}, ORIGIN, 101),
    ("7", {"Host": HOST, "X-Forwarded-Proto": "http"}, ORIGIN, 403),
    ("8", {"Host": HOST, "X-Forwarded-Proto": "wss"}, ORIGIN, 403),
    ("9 https first", {"Host": HOST, "X-Forwarded-Proto": "https, http"}, ORIGIN, 101),
    ("9 http first", {"Host": HOST, "X-Forwarded-Proto": "http, https"}, ORIGIN, 403),
    ("10 good first", {"Host": LOCAL, "X-Forwarded-Host": f"{HOST}, inner", **HTTPS}, ORIGIN, 101),
    ("10 inner first", {"Host": LOCAL, "X-Forwarded-Host": f"inner, {HOST}", **HTTPS}, ORIGIN, 403),
    ("11 Host", {"Host": f"{HOST}:443", **HTTPS}, ORIGIN, 403),
    ("11 X-Forwarded-Host", {"Host": LOCAL, "X-Forwarded-Host": f"{HOST}:443", **HTTPS}, ORIGIN, 403),
    ("12", {"Host": LOCAL, "X-Forwarded-Host": "Chamber.Example.com", **HTTPS}, ORIGIN, 403),
    ("13 Forwarded", {"Host": LOCAL, "Forwarded": f"proto=https;host={HOST}"}, ORIGIN, 403),
    ("13 X-Forwarded-Ssl", {"Host": HOST, "X-Forwarded-Ssl": "on"}, ORIGIN, 403),
    ("14", {"Host": f"{HOST}:8443", **HTTPS}, f"{ORIGIN}:8443", 101),
    ("15", {"Host": HOST, "X-Forwarded-Host": HOST, **HTTPS}, f"{ORIGIN}:8443", 403),
    ("16 none", {"Host": HOST, **HTTPS}, None, 403),
    ("16 null", {"Host": HOST, **HTTPS}, "null", 403),
    ("17", {"Host": LOCAL, "X-Forwarded-Host": "evil.example.net", **HTTPS}, "https://evil.example.net", 101),
    ("18", {"Host": LOCAL}, "https://localhost", 101),
]
ON_EVERY_SOCKET = {"1", "4", "6"}
CASES = [
    pytest.param(path, fields, origin, status, id=f"row {row} {path}")
    for row, fields, origin, status in ROWS
    for path in (SOCKETS if row in ON_EVERY_SOCKET else (GLOBAL,))
]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Client, str]]:
    """A chamber with a password, and a valid cookie."""
    async with chamber(tmp_path_factory.mktemp("root"), password=PASSWORD) as client:
        yield client, await client.log_in()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unlocked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A chamber without a password."""
    async with chamber(tmp_path_factory.mktemp("root")) as client:
        yield client


async def _status(client: Client, path: str, fields: dict[str, str], origin: str | None, *, cookie: str = "") -> int:
    sent = {name: value.format(port=client.port) for name, value in fields.items()}
    if origin is not None:
        sent["Origin"] = origin.format(port=client.port)
    if cookie:
        sent["Cookie"] = cookie
    async with client.connection() as wire:
        await wire.send(upgrade(path, sent))
        return (await wire.head()).status


@pytest.mark.parametrize(("path", "fields", "origin", "status"), CASES)
async def test_with_a_password_and_a_valid_cookie_the_origin_decides(
    locked: tuple[Client, str], path: str, fields: dict[str, str], origin: str | None, status: int
) -> None:
    client, cookie = locked
    assert await _status(client, path, fields, origin, cookie=cookie) == status


@pytest.mark.parametrize(("path", "fields", "origin", "status"), CASES)
async def test_without_a_password_every_origin_passes(
    unlocked: Client, path: str, fields: dict[str, str], origin: str | None, status: int
) -> None:
    assert await _status(unlocked, path, fields, origin) == 101


@pytest.mark.parametrize(("path", "fields", "origin", "status"), CASES)
async def test_row_19_without_a_cookie_it_is_401_before_the_origin_is_looked_at(
    locked: tuple[Client, str], path: str, fields: dict[str, str], origin: str | None, status: int
) -> None:
    assert await _status(locked[0], path, fields, origin) == 401


@pytest.mark.parametrize("origin", ["capacitor://localhost", "openchamber-ui://app"])
async def test_the_apps_own_shells_always_come_in(locked: tuple[Client, str], origin: str) -> None:
    client, cookie = locked
    assert await _status(client, GLOBAL, {"Host": LOCAL}, origin, cookie=cookie) == 101


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:{port}", 101),
        ("http://[::1]:{port}", 101),
        ("http://127.0.0.1:{port}", 101),
        ("http://localhost:1", 403),
        ("http://127.0.0.2:{port}", 403),
        ("http://localhost.evil.example:{port}", 403),
    ],
)
async def test_loopback_names_stand_in_for_each_other_on_the_same_port(
    locked: tuple[Client, str], origin: str, status: int
) -> None:
    client, cookie = locked
    assert await _status(client, GLOBAL, {"Host": LOCAL}, origin, cookie=cookie) == status


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_refusal_is_plain_text_that_closes_the_connection(locked: tuple[Client, str], path: str) -> None:
    client, good = locked
    for cookie, status, reason in (("", 401, b"UI authentication required"), (good, 403, b"Invalid origin")):
        async with client.connection() as wire:
            await wire.send(upgrade(path, {"Host": "x", "Cookie": cookie}))
            answer = await wire.answer()
            assert (answer.status, answer.body) == (status, reason)
            assert answer.head.get("content-type").startswith("text/plain")
            assert answer.head.get("connection") == "close"
            assert not answer.head.all("set-cookie")
            assert await wire.rest() == b""


@pytest.mark.parametrize("path", ["/api/event/ws/", "/api/Event/ws", "/api%2Fevent/ws", "/", "/api/nothing/ws"])
async def test_an_upgrade_for_another_path_gets_no_bytes_and_stays_open(unlocked: Client, path: str) -> None:
    async with unlocked.connection() as wire:
        await wire.send(upgrade(path, {"Host": "x"}))
        assert await wire.silent_for(0.5)


async def test_an_upgrade_in_the_words_of_http_1_0_is_accepted(unlocked: Client) -> None:
    async with unlocked.connection() as wire:
        await wire.send(upgrade(GLOBAL, {"Host": "x"}, version="HTTP/1.0"))
        assert (await wire.head()).status == 101


async def test_the_101_carries_three_fields_and_no_compression_though_it_was_offered(unlocked: Client) -> None:
    async with unlocked.connection() as wire:
        await wire.send(upgrade(GLOBAL, {"Host": "x", "Sec-WebSocket-Extensions": "permessage-deflate"}))
        head = await wire.head()
        assert {name.lower() for name, _ in head.fields} == {"upgrade", "connection", "sec-websocket-accept"}


async def test_without_the_upgrade_fields_a_socket_path_is_just_a_page(
    unlocked: Client, locked: tuple[Client, str]
) -> None:
    """How a proxy that drops Upgrade looks from outside: 200 with HTML, never 400, 404 or 426."""
    answer = await unlocked.ask("GET", GLOBAL)
    assert (answer.status, answer.head.get("content-type")) == (200, "text/html; charset=utf-8")
    assert (await locked[0].ask("GET", GLOBAL)).status == 401


@pytest.mark.parametrize(
    "broken", [("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12"), ("Sec-WebSocket-Key", "X-Key")]
)
async def test_a_broken_upgrade_is_refused_with_400(unlocked: Client, broken: tuple[str, str]) -> None:
    async with unlocked.connection() as wire:
        await wire.send(upgrade(GLOBAL, {"Host": "x"}).replace(*broken))
        assert (await wire.head()).status == 400
