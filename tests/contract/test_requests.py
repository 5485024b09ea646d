"""Ordinary requests: login, status, files, compression, pages."""

from __future__ import annotations

import os
import secrets

import httpx
import pytest

from tests.contract.conftest import Server

OCTETS = {"Content-Type": "application/octet-stream"}


async def test_health_version_and_pages_are_open_to_everybody(guest: httpx.AsyncClient) -> None:
    for path in ("/", "/health", "/api/version", "/some/page"):
        assert (await guest.get(path)).status_code == 200


async def test_the_rest_of_the_api_asks_for_a_login_and_every_401_clears_the_cookie(
    guest: httpx.AsyncClient, server: Server
) -> None:
    if not server.password:
        pytest.skip("that server has no password")
    for path in ("/api/session", "/api/event", "/api/fs/raw?path=x"):
        answer = await guest.get(path)
        assert answer.status_code == 401
        assert "oc_ui_session=;" in answer.headers["set-cookie"]


async def test_a_session_cookie_is_for_this_site_and_no_script(guest: httpx.AsyncClient, server: Server) -> None:
    if not server.password:
        pytest.skip("that server has no password")
    answer = await guest.post("/auth/session", json={"password": server.password})
    cookie = answer.headers["set-cookie"]
    for attribute in ("oc_ui_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert attribute in cookie
    assert "Secure" not in cookie, "it came without X-Forwarded-Proto: https"
    behind = await guest.post(
        "/auth/session", json={"password": server.password}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "; Secure" in behind.headers["set-cookie"]


async def test_a_url_token_lasts_a_minute_and_is_never_stored(member: httpx.AsyncClient) -> None:
    answer = await member.post("/auth/url-token")
    assert answer.status_code == 200
    assert set(answer.json()) >= {"token", "expiresAt"}
    assert answer.headers["cache-control"] == "no-store"


async def test_small_json_is_never_compressed_and_large_is(member: httpx.AsyncClient) -> None:
    accept = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in (await member.get("/api/version", headers=accept)).headers
    health = await member.get("/health", headers=accept)
    assert health.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in health.headers["vary"]


async def test_readiness_is_sixteen_bytes(member: httpx.AsyncClient) -> None:
    answer = await member.get("/api/opencode/health", headers={"Accept-Encoding": "identity"})
    assert answer.content == b'{"healthy":true}'


@pytest.mark.parametrize("path", ["/api/no-such-thing", "/api/event/ws", "/api/terminal/x/stream"])
async def test_unknown_paths_under_api_are_a_page_with_200(member: httpx.AsyncClient, path: str) -> None:
    answer = await member.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")


async def test_a_missing_asset_is_404_and_a_missing_page_is_the_page(guest: httpx.AsyncClient) -> None:
    assert (await guest.get("/assets/no-such-file.js")).status_code == 404
    assert (await guest.get("/no/such/page")).headers["content-type"].startswith("text/html")


async def test_robots_are_told_to_stay_out_and_caches_what_to_keep(guest: httpx.AsyncClient) -> None:
    page = await guest.get("/")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["cache-control"] == "public, max-age=0"
    assert "no-store" in (await guest.get("/manifest.webmanifest")).headers["cache-control"]
    assert (await guest.get("/sw.js")).headers["cache-control"] == "no-store"


async def test_an_upload_is_whole_refuses_to_overwrite_and_must_be_octets(
    member: httpx.AsyncClient, server: Server
) -> None:
    path = f"{server.directory}/contract-{secrets.token_hex(6)}.bin"
    body = os.urandom(3 * 1024 * 1024)
    try:
        params = {"path": path}
        assert (await member.post("/api/fs/upload", params=params, content=body, headers=OCTETS)).status_code == 200
        assert (await member.post("/api/fs/upload", params=params, content=b"x", headers=OCTETS)).status_code == 409
        again = await member.post(
            "/api/fs/upload", params={**params, "overwrite": "true"}, content=body, headers=OCTETS
        )
        assert again.status_code == 200
        wrong = await member.post("/api/fs/upload", params=params, content=b"x", headers={"Content-Type": "text/plain"})
        assert wrong.status_code == 415
        raw = await member.get("/api/fs/raw", params=params, headers={"Range": "bytes=0-1"})
        assert (raw.status_code, raw.content == body) == (200, True)
        assert raw.headers["cache-control"] == "no-store"
        download = await member.get("/api/fs/raw", params={**params, "download": "true"})
        assert download.headers["content-disposition"].startswith("attachment")
    finally:
        await member.post("/api/fs/delete", json={"path": path})


async def test_text_is_written_listed_and_deleted(member: httpx.AsyncClient, server: Server) -> None:
    name = f"contract-{secrets.token_hex(6)}.txt"
    path = f"{server.directory}/{name}"
    assert (await member.post("/api/fs/write", json={"path": path, "content": "ü"})).status_code == 200
    listing = (await member.get("/api/fs/list", params={"path": server.directory})).json()
    (entry,) = (one for one in listing["entries"] if one["name"] == name)
    assert (entry["isFile"], entry["isDirectory"], entry["isSymbolicLink"]) == (True, False, False)
    assert (await member.post("/api/fs/delete", json={"path": path})).status_code == 200
    assert name not in (await member.get("/api/fs/list", params={"path": server.directory})).text


async def test_a_conversation_can_be_made_listed_and_deleted(member: httpx.AsyncClient) -> None:
    made = (await member.post("/api/session", json={"title": "contract"})).json()
    assert made["id"].startswith("ses_")
    assert made["id"] in [session["id"] for session in (await member.get("/api/session")).json()]
    assert (await member.delete(f"/api/session/{made['id']}")).status_code == 200
