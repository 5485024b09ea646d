"""Uploads and downloads: whole, atomic, bounded, and never outside the root."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.chamber.rooted import PathRefused, RootedFiles
from antechamber.chamber.settings import MIB, Limits
from tests.chamber.raw import Answer, Client, chamber

OCTETS = {"Content-Type": "application/octet-stream"}


async def upload(client: Client, path: str, body: bytes = b"content", *, query: str = "") -> Answer:
    return await client.ask("POST", f"/api/fs/upload?path={quote(path, safe='')}{query}", body, OCTETS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a neighbour that nobody may reach."""
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


async def test_an_upload_arrives_whole_with_its_size_and_checksum(root: Path) -> None:
    body = os.urandom(3 * MIB + 17)
    async with chamber(root) as client:
        answer = await upload(client, "a/b/ü file.bin", body)
        assert answer.status == 200
        assert answer.json()["size"] == len(body)
        assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()
        assert (root / "a/b/ü file.bin").read_bytes() == body
        raw = await client.ask("GET", f"/api/fs/raw?path={quote('a/b/ü file.bin')}")
        assert raw.body == body
        assert raw.head.get("cache-control") == "no-store"
        assert not raw.head.all("content-disposition")


async def test_a_chunked_upload_is_taken(root: Path) -> None:
    async with chamber(root) as client, client.connection() as wire:
        await wire.send(
            "POST /api/fs/upload?path=x HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
        )
        assert (await wire.answer()).json()["size"] == 11
        assert (root / "x").read_text() == "hello world"


async def test_an_upload_asks_for_100_continue_only_when_it_reads(root: Path) -> None:
    async with chamber(root) as client, client.connection() as wire:
        head = "POST /api/fs/upload?path=x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        await wire.send(head + "Content-Type: application/octet-stream\r\n\r\n")
        assert (await wire.head()).status == 100
        await wire.send("ok")
        assert (await wire.answer()).status == 200
    async with chamber(root) as client, client.connection() as wire:
        await wire.send(head + "Content-Type: text/plain\r\n\r\n")
        assert (await wire.answer()).status == 415


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/json"])
async def test_an_upload_of_another_type_is_415(root: Path, content_type: str) -> None:
    async with chamber(root) as client:
        headers = {"Content-Type": content_type} if content_type else {}
        assert (await client.ask("POST", "/api/fs/upload?path=x", b"x", headers)).status == 415
        assert list(root.iterdir()) == []


async def test_what_is_there_stays_unless_overwriting_was_asked_for(root: Path) -> None:
    async with chamber(root) as client:
        assert (await upload(client, "x", b"one")).status == 200
        assert (await upload(client, "x", b"two")).status == 409
        assert (root / "x").read_text() == "one"
        assert (await upload(client, "x", b"three", query="&overwrite=true")).status == 200
        assert (root / "x").read_text() == "three"
        (root / "directory").mkdir()
        assert (await upload(client, "directory")).status == 409
        assert (await upload(client, "directory", query="&overwrite=true")).status == 409


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_over_the_limit_is_413_and_leaves_nothing(root: Path, chunked: bool) -> None:
    async with chamber(root, limits=Limits(upload_bytes=1000)) as client, client.connection() as wire:
        framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 2000"
        await wire.send(
            "POST /api/fs/upload?path=x HTTP/1.1\r\nHost: x\r\n"
            f"Content-Type: application/octet-stream\r\n{framing}\r\n\r\n"
        )
        await wire.send("7d0\r\n" + "x" * 2000 + "\r\n0\r\n\r\n" if chunked else "x" * 2000)
        answer = await wire.answer()
        assert (answer.status, answer.head.get("content-type")) == (413, "application/json; charset=utf-8")
        assert list(root.iterdir()) == []
    assert Limits().upload_bytes == 100 * MIB


async def test_an_upload_that_breaks_off_leaves_nothing(root: Path) -> None:
    async with chamber(root) as client:
        async with client.connection() as wire:
            await wire.send(
                "POST /api/fs/upload?path=x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
                "Content-Type: application/octet-stream\r\n\r\nhalf"
            )
        assert (await client.ask("GET", "/health")).status == 200
    assert list(root.iterdir()) == []


async def test_downloads_are_named_when_asked_and_ranges_are_not_served(root: Path) -> None:
    (root / "ü.txt").write_text("x" * 10)
    async with chamber(root) as client:
        answer = await client.ask("GET", "/api/fs/raw?path=%C3%BC.txt&download=1", headers={"Range": "bytes=0-1"})
        assert (answer.status, len(answer.body)) == (200, 10)
        assert answer.head.get("content-disposition") == "attachment; filename*=UTF-8''%C3%BC.txt"
        assert answer.head.get("content-type") == "text/plain"


async def test_a_head_request_for_a_file_tells_its_length(root: Path) -> None:
    (root / "x").write_text("x" * 10)
    async with chamber(root) as client:
        assert (await client.ask("HEAD", "/api/fs/raw?path=x")).head.get("content-length") == "10"


ESCAPES = [
    "../neighbour/secret",
    "a/../../neighbour/secret",
    "..",
    "/",
    "",
    ".",
    "./",
    "/etc/passwd",
    "/etc/../etc/passwd",
    "{root}/../neighbour/secret",
    "{root}-other/x",
    "a\0b",
    "link/secret",
    "linked-file",
    "absolute-link/passwd",
    "x" * 256,
    "/".join("x" * 65),
]


@pytest.mark.parametrize("path", ESCAPES)
async def test_no_path_leads_outside_the_root(root: Path, path: str) -> None:
    (root / "link").symlink_to("../neighbour")
    (root / "linked-file").symlink_to("../neighbour/secret")
    (root / "absolute-link").symlink_to("/etc")
    path = path.format(root=root)
    async with chamber(root) as client:
        read = await client.ask("GET", f"/api/fs/raw?path={quote(path, safe='')}")
        assert read.status in (400, 404)
        assert b"secret" not in read.body
        for query in ("", "&overwrite=1"):
            written = await upload(client, path, b"mine", query=query)
            assert written.status in (400, 404, 409) or path == "linked-file"
    assert (root.parent / "neighbour" / "secret").read_text() == "secret"
    assert sorted(entry.name for entry in (root.parent / "neighbour").iterdir()) == ["secret"]


@pytest.mark.parametrize(
    "encoded",
    [
        "%2e%2e/neighbour/secret",
        "..%2fneighbour%2fsecret",
        "%2e%2e%2fneighbour%2fsecret",
        "a/%2e%2e/%2e%2e/neighbour/secret",
    ],
)
async def test_encodings_of_going_up_are_refused(root: Path, encoded: str) -> None:
    async with chamber(root) as client:
        assert (await client.ask("GET", f"/api/fs/raw?path={encoded}")).status == 400


@pytest.mark.parametrize(
    "encoded", ["%252e%252e/neighbour/secret", "..%c0%afneighbour", "%c0%ae%c0%ae/neighbour/secret", "..%5Cneighbour"]
)
async def test_double_and_overlong_encodings_are_plain_names(root: Path, encoded: str) -> None:
    async with chamber(root) as client:
        assert (await client.ask("GET", f"/api/fs/raw?path={encoded}")).status in (400, 404)


async def test_an_absolute_path_below_the_root_is_taken(root: Path) -> None:
    async with chamber(root) as client:
        assert (await upload(client, f"{root}/x/y")).status == 200
        assert (root / "x/y").read_text() == "content"


async def test_what_is_not_a_file_is_not_read_and_nothing_waits_for_it(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "directory").mkdir()
    async with chamber(root) as client:
        for path in ("pipe", "directory", "missing"):
            assert (await client.ask("GET", f"/api/fs/raw?path={path}")).status == 404


@given(st.text(alphabet=st.sampled_from("./ab\0\\%é\ud800"), max_size=20))
def test_any_path_is_names_below_the_root_or_refused(path: str) -> None:
    refused = False
    names: tuple[str, ...] = ()
    try:
        names = RootedFiles(Path("/srv/root")).names(path)
    except PathRefused:
        refused = True
    assert refused is not bool(names)
    assert not {"", ".", ".."} & set(names)
    assert not any("/" in name for name in names)
