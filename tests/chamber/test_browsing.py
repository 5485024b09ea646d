"""Looking around below the root: listed, read, written, removed, served; and nothing outside."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from antechamber.chamber.settings import Limits
from tests.chamber.raw import Answer, Client, chamber
from tests.chamber.test_files import ESCAPES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a neighbour that nobody may reach, and links that lead there."""
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "secret").write_text("secret")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "b.txt").write_text("text")
    (root / "link").symlink_to("../neighbour")
    (root / "linked-file").symlink_to("../neighbour/secret")
    (root / "absolute-link").symlink_to("/etc")
    return root


async def listing(client: Client, path: str = "") -> Answer:
    return await client.ask("GET", f"/api/fs/list?path={quote(path, safe='')}")


async def test_a_listing_has_directories_first_and_links_as_links(root: Path) -> None:
    async with chamber(root) as client:
        answer = await listing(client)
        entries = {entry["name"]: entry for entry in answer.json()["entries"]}
        assert answer.json()["path"] == str(root)
        assert next(iter(entries)) == "sub"
        assert (entries["sub"]["isDirectory"], entries["b.txt"]["isFile"], entries["b.txt"]["size"]) == (True, True, 4)
        assert entries["link"]["isSymbolicLink"]
        assert not entries["link"]["isDirectory"]
        assert entries["b.txt"]["path"] == f"{root}/b.txt"
        assert (await listing(client, str(root / "sub"))).json()["entries"] == []
        assert answer.head.get("cache-control") == "no-store"


async def test_names_that_are_no_unicode_are_listed(root: Path) -> None:
    (Path(root) / "caf\udce9").write_text("x")
    async with chamber(root) as client:
        assert "caf?" in [entry["name"] for entry in (await listing(client)).json()["entries"]]


async def test_text_is_written_whole_and_read_back_as_text(root: Path) -> None:
    async with chamber(root) as client:
        written = await client.post("/api/fs/write", {"path": "new/page.html", "content": "<b>ü</b>"})
        assert written.json() == {"success": True, "path": f"{root}/new/page.html"}
        read = await client.ask("GET", "/api/fs/read?path=new/page.html")
        assert read.body.decode() == "<b>ü</b>"
        assert read.head.get("content-type") == "text/plain; charset=utf-8"
        assert (await client.post("/api/fs/write", {"path": "b.txt", "content": "again"})).status == 200
        assert (root / "b.txt").read_text() == "again"


async def test_what_people_uploaded_gets_no_script_and_no_origin(root: Path) -> None:
    (root / "page.html").write_text("<script>alert(1)</script>")
    async with chamber(root) as client:
        for target in ("/api/fs/serve/page.html", "/api/fs/raw?path=page.html", "/api/fs/read?path=page.html"):
            head = (await client.ask("GET", target)).head
            assert head.get("content-security-policy") == "sandbox"
            assert head.get("x-content-type-options") == "nosniff"
            assert head.get("cache-control") == "no-store"


async def test_deleting_takes_files_links_and_empty_directories(root: Path) -> None:
    async with chamber(root) as client:
        for path in ("b.txt", "link", "sub"):
            assert (await client.post("/api/fs/delete", {"path": path})).status == 200
        (root / "full").mkdir()
        (root / "full" / "x").write_text("x")
        assert (await client.post("/api/fs/delete", {"path": "full"})).status == 409
        assert (await client.post("/api/fs/delete", {"path": "gone"})).status == 404
        assert (await client.post("/api/fs/delete", {})).status == 400
    assert (root.parent / "neighbour" / "secret").read_text() == "secret"


@pytest.mark.parametrize("path", ESCAPES)
async def test_no_route_for_files_leads_outside_the_root(root: Path, path: str) -> None:
    path = path.format(root=root)
    async with chamber(root) as client:
        answers = [
            await listing(client, path),
            await client.ask("GET", f"/api/fs/read?path={quote(path, safe='')}"),
            await client.ask("GET", f"/api/fs/serve/{quote(path, safe='')}"),
            await client.post("/api/fs/write", {"path": path, "content": "mine"}),
        ]
        for answer in answers:
            assert b"passwd" not in answer.body
            assert answer.status < 500
            assert b'"secret"' not in answer.body
        # What is at a path may be removed, never what it leads to.
        if "neighbour" in path or "etc" in path:
            assert (await client.post("/api/fs/delete", {"path": path})).status in (400, 404)
    assert (root.parent / "neighbour" / "secret").read_text() == "secret"
    assert sorted(entry.name for entry in (root.parent / "neighbour").iterdir()) == ["secret"]


async def test_a_written_text_has_a_limit(root: Path) -> None:
    async with chamber(root, limits=Limits(write_bytes=1000)) as client:
        assert (await client.post("/api/fs/write", {"path": "x", "content": "x" * 2000})).status == 413


async def test_an_upload_that_is_only_measured_leaves_nothing(root: Path) -> None:
    before = sorted(root.iterdir())
    async with chamber(root) as client:
        octets = {"Content-Type": "application/octet-stream"}
        answer = await client.ask("POST", "/api/fs/upload?discard=1", b"x" * 5000, octets)
        assert (answer.json()["size"], answer.json()["path"]) == (5000, "")
    assert sorted(root.iterdir()) == before
