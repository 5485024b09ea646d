"""``pytest-antechamber``: the fixture ``antechamber_hop``, for tests of your own app behind a bad proxy.

.. code-block:: python

    def test_the_page_says_that_it_is_offline(antechamber_hop, live_server):
        url = antechamber_hop(live_server.url, {"cut-after": "2s"})

The hop runs on an event loop of its own, in a thread, so the test may be synchronous or not. Nothing of Antechamber is
imported before a test asks for the fixture.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from antechamber.hop.faults import Faults

START_S = 30.0


class StartHop(Protocol):
    """Starts a hop before the app at ``to`` and returns its URL; it is ended with the test."""

    def __call__(
        self, to: str, faults: Faults | Mapping[str, object] | None = None, *, preset: str = "", **flags: object
    ) -> str: ...


@pytest.fixture
def antechamber_hop() -> Iterator[StartHop]:
    """Starts proxies that misbehave on purpose: ``antechamber_hop(to, {"hold-events": "3s"})`` is a URL."""
    with ExitStack() as stack:

        def start(
            to: str, faults: Faults | Mapping[str, object] | None = None, *, preset: str = "", **flags: object
        ) -> str:
            return stack.enter_context(_running(to, faults or {}, preset, flags))

        yield start


@contextmanager
def _running(to: str, faults: Faults | Mapping[str, object], preset: str, flags: Mapping[str, object]) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="antechamber-hop", daemon=True)
    thread.start()
    try:
        from antechamber.hop.server import hop

        context = hop(to, faults, preset=preset, **flags)
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(START_S)
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(START_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()
