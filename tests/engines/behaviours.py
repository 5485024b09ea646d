"""What a proxy promises of each field of a policy, as something to be seen: one small observation each.

Time limits are set short, so that a promise is a matter of seconds. A limit that is there shows well within
``SOON_S``, however busy the machine is; one that is declared not to be there is looked for until ``LONG_S``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from antechamber.policy.effective import PolicyField as Field
from antechamber.policy.fields import LOOK_ALIKES
from antechamber.policy.model import Kind, Policy, Route
from tests.engines.deployed import policy_of
from tests.engines.origin import CODED, PLAIN, Origin

LIMIT_S, STREAM_S = 1.0, 4.0
SOON_S = 15.0
LONG_S = 3.0
BODY_LIMIT = 100_000
TRUSTED, STRANGER = "127.0.0.1", "127.0.0.3"
"""Where requests come from: an address of loopback that the policy trusts, and one that it does not."""
CLIENT, FORGED = "198.51.100.7", "203.0.113.66"


def policy(origin_port: int) -> Policy:
    """A policy whose every time limit is a second, a live stream's excepted; the near proxies are trusted."""
    plain = policy_of(
        {
            "to": f"127.0.0.1:{origin_port}",
            "profile": "generic",
            "trust": "127.0.0.1,127.0.0.2",
            "body-limit": str(BODY_LIMIT),
        }
    )
    short = dict.fromkeys(plain.timeouts.__dataclass_fields__, LIMIT_S) | {"stream_idle_s": STREAM_S}
    live = Route(name="live", path="/live/*", kind=Kind.SSE)
    held = Route(name="held", path="/held/*", kind=Kind.SSE, stream_idle_timeout_s=4 * SOON_S)
    return replace(plain, routes=(live, held, *plain.routes), timeouts=replace(plain.timeouts, **short))


@dataclass(frozen=True, slots=True)
class Scene:
    """A deployment of that policy, with what the app behind it notes."""

    port: int
    origin: Origin
    within_s: float = SOON_S
    """How long something may take to show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, or as much of it as came."""

    status: int
    fields: Mapping[str, str]
    body: bytes
    ended_s: float

    @property
    def told(self) -> dict[str, str]:
        """The request's fields as the app saw them."""
        fields: dict[str, str] = json.loads(self.body)["fields"]
        return fields


@contextlib.asynccontextmanager
async def connection(
    scene: Scene, source: str = TRUSTED
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.port, local_addr=(source, 0))
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(
    scene: Scene, path: str, *lines: str, method: str = "GET", body: bytes = b"", source: str = TRUSTED
) -> Answer:
    """One request on a connection that is closed after it; what came is read to its end."""
    last = () if any(line.startswith("Connection:") for line in lines) else ("Connection: close",)
    said = (f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{scene.port}", *lines, *last)
    head = "".join(f"{line}\r\n" for line in said)
    async with connection(scene, source) as (reader, writer):
        began_s = time.monotonic()
        writer.write(head.encode() + b"\r\n" + body)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        return await read(reader, began_s)


async def read(reader: asyncio.StreamReader, began_s: float) -> Answer:
    try:
        async with asyncio.timeout(SOON_S):
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").splitlines()
            fields = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines if one)}
            length = fields.get("content-length")
            body = await _at_most(reader, int(length) if length else -1)
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0, {}, b"", time.monotonic() - began_s)
    return Answer(int(first.split()[1]), fields, body, time.monotonic() - began_s)


async def _at_most(reader: asyncio.StreamReader, count: int) -> bytes:
    if count < 0:
        return await reader.read(-1)
    try:
        return await reader.readexactly(count)
    except asyncio.IncompleteReadError as cut:
        return cut.partial


async def closes(reader: asyncio.StreamReader, *, within_s: float) -> bool:
    """Whether the proxy ends the connection by then (whatever it says before that)."""
    try:
        async with asyncio.timeout(within_s):
            while await reader.read(65536):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


async def declared_body(scene: Scene) -> bool:
    statuses = [
        (await ask(scene, "/echo", f"Content-Length: {size}", method="POST", body=bytes(size))).status
        for size in (BODY_LIMIT, BODY_LIMIT + 1)
    ]
    return statuses == [200, 413]


async def undeclared_body(scene: Scene) -> bool:
    piece = 8192
    body = (b"%x\r\n" % piece + bytes(piece) + b"\r\n") * (BODY_LIMIT // piece + 1) + b"0\r\n\r\n"
    return (await ask(scene, "/echo", "Transfer-Encoding: chunked", method="POST", body=body)).status != 200


async def slow_head(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"GET /echo HTTP/1.1\r\nHost: a\r\n")
        return await closes(reader, within_s=scene.within_s)


async def idle_client(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = await read(reader, 0.0)
        return answer.status == 200 and await closes(reader, within_s=scene.within_s)


async def stalled_upload(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome")
        return await closes(reader, within_s=scene.within_s)


async def late_answer(scene: Scene) -> bool:
    answer = await ask(scene, "/slow")
    return answer.status == 504


async def stalled_answer(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"GET /stall HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return await closes(reader, within_s=scene.within_s)


async def quiet_stream(scene: Scene) -> bool:
    return b"data: 2" in (await ask(scene, "/live/late")).body


async def quiet_stream_elsewhere(scene: Scene) -> bool:
    return b"data: 2" in (await ask(scene, "/other/late")).body


async def dead_stream(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"GET /live/dead HTTP/1.1\r\nHost: a\r\n\r\n")
        return await closes(reader, within_s=STREAM_S + scene.within_s)


async def departure(scene: Scene) -> bool:
    async with connection(scene) as (reader, writer):
        writer.write(b"GET /held/left HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"data: 1")
        left = scene.origin.left("/held/left")
        writer.close()
        return await _set(left, within_s=scene.within_s)


async def client_that_takes_nothing(scene: Scene) -> bool:
    async with connection(scene) as (_, writer):
        writer.write(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        return await _set(scene.origin.left("/flood"), within_s=scene.within_s)


async def _set(event: asyncio.Event, *, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def idle_upstream(scene: Scene) -> bool:
    """Of many connections to the app that were left open, each is closed soon after its last request."""
    await asyncio.gather(*(ask(scene, "/soon") for _ in range(24)))
    try:
        async with asyncio.timeout(scene.within_s):
            while scene.origin.notes.open_idle:
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True


async def unknown_upgrade(scene: Scene) -> bool:
    answer = await ask(scene, "/echo", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade, close")
    return answer.status == 200 and "upgrade" not in answer.told


async def host_kept(scene: Scene) -> bool:
    return (await ask(scene, "/echo")).told["host"] == f"127.0.0.1:{scene.port}"


async def one_trusted_proxy(scene: Scene) -> bool:
    return await _believes(scene, f"{FORGED}, {CLIENT}")


async def two_trusted_proxies(scene: Scene) -> bool:
    return await _believes(scene, f"{FORGED}, {CLIENT}, 127.0.0.2")


async def _believes(scene: Scene, chain: str) -> bool:
    told = (await ask(scene, "/echo", f"X-Forwarded-For: {chain}")).told
    return told["x-forwarded-for"].split(",")[0] == told["x-real-ip"] == CLIENT


async def told_scheme(scene: Scene) -> bool:
    told = (await ask(scene, "/echo", "X-Forwarded-Proto: https")).told["x-forwarded-proto"]
    plain = (await ask(scene, "/echo")).told["x-forwarded-proto"]
    return (told, plain) == ("https", "http")


async def told_host(scene: Scene) -> bool:
    told = (await ask(scene, "/echo", "X-Forwarded-Host: chamber.example.com")).told["x-forwarded-host"]
    plain = (await ask(scene, "/echo")).told["x-forwarded-host"]
    return (told, plain) == ("chamber.example.com", f"127.0.0.1:{scene.port}")


async def forwarded_dropped(scene: Scene) -> bool:
    told = (await ask(scene, "/echo", f"Forwarded: for={FORGED};proto=gopher", source=STRANGER)).told
    return FORGED not in told.get("forwarded", "")


async def strangers_claims(scene: Scene) -> bool:
    claims = [f"{name}: {FORGED}" for name in ("X-Forwarded-For", "X-Real-IP", "X-Forwarded-Host", *LOOK_ALIKES)]
    told = (await ask(scene, "/echo", *claims, "X-Forwarded-Proto: gopher", source=STRANGER)).told
    seen = (told["x-forwarded-for"], told["x-real-ip"], told["x-forwarded-proto"])
    return seen == (STRANGER, STRANGER, "http") and not any(FORGED in value for value in told.values())


async def look_alikes_of_a_trusted_proxy(scene: Scene) -> bool:
    return "true-client-ip" in (await ask(scene, "/echo", f"True-Client-IP: {CLIENT}")).told


async def coding_kept(scene: Scene) -> bool:
    coded = await ask(scene, "/coded", "Accept-Encoding: gzip")
    plain = await ask(scene, "/plain", "Accept-Encoding: gzip")
    unasked = (await ask(scene, "/echo")).told
    return (coded.body, plain.body) == (CODED, PLAIN) and "accept-encoding" not in unasked


async def never_from_a_cache(scene: Scene) -> bool:
    before = scene.origin.notes.asked["/cacheable"]
    answers = [await ask(scene, "/cacheable") for _ in range(3)]
    return scene.origin.notes.asked["/cacheable"] - before == 3 and all(one.body == PLAIN for one in answers)


async def stream_marked(scene: Scene) -> bool:
    stream, other = await ask(scene, "/live/late"), await ask(scene, "/cacheable")
    return "no-transform" in stream.fields["cache-control"] and other.fields["cache-control"] == "max-age=600"


Look = Callable[[Scene], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing to be seen; ``differs`` are the engines that declare that it is not so with them."""

    field: Field
    says: str
    look: Look
    differs: frozenset[str] = frozenset()


def _b(field: Field, says: str, look: Look, *differs: str) -> Behaviour:
    return Behaviour(field, says, look, frozenset(differs))


BEHAVIOURS = (
    _b(Field.UPGRADES, "an upgrade that nobody listed does not reach the app", unknown_upgrade),
    _b(Field.BODY_LIMIT_BYTES, "a declared length over the limit is a 413, one within it is not", declared_body),
    _b(Field.BODY_LIMIT_BYTES, "a body of unknown length over the limit is refused", undeclared_body, "haproxy"),
    _b(Field.REQUEST_HEAD_S, "a client that sends half a head is let go after the limit", slow_head),
    _b(Field.BODY_IDLE_S, "a client that stalls in an upload is let go after the limit", stalled_upload, "caddy"),
    _b(Field.RESPONSE_S, "an app that does not answer in time is a 504", late_answer),
    _b(Field.RESPONSE_S, "an answer that stalls is cut", stalled_answer, "caddy"),
    _b(Field.STREAM_IDLE_S, "a live stream may be silent for longer than an answer", quiet_stream),
    _b(
        Field.STREAM_IDLE_S,
        "a stream on a path that no profile names may be as silent",
        quiet_stream_elsewhere,
        "nginx",
        "haproxy",
    ),
    _b(Field.STREAM_IDLE_S, "a dead stream is ended", dead_stream, "caddy"),
    _b(Field.STREAM_IDLE_S, "the app learns at once that a reader has left", departure),
    _b(Field.SEND_S, "a client that takes nothing is let go after the limit", client_that_takes_nothing, "caddy"),
    _b(Field.KEEPALIVE_IDLE_S, "an idle client's connection is closed after the limit", idle_client),
    _b(Field.HOST, "Host arrives as asked, with its port", host_kept),
    _b(Field.CLIENT_ADDRESS, "behind a trusted proxy the client is the one that it names", one_trusted_proxy),
    _b(
        Field.CLIENT_ADDRESS,
        "behind two trusted proxies the client is the one that both name",
        two_trusted_proxies,
        "haproxy",
    ),
    _b(Field.FORWARDED_PROTO, "a trusted proxy says the scheme", told_scheme),
    _b(Field.FORWARDED_HOST, "a trusted proxy says the name", told_host),
    _b(Field.FORWARDED, "what a client says in Forwarded does not arrive", forwarded_dropped),
    _b(Field.LOOK_ALIKES, "nothing that a stranger says of itself arrives", strangers_claims),
    _b(Field.LOOK_ALIKES, "a trusted proxy's own fields arrive", look_alikes_of_a_trusted_proxy, "nginx", "caddy"),
    _b(Field.COMPRESSION, "what the app coded, and what it left alone, arrives as it was", coding_kept),
    _b(Field.CACHE, "each request is the app's to answer", never_from_a_cache),
    _b(Field.NO_TRANSFORM, "behind a CDN an event stream says no-transform, and nothing else does", stream_marked),
)
"""All of these together, then :data:`AFTERWARDS` when the app is idle."""

AFTERWARDS = (
    _b(Field.UPSTREAM_IDLE_S, "idle connections to the app are closed soon after the limit", idle_upstream, "haproxy"),
)


async def observe(scene: Scene, engine: str) -> dict[str, bool]:
    """Whether each behaviour holds on ``engine``, by what it says."""

    async def one(behaviour: Behaviour) -> tuple[str, bool]:
        patience_s = LONG_S if engine in behaviour.differs else SOON_S
        return behaviour.says, await behaviour.look(replace(scene, within_s=patience_s))

    together = await asyncio.gather(*map(one, BEHAVIOURS))
    return dict([*together, *[await one(behaviour) for behaviour in AFTERWARDS]])
