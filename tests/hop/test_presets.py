"""The hops that people have: what their models do is seen on the wire, from both sides."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import trustme

from antechamber.hop.presets import PRESETS, Preset
from antechamber.hop.server import made
from tests.edge.app import App, ok
from tests.edge.talk import take_answer, take_end
from tests.hop.between import UPGRADE, between, get, post
from tests.hostile.wire import Wire

HANDSHAKE = get("/socket")[:-2] + UPGRADE + b"\r\n"
TELLING = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_says_what_it_is_like_what_it_is_not_and_who_says_so(preset: Preset) -> None:
    assert preset.faults.told()
    assert preset.like
    assert preset.unlike
    assert all(source.startswith("https://") for source in preset.sources)


async def test_nginx_by_default_loses_host_and_upgrade_and_says_nothing_of_the_client() -> None:
    async with between(preset="nginx-default") as hop:
        client = await hop.ask(HANDSHAKE)
        app, seen = await hop.app.asked()
        assert seen.all("host") == [f"127.0.0.1:{hop.app.port}"]
        assert [name for name in (*TELLING, "upgrade") if seen.all(name)] == []
        app.writer.write(ok(b"page", b"Server: app\r\n"))
        assert (await take_answer(client)).all("server") == ["nginx"]
        assert (await take_answer(await hop.ask(post(1024 * 1024 + 1)))).status == 413


async def test_a_proxy_host_of_nginx_proxy_manager_drops_port_and_upgrade_and_tells_the_rest() -> None:
    async with between(preset="npm-default") as hop:
        await hop.ask(HANDSHAKE)
        _, seen = await hop.app.asked()
    assert seen.all("host") == ["hop.test"]
    assert seen.all("upgrade") == seen.all("x-forwarded-host") == []
    assert seen.all("x-forwarded-for") == seen.all("x-real-ip") == ["127.0.0.1"]


async def test_cloudflare_tells_of_the_client_in_fields_of_its_own_and_compresses(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("chamber.example.com")
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with App() as app:
        hop = made(app.url, like="cloudflare-free", tls_certificate=str(certificate), tls_key=str(key))
        hop.notices.say = print
        await hop.start()
        client = await dialled(hop.addresses[0].port, context)
        client.writer.write(get("/", "Accept-Encoding: gzip, br", "CF-Connecting-IP: 203.0.113.66"))
        wire, seen = await app.asked()
        assert seen.all("cf-connecting-ip") == seen.all("x-forwarded-for") == ["127.0.0.1"]
        assert json.loads(seen.all("cf-visitor")[0]) == {"scheme": "https"}
        assert seen.all("x-forwarded-proto") == ["https"]
        assert len(seen.all("cf-ray")) == 1
        assert seen.all("x-forwarded-host") == seen.all("x-real-ip") == []
        wire.writer.write(ok(b"<p>page</p>" * 99, b"Content-Type: text/html\r\nServer: app\r\n"))
        answer = await take_answer(client)
        assert answer.all("server") == ["cloudflare"]
        assert len(answer.all("cf-ray")) == 1
        assert answer.all("content-encoding") == ["br"]
        assert brotli.decompress(answer.body) == b"<p>page</p>" * 99
        await client.abort()
        await hop.close()


async def test_cloudflare_takes_bodies_up_to_100_mb_and_has_numbers_of_its_own_for_a_dead_app() -> None:
    async with between(preset="cloudflare-free") as hop:
        assert (await take_answer(await hop.ask(post(100_000_001)))).status == 413
        await hop.app.__aexit__(None, None, None)
        assert (await take_answer(await hop.ask(get("/")))).status == 521


async def test_faults_that_are_given_besides_are_added_to_a_preset() -> None:
    async with between(preset="cloudflare-free", cut_idle="500ms") as hop:
        silent = await hop.ask(get("/"))
        await hop.app.asked()
        assert (await take_answer(silent)).status == 524
        silent.send_eof()
        await take_end(silent)


async def dialled(port: int, context: ssl.SSLContext) -> Wire:
    return Wire(*await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="chamber.example.com"))
