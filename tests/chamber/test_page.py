"""The page's files: what caches may do with them, what scripts may do, and that nothing comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from antechamber.chamber.page import WEB
from antechamber.rules.catalogue import CATALOGUE
from antechamber.surface.web import FOLDER
from tests.chamber.raw import chamber

OURS = [file for file in (*WEB.rglob("*"), *FOLDER.rglob("*")) if file.suffix in (".js", ".css", ".html", ".mjs")]
WRITTEN_HERE = [file for file in OURS if "vendor" not in file.parts]


async def test_the_page_allows_no_script_but_its_files(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        for path in ("/", "/some/path", "/api/unknown"):
            answer = await client.ask("GET", path)
            policy = answer.head.get("content-security-policy")
            assert "script-src 'self';" in policy
            assert "default-src 'none'" in policy
            assert not re.search(rb"<script(?![^>]* src=)", answer.body)
            assert not re.search(rb"\son\w+=", answer.body)


async def test_everything_that_the_page_and_its_modules_name_is_there(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        page = (await client.ask("GET", "/")).body.decode()
        todo = re.findall(r'(?:src|href)="(/[^"#]*\.[^"]+)"', page)
        assert len(todo) > 5
        seen: set[str] = set()
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = await client.ask("GET", path)
            assert answer.status == 200, path
            if path.endswith(".js"):
                for relative in re.findall(r'from "(\.[^"]+)"', answer.body.decode()):
                    todo.append(str(Path(path).parent / relative).replace("/wiring/../", "/"))
        assert "/assets/wiring/verdict.js" in seen
        assert "/assets/vendor/uplot/uPlot.esm.js" in seen


async def test_static_files_have_the_apps_cache_fields_and_answer_conditions_and_ranges(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        whole = await client.ask("GET", "/assets/app.js")
        assert whole.head.get("cache-control") == "public, max-age=0"
        assert whole.head.get("content-type") == "text/javascript; charset=utf-8"
        etag = whole.head.get("etag")
        assert etag.startswith('W/"')
        known = await client.ask("GET", "/assets/app.js", headers={"If-None-Match": etag})
        assert (known.status, known.body) == (304, b"")
        since = {"If-Modified-Since": whole.head.get("last-modified")}
        assert (await client.ask("GET", "/assets/app.js", headers=since)).status == 304
        part = await client.ask("GET", "/assets/app.js", headers={"Range": "bytes=2-5", "Accept-Encoding": "gzip"})
        assert (part.status, part.body) == (206, whole.body[2:6])
        assert part.head.get("content-range") == f"bytes 2-5/{len(whole.body)}"
        assert (await client.ask("GET", "/assets/app.js", headers={"Range": "bytes=-3"})).body == whole.body[-3:]
        assert (await client.ask("GET", "/assets/app.js", headers={"Range": "bytes=9999999-"})).status == 416


async def test_the_files_of_an_installed_page_are_never_stored(tmp_path: Path) -> None:
    async with chamber(tmp_path) as client:
        for title in "abcd":
            await client.post("/api/session", {"title": title})
        assert (await client.ask("GET", "/sw.js")).head.get("cache-control") == "no-store"
        manifest = await client.ask("GET", "/manifest.webmanifest")
        assert manifest.head.get("cache-control") == "no-store, must-revalidate"
        assert manifest.head.get("content-type") == "application/manifest+json"
        assert [shortcut["name"] for shortcut in manifest.json()["shortcuts"]] == ["d", "c", "b"]


@pytest.mark.parametrize("path", ["/assets/../app.py", "/assets/%2e%2e/app.py", "/assets//etc/x.conf", "/assets/x.js"])
async def test_no_other_file_is_served(tmp_path: Path, path: str) -> None:
    async with chamber(tmp_path) as client:
        assert (await client.ask("GET", path)).status == 404


@pytest.mark.parametrize("file", WRITTEN_HERE, ids=lambda file: file.name)
def test_nothing_is_loaded_from_elsewhere_and_no_markup_is_made_from_text(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "innerHTML" not in text
    assert not re.search(r"\beval\(|new Function\(", text)
    assert text.count("\n") <= 400


def test_rules_that_the_page_names_are_in_the_catalogue() -> None:
    named = set(re.findall(r'rule: "(AC\d+)"', (FOLDER / "wiring" / "symptoms.js").read_text()))
    assert len(named) > 8
    assert named <= {rule.id for rule in CATALOGUE}


@pytest.mark.parametrize("folder", [WEB / "assets" / "vendor", FOLDER / "vendor"])
def test_what_is_not_ours_has_its_licence_and_says_where_it_is_from(folder: Path) -> None:
    about = (folder / "README.md").read_text()
    for package in folder.iterdir():
        if package.is_dir():
            assert "MIT" in about
            assert f"`{package.name}`" in about
            assert (package / "LICENSE").read_text()
