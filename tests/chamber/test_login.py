"""Login as measured on the real app: cookie, refusals, rate limit by the first X-Forwarded-For item, URL tokens."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from antechamber.chamber.rate_limit import LOCKED_S, WINDOW_S, LoginLimit
from antechamber.chamber.tokens import Purpose, Signer
from tests.chamber.raw import Client, chamber, upgrade

PASSWORD = "a long password of tests ü"
OPEN = ["/", "/any/page", "/health", "/api/version", "/api/system/info", "/api/system/free-port", "/API/VERSION/"]
GATED = ["/api", "/api/", "/API/Event", "/api/event", "/api/opencode/health", "/api/fs/raw", "/api/session", "/api/x"]
ODD_SPELLINGS = [
    "/%61pi/session",
    "/api%2Fsession",
    "/api/session/",
    "/API/SESSION",
    "/ap%C4%B1/session",  # a dotless i, which case-blind matching takes for an i
    "/api/%C5%BFession",  # a long s, likewise
    "//api/session",
    "/api//session",
    "/./api/session",
    "/x/../api/session",
    "/api/session%0A",
    "/api/session;x",
    "http://x/api/session",
]
LIVE = ["/api/event", "/api/global/event", "/api/notifications/stream", "/api/openchamber/events"]
SOCKETS = ["/api/event/ws", "/api/global/event/ws", "/api/terminal/ws"]


async def test_a_right_password_gives_a_cookie_of_twelve_hours(tmp_path: Path) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.post("/auth/session", {"password": PASSWORD})
        assert (answer.status, answer.json()) == (200, {"authenticated": True})
        name_value, *attributes = answer.head.get("set-cookie").split("; ")
        assert name_value.startswith("oc_ui_session=ey")
        assert attributes[:4] == ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"]
        assert attributes[4].startswith("Expires=")
        assert len(attributes) == 5
        assert (await client.ask("GET", "/auth/session", headers={"Cookie": name_value})).status == 200


async def test_a_trusted_device_stays_for_seven_days(tmp_path: Path) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.post("/auth/session", {"password": PASSWORD, "trustDevice": True})
        assert "Max-Age=604800" in answer.head.get("set-cookie")


@pytest.mark.parametrize(
    ("proto", "secure"),
    [("https", True), ("https, http", True), ("HTTPS", True), ("http, https", False), ("wss", False)],
)
async def test_the_cookie_is_secure_only_when_the_proxy_says_https(tmp_path: Path, proto: str, secure: bool) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.post("/auth/session", {"password": PASSWORD}, {"X-Forwarded-Proto": proto})
        assert answer.head.get("set-cookie").endswith("; Secure") is secure


@pytest.mark.parametrize("wrong", ["", "wrong", PASSWORD + " ", None, 5, ["x"], "\ud800"])
async def test_a_wrong_password_is_401_and_clears_the_cookie(tmp_path: Path, wrong: object) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.post("/auth/session", {"password": wrong})
        assert answer.status == 401
        assert answer.head.get("set-cookie").startswith("oc_ui_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "[" * 100_000])
async def test_a_login_that_is_not_json_is_400(tmp_path: Path, body: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.ask("POST", "/auth/session", body[:60_000], {"Content-Type": "application/json"})
        assert answer.status == 400


async def _try(client: Client, password: str, forwarded_for: str) -> int:
    answer = await client.post("/auth/session", {"password": password}, {"X-Forwarded-For": forwarded_for})
    assert answer.head.get("retry-after") == ("900" if answer.status == 429 else "")
    return answer.status


async def test_after_ten_failures_the_first_forwarded_item_is_locked_out_even_with_the_right_password(
    tmp_path: Path,
) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        wrong = [await _try(client, "wrong", f"198.51.100.7, 10.0.0.{number}") for number in range(11)]
        assert wrong == [401] * 10 + [429]
        assert await _try(client, PASSWORD, "198.51.100.7") == 429
        assert await _try(client, PASSWORD, "198.51.100.8, 198.51.100.7") == 200


async def test_rotating_the_first_item_gets_around_the_limit(tmp_path: Path) -> None:
    """What a proxy that appends to the client's own field allows; measured on the real app."""
    async with chamber(tmp_path, password=PASSWORD) as client:
        assert {await _try(client, "wrong", f"198.51.100.{number}, 10.0.0.1") for number in range(14)} == {401}


async def test_without_the_field_the_peers_address_is_the_key(tmp_path: Path) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        statuses = [(await client.post("/auth/session", {"password": "wrong"})).status for _ in range(11)]
        assert statuses[-1] == 429


def test_failures_older_than_the_window_are_forgotten_and_a_lock_ends() -> None:
    limit = LoginLimit()
    for number in range(9):
        limit.failed("a", now=float(number))
    limit.failed("a", now=WINDOW_S + 9)
    assert not limit.is_locked("a", WINDOW_S + 9)
    for _ in range(9):
        limit.failed("a", now=WINDOW_S + 10)
    assert limit.is_locked("a", WINDOW_S + 10)
    assert not limit.is_locked("b", WINDOW_S + 10)
    assert not limit.is_locked("a", WINDOW_S + 10 + LOCKED_S)


def test_a_success_forgets_failures_and_keys_are_bounded() -> None:
    limit = LoginLimit()
    for _ in range(9):
        limit.failed("a", now=0.0)
    limit.succeeded("a")
    limit.failed("a", now=0.0)
    assert not limit.is_locked("a", 0.0)
    for number in range(20_000):
        limit.failed(str(number), now=0.0)
    assert len(limit._records) == 10_000


@pytest.mark.parametrize("path", OPEN)
async def test_open_without_login(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        assert (await client.ask("GET", path)).status == 200


@pytest.mark.parametrize("path", GATED)
async def test_everything_else_under_api_wants_a_login(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        answer = await client.ask("GET", path)
        assert answer.status == 401
        assert "Max-Age=0" in answer.head.get("set-cookie")
        cookie = await client.log_in()
        async with client.stream(path, {"Cookie": cookie}) as (head, _):
            assert head.status in (200, 400)


@pytest.mark.parametrize("path", ODD_SPELLINGS)
async def test_no_spelling_of_a_path_gets_around_the_gate(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        for method in ("GET", "POST"):
            answer = await client.ask(method, path)
            assert answer.status in (401, 404) or answer.head.get("content-type").startswith("text/html")


@pytest.mark.parametrize("host", ["x/api/version#", "x/health?", "x/api/version?", "x\\@y", "/health#", ""])
async def test_no_host_field_gets_around_the_gate(tmp_path: Path, host: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        assert (await client.ask("GET", "/api/session", headers={"Host": host})).status == 401


async def _url_token(client: Client, cookie: str) -> str:
    answer = await client.post("/auth/url-token", None, {"Cookie": cookie})
    assert answer.status == 200
    assert answer.head.get("cache-control") == "no-store"
    assert 50 < answer.json()["expiresAt"] / 1000 - time.time() <= 61
    return str(answer.json()["token"])


async def test_a_url_token_opens_streams_and_raw_files_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    async with chamber(tmp_path, password=PASSWORD) as client:
        token = await _url_token(client, await client.log_in())
        for path in LIVE:
            async with client.stream(f"{path}?oc_url_token={token}") as (head, _):
                assert head.status == 200
        assert (await client.ask("GET", f"/api/fs/raw?path=a&oc_url_token={token}")).status == 200
        for method, path in (
            ("GET", "/api/session"),
            ("GET", "/api/opencode/health"),
            ("POST", "/api/fs/upload"),
            ("POST", "/api/event"),
            ("GET", "/auth/session"),
            ("POST", "/auth/url-token"),
        ):
            assert (await client.ask(method, f"{path}?oc_url_token={token}")).status == 401


@pytest.mark.parametrize("path", SOCKETS)
async def test_a_url_token_stands_for_the_cookie_of_a_socket_but_not_for_its_origin(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        token = await _url_token(client, await client.log_in())
        host = f"127.0.0.1:{client.port}"
        for fields, status in (({"Host": host, "Origin": f"http://{host}"}, 101), ({"Host": host}, 403)):
            async with client.connection() as wire:
                await wire.send(upgrade(f"{path}?oc_url_token={token}", fields))
                assert (await wire.head()).status == status


async def test_one_credential_never_passes_as_the_other(tmp_path: Path) -> None:
    async with chamber(tmp_path, password=PASSWORD) as client:
        cookie = await client.log_in()
        token = await _url_token(client, cookie)
        assert (await client.ask("GET", "/api/session", headers={"Cookie": f"oc_ui_session={token}"})).status == 401
        session = cookie.partition("=")[2]
        assert (await client.ask("GET", f"/api/event?oc_url_token={session}")).status == 401


def test_a_token_is_valid_for_its_time_and_its_signer_only() -> None:
    signer = Signer()
    assert signer.is_valid(signer.sign(Purpose.URL, lasts_s=60), Purpose.URL)
    assert not signer.is_valid(signer.sign(Purpose.URL, lasts_s=-1), Purpose.URL)
    assert not signer.is_valid(Signer().sign(Purpose.URL, lasts_s=60), Purpose.URL)
    assert not signer.is_valid("not a token", Purpose.URL)


async def test_without_a_password_everything_is_open_and_nobody_is_locked_out(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.ask("GET", "/auth/session")).json() == {"authenticated": True}
        assert (await client.ask("GET", "/api/session")).status == 200
        assert {(await client.post("/auth/session", {"password": "x"})).status for _ in range(12)} == {200}
