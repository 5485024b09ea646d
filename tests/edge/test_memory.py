"""What is over is forgotten at once: the edge lets the collector run seldom, so nothing may wait for it.

Two objects that know each other do (https://docs.python.org/3/library/gc.html), and all that they hold with them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from antechamber.edge.access_log import Silent
from tests.edge.app import EVENT_STREAM, SWITCHED, App, chunk, ok
from tests.edge.front import WEBSOCKET, Front, get, serving
from tests.edge.talk import take_answer, take_end, take_head
from tests.edge.test_http2_websocket import switched
from tests.edge.two import Certificate, connect_to, fields_of, secure, talking

CANCEL = 8
PER_CLIENT = ("http2_stream", "http2_connection", "downstream", "exchange", "stream", "tunnel", "upstream")
LEFT_BEHIND = frozenset([*(f"antechamber.edge.{name}" for name in PER_CLIENT), "antechamber.protocol.http2_server"])
"""Where the classes are whose objects come and go with clients."""


@contextmanager
def circles() -> Iterator[set[str]]:
    """Whose objects only the collector could get rid of at the end of the block: filled then."""
    gc.collect()
    gc.disable()
    found: set[str] = set()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found |= {type(one).__qualname__ for one in gc.garbage if type(one).__module__ in LEFT_BEHIND}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def keep_no_books(front: Front) -> None:
    assert front.edge.setting is not None
    front.edge.setting.ledger.witness = Silent()


async def use_of_one_connection(front: Front, app: App) -> None:
    client = await front.ask(get())
    upstream, _ = await app.asked()
    upstream.writer.write(ok())
    await take_answer(client)
    await client.close()
    await upstream.close()


async def test_an_exchange_a_stream_and_a_tunnel() -> None:
    with circles() as found:
        async with App() as app, serving(app.url) as front:
            keep_no_books(front)
            await use_of_one_connection(front, app)
            for request, head in ((get(), EVENT_STREAM), (get("/ws", WEBSOCKET), SWITCHED)):
                client = await front.ask(request)
                upstream, _ = await app.asked()
                upstream.writer.write(head)
                await take_head(client)
                await client.close()
                await take_end(upstream)
    assert found == set()


async def test_the_same_over_http2_and_the_connection_itself(certificate: Certificate) -> None:
    with circles() as found:
        async with secure(certificate) as (app, front):
            keep_no_books(front)
            async with talking(front, certificate) as two:
                short = two.ask(fields_of())
                upstream, _ = await app.asked()
                upstream.writer.write(ok())
                await two.whole(short)
                await upstream.close()
                events = two.ask(fields_of(b"GET", b"/events"))
                upstream, _ = await app.asked()
                upstream.writer.write(EVENT_STREAM + chunk(b"data: on\n\n"))
                await two.take(events, b"data: on\n\n")
                two.h2.reset_stream(events, CANCEL)
                two.send()
                await take_end(upstream)
                socket = two.ask(connect_to(b"/ws"), ended=False)
                upstream, seen = await app.asked()
                upstream.writer.write(switched(seen))
                await two.head(socket)
                two.h2.reset_stream(socket, CANCEL)
                two.send()
                await take_end(upstream)
    assert found == set()
