"""Whatever comes (frames, uploads, paths, JSON): no 500, no traceback, nothing outside the root.

Bytes are made by hypothesis from pieces that mean something here, so that most cases get past the first check.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from tests.chamber.raw import chamber
from tests.chamber.test_events import socket_to

CASES = 150
SHORT = settings(
    max_examples=1, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)

PIECES = [
    "..",
    ".",
    "",
    "/",
    "a",
    "link",
    "neighbour",
    "secret",
    "%2e%2e",
    "\\",
    "\0",
    "ü",
    "\ud800",
    "x" * 300,
    "~",
    "C:",
]
PATHS = st.lists(st.sampled_from(PIECES), max_size=6).map("/".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["parts", "type", "text", "s", "d"]), inner, max_size=4)
    ),
    max_leaves=12,
)
MEMBERS = (
    *("parts", "title", "directory", "agent", "path", "content"),
    *("cwd", "cols", "rows", "sessionId", "password"),
)
NAMED = st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, JSON | PATHS))
TARGETS = (
    "/api/session",
    "/api/fs/write",
    "/api/fs/delete",
    "/api/terminal/create",
    "/api/terminal/force-kill",
    "/api/terminal/x/resize",
    "/auth/session",
    "/auth/url-token",
)
FRAMES = st.one_of(
    st.binary(max_size=40),
    st.binary(max_size=20).map(lambda data: b"\x01" + data),
    st.fixed_dictionaries(
        {"t": st.sampled_from(["hello", "ping", "attach", "detach", "write", "resize", "", "snapshot"]) | JSON},
        optional={"s": JSON, "d": JSON, "v": JSON},
    ).map(lambda value: b"\x01" + json.dumps(value).encode()),
    st.text(max_size=30),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "secret").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to("../neighbour")
    (root / "a").write_text("a")
    return root


@pytest.fixture(autouse=True)
def no_faults(caplog: pytest.LogCaptureFixture, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The chamber says nothing about faults of its own, and the neighbour is as it was."""
    monkeypatch.setenv("SHELL", "/bin/true")
    with caplog.at_level(logging.WARNING, logger="antechamber.chamber"):
        yield
    assert [record for record in caplog.records if record.name.startswith("antechamber")] == []
    assert (root.parent / "neighbour" / "secret").read_text() == "secret"
    assert sorted(entry.name for entry in root.parent.iterdir()) == ["neighbour", "root"]


@SHORT
@given(cases=st.lists(st.tuples(st.sampled_from(TARGETS), NAMED | JSON), min_size=CASES, max_size=CASES))
async def test_any_json_on_any_route_is_answered_below_500(root: Path, cases: list[tuple[str, object]]) -> None:
    async with chamber(root) as client:
        for target, value in cases:
            body = json.dumps(value)
            answer = await client.ask("POST", target, body, {"Content-Type": "application/json"})
            assert answer.status < 500, (target, value)


@SHORT
@given(cases=st.lists(PATHS, min_size=CASES, max_size=CASES), garbage=st.binary(max_size=60))
async def test_any_path_on_any_file_route_is_answered_below_500_and_stays_inside(
    root: Path, cases: list[str], garbage: bytes
) -> None:
    octets = {"Content-Type": "application/octet-stream"}
    async with chamber(root) as client:
        for path in cases:
            encoded = quote(path.encode(errors="surrogatepass"), safe="")
            for method, target in (
                ("GET", f"/api/fs/list?path={encoded}"),
                ("GET", f"/api/fs/read?path={encoded}"),
                ("GET", f"/api/fs/raw?path={encoded}&download=1"),
                ("GET", f"/api/fs/serve/{encoded}"),
                ("POST", f"/api/fs/upload?path={encoded}&overwrite=1"),
                ("GET", f"/assets/{encoded}"),
            ):
                answer = await client.ask(method, target, garbage if method == "POST" else b"", octets)
                assert answer.status < 500, (target, answer.body)
                assert answer.body != b"secret"


@SHORT
@given(frames=st.lists(FRAMES, min_size=3 * CASES, max_size=3 * CASES))
async def test_any_frame_on_a_terminal_socket_is_answered_and_the_socket_stays(
    root: Path, frames: list[bytes | str]
) -> None:
    async with chamber(root) as client, socket_to(client, "/api/terminal/ws") as socket:
        for frame in frames:
            await socket.send(frame)
        await socket.send(b'\x01{"t":"ping"}')
        async with asyncio.timeout(20):
            while b'"pong"' not in await socket.recv():
                pass


@SHORT
@given(frames=st.lists(st.binary(min_size=1, max_size=60), min_size=CASES, max_size=CASES))
async def test_raw_garbage_after_the_handshake_ends_that_socket_only(root: Path, frames: list[bytes]) -> None:
    async with chamber(root) as client:
        for garbage in frames:
            async with socket_to(client, "/api/event/ws") as socket:
                await socket.recv()
                socket.transport.write(garbage)
                socket.transport.write_eof()
                async with asyncio.timeout(20):
                    while True:
                        try:
                            await socket.recv()
                        except ConnectionClosed:
                            break
        assert (await client.ask("GET", "/api/version")).status == 200
