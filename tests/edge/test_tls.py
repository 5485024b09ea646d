"""The TLS listener: the same promises over https and wss; certificates that do not load are one clear line."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from antechamber.ledger import Party, Reason
from tests.edge.app import CHUNKED, EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import WEBSOCKET, Front, get, post, serving
from tests.edge.talk import PATIENCE_S, take, take_answer, take_body, take_end, take_head, take_piece
from tests.edge.two import Certificate, issue, secure
from tests.hostile.wire import End, Wire, after

MIB = 1 << 20


async def ask(front: Front, certificate: Certificate, request: bytes) -> Wire:
    client = await front.dial(tls=certificate.one)
    client.writer.write(request)
    return client


async def test_a_page_over_https(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        assert front.edge.urls == [f"https://127.0.0.1:{front.port}"]
        client = await ask(front, certificate, get())
        tls = client.writer.get_extra_info("ssl_object")
        assert (tls.version(), tls.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
        upstream, seen = await app.asked()
        assert seen.all("x-forwarded-proto") == ["https"]
        assert "proto=https" in seen.all("forwarded")[0]
        for number in range(3):
            upstream.writer.write(ok(b"page %d" % number))
            assert (await take_answer(client)).body == b"page %d" % number
            if number < 2:
                client.writer.write(get())


async def test_events_over_https_pass_one_by_one(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        client = await ask(front, certificate, get())
        upstream, _ = await app.asked()
        upstream.writer.write(EVENT_STREAM)
        assert (await take_head(client)).status == 200
        for number in range(10):
            upstream.writer.write(chunk(b"data: %d\n\n" % number))
            assert await take_piece(client) == chunk(b"data: %d\n\n" % number)


async def test_a_websocket_over_https(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        client = await ask(front, certificate, get("/ws", WEBSOCKET) + b"early")
        upstream, _ = await app.asked()
        upstream.writer.write(SWITCHED)
        assert (await take_head(client)).status == 101
        assert await take(upstream, b"early")
        for _ in range(5):
            client.writer.write(b"ping")
            assert await take_piece(upstream) == b"ping"
            upstream.writer.write(b"pong")
            assert await take_piece(client) == b"pong"
        await upstream.close()
        assert await take_end(client) is End.CLOSED


async def test_large_bodies_both_ways_over_https(certificate: Certificate) -> None:
    octets = os.urandom(MIB) * 4
    async with secure(certificate) as (app, front):
        client = await ask(front, certificate, post(length=len(octets)))
        client.send_beside(octets)
        upstream, seen = await app.asked()
        assert await take_body(upstream, seen) == octets
        upstream.send_beside(ok(octets))
        assert (await take_answer(client)).body == octets


@pytest.mark.parametrize("head", [EVENT_STREAM, SWITCHED], ids=["event stream", "tunnel"])
async def test_a_client_that_leaves_over_https_frees_its_upstream(certificate: Certificate, head: bytes) -> None:
    async with secure(certificate) as (app, front):
        client = await ask(front, certificate, get("/", WEBSOCKET if head is SWITCHED else b""))
        upstream, _ = await app.asked()
        upstream.writer.write(head)
        await take_head(client)
        await client.close()
        assert await take_end(upstream) is not End.OPEN
        assert (await front.book.next_ended()).ended_by is Party.CLIENT


async def test_a_truncated_answer_over_https_is_not_whole(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        client = await ask(front, certificate, get())
        upstream, _ = await app.asked()
        upstream.writer.write(CHUNKED + chunk(b"a part"))
        await take_head(client)
        await take(client, chunk(b"a part"))
        await upstream.close()
        assert await take_end(client) is not End.OPEN
        assert (await front.book.next_ended()).reason is Reason.LOST


async def test_http_on_the_https_port_is_told_so_in_clear_and_harms_nobody(certificate: Certificate) -> None:
    async with secure(certificate) as (app, front):
        plain = await front.ask(get())
        answer = await take_answer(plain)
        assert (answer.status, b"https" in answer.body) == (400, True)
        assert await take_end(plain) is End.CLOSED
        ended = await front.book.next_ended()
        assert (ended.status, ended.reason, ended.client) == (400, Reason.REFUSED, "127.0.0.1")
        assert app.connections == 0
        client = await ask(front, certificate, get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok())
        assert (await take_answer(client)).status == 200


async def test_https_on_the_http_port_is_told_at_once(certificate: Certificate) -> None:
    async with App() as app, serving(app.url) as front:
        with pytest.raises(ssl.SSLError):
            await front.dial(tls=certificate.one)
        ended = await front.book.next_ended()
        assert (ended.status, ended.detail) == (400, "this is not HTTP/1.1")


async def test_old_tls_is_refused(certificate: Certificate) -> None:
    """RFC 8996: TLS 1.0 and 1.1 MUST NOT be negotiated."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with secure(certificate) as (_, front):
        with pytest.raises((ssl.SSLError, OSError)):
            await front.dial(tls=old)


# Files that do not load: exit code 2 and one line


def refused(*arguments: str | Path) -> str:
    """What ``antechamber serve`` prints when it refuses to start."""
    argv = [
        sys.executable,
        "-m",
        "antechamber",
        "serve",
        "--to",
        ":3000",
        "--listen",
        "127.0.0.1:0",
        *map(str, arguments),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=os.sep)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_certificate_and_a_key_that_do_not_belong_together(certificate: Certificate, tmp_path: Path) -> None:
    other = issue(tmp_path)
    said = refused("--tls-certificate", certificate.chain, "--tls-key", other.key)
    assert str(other.key) in said
    assert "belong together" in said


def test_a_key_that_is_encrypted_is_not_asked_for_its_password(certificate: Certificate, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key(certificate.key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    said = refused("--tls-certificate", certificate.chain, "--tls-key", locked)
    assert "encrypted" in said


def test_a_file_that_is_missing(certificate: Certificate, tmp_path: Path) -> None:
    said = refused("--tls-certificate", tmp_path / "none.pem", "--tls-key", certificate.key)
    assert "no such file" in said
    assert "none.pem" in said


def test_a_certificate_that_is_none(certificate: Certificate, tmp_path: Path) -> None:
    torn = tmp_path / "torn.pem"
    torn.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    said = refused("--tls-certificate", torn, "--tls-key", certificate.key)
    assert str(torn) in said


async def test_clients_that_begin_no_handshake_count_and_make_room_when_they_leave(certificate: Certificate) -> None:
    async with secure(certificate, max_connections_per_client="4") as (app, front):
        silent = [await front.dial() for _ in range(5)]
        assert await take_end(await front.dial()) is not None
        assert "max-connections-per-client" in front.said[0]
        for wire in silent:
            await wire.abort()
        assert front.edge.setting is not None
        async with asyncio.timeout(30):
            while front.edge.setting.admission.handshakes:
                await asyncio.sleep(0.01)
        client = await ask(front, certificate, get())
        upstream, _ = await app.asked()
        upstream.writer.write(ok(b"room"))
        assert (await take_answer(client)).body == b"room"


async def test_a_request_that_comes_with_the_last_octets_of_the_handshake_is_heard(certificate: Certificate) -> None:
    """A client may write as soon as its own side is done (RFC 8446 2): before anybody listens."""
    async with secure(certificate) as (app, front):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = certificate.one.wrap_bio(incoming, outgoing, server_hostname="edge.test")
        wire = await front.dial()
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.writer.write(outgoing.read())
                incoming.write(await take_piece(wire))
        tls.write(get("/early"))
        wire.writer.write(outgoing.read())
        _, seen = await app.asked()
        assert seen.target == "/early"


async def test_what_is_not_tls_is_closed_and_leaves_nothing_behind(certificate: Certificate) -> None:
    async with secure(certificate) as (_, front):
        client = await front.dial()
        client.writer.write(get())
        assert await client.until_end(after(PATIENCE_S))
        assert front.edge.setting is not None
        assert front.edge.setting.admission.handshakes == 0
